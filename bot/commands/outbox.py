"""Sends that need a person: look at them, masked, and decide about those that may or may not have arrived."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import select

from bot.commands import Command, Json
from bot.commands.tickets import viewer_of
from bot.refusals import refuse
from residents.masking import mask
from routing import sight
from routing.errors import NoTicket
from routing.history import find
from routing.notice_table import KEYS
from routing.sight import OPERATOR
from store import outbox
from store.audit import record
from store.keys import open_key
from store.outbox import OutboxMessage
from store.sealing import KeyGone

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from routing.sight import Viewer

_AT_ONCE = 100
"""Rows read at a time while there are not enough that may be seen."""


def list_sends(
    session: Session,
    city: City,
    *,
    now: datetime,  # noqa: ARG001 - every command is told the time
    state: str = "unknown",
    limit: int = 50,
    actor: str = OPERATOR.kind,
) -> Json:
    """List sends in a state, oldest first, without the address they go to; one of the staff sees those about tickets that they see all of."""
    viewer = viewer_of(actor)
    statement = select(OutboxMessage).where(OutboxMessage.state == state).order_by(OutboxMessage.id)
    rows = session.execute(statement.execution_options(yield_per=_AT_ONCE)).scalars()
    seen = islice((row for row in rows if _is_seen(session, city, row, viewer=viewer)), limit)
    return [
        {
            "id": row.id,
            "state": row.state,
            "audience": row.audience,
            "target": row.target,
            "channel": row.channel,
            "notice": row.notice,
            "text": mask(read_words(session, city, row)),
            "attempt": row.attempt,
            "error": row.error or "",
            "created_at": row.created_at.isoformat(),
            "created": city.words.moment(row.created_at),
        }
        for row in list(seen)
    ]


def _is_seen(session: Session, city: City, row: OutboxMessage, *, viewer: Viewer) -> bool:
    """Tell whether somebody may read a send: what was told to them, and what is about a ticket of which they see all."""
    if viewer == OPERATOR or (row.audience == "staff" and row.target == viewer.code):
        return True
    try:
        ticket = find(session, str(row.facts.get("number", "")))
    except NoTicket:
        return False
    return sight.decide(ticket, viewer, org=city.org) is sight.Sight.FULL


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


def read_words(session: Session, city: City, row: OutboxMessage) -> str:
    """Give the words for a list: without the exact place that an alarm brought to one person on duty, and without the links of residents."""
    if row.audience == outbox.PARTNER:
        return f"{row.notice} {row.facts.get('number', '')}"
    is_theirs_alone = not {"exact", "tokens"}.isdisjoint(KEYS.get(row.notice, ()))
    return city.words.notify(row.notice, row.facts) if is_theirs_alone else _words_of(session, city, row)


COMMANDS = (
    Command(name="outbox.list", run=list_sends, writes=False),
    Command(name="outbox.decide", run=decide),
)
