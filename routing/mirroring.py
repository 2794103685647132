"""Tickets that were merged into another one and whose people see only their own: who they are, and whether a ticket carries any. Read-only.

Whoever was made a follower by the merge hears of the ticket that goes on itself; the others hear of theirs, and of nobody else's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, func, select

from routing.tables import Ticket, TicketEvent, TicketFollower
from routing.terms import Status

if TYPE_CHECKING:
    from sqlalchemy import Select
    from sqlalchemy.orm import Session


def carries_others(session: Session, ticket: Ticket) -> bool:
    """Tell whether another ticket goes on as this one: then it goes on without its own resident too."""
    found = select(Ticket.id).where(Ticket.merged_into == ticket.number, Ticket.status == Status.MERGED.value)
    return session.execute(found.limit(1)).first() is not None


def list_inside(session: Session, ticket: Ticket) -> tuple[tuple[Ticket, int], ...]:
    """List the tickets that go on as this one, by whatever way, and whose residents do not follow it; each with the event of its merge."""
    found: list[tuple[Ticket, int]] = []
    reached, open_numbers = {ticket.number}, [ticket.number]
    while open_numbers:
        rows = session.execute(_select_into(open_numbers, ticket)).all()
        open_numbers = [row[0].number for row in rows if row[0].number not in reached]
        reached.update(open_numbers)
        found += [
            (child, event)
            for child, event, follows in rows
            if not follows and child.resident_id != ticket.resident_id and child.number in open_numbers
        ]
    return tuple(found)


def _select_into(numbers: list[str], ticket: Ticket) -> Select[Ticket, int, bool]:
    follows = exists().where(TicketFollower.ticket_id == ticket.id, TicketFollower.resident_id == Ticket.resident_id)
    event = select(func.max(TicketEvent.id)).where(TicketEvent.ticket_id == Ticket.id, TicketEvent.act == "merge").scalar_subquery()
    statement = select(Ticket, event, follows).where(Ticket.merged_into.in_(numbers), Ticket.status == Status.MERGED.value)
    return statement.order_by(Ticket.id)
