"""撤回原话: a resident took a message back, so what it said leaves the ticket. The record of the matter stays, without anybody's words.

The ticket gets a new data key and the old one is dropped: what the resident wrote cannot be read here or in a copy of today's file, what
the staff wrote stands. Notices that quoted the matter are emptied too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from routing import following
from routing.errors import TicketError
from routing.history import RESIDENT
from routing.tables import Ticket, TicketEvent, TicketFollower
from store import audit
from store.keys import drop_key, new_key, open_key
from store.outbox import OutboxMessage

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from routing.context import RoutingContext

_QUOTED = ("title", "summary")


def redact(session: Session, *, inbox_id: int, words: str, now: datetime, context: RoutingContext) -> str:
    """Take what a message said out of the ticket it opened or joined, and the resident with it; the ticket's number, "" if there is none.

    `words` stand where the resident's were. A danger, or what neighbours follow too, goes on without the one who reported it.
    """
    ticket = session.execute(select(Ticket).where(Ticket.inbox_id == inbox_id).with_for_update()).scalar_one_or_none()
    if ticket is None:
        return _leave(session, inbox_id=inbox_id, now=now, context=context)
    _empty(session, ticket, words=words, context=context)
    _withdraw(session, ticket.number, resident_id=ticket.resident_id, now=now, context=context)
    audit.record(session, actor=RESIDENT, action="ticket.redact", subject=ticket.number)
    return ticket.number


def _leave(session: Session, *, inbox_id: int, now: datetime, context: RoutingContext) -> str:
    """Take a neighbour off the ticket that this message joined."""
    found = session.execute(
        select(Ticket.number, TicketFollower.resident_id)
        .join(TicketFollower, TicketFollower.ticket_id == Ticket.id)
        .where(TicketFollower.inbox_id == inbox_id)
    ).first()
    if found is None:
        return ""
    _withdraw(session, found.number, resident_id=found.resident_id, now=now, context=context)
    return str(found.number)


def _withdraw(session: Session, number: str, *, resident_id: int, now: datetime, context: RoutingContext) -> None:
    """Withdraw the matter where it still can be; what is over already only loses its words."""
    try:
        following.withdraw(session, number, resident_id=resident_id, now=now, context=context)
    except TicketError:
        return


def _empty(session: Session, ticket: Ticket, *, words: str, context: RoutingContext) -> None:
    item = context.duty_list.item(ticket.item)
    old, new = open_key(session, ticket.key_id), new_key(session)
    ticket.key_id = new.id
    ticket.title = item.name if item else words
    ticket.summary = words
    ticket.text = new.seal(words.encode())
    ticket.place_text = None
    ticket.reply_text = new.seal(old.open(ticket.reply_text)) if ticket.reply_text else None
    events = session.execute(select(TicketEvent).where(TicketEvent.ticket_id == ticket.id)).scalars().all()
    for event in events:
        if event.text is not None:
            event.text = None if event.actor == RESIDENT else new.seal(old.open(event.text))
    drop_key(session, old.id)
    _empty_notices(session, {f"event:{event.id}:" for event in events}, ticket, words=words)
    session.flush()


def _empty_notices(session: Session, causes: set[str], ticket: Ticket, *, words: str) -> None:
    """Empty what was written for sending about the ticket; what has not left yet is worded anew from what is left."""
    for cause in (*sorted(causes), f"alarm:{ticket.number}:"):
        for row in session.execute(select(OutboxMessage).where(OutboxMessage.cause.startswith(cause, autoescape=True))).scalars():
            row.facts = row.facts | {name: ticket.title if name == "title" else words for name in _QUOTED if name in row.facts}
            if row.key_id is not None and row.state != "sending":
                drop_key(session, row.key_id)
                row.key_id = row.body = row.words = None
