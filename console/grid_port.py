"""What the grid workers' pages need of the house's bot, which listens to groups and understands words: handed in with the city (console.surroundings)."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - msgspec reads the annotations
from typing import TYPE_CHECKING, Literal, Protocol

import msgspec

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.orm import Session

    from routing.context import RoutingContext
    from routing.facts import Opened
    from routing.grid_work import Found


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A draft that waits for its worker: its words masked, who spoke by letters, and when it is gone.

    `words` are what was said without who said it, for changing it; `lapses_to` is what becomes of it if nobody looks.
    """

    id: int
    group: str
    lines: str
    words: str
    people: int
    media: int
    pasted: bool
    can_reply: bool
    at: datetime
    due_at: datetime
    lapses_to: Literal["nothing", "ticket"]


class Unseen(msgspec.Struct, frozen=True, kw_only=True):
    """How many drafts of a group its worker has not looked at, for the desk: who that is and how to reach them, and not a word of any draft."""

    group: str
    worker: str
    worker_name: str
    phone: str
    count: int
    since: datetime
    due_at: datetime


class Confirmed(msgspec.Struct, frozen=True, kw_only=True):
    """What a draft became: the ticket's number, and whether it is an emergency, or joined to one that was open."""

    ticket: str
    how: Literal["opened", "joined", "emergency"]


class Pasted(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an excerpt: how many messages it had, how many drafts it left, and the emergencies that were opened at once."""

    messages: int
    drafts: int
    tickets: tuple[str, ...]


class GridRoom(Protocol):
    """The grid workers' own. What is asked in the name of one worker never shows what is another's."""

    @property
    def replies(self) -> Sequence[str]:
        """The sentences that can be said in a group."""

    def list_groups(self, actor: str) -> Sequence[tuple[str, str]]:
        """List the groups that a worker looks after, by code and name."""

    def list_drafts(self, session: Session, *, actor: str, note: bool = True) -> Sequence[Draft]:
        """List the drafts that wait for a worker, the oldest first. A look is kept, unless it is the same page once more."""

    def list_unseen(self, session: Session, *, desks: Collection[str]) -> Sequence[Unseen]:
        """List the groups of some desks' grids in which something waits for the worker, what is gone first on top. One query."""

    def confirm(
        self, session: Session, draft: int, *, actor: str, text: str = "", place: str = "", now: datetime
    ) -> Confirmed | None:
        """Make a ticket of a draft, in other words if `text` says any; None if it does not wait for this worker any more."""

    def drop(self, session: Session, draft: int, *, actor: str, now: datetime) -> bool:
        """Let a draft and its words go; False if it does not wait for this worker any more."""

    def paste(self, session: Session, text: str, *, actor: str, group: str, now: datetime) -> Pasted | None:
        """Listen to an excerpt of a worker's own group; None where it is no excerpt, or the group another's: then nothing is kept."""

    def read_found(self, text: str, *, grid: str, actor: str, place: str = "", item: str = "") -> Found:
        """Read what was found in a grid, like any report; UnknownWork if there is no such grid."""

    def file_for(
        self, session: Session, *, text: str, grid: str, actor: str, place: str, phone: str, now: datetime, context: RoutingContext
    ) -> tuple[Opened, bool]:
        """代办: file a matter for a resident; gives what became of it, and whether they are told."""
