"""What partners send us under their own ids, and what they read of it: an id means one ticket, however often it is sent."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import select

from console.exchange.tables import PartnerTicket
from routing import desk, handing_over, lifecycle
from routing.facts import Origin
from routing.history import find, read_facts
from routing.tables import Ticket, TicketEvent
from routing.terms import NOBODY, Status
from store.locks import hold

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from knowledge_base.text import Utterance
    from routing.context import RoutingContext
    from routing.facts import TicketFacts
    from routing.terms import Report

CHANNEL = "partner"
"""The channel of what other systems send."""
_EVENTS = 500
"""Events that one page looks through."""
_SETTLES = timedelta(seconds=5)
"""On a database where transactions end in another order than they began, an event is shown once none before it can still come."""


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a matter that a partner sent."""

    ticket: TicketFacts
    joined: bool
    created: bool


@dataclass(frozen=True, kw_only=True)
class Happened:
    """Tickets of which something happened, in that order, each once; `last` is how far was looked, `more` whether there is more already."""

    tickets: tuple[Ticket, ...]
    last: int
    more: bool


def take(
    session: Session,
    partner: str,
    their_id: str,
    *,
    report: Report,
    utterance: Utterance,
    line: str,
    now: datetime,
    context: RoutingContext,
) -> Sent:
    """Open a ticket for what a partner sent, or find the one it sent before: other words are then added to it. NotAllowed where that is over.

    `line` is the merged hotline it came over, for counting.
    """
    hold(session, f"partner:{partner}:{their_id}")
    content = _hash(report)
    known = _find(session, partner, their_id)
    if known is not None:
        number = session.get_one(Ticket, known.ticket_id).number
        if known.content != content:
            handing_over.add_words(session, number, peer=partner, text=report.text, now=now, context=context)
            known.content = content
        return Sent(ticket=read_facts(session, find(session, number), org=context.org), joined=False, created=False)
    origin = Origin(inbox_id=None, channel=CHANNEL, origin_line=line)
    opened = desk.open_ticket(
        session, report=report, resident_id=NOBODY, origin=origin, context=context, now=now, utterance=utterance
    )
    ticket = find(session, opened.joined_to or opened.ticket.number)
    session.add(PartnerTicket(partner=partner, their_id=their_id, ticket_id=ticket.id, content=content, at=now))
    return Sent(ticket=read_facts(session, ticket, org=context.org), joined=bool(opened.joined_to), created=True)


def check(session: Session, partner: str, their_id: str, *, report: Report) -> None:
    """Check that what a partner sends under an id can be taken; NotAllowed where it is more words for a matter that is over."""
    known = _find(session, partner, their_id)
    if known is not None and known.content != _hash(report):
        ticket = session.get_one(Ticket, known.ticket_id)
        lifecycle.check("add", Status(ticket.status), None, lifecycle.name_given(text=report.text))


def _find(session: Session, partner: str, their_id: str) -> PartnerTicket | None:
    statement = select(PartnerTicket).where(PartnerTicket.partner == partner, PartnerTicket.their_id == their_id)
    return session.scalars(statement).one_or_none()


def list_happened(session: Session, *, after: int, limit: int, now: datetime) -> Happened:
    """List the tickets of which something happened behind an event, at most `limit`. Two queries, however many there are."""
    events = select(TicketEvent.id, TicketEvent.at, TicketEvent.ticket_id).where(TicketEvent.id > after)
    rows = session.execute(events.order_by(TicketEvent.id).limit(_EVENTS)).all()
    full = len(rows) == _EVENTS
    if session.get_bind().dialect.name == "postgresql":
        settled = next((place for place, row in enumerate(rows) if row.at > now - _SETTLES), len(rows))
        rows = rows[:settled]
    wanted: dict[int, None] = {}
    last, cut = after, False
    for row in rows:
        if len(wanted) == limit and row.ticket_id not in wanted:
            cut = True
            break
        wanted.setdefault(row.ticket_id)
        last = row.id
    found = {ticket.id: ticket for ticket in session.scalars(select(Ticket).where(Ticket.id.in_(wanted)))} if wanted else {}
    return Happened(tickets=tuple(found[one] for one in wanted), last=last, more=cut or full)


def map_ids(session: Session, partner: str, tickets: tuple[Ticket, ...]) -> Mapping[int, str]:
    """Map tickets (by row) to a partner's own ids, where it sent them."""
    statement = select(PartnerTicket.ticket_id, PartnerTicket.their_id).where(PartnerTicket.partner == partner)
    mine = statement.where(PartnerTicket.ticket_id.in_([ticket.id for ticket in tickets])).order_by(PartnerTicket.id)
    return {row.ticket_id: row.their_id for row in session.execute(mine)}


def _hash(report: Report) -> str:
    return hashlib.sha256(f"{report.kind}\n{report.place}\n{report.text}".encode()).hexdigest()
