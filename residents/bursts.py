"""一口气发太多: the messages of somebody who writes faster than anyone reads, kept until they can be added to a matter in one piece.

The messages stay in the inbox as they are; here stands only which of them belong together, and when they are to be put together.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from residents.tables import Conversation
from store.base import Base
from store.inbox import InboxMessage

if TYPE_CHECKING:
    from collections.abc import Sequence

_MINUTE = timedelta(seconds=60)
_LONGEST = timedelta(minutes=5)
"""Whoever never pauses: what has come is put together after this long all the same."""


class Burst(Base):
    """What of one conversation is to be put together; gone once it has been."""

    __tablename__ = "burst"

    conversation_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    since: Mapped[datetime]
    due_at: Mapped[datetime] = mapped_column(index=True)


class BurstPart(Base):
    """One message of a burst."""

    __tablename__ = "burst_part"

    inbox_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    conversation_id: Mapped[int] = mapped_column(index=True)


def is_flooding(session: Session, resident_id: int, *, per_minute: int, now: datetime) -> bool:
    """Tell whether one more message of this resident is too many for one minute, wherever they wrote: alone, in groups, on other channels."""
    theirs = select(Conversation.id).where(Conversation.resident_id == resident_id)
    came = select(func.count()).select_from(InboxMessage).where(InboxMessage.conversation_id.in_(theirs))
    return session.execute(came.where(InboxMessage.received_at > now - _MINUTE)).scalar_one() >= per_minute


def gather(session: Session, *, conversation_id: int, inbox_id: int, now: datetime, quiet: timedelta) -> bool:
    """Keep a message for later; True if it is the first one of a burst."""
    burst = session.get(Burst, conversation_id)
    is_first = burst is None
    if burst is None:
        burst = Burst(conversation_id=conversation_id, since=now)
        session.add(burst)
    burst.due_at = min(now + quiet, burst.since + _LONGEST)
    session.add(BurstPart(inbox_id=inbox_id, conversation_id=conversation_id))
    session.flush()
    return is_first


def due(session: Session, *, now: datetime, limit: int = 100) -> Sequence[int]:
    """Find the conversations whose burst is to be put together now."""
    statement = select(Burst.conversation_id).where(Burst.due_at <= now).order_by(Burst.due_at).limit(limit)
    return session.execute(statement).scalars().all()


def take(session: Session, conversation_id: int, *, now: datetime) -> list[int]:
    """Take a burst's messages out, oldest first; nothing if it is not due (any more). Hold the resident before."""
    burst = session.get(Burst, conversation_id)
    if burst is None or burst.due_at > now:
        return []
    session.delete(burst)
    statement = delete(BurstPart).where(BurstPart.conversation_id == conversation_id).returning(BurstPart.inbox_id)
    parts = sorted(session.execute(statement).scalars())
    session.flush()
    return parts
