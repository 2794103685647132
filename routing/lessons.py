"""What the desks' own decisions teach: the masked summaries of tickets whose duty item a clerk confirmed or corrected. Read-only.

Nothing confidential teaches, and nothing of somebody whose words were erased: their summary is gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import aliased

from routing.tables import Ticket, TicketEvent

if TYPE_CHECKING:
    from sqlalchemy import Select
    from sqlalchemy.orm import Session

_DECIDED = ("agreed", "corrected")
MOST = 50_000
"""Lessons that are taken, the latest: what desks decided longer ago, they may decide otherwise by now."""


class Lesson(msgspec.Struct, frozen=True, kw_only=True):
    """What a ticket was about, masked, and the code of the duty item that it was dispatched by in the end."""

    ticket: int
    text: str
    item: str
    resident: int = 0
    """Whose ticket it is: a number that only counts distinct ones."""
    corrected: bool = False
    """Whether the clerk chose another item than was proposed."""


class Stretch(NamedTuple):
    """Some lessons, the latest first, and the event before which the next are looked for; None if there are none."""

    lessons: list[Lesson]
    before: int | None


def collect(session: Session, *, most: int = MOST) -> list[Lesson]:
    """Collect the latest lessons, the oldest of them first: of each ticket the last dispatch, if a clerk decided it and it was not returned.

    Its event names what was proposed, the ticket what was chosen.
    """
    return read_stretch(session, limit=most).lessons[::-1]


def read_stretch(session: Session, *, limit: int, before: int | None = None) -> Stretch:
    """Read so many lessons, the latest before an event."""
    found = _find().order_by(TicketEvent.id.desc()).limit(limit)
    rows = session.execute(found if before is None else found.where(TicketEvent.id < before)).all()
    return Stretch([_make(*row[1:]) for row in rows], rows[-1][0] if len(rows) == limit else None)


def read_lessons(session: Session, tickets: Select[int | None]) -> list[Lesson]:
    """Read what some tickets teach as they stand now."""
    return [_make(*row[1:]) for row in session.execute(_find().where(Ticket.id.in_(tickets)))]


def _find() -> Select[int, int, str, str, int, str]:
    later = aliased(TicketEvent)
    superseded = select(later.id).where(
        later.ticket_id == TicketEvent.ticket_id, later.id > TicketEvent.id, later.act.in_(("dispatch", "return"))
    )
    return (
        select(TicketEvent.id, Ticket.id, Ticket.summary, Ticket.item, Ticket.resident_id, TicketEvent.how)
        .join(TicketEvent, TicketEvent.ticket_id == Ticket.id)
        .where(TicketEvent.act == "dispatch", TicketEvent.how.in_(_DECIDED), ~superseded.exists(), Ticket.item != "")
        .where(~Ticket.confidential, Ticket.summary != "")
    )


def _make(ticket: int, summary: str, item: str, resident: int, how: str) -> Lesson:
    return Lesson(ticket=ticket, text=summary, item=item, resident=resident, corrected=how == "corrected")
