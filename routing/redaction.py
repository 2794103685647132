"""撤回原话: a resident took a message back, so what it said leaves the tickets. The record of the matter stays, without anybody's words.

A ticket gets a new data key and the old one is dropped: what the resident wrote cannot be read here or in a copy of today's file, what
the staff wrote stands. Notices that quoted the matter are emptied too. What was only added to a matter leaves it, and the matter goes on.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - msgspec reads the annotation
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import select

from knowledge_base.text import normalize
from routing import following, handover, headline, quoting
from routing.errors import TicketError
from routing.facts import NOBODY
from routing.history import RESIDENT
from routing.tables import Ticket, TicketEvent, TicketFollower
from routing.terms import Report
from store import audit
from store.keys import drop_key, new_key, open_key

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from routing.context import RoutingContext


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """The message that was taken back: its row, whose it was, when its outcome was written, and the words of others that were put to a matter with it."""

    inbox_id: int
    resident_id: int
    at: datetime
    ticket: str = ""
    left: str = ""
    is_line: bool = False
    """It was only read together with the message that the matter came of: what is `left` may still be one."""


def redact(session: Session, message: Message, *, words: str, now: datetime, context: RoutingContext) -> tuple[str, ...]:
    """Take what a message said out of the tickets it opened, joined or was added to; their numbers.

    One message may have opened several, and one that led to a question opened what its answer did: these carry the same moment. `words` stand
    where the resident's were. A danger, or what neighbours follow too, goes on without the one who reported it.
    """
    asked = (Ticket.resident_id == message.resident_id) & (Ticket.opened_at == message.at) & (message.resident_id != NOBODY)
    opened = select(Ticket).where((Ticket.inbox_id == message.inbox_id) | asked).order_by(Ticket.id).with_for_update()
    tickets = session.execute(opened).scalars().all()
    for ticket in tickets:
        if message.is_line and _stands_by_itself(session, ticket, message.left):
            _retell(session, ticket, left=message.left, words=words, context=context)
        else:
            _empty(session, ticket, words=words, context=context)
            _withdraw(session, ticket.number, resident_id=message.resident_id, now=now, context=context)
        audit.record(session, actor=RESIDENT, action="ticket.redact", subject=ticket.number)
    if tickets:
        return tuple(ticket.number for ticket in tickets)
    return _leave(session, message, now=now, context=context) or _take_out(session, message, words=words)


def _stands_by_itself(session: Session, ticket: Ticket, left: str) -> bool:
    """Tell whether what is left of a matter still says where it is, if it ever did: a place that was added later is not this message's."""
    is_own = ticket.place_text is not None and not _is_placed_later(session, ticket)
    place = open_key(session, ticket.key_id).open(ticket.place_text or b"").decode() if is_own else ""
    return bool(left) and place in normalize(left)


def _is_placed_later(session: Session, ticket: Ticket) -> bool:
    added = select(TicketEvent.facts).where(TicketEvent.ticket_id == ticket.id, TicketEvent.act == "add")
    return any(following.PLACED in facts for facts in session.execute(added).scalars())


def _retell(session: Session, ticket: Ticket, *, left: str, words: str, context: RoutingContext) -> None:
    """Tell a matter in the words that are left of it; it goes on."""
    if not ticket.confidential:
        report = Report(text=left, public_place=ticket.public_place)
        ticket.title = headline.make_title(report, context.duty_list.item(ticket.item))
        ticket.summary = headline.make_summary(report)
    ticket.why = list(handover.hide_words(ticket.why))
    ticket.text = open_key(session, ticket.key_id).seal(left.encode())
    _seal_anew(session, ticket)
    quoting.empty(session, ticket, title=ticket.title, words=words)
    session.flush()


def _leave(session: Session, message: Message, *, now: datetime, context: RoutingContext) -> tuple[str, ...]:
    """Take a neighbour off the tickets that this message joined."""
    asked = (TicketFollower.resident_id == message.resident_id) & (TicketFollower.joined_at == message.at)
    joined = select(Ticket.number, TicketFollower.resident_id).join(TicketFollower, TicketFollower.ticket_id == Ticket.id)
    found = session.execute(joined.where((TicketFollower.inbox_id == message.inbox_id) | asked).order_by(Ticket.id)).all()
    for number, resident_id in found:
        _withdraw(session, number, resident_id=resident_id, now=now, context=context)
    return tuple(number for number, _ in found)


def _take_out(session: Session, message: Message, *, words: str) -> tuple[str, ...]:
    """Take what this message added to a matter out of it again; the matter goes on."""
    ticket = session.execute(select(Ticket).where(Ticket.number == message.ticket).with_for_update()).scalar_one_or_none()
    if ticket is None:
        return ()
    said = select(TicketEvent).where(TicketEvent.ticket_id == ticket.id, TicketEvent.text.is_not(None))
    added = session.execute(said.where(TicketEvent.actor == RESIDENT, TicketEvent.at == message.at)).scalars().all()
    if not added:
        return ()
    for event in added:
        event.text = open_key(session, ticket.key_id).seal(message.left.encode()) if message.left else None
        quoting.forget_event(session, event.id, words=words)
    if any(following.PLACED in event.facts for event in added):
        ticket.place_text = None
        quoting.forget_place(session, ticket)
    _seal_anew(session, ticket)
    audit.record(session, actor=RESIDENT, action="ticket.redact", subject=ticket.number)
    return (ticket.number,)


def _withdraw(session: Session, number: str, *, resident_id: int, now: datetime, context: RoutingContext) -> None:
    """Withdraw the matter where it still can be; what is over already only loses its words."""
    try:
        following.withdraw(session, number, resident_id=resident_id, now=now, context=context)
    except TicketError:
        return


def _empty(session: Session, ticket: Ticket, *, words: str, context: RoutingContext) -> None:
    item = context.duty_list.item(ticket.item)
    ticket.title = handover.neutral_title() if ticket.confidential else headline.name_plainly(item.name) if item else words
    ticket.summary = "" if ticket.confidential else words
    ticket.why = list(handover.hide_words(ticket.why))
    ticket.text = open_key(session, ticket.key_id).seal(words.encode())
    ticket.place_text = None
    said = select(TicketEvent).where(TicketEvent.ticket_id == ticket.id, TicketEvent.actor == RESIDENT)
    for event in session.execute(said).scalars():
        event.text = None
    _seal_anew(session, ticket)
    quoting.empty(session, ticket, title=ticket.title, words=words)
    session.flush()


def _seal_anew(session: Session, ticket: Ticket) -> None:
    """Seal what is left of a ticket under a new key and drop the old one: what was taken out is gone from older copies too."""
    old, new = open_key(session, ticket.key_id), new_key(session)
    ticket.key_id = new.id
    ticket.text = new.seal(old.open(ticket.text))
    ticket.place_text = new.seal(old.open(ticket.place_text)) if ticket.place_text else None
    ticket.reply_text = new.seal(old.open(ticket.reply_text)) if ticket.reply_text else None
    ticket.handover = new.seal(old.open(ticket.handover)) if ticket.handover else None
    for event in session.execute(select(TicketEvent).where(TicketEvent.ticket_id == ticket.id)).scalars():
        if event.text is not None:
            event.text = new.seal(old.open(event.text))
    drop_key(session, old.id)
    session.flush()
