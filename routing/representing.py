"""代人反映: a matter is filed in somebody's name. They are told first where we know them, and say what the reporter may see.

Who cannot be reached is spoken for: the reporter is the contact and sees all. A confidential matter is never announced to a telephone that
others may read: there a person at the desk decides how to reach whom it is about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sqlalchemy import select

from residents import conversations
from routing import lifecycle
from routing.errors import NoTicket
from routing.history import RESIDENT, Step, begin_for_resident, find, finish
from routing.notices import for_proxy
from routing.tables import TicketProxy
from routing.terms import NOBODY, Status
from store.base import insert_once

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from routing.context import RoutingContext
    from routing.facts import Acted, Opened


def represent(
    session: Session, number: str, *, proxy_id: int, represented_id: int | None, now: datetime, context: RoutingContext
) -> bool:
    """Write down who reported a ticket for whom; True if the person it is for was told and asked."""
    ticket = find(session, number, for_update=True)
    known = None if ticket.confidential or represented_id == proxy_id else represented_id
    values = {
        "ticket_id": ticket.id,
        "proxy_id": proxy_id,
        "represented_id": known,
        "allowed": "asked" if known is not None else "all",
        "asked_at": now,
    }
    if not insert_once(session, TicketProxy, values, index=["ticket_id", "proxy_id"]) or known is None:
        return False
    ticket.proxied += 1
    if ticket.resident_id == proxy_id:
        ticket.resident_id = known
    after = lifecycle.check("represent", Status(ticket.status), "resident")
    step = Step(ticket=ticket, act="represent", actor=RESIDENT, after=after, had=ticket.unit, resident=proxy_id)
    acted = finish(session, step, now=now, context=context)
    context.tell(session, for_proxy(acted.ticket, "proxy_asked", target=known))
    return True


def find_known(session: Session, phone: str) -> int:
    """Find the one resident who gave this telephone number and can be written to; NOBODY where there is none, or no number."""
    return (conversations.find_by_phone(session, phone.strip(), apart_from=NOBODY) if phone.strip() else None) or NOBODY


def tell_filed(session: Session, opened: Opened, *, resident: int, context: RoutingContext) -> bool:
    """Tell whom a matter was filed for by somebody of the staff, where they are known and it is not confidential; whether they were told."""
    if resident == NOBODY or opened.ticket.confidential:
        return False
    context.tell(session, for_proxy(opened.ticket, "proxy_filed", target=resident))
    return True


def allow(
    session: Session,
    number: str,
    *,
    resident_id: int,
    allowed: Literal["all", "status", "none"],
    now: datetime,
    context: RoutingContext,
) -> Acted:
    """Take the answer of the person a ticket is for; whoever reported it is told what they may see from now on."""
    step = begin_for_resident(session, number, "allow", resident_id=resident_id)
    statement = select(TicketProxy).where(TicketProxy.ticket_id == step.ticket.id, TicketProxy.represented_id == resident_id)
    rows = session.execute(statement).scalars().all()
    if not rows:
        raise NoTicket(f"nobody reported {number} for somebody else")
    for row in rows:
        row.allowed, row.answered_at = allowed, now
    session.flush()
    acted = finish(session, step, now=now, context=context, facts={"allowed": allowed})
    for row in rows:
        context.tell(session, for_proxy(acted.ticket, f"proxy_{allowed}", target=row.proxy_id))
    return acted
