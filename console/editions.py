"""The edition of a ticket: what an ETag says, and what came in between when somebody acts on an older one (optimistic concurrency)."""

from __future__ import annotations

import re
from datetime import UTC
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from console.problems import Current, Happened, Problem
from routing import register, sight
from routing.history import find, read_facts
from routing.sight import Sight
from routing.tables import Ticket, TicketEvent

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

    from console.routes import Call
    from routing.facts import TicketFacts

_EDITION = re.compile(r'"(\d{1,9})\.(\d{1,9})"')
ANY = "*"
"""An If-Match that fits every edition."""


def read_edition(session: Session, number: str) -> str:
    """Give the edition of a ticket as it stands in this transaction: its version, and how many acts it has seen."""
    session.flush()
    acts = select(func.count()).where(TicketEvent.ticket_id == Ticket.id).scalar_subquery()
    row = session.execute(select(Ticket.version, acts).where(Ticket.number == number)).one()
    return f'"{row[0]}.{row[1]}"'


def read_editions(session: Session, numbers: Collection[str]) -> dict[str, str]:
    """Give the editions of several tickets, by their numbers. One query."""
    acts = select(func.count()).where(TicketEvent.ticket_id == Ticket.id).scalar_subquery()
    rows = session.execute(select(Ticket.number, Ticket.version, acts).where(Ticket.number.in_(numbers)))
    return {number: f'"{version}.{count}"' for number, version, count in rows}


def check_edition(call: Call, number: str) -> TicketFacts:
    """Find the ticket a call acts on, locked; Problem if it is not there (404), no edition was named (428) or another one is current (409)."""
    ticket = read_facts(call.session, find(call.session, number, for_update=True), org=call.context.org)
    if not call.may_see(ticket):
        raise Problem(404, "not_found")
    if not call.condition:
        raise Problem(428, "edition_missing")
    current = read_edition(call.session, number)
    if call.condition not in {ANY, current}:
        raise Problem(409, "changed", current=_tell_current(call, ticket, current))
    return ticket


def check_seen(call: Call, number: str) -> None:
    """Check that another ticket which a call names is one of its rows; Problem (404) if it is not."""
    if not call.may_see(read_facts(call.session, find(call.session, number), org=call.context.org)):
        raise Problem(404, "not_found")


def _tell_current(call: Call, ticket: TicketFacts, etag: str) -> Current:
    """Say how a ticket stands now and what came in between: for whoever sees all of it."""
    named = _EDITION.fullmatch(call.condition)
    if named is None or sight.decide(ticket, call.actor.viewer, org=call.context.org) is not Sight.FULL:
        return Current(etag=etag, status=ticket.status.value)
    events = register.show(call.session, ticket.number, org=call.context.org, viewer=call.actor.viewer, zone=call.city.zone).events
    since = [Happened(act=one.act, at=one.at.astimezone(UTC), actor=one.actor) for one in events[int(named[2]) :]]
    return Current(etag=etag, status=ticket.status.value, since=since)
