"""What notices have quoted of a matter: taken out again when the matter is sealed, or its words are taken back.

A notice that was kept for sending holds the title, and may hold words under a key of its own. What has left cannot be called back; what of it
lies here can be made unreadable.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import select

from routing.notice_table import KEYS, WORDS
from routing.notices import alarm_cause
from routing.tables import TicketEvent
from store.keys import drop_key
from store.outbox import OutboxMessage

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from sqlalchemy.orm import Session

    from routing.tables import Ticket

_QUOTED = ("title", "summary", "place")
_WAITING = frozenset({"pending", "held", "shown"})


def empty(session: Session, ticket: Ticket, *, title: str, words: str, drop: Callable[[int], None] | None = None) -> None:
    """Put other words in place of what notices of any kind say of a ticket; what has not left yet is worded anew from what is left.

    `drop` drops a key where somebody keeps account of those that were dropped.
    """
    for row in _list_rows(session, ticket):
        _blank(row, title=title, words=words)
        if row.key_id is not None and row.state != "sending":
            row.facts = row.facts | dict.fromkeys(WORDS.intersection(KEYS.get(row.notice, ())), words)
            (drop or partial(drop_key, session))(row.key_id)
            row.key_id = row.body = row.words = None


def forget_event(session: Session, event: int, *, words: str) -> None:
    """Put other words in place of what notices of one event quoted, and call off what the staff has not been sent yet."""
    told = select(OutboxMessage).where(OutboxMessage.cause.startswith(f"event:{event}:"), OutboxMessage.audience != "resident")
    for row in session.execute(told.order_by(OutboxMessage.id)).scalars():
        row.facts = row.facts | dict.fromkeys(WORDS.intersection(KEYS.get(row.notice, ())), words)
        _call_off(session, row)


def forget_place(session: Session, ticket: Ticket) -> None:
    """Take the exact place out of what alarms said; one that has not left yet goes out with the public place."""
    for row in _list_rows(session, ticket):
        if "exact" in KEYS.get(row.notice, ()) and row.key_id is not None and row.state != "sending":
            drop_key(session, row.key_id)
            row.key_id = row.body = row.words = None


def seal(session: Session, ticket: Ticket, *, title: str) -> None:
    """Take out of all notices what a confidential matter may not show, and call off what the staff has not been sent yet."""
    for row in _list_rows(session, ticket):
        _blank(row, title=title, words="")
        if row.audience != "resident":
            _call_off(session, row)


def call_off(session: Session, ticket: Ticket, targets: Collection[str]) -> None:
    """Call off what has not left yet to those who may not be told, and make unreadable what they were told before."""
    for row in _list_rows(session, ticket):
        if row.audience != "resident" and row.target in targets:
            _call_off(session, row)


def _list_rows(session: Session, ticket: Ticket) -> Iterator[OutboxMessage]:
    """List everything that was written down for sending about a ticket."""
    events = session.execute(select(TicketEvent.id).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.id)).scalars()
    for cause in (*(f"event:{event}:" for event in events), alarm_cause(ticket.number)):
        statement = select(OutboxMessage).where(OutboxMessage.cause.startswith(cause, autoescape=True))
        yield from session.execute(statement.order_by(OutboxMessage.id)).scalars()


def _blank(row: OutboxMessage, *, title: str, words: str) -> None:
    row.facts = row.facts | {name: title if name == "title" else words for name in _QUOTED if name in row.facts}


def _call_off(session: Session, row: OutboxMessage) -> None:
    if row.state in _WAITING:
        row.state, row.error = "failed", "recalled"
    if row.key_id is not None and row.state != "sending":
        drop_key(session, row.key_id)
        row.key_id = row.body = row.words = None
