"""The seats as the pages see them (console.seat_port.SeatRoom): the commands of the seats, on the city of the running service."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from bot import seat_work, seating
from bot.texts import fill
from console.seat_port import Talk, Waiting
from residents import seats

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from residents.made_pictures import Size
    from residents.seats import Figures

_DAY = timedelta(days=1)


class SeatRoom:
    """What somebody of the staff does with residents who want a person."""

    def __init__(self, city: City) -> None:
        self._city = city

    @property
    def phrases(self) -> Sequence[str]:
        """The sentences that are at hand."""
        return fill("pages", "seat_phrases").strip().splitlines()

    @property
    def answer_minutes(self) -> int:
        """Within how many minutes a first answer is in time."""
        return self._city.settings.seat.answer_minutes

    def list_waiting(self, session: Session, *, actor: str, now: datetime) -> Sequence[Waiting]:
        """List who waits and who is talked with, as somebody may know of them, longest first; nothing of what was said."""
        rows = {talk.id: talk for talk in seats.list_open(session, list(seating.list_desks(self._city, actor)))}
        return [
            Waiting(
                talk=one["talk"],
                state=one["state"],
                desk_name=one["desk_name"],
                since=rows[one["talk"]].since,
                mine=one["claimed_by"] == actor,
                unanswered=one["unanswered"],
                resident_at=rows[one["talk"]].resident_at,
                late=one["state"] == "waiting" and one["waited_seconds"] > 60 * self.answer_minutes,
            )
            for one in seat_work.list_talks(session, self._city, now=now, actor=actor)
        ]

    def show(self, session: Session, talk: int, *, actor: str, now: datetime, reason: str = "") -> Talk:
        """Show a talk that somebody has claimed, masked, or for a `reason` as it was written; each look is kept."""
        return msgspec.convert(seat_work.show(session, self._city, now=now, talk=talk, actor=actor, reason=reason), Talk)

    def open_picture(self, session: Session, talk: int, *, token: str, size: Size, actor: str, now: datetime) -> bytes:
        """Open a picture (JPEG) that came in a talk that somebody has claimed; the large one is kept as seen."""
        return seat_work.open_picture(session, self._city, now=now, talk=talk, token=token, size=size, actor=actor)

    def claim(self, session: Session, talk: int, *, actor: str, now: datetime) -> None:
        """Take a talk: the bot is silent from now on."""
        seat_work.claim(session, self._city, now=now, talk=talk, actor=actor)

    def say(self, session: Session, talk: int, *, text: str, actor: str, now: datetime) -> None:
        """Say something to the resident, as the desk."""
        seat_work.say(session, self._city, now=now, talk=talk, text=text, actor=actor)

    def answer(self, session: Session, talk: int, *, entry: str, actor: str, now: datetime) -> None:
        """Answer from the knowledge base, by the entry's code."""
        seat_work.answer(session, self._city, now=now, talk=talk, entry=entry, actor=actor)

    def open_ticket(self, session: Session, talk: int, *, text: str, actor: str, now: datetime) -> None:
        """Open a ticket for what was talked about; the resident is told its number."""
        seat_work.open_ticket(session, self._city, now=now, talk=talk, text=text, actor=actor)

    def hand_back(self, session: Session, talk: int, *, actor: str, now: datetime) -> None:
        """Give the conversation back to the bot."""
        seat_work.hand_back(session, self._city, now=now, talk=talk, actor=actor)

    def close(self, session: Session, talk: int, *, actor: str, now: datetime) -> None:
        """Finish a talk."""
        seat_work.close(session, self._city, now=now, talk=talk, actor=actor)

    def count(self, session: Session, *, now: datetime, days: int) -> Figures:
        """Count the first answers of the last days that came in time."""
        return seats.count_figures(session, since=now - days * _DAY, now=now, settings=self._city.settings.seat)
