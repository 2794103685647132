"""Warnings that time has overtaken are called off before they leave: one that was kept for the morning may not hold any more.

Only reminders of a clock are: what was answered, decided or done is always told, also where the ticket has gone on since.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from routing.tables import TicketEvent
from routing.terms import Status
from store import outbox

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from routing.tables import Ticket

_BACK = timedelta(days=30)
"""How far back warnings are looked for: a night is short, but a road may be away for days."""

_RUNNING = frozenset({Status.ACCEPTED, Status.DISPATCHED, Status.SIGNED, Status.REPLIED, Status.CARRIED})
"""Where the clock of whoever has a ticket runs."""


def call_off(session: Session, ticket: Ticket, *, event: int, now: datetime) -> int:
    """Drop what did not leave yet of the warnings before `event` that do not hold any more; gives how many sends."""
    statement = select(TicketEvent).where(
        TicketEvent.ticket_id == ticket.id,
        TicketEvent.id < event,
        TicketEvent.at > now - _BACK,
        TicketEvent.act.in_(("warn", "recount")),
    )
    stale = [f"event:{warning.id}:" for warning in session.execute(statement).scalars() if not _still_holds(ticket, warning)]
    return outbox.call_off(session, cause_prefixes=stale)


def _still_holds(ticket: Ticket, warning: TicketEvent) -> bool:
    """Tell whether a warning or a recount says what is so; what is no mere reminder always does."""
    runs = ticket.status in _RUNNING and ticket.unit == warning.unit
    if warning.act == "recount":
        told = {after for _, _, _, after in warning.facts.get("moved", ())}
        return runs and ticket.due_at.isoformat() in told
    match warning.facts.get("warning"):
        case "halfway" | "due_soon" as what:
            return runs and ticket.warned == what
        case "resident_due_soon":
            return ticket.resident_due_at is not None and ticket.resident_warned == "due_soon"
        case _:
            return True
