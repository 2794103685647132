"""并单: the desk lets one ticket go on as another, and takes that back. Nothing confidential, in danger or about somebody is ever merged.

Only what lies in public space joins visibly: its people follow the ticket that goes on and are told of it. Else the join is internal: each
sees only their own ticket, hears that it is handled together with others, and nothing of whose these are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from routing import notices
from routing.errors import NoTicket, NotTogether, NotYours
from routing.history import Step, begin, finish, list_followers, role_of, write_event
from routing.lifecycle import name_given
from routing.placing import put_at_desk
from routing.tables import Ticket, TicketEvent, TicketFollower
from routing.terms import NOBODY, OPEN_STATUSES, Status, UnitKind
from store.base import insert_once
from store.keys import drop_key, new_key, open_key

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from routing.context import RoutingContext
    from routing.facts import Acted
    from routing.org import OrgChart


def merge(session: Session, number: str, *, into: str, actor: str, now: datetime, context: RoutingContext) -> Acted:
    """并单: `number` goes on as `into`. Who acts has to be at the desk of both. NotTogether says why these two may not."""
    target = _lock(session, number, into)
    step = begin(session, number, "merge", actor=actor, context=context, given=name_given(ticket=into))
    ticket = step.ticket
    if target is None:
        raise NoTicket(f"there is no ticket {into}")
    if role_of(actor, target, context.org) not in {"desk", None}:
        raise NotYours
    _check(ticket, target)
    is_visible = ticket.public_space and target.public_space
    joined = _join(session, ticket, target, now=now) if is_visible else []
    step.had = _find_holder(ticket, context.org)
    put_at_desk(ticket)
    ticket.merged_into = into
    ticket.asked, ticket.asked_at = "", None
    step.tells = "" if is_visible else "merge_inside"
    step.more = {"into": into}
    people = 1 + ticket.followers if ticket.resident_id != NOBODY else ticket.followers
    facts = {"into": into, "visible": is_visible, "people": people, "followers": joined}
    acted = finish(session, step, now=now, context=context, facts=facts)
    came = Step(ticket=target, act="add", actor=actor, after=Status(target.status), had=target.unit)
    write_event(session, came, before=target.status, now=now, context=context, facts={"merged": number, "people": people})
    if unit := _find_holder(target, context.org):
        context.tell(session, notices.for_merged(acted.ticket, event=acted.event, unit=unit, into=into))
    return acted


def unmerge(session: Session, number: str, *, actor: str, now: datetime, context: RoutingContext) -> Acted:
    """取消并单: the ticket waits at its desk again, its people no longer follow the other; the resident's time has run on."""
    step = begin(session, number, "unmerge", actor=actor, context=context)
    ticket = step.ticket
    target = session.execute(select(Ticket).where(Ticket.number == ticket.merged_into).with_for_update()).scalar_one_or_none()
    if target is not None:
        _part(session, ticket, target)
    before, ticket.merged_into = ticket.merged_into, ""
    step.had = ""
    put_at_desk(ticket)
    return finish(session, step, now=now, context=context, facts={"from": before})


def _lock(session: Session, number: str, into: str) -> Ticket | None:
    """Lock both tickets in one order, so that two desks never wait for each other; gives the one that goes on."""
    statement = select(Ticket).where(Ticket.number.in_((number, into))).order_by(Ticket.id).with_for_update()
    return next((ticket for ticket in session.execute(statement).scalars().all() if ticket.number == into), None)


def _find_holder(ticket: Ticket, org: OrgChart) -> str:
    """Find the unit that works on a ticket; "" while a desk has it."""
    unit = org.unit(ticket.unit)
    return "" if unit is None or unit.kind is UnitKind.DESK else unit.code


def _check(ticket: Ticket, target: Ticket) -> None:
    if ticket.number == target.number:
        raise NotTogether("same")
    if target.status not in OPEN_STATUSES:
        raise NotTogether("target_over")
    for each in (ticket, target):
        if each.confidential:
            raise NotTogether("confidential")
        if each.tier == "red":
            raise NotTogether("danger")
        if each.refused or each.refused_staff:
            raise NotTogether("accused")


def _join(session: Session, ticket: Ticket, target: Ticket, *, now: datetime) -> list[int]:
    """Let the people of a ticket follow another; each one's words under a key of their own. Gives the new rows' ids."""
    words = {ticket.resident_id: open_key(session, ticket.key_id).open(ticket.text)}
    rows = session.execute(
        select(TicketFollower).where(TicketFollower.ticket_id == ticket.id).order_by(TicketFollower.id)
    ).scalars()
    words |= {row.resident_id: open_key(session, row.key_id).open(row.text) for row in rows.all()}
    known = {target.resident_id, *list_followers(session, target), NOBODY}
    joined: list[int] = []
    for resident_id, text in words.items():
        if resident_id in known:
            continue
        key = new_key(session)
        values = {
            "ticket_id": target.id,
            "resident_id": resident_id,
            "inbox_id": ticket.inbox_id if resident_id == ticket.resident_id else None,
            "joined_at": now,
            "key_id": key.id,
            "text": key.seal(text),
        }
        insert_once(session, TicketFollower, values, index=["ticket_id", "resident_id"])
        mine = select(TicketFollower.id).where(TicketFollower.ticket_id == target.id, TicketFollower.resident_id == resident_id)
        joined.append(session.execute(mine).scalar_one())
    target.followers += len(joined)
    return joined


def _part(session: Session, ticket: Ticket, target: Ticket) -> None:
    """Take the people off the other ticket whom the merge brought there; who came by themselves stays."""
    merges = select(TicketEvent).where(TicketEvent.ticket_id == ticket.id, TicketEvent.act == "merge")
    last = session.execute(merges.order_by(TicketEvent.id.desc()).limit(1)).scalar_one()
    brought = select(TicketFollower).where(TicketFollower.id.in_(last.facts["followers"]), TicketFollower.ticket_id == target.id)
    for row in session.execute(brought).scalars().all():
        drop_key(session, row.key_id)
        session.delete(row)
        target.followers -= 1
    session.flush()
