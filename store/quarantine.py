"""Messages that the program could not handle, as an operator looks after them: once more, or put away because a person took care of it.

quarantined ─┬─▶ no outcome   replayed: the worker handles it like one that has just come
             └─▶ ignored      put away, its reason stays; taken back it is quarantined again
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, func, select

from store.inbox import InboxMessage, lock
from store.outbox import OutboxMessage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

_LATELY = 2000
"""Rows that are looked at for when a channel was last heard of."""


def list_set_aside(session: Session, *, put_away: bool, after: int = 0, limit: int) -> Sequence[InboxMessage]:
    """List quarantined messages oldest first, or those that were put away newest first."""
    statement = select(InboxMessage).where(_find(put_away=put_away))
    if after:
        statement = statement.where(InboxMessage.id < after if put_away else InboxMessage.id > after)
    return session.scalars(statement.order_by(InboxMessage.id.desc() if put_away else InboxMessage.id).limit(limit)).all()


def count(session: Session) -> int:
    """Count the quarantined messages."""
    return session.execute(select(func.count()).where(_find(put_away=False))).scalar_one()


def find(session: Session, message: int) -> InboxMessage | None:
    """Find a message that was set aside, also one that was put away; None if there is none of this number."""
    row = session.get(InboxMessage, message)
    return row if row is not None and row.error is not None else None


def replay(session: Session, message: int, *, now: datetime) -> bool:
    """Take the outcome off a quarantined message, so that it is handled once more. False if it is none, or its words are gone.

    The answer it had, and the alarm, keep their rows and give up the names by which a row stands once: the new ones are not lost.
    """
    row = _lock(session, message)
    if row is None or row.outcome != "quarantined" or row.payload is None:
        return False
    row.outcome = row.outcome_at = row.error = row.reply = row.suggested = None
    row.reply_via = "open"
    for prefix in (f"reply:{message}:", f"quarantine:{message}"):
        for sent in session.scalars(select(OutboxMessage).where(OutboxMessage.cause.startswith(prefix, autoescape=True))):
            if _is_own(sent.cause, prefix):
                sent.cause = f"{sent.cause}:{sent.id}:{now:%Y%m%d%H%M%S}"
    session.flush()
    return True


def put_away(session: Session, message: int, *, now: datetime) -> bool:
    """End a quarantined message that a person took care of. False if it is none (any more)."""
    return _move(session, message, before="quarantined", after="ignored", now=now)


def take_back(session: Session, message: int, *, now: datetime) -> bool:
    """Set a message aside again that was put away. False if it was not."""
    return _move(session, message, before="ignored", after="quarantined", now=now)


def find_oldest_waiting(session: Session) -> datetime | None:
    """Find since when a message waits for its outcome; None if none does."""
    waits = and_(InboxMessage.outcome.is_(None), InboxMessage.payload.is_not(None))
    return session.execute(select(func.min(InboxMessage.received_at)).where(waits)).scalar_one()


def read_last_heard(session: Session) -> dict[str, datetime]:
    """Read when each channel last brought something, from the newest rows."""
    newest = select(InboxMessage.channel, InboxMessage.received_at).order_by(InboxMessage.id.desc()).limit(_LATELY)
    found: dict[str, datetime] = {}
    for channel, received_at in session.execute(newest):
        found.setdefault(channel, received_at)
    return found


def _move(session: Session, message: int, *, before: str, after: str, now: datetime) -> bool:
    row = _lock(session, message)
    if row is None or row.error is None or row.outcome != before:
        return False
    row.outcome, row.outcome_at = after, now
    session.flush()
    return True


def _lock(session: Session, message: int) -> InboxMessage | None:
    return lock(session, message) if session.get(InboxMessage, message) is not None else None


def _is_own(cause: str, prefix: str) -> bool:
    """Tell whether a cause is of this very message: `quarantine:1` is the beginning of another's `quarantine:12`."""
    rest = cause.removeprefix(prefix)
    return prefix.endswith(":") or rest == "" or rest.startswith(":")


def _find(*, put_away: bool) -> ColumnElement[bool]:
    if put_away:
        return and_(InboxMessage.outcome == "ignored", InboxMessage.error.is_not(None))
    return InboxMessage.outcome == "quarantined"
