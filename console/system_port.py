"""What the operator's pages need of the house's bot, which runs the channels and has the commands: handed in with the city (console.surroundings)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session


class ChannelState(msgspec.Struct, frozen=True, kw_only=True):
    """A channel of this installation: its name, what it is called, and whether its settings turn it on."""

    name: str
    title: str
    on: bool


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an examination: fine, worth knowing or wrong, in words that end with what to do."""

    level: Literal["ok", "hint", "wrong"]
    words: str


class Installed(msgspec.Struct, frozen=True, kw_only=True):
    """What runs: the version of the program ("" for a checkout), where its settings stand, which database it uses (its password hidden)."""

    version: str
    settings_path: str
    database: str
    channels: tuple[ChannelState, ...]


class SystemRoom(Protocol):
    """The installation as its operator looks after it. What a command refuses is a Problem (409) with its words."""

    def describe(self) -> Installed:
        """Say what runs here."""

    def examine(self, session: Session, *, now: datetime) -> Sequence[Found]:
        """Examine the machine and the city, as `jieying doctor` does; changes nothing. It looks at every open ticket."""

    def list_settings(self) -> Mapping[str, Mapping[str, Any]]:
        """List the settings in force by section, secrets hidden."""

    def open_send(self, session: Session, message: int, *, reason: str, actor: str) -> str:
        """Give the words of a send to somebody who sees what it is about, masked; "" if they are gone. Problem (422) without a reason. Audited."""

    def open_message(self, session: Session, message: int, *, reason: str, actor: str) -> str:
        """Give what a message said to somebody who sees its ticket if it has one, masked; "" if its words are gone. Problem (422) without a reason. Audited."""

    def is_readable(self, session: Session, message: int) -> bool:
        """Tell whether a message can be read by the program, so that handling it once more may help."""

    def count_over_time(self, session: Session, *, now: datetime) -> Mapping[str, int]:
        """Count what is over its time and goes in the next night, by kind (residents.erasing.Counts). It looks at every table."""

    def edit_row(
        self, session: Session, table: str, cells: Mapping[str, str], *, actor: str, now: datetime, dry_run: bool = False
    ) -> Sequence[str]:
        """Put one row of a table in place as an import of that row would; what is wrong with it in words, and nothing done, or () if it stands."""

    def run(self, session: Session, command: str, *, now: datetime, **arguments: Any) -> Any:
        """Carry out a command of the house's (bot.commands) as part of this transaction; gives its JSON."""
