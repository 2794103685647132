"""What residents do with tickets that are theirs, or that they joined: join, add, urge, withdraw.

A neighbour's report of a matter in public space follows the ticket that stands: the neighbour is told all that its opener is told.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from residents.masking import mask
from routing import completing, duplicates, lifecycle, proxies
from routing.facts import Acted, Opened
from routing.history import RESIDENT, Step, begin_for_reporter, begin_for_resident, finish, read_facts
from routing.mirroring import carries_others
from routing.tables import Ticket, TicketEvent, TicketFollower
from routing.terms import NOBODY, Status
from store.base import insert_once
from store.keys import drop_key, new_key, open_key

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from routing.context import RoutingContext
    from routing.duplicates import Near
    from routing.lifecycle import Need

PLACED = "placed"
"""A fact of the addition that said where the matter is: the exact place is dropped with its words."""
_A_DAY = timedelta(days=1)


def join(
    session: Session, near: Near, *, resident_id: int, text: str, inbox_id: int | None, now: datetime, context: RoutingContext
) -> Opened:
    """Let a report join the ticket that tells of the same matter: a neighbour follows it, who has it already adds to it."""
    ticket = session.execute(select(Ticket).where(Ticket.id == near.ticket_id).with_for_update()).scalar_one()
    key = new_key(session)
    values = {
        "ticket_id": ticket.id,
        "resident_id": resident_id,
        "inbox_id": inbox_id,
        "joined_at": now,
        "key_id": key.id,
        "text": key.seal(text.encode()),
    }
    if near.own or not insert_once(session, TicketFollower, values, index=["ticket_id", "resident_id"]):
        drop_key(session, key.id)
        acted = add(session, ticket.number, resident_id=resident_id, text=text, now=now, context=context)
        return Opened(ticket=acted.ticket, joined_to=ticket.number, own=True, notices=acted.notices)
    after = lifecycle.check("join", Status(ticket.status), "resident")
    ticket.followers += 1
    step = Step(ticket=ticket, act="join", actor=RESIDENT, after=after, had=ticket.unit, resident=resident_id)
    acted = finish(session, step, now=now, context=context, facts={"because": near.because, "score": round(near.score, 2)})
    return Opened(ticket=acted.ticket, joined_to=ticket.number, notices=acted.notices)


def add(
    session: Session,
    number: str,
    *,
    resident_id: int = NOBODY,
    reporter: str = "",
    text: str,
    now: datetime,
    context: RoutingContext,
    media: int = 0,
    place: str = "",
    public_place: str = "",
    area: str = "",
) -> Acted:
    """补充: attach words, pictures (`media` of them) or a place. The place is taken over where the ticket had none; the exact one, sealed, too.

    Who adds is a resident of the ticket, or the grid worker who reported it (`reporter`, a staff code).
    """
    given: frozenset[Need] = frozenset({"text"}) if text.strip() or public_place or media else frozenset()
    if reporter:
        step = begin_for_reporter(session, number, "add", actor=reporter, context=context, given=given)
    else:
        step = begin_for_resident(session, number, "add", resident_id=resident_id, given=given)
    ticket = step.ticket
    is_placed = bool(public_place) and not ticket.public_place and not ticket.confidential
    if is_placed:
        ticket.place_text = open_key(session, ticket.key_id).seal(place.encode()) if place else None
        ticket.public_place = mask(public_place)
        ticket.merge_key = duplicates.place_key(public_place)
        ticket.area = ticket.area or area
    facts = {"media": media, "area": area} | ({PLACED: True} if is_placed else {})
    acted = finish(session, step, now=now, context=context, text=text, told=mask(text), facts=facts)
    return completing.take_up(session, ticket, by=step.resident, actor=step.actor, now=now, context=context) or acted


def urge(session: Session, number: str, *, resident_id: int, now: datetime, context: RoutingContext, text: str = "") -> Acted:
    """催办: remind whoever has it. `done` is False if this resident has urged often enough within a day: nobody is told again."""
    step = begin_for_resident(session, number, "urge", resident_id=resident_id)
    urged = session.execute(
        select(func.count())
        .select_from(TicketEvent)
        .where(TicketEvent.ticket_id == step.ticket.id, TicketEvent.act == "urge", TicketEvent.at > now - _A_DAY)
    ).scalar_one()
    if urged >= context.desk.urges_per_day:
        return Acted(ticket=read_facts(session, step.ticket, org=context.org), done=False)
    return finish(session, step, now=now, context=context, text=text, told=mask(text))


def withdraw(session: Session, number: str, *, resident_id: int, now: datetime, context: RoutingContext) -> Acted:
    """撤回: the resident takes the matter back. A danger, or what others follow too, goes on without them: its status stays."""
    step = begin_for_resident(session, number, "withdraw", resident_id=resident_id)
    ticket = step.ticket
    joined = ticket.resident_id != resident_id
    if not joined and not ticket.followers and ticket.tier == "none" and not carries_others(session, ticket):
        return finish(session, step, now=now, context=context)
    leaving = begin_for_resident(session, number, "leave", resident_id=resident_id)
    acted = finish(session, leaving, now=now, context=context)
    if joined:
        forget_follower(session, ticket, resident_id)
        proxies.step_back(session, ticket.id, resident_id)
    return acted


def forget_follower(session: Session, ticket: Ticket, resident_id: int) -> None:
    """Take a neighbour off a ticket, with what they wrote."""
    statement = (
        delete(TicketFollower)
        .where(TicketFollower.ticket_id == ticket.id, TicketFollower.resident_id == resident_id)
        .returning(TicketFollower.key_id)
    )
    for key_id in session.execute(statement).scalars().all():
        drop_key(session, key_id)
        ticket.followers -= 1
    session.flush()
