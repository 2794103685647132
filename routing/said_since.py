"""后来说的: what a matter's resident was asked and what was said of it since it came in, masked as in the notices that told of it. Read-only.

It is there for who sees all of the matter, and for the private unit that has it: its notices say the same. Of a confidential matter there is nothing:
it is opened with its words, for a reason (routing.secrecy).
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - msgspec reads the annotation
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import select

from residents.masking import mask
from routing import sight
from routing.history import find, open_words, read_facts, read_words
from routing.private_units import is_private
from routing.sight import Sight
from routing.tables import TicketEvent

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from routing.facts import TicketFacts
    from routing.org import OrgChart
    from routing.sight import Viewer

ACTS = ("ask_more", "add", "redo", "redo_part", "reopen", "escalate")
"""What was asked, what was added, and what is said to be still undone."""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What was said with one act."""

    at: datetime
    act: str
    text: str


def list_said(session: Session, number: str, *, org: OrgChart, viewer: Viewer) -> tuple[Said, ...]:
    """List what was said since, oldest first; nothing for who may not read it. NoTicket if there is none."""
    ticket = find(session, number)
    if not _may_read(read_facts(session, ticket, org=org), viewer, org):
        return ()
    rows = session.execute(
        select(TicketEvent.at, TicketEvent.act, TicketEvent.text)
        .where(TicketEvent.ticket_id == ticket.id, TicketEvent.act.in_(ACTS), TicketEvent.text.is_not(None))
        .order_by(TicketEvent.id)
    ).all()
    first = read_words(session, ticket) if rows else ""
    said = ((row.at, row.act, mask(open_words(session, ticket, row.text), of=first)) for row in rows)
    return tuple(Said(at=at, act=act, text=text) for at, act, text in said if text)


def _may_read(facts: TicketFacts, viewer: Viewer, org: OrgChart) -> bool:
    if facts.confidential:
        return False
    seen = sight.decide(facts, viewer, org=org, followers=facts.people[1:])
    person = org.staff.get(viewer.code) if viewer.kind == "staff" else None
    has_it = person is not None and org.standing_unit(facts.unit) in person.posts and is_private(org, facts.unit)
    return seen is Sight.FULL or (has_it and seen is Sight.SUMMARY)
