"""What the pages of the human seat need of the house's bot, which keeps the talks: handed in with the city (console.surroundings)."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - msgspec reads the annotation
from typing import TYPE_CHECKING, Literal, Protocol

import msgspec

from residents.made_pictures import Picture  # noqa: TC001 - msgspec reads the annotation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from residents.made_pictures import Size
    from residents.seats import Figures


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A resident who wants a person, or has one: at which desk and since when. Nothing of what was said.

    `unanswered`: they wrote last; `late`: they have waited longer than a first answer may take.
    """

    talk: int
    state: str
    desk_name: str
    since: datetime
    mine: bool
    unanswered: bool
    late: bool
    resident_at: datetime


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What was said, by the resident, the bot or a seat; `kind` other than text is a picture and the like, `state` how far a seat's words have come."""

    moment: str
    who: Literal["resident", "bot", "seat"]
    kind: str
    text: str
    state: str
    pictures: tuple[Picture, ...] = ()
    """Those that came while a person was asked for."""


class Matter(msgspec.Struct, frozen=True, kw_only=True):
    """A matter of the resident's, as somebody may see it in a list."""

    number: str
    title: str
    status: str


class Talk(msgspec.Struct, frozen=True, kw_only=True):
    """A talk as whoever claimed it sees it."""

    talk: int
    state: str
    desk_name: str
    since: str
    lines: list[Line]
    tickets: list[Matter]


class SeatRoom(Protocol):
    """The seats of the city. Every act raises what residents.seats does where it cannot be done: somebody else has the talk, it is over."""

    @property
    def phrases(self) -> Sequence[str]:
        """The sentences that are at hand."""

    @property
    def answer_minutes(self) -> int:
        """Within how many minutes a first answer is in time."""

    def list_waiting(self, session: Session, *, actor: str, now: datetime) -> Sequence[Waiting]:
        """List who waits and who is talked with, as somebody may know of them, longest first."""

    def show(self, session: Session, talk: int, *, actor: str, now: datetime, reason: str = "") -> Talk:
        """Show a talk that somebody has claimed, masked, or for a `reason` as it was written; each look is kept."""

    def open_picture(self, session: Session, talk: int, *, token: str, size: Size, actor: str, now: datetime) -> bytes:
        """Open a picture (JPEG) that came in a talk that somebody has claimed; the large one is kept as seen."""

    def claim(self, session: Session, talk: int, *, actor: str, now: datetime) -> None:
        """Take a talk: the bot is silent from now on."""

    def say(self, session: Session, talk: int, *, text: str, actor: str, now: datetime) -> None:
        """Say something to the resident, as the desk."""

    def answer(self, session: Session, talk: int, *, entry: str, actor: str, now: datetime) -> None:
        """Answer from the knowledge base, by the entry's code."""

    def open_ticket(self, session: Session, talk: int, *, text: str, actor: str, now: datetime) -> None:
        """Open a ticket for what was talked about; the resident is told its number."""

    def hand_back(self, session: Session, talk: int, *, actor: str, now: datetime) -> None:
        """Give the conversation back to the bot."""

    def close(self, session: Session, talk: int, *, actor: str, now: datetime) -> None:
        """Finish a talk."""

    def count(self, session: Session, *, now: datetime, days: int) -> Figures:
        """Count the first answers of the last days that came in time."""
