"""台账: read-only views of tickets, for the staff's lists and pages and for residents who ask how their matters stand.

A resident sees only tickets they opened or joined; a unit none that is about it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import or_, select

from routing.errors import NoTicket
from routing.facts import EventFacts, TicketFacts
from routing.history import find, read_facts
from routing.tables import Ticket, TicketEvent, TicketFollower
from routing.terms import OPEN_STATUSES, Status

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

    from routing.org import OrgChart

STAFF_ONLY = frozenset({"note", "warn", "acknowledge"})
"""Acts that a resident is not shown."""
_WAITING = OPEN_STATUSES - {Status.CONCLUDED}
"""The statuses in which somebody's time runs."""


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket and what happened to it, oldest first."""

    ticket: TicketFacts
    events: tuple[EventFacts, ...]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One ticket in a list."""

    id: int
    number: str
    status: Status
    title: str
    public_place: str
    unit: str
    unit_name: str
    desk: str
    tier: str
    followers: int
    opened_at: datetime
    due_at: datetime
    overdue: bool


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Some tickets, newest first; `after` continues the list, None at its end."""

    lines: tuple[Line, ...]
    after: int | None


def show(session: Session, number: str, *, org: OrgChart, viewer: str = "") -> Shown:
    """Show a ticket with its events; to a unit (`viewer`) that the matter is about there is none: NoTicket."""
    ticket = find(session, number)
    if viewer and viewer in ticket.refused:
        raise NoTicket(f"there is no ticket {number}")
    return Shown(ticket=read_facts(session, ticket, org=org), events=_list_events(session, ticket, org=org))


def list_tickets(
    session: Session,
    *,
    org: OrgChart,
    now: datetime,
    status: Collection[Status] = (),
    unit: str = "",
    desk: str = "",
    overdue: bool = False,
    limit: int = 50,
    after: int | None = None,
) -> Page:
    """List tickets, newest first. `unit` is who has it now: a refused unit never does, so it finds nothing here."""
    statement = select(Ticket).order_by(Ticket.id.desc()).limit(limit + 1)
    if status:
        statement = statement.where(Ticket.status.in_(sorted(status)))
    if unit:
        statement = statement.where(Ticket.unit == unit)
    if desk:
        statement = statement.where(Ticket.desk == desk)
    if overdue:
        statement = statement.where(Ticket.due_at < now, Ticket.status.in_(sorted(_WAITING)))
    if after is not None:
        statement = statement.where(Ticket.id < after)
    rows = session.execute(statement).scalars().all()
    lines = tuple(_line(row, org=org, now=now) for row in rows[:limit])
    return Page(lines=lines, after=lines[-1].id if len(rows) > limit else None)


def facts_for_resident(
    session: Session, resident_id: int, *, org: OrgChart, now: datetime, recent_days: int = 30
) -> tuple[TicketFacts, ...]:
    """List a resident's tickets, opened or joined, newest first: the open ones, and those closed within some days."""
    joined = select(TicketFollower.ticket_id).where(TicketFollower.resident_id == resident_id)
    statement = (
        select(Ticket)
        .where(or_(Ticket.resident_id == resident_id, Ticket.id.in_(joined)))
        .where(or_(Ticket.status.in_(sorted(OPEN_STATUSES)), Ticket.closed_at > now - timedelta(days=recent_days)))
        .order_by(Ticket.id.desc())
    )
    return tuple(read_facts(session, ticket, org=org) for ticket in session.execute(statement).scalars())


def progress(
    session: Session, resident_id: int, *, org: OrgChart, now: datetime, number: str = "", recent_days: int = 30
) -> tuple[Shown, ...]:
    """进度: who has it, by when, what happened. Of one ticket, or of all that are not long over; nothing for a number not theirs."""
    tickets = facts_for_resident(session, resident_id, org=org, now=now, recent_days=recent_days)
    return tuple(
        Shown(
            ticket=ticket,
            events=tuple(
                event for event in _list_events(session, find(session, ticket.number), org=org) if event.act not in STAFF_ONLY
            ),
        )
        for ticket in tickets
        if number in ("", ticket.number)
    )


def _list_events(session: Session, ticket: Ticket, *, org: OrgChart) -> tuple[EventFacts, ...]:
    rows = session.execute(select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.id)).scalars()
    return tuple(
        EventFacts(at=row.at, act=row.act, actor=row.actor, unit=row.unit, unit_name=_name(org, row.unit), facts=row.facts)
        for row in rows
    )


def _line(ticket: Ticket, *, org: OrgChart, now: datetime) -> Line:
    status = Status(ticket.status)
    return Line(
        id=ticket.id,
        number=ticket.number,
        status=status,
        title=ticket.title,
        public_place=ticket.public_place,
        unit=ticket.unit,
        unit_name=_name(org, ticket.unit),
        desk=ticket.desk,
        tier=ticket.tier,
        followers=ticket.followers,
        opened_at=ticket.opened_at,
        due_at=ticket.due_at,
        overdue=status in _WAITING and ticket.due_at < now,
    )


def _name(org: OrgChart, code: str) -> str:
    unit = org.unit(code)
    return unit.name if unit else code
