"""Sends that need a person: look at them, masked, and decide about those that may or may not have arrived."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import select

from bot.commands import Command, Json
from bot.refusals import refuse
from residents.masking import mask
from store import outbox
from store.audit import record
from store.keys import open_key
from store.outbox import OutboxMessage
from store.sealing import KeyGone

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City


def list_sends(session: Session, city: City, *, now: datetime, state: str = "unknown", limit: int = 50) -> Json:  # noqa: ARG001 - every command is told the time
    """List sends in a state, oldest first, without the address they go to."""
    statement = select(OutboxMessage).where(OutboxMessage.state == state).order_by(OutboxMessage.id).limit(limit)
    return [
        {
            "id": row.id,
            "state": row.state,
            "audience": row.audience,
            "target": row.target,
            "channel": row.channel,
            "notice": row.notice,
            "text": mask(_words_of(session, city, row)),
            "attempt": row.attempt,
            "error": row.error or "",
            "created_at": row.created_at.isoformat(),
            "created": city.words.moment(row.created_at),
        }
        for row in session.execute(statement).scalars()
    ]


def decide(session: Session, city: City, *, now: datetime, message: int, again: bool, actor: str) -> Json:  # noqa: ARG001 - every command is handed the city
    """Settle an unknown send: a person has found that it arrived, or sends it again; audited."""
    if not outbox.resolve(session, message, again=again, now=now):
        raise refuse("not_unknown", number=message)
    record(session, actor=actor, action="outbox.decide", subject=f"outbox:{message}", facts={"again": again})
    return {"id": message, "state": "pending" if again else "sent"}


def _words_of(session: Session, city: City, row: OutboxMessage) -> str:
    """Give the words that were sent, or will be; empty if they were recalled."""
    if row.key_id is None:
        return city.words.notify(row.notice, row.facts)
    try:
        key = open_key(session, row.key_id)
    except KeyGone:
        return ""
    if row.body is not None:
        return key.open(row.body).decode()
    written = msgspec.json.decode(key.open(row.words)) if row.words is not None else {}
    return city.words.notify(row.notice, row.facts | written)


COMMANDS = (
    Command(name="outbox.list", run=list_sends, writes=False),
    Command(name="outbox.decide", run=decide),
)
