"""What the desks' own decisions teach: the masked summaries of tickets whose duty item a clerk confirmed or corrected. Read-only.

Nothing confidential teaches, and nothing of somebody whose words were erased: their summary is gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import aliased

from routing.tables import Ticket, TicketEvent

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_DECIDED = ("agreed", "corrected")


class Lesson(msgspec.Struct, frozen=True, kw_only=True):
    """What a ticket was about, masked, and the code of the duty item that it was dispatched by in the end."""

    ticket: int
    text: str
    item: str
    resident: int = 0
    """Whose ticket it is: a number that only counts distinct ones."""
    corrected: bool = False
    """Whether the clerk chose another item than was proposed."""


def collect(session: Session, *, most: int = 50_000) -> list[Lesson]:
    """Collect the latest lessons, the oldest of them first: of each ticket the last dispatch, if a clerk decided it and it was not returned.

    Its event names what was proposed, the ticket what was chosen.
    """
    later = aliased(TicketEvent)
    superseded = select(later.id).where(
        later.ticket_id == TicketEvent.ticket_id, later.id > TicketEvent.id, later.act.in_(("dispatch", "return"))
    )
    rows = session.execute(
        select(Ticket.id, Ticket.summary, Ticket.item, Ticket.resident_id, TicketEvent.how)
        .join(TicketEvent, TicketEvent.ticket_id == Ticket.id)
        .where(TicketEvent.act == "dispatch", TicketEvent.how.in_(_DECIDED), ~superseded.exists(), Ticket.item != "")
        .where(~Ticket.confidential, Ticket.summary != "")
        .order_by(TicketEvent.id.desc())
        .limit(most)
    )
    return [
        Lesson(ticket=ticket, text=summary, item=item, resident=resident, corrected=how == "corrected")
        for ticket, summary, item, resident, how in rows
    ][::-1]
