"""What was said in one conversation, for the person who takes it over: opened from the inbox, oldest first, and of no other conversation.

A recalled or erased message has no words any more. Whoever reads this decides what is masked.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime  # noqa: TC003 - msgspec reads the annotation
from typing import TYPE_CHECKING, Literal

import msgspec
from sqlalchemy import select

from bot.channels import Inbound
from residents.unsealing import open_raw
from store import inbox
from store.inbox import InboxMessage
from store.sealing import KeyGone

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy.orm import Session

Speaks = Literal["resident", "bot", "seat"]


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was said. `kind` is what the message consists of; `state` how far a seat's words have come."""

    at: datetime
    who: Speaks
    text: str
    kind: str = "text"
    state: str = ""
    message: int = 0
    """The inbox row of what a resident said."""


def read_turns(session: Session, conversation_id: int, *, since: datetime | None = None, limit: int = 200) -> list[Said]:
    """Read the last messages of a conversation and what the bot answered; `since`: only those that came from then on."""
    statement = select(InboxMessage).where(InboxMessage.conversation_id == conversation_id)
    if since is not None:
        statement = statement.where(InboxMessage.received_at >= since)
    rows = session.execute(statement.order_by(InboxMessage.id.desc()).limit(limit)).scalars().all()
    return [said for row in reversed(rows) for said in _read(session, row)]


def join_lines(texts: Iterable[str]) -> str:
    """Join what was said: each line once, with how often it came, in the order of its first coming."""
    counts = Counter(text.strip() for text in texts if text.strip())
    return "\n".join(text if count == 1 else f"{text} ×{count}" for text, count in counts.items())


def read_beside(session: Session, row: InboxMessage) -> str:
    """Give what else was put to the same matter at the same moment as a message: the rest of its burst, "" if it came alone."""
    beside = select(InboxMessage).where(
        InboxMessage.conversation_id == row.conversation_id,
        InboxMessage.ticket == row.ticket,
        InboxMessage.outcome_at == row.outcome_at,
        InboxMessage.payload.is_not(None),
    )
    rows = session.execute(beside.order_by(InboxMessage.id)).scalars().all()
    return join_lines(said.text for one in rows for said in _read(session, one) if said.who == "resident")


def _read(session: Session, row: InboxMessage) -> Iterator[Said]:
    try:
        inbound = msgspec.json.decode(open_raw(session, row), type=Inbound)
    except KeyGone:
        return
    words = inbound.point.label if inbound.point is not None and not inbound.text else inbound.text
    yield Said(at=row.received_at, who="resident", text=words, kind=inbound.kind, message=row.id)
    answer = inbox.answer_of(session, row.id).text
    if answer:
        yield Said(at=row.outcome_at or row.received_at, who="bot", text=answer)
