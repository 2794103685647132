"""What happened to tickets of late, for pages that are open: the newest events, found whichever process wrote them, and for whom they are."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import func, select

from console.policy import Allowed, Resource, authorize
from routing.facts import TicketFacts  # noqa: TC001 - msgspec reads the annotation
from routing.history import read_facts
from routing.tables import Ticket, TicketEvent

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from console.policy import Action, Actor
    from routing.org import OrgChart

_LOOK_BACK = 300
"""So many numbers below the newest are looked at again: on PostgreSQL an event with a smaller number may be committed later."""
_AT_ONCE = 200
_SETTLED = timedelta(seconds=5)
"""Longer than any transaction that writes an event."""


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket that something happened to, as it stands now, and the number of the last event that is new of it."""

    facts: TicketFacts
    event: int


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """The tickets that something happened to, and the number of the last event that was read."""

    tickets: tuple[Changed, ...]
    upto: int = 0


class Watch:
    """Finds what is new each time it is asked; what was there before the first time is not."""

    def __init__(self) -> None:
        self._newest = 0
        self._seen: frozenset[int] | None = None

    def read(self, session: Session, *, org: OrgChart) -> Changes:
        """Read what has happened since the last time. One query where nothing has, one more where something has."""
        newest = session.scalar(select(func.max(TicketEvent.id))) or 0
        if self._seen is None:
            self._newest = newest
        floor = self._newest - _LOOK_BACK
        rows = session.execute(
            select(TicketEvent.id, TicketEvent.ticket_id)
            .where(TicketEvent.id > floor)
            .order_by(TicketEvent.id)
            .limit(_LOOK_BACK + _AT_ONCE)
        ).all()
        before, self._seen = self._seen, frozenset(number for number, _ in rows)
        if rows:
            self._newest = max(self._newest, rows[-1][0])
        fresh = {ticket: number for number, ticket in rows if before is not None and number not in before}
        return Changes(tickets=_read_tickets(session, fresh, org=org), upto=self._newest)


def find_mark(session: Session, *, now: datetime) -> int:
    """Find the number of the last event that all events before have been committed with: from there a page listens."""
    rows = session.execute(select(TicketEvent.id, TicketEvent.at).order_by(TicketEvent.id.desc()).limit(_AT_ONCE)).all()
    settled = next((number for number, at in rows if at <= now - _SETTLED), None)
    return settled if settled is not None else max((rows[-1][0] - 1 if rows else 0), 0)


def find_last(session: Session, number: str) -> int:
    """Find the number of the last event of a ticket: one follows another, for each holds the ticket."""
    statement = select(func.max(TicketEvent.id)).join(Ticket, Ticket.id == TicketEvent.ticket_id).where(Ticket.number == number)
    return session.scalar(statement) or 0


def list_after(session: Session, after: int, *, org: OrgChart) -> Changes:
    """List what has happened after an event, the newest only where it is much."""
    statement = select(TicketEvent.id, TicketEvent.ticket_id).where(TicketEvent.id > after)
    rows = session.execute(statement.order_by(TicketEvent.id.desc()).limit(_AT_ONCE)).all()
    upto = rows[0][0] if rows else after
    return Changes(tickets=_read_tickets(session, {ticket: number for number, ticket in reversed(rows)}, org=org), upto=upto)


def is_for(facts: TicketFacts, actor: Actor, action: Action, *, org: OrgChart) -> bool:
    """Tell whether a ticket is one of the rows that somebody reaches with an action. Pure."""
    return isinstance(authorize(actor, action, Resource(ticket=facts, org=org)), Allowed)


def _read_tickets(session: Session, last: Mapping[int, int], *, org: OrgChart) -> tuple[Changed, ...]:
    if not last:
        return ()
    rows = session.scalars(select(Ticket).where(Ticket.id.in_(last)).order_by(Ticket.id))
    return tuple(Changed(facts=read_facts(session, row, org=org, in_list=True), event=last[row.id]) for row in rows)
