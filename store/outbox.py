"""The outbox: whatever leaves the process is a row here, one per destination, written in the transaction of its cause.

    pending ─▶ sending (lease: owner, attempt) ─▶ sent | failed | unknown
       ▲          │ later                      └▶ held ─▶ pending at the next contact
       └──────────┘                            shown: never leaves (rehearsal, or no road is configured), the desk sees it

A row is `sending` before the call is made. One whose process died may have arrived: when its lease runs out it is `unknown` and is never
sent again by itself, a person decides; only what is dropped where it has come already goes again. Every final update is fenced by owner and attempt, so a process that was thought dead cannot
overwrite what another has done since. Rows that go together as one message are each claimed and each marked.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import takewhile
from typing import TYPE_CHECKING, Literal

import msgspec
from sqlalchemy import Index, and_, func, or_, select, true, update
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from store.base import Base, Json, Sealed, insert_once
from store.keys import open_key
from store.sealing import KeyGone

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import ColumnElement

_AHEAD = timedelta(minutes=1)
PARTNER = "partner"
"""The audience of what goes to other systems. They know a message that comes twice by its id, so that these are sent until they are taken."""

EndState = Literal["failed", "unknown", "held"]
SendState = Literal["pending", "sending", "sent", "failed", "unknown", "held", "shown"]


class OutboxMessage(Base):
    """One send to one destination. audience + target say who; facts and key say what; text is kept once it was rendered."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        Index("ix_outbox_message_state_due_at", "state", "due_at"),
        Index("ix_outbox_message_target", "audience", "target"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    cause: Mapped[str] = mapped_column(unique=True)
    audience: Mapped[str]
    target: Mapped[str]
    channel: Mapped[str]
    notice: Mapped[str]
    facts: Mapped[Json]
    key_id: Mapped[int | None]
    words: Mapped[bytes | None] = mapped_column(Sealed)
    """Facts that somebody wrote, sealed as JSON; they join the plain facts when the text is rendered."""
    body: Mapped[bytes | None] = mapped_column(Sealed)
    urgent: Mapped[bool] = mapped_column(default=False)
    rehearsed: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    owner: Mapped[str | None]
    attempt: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    reference: Mapped[str | None]
    error: Mapped[str | None]
    sent_at: Mapped[datetime | None]


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """The right to send one row, until the lease runs out."""

    id: int
    owner: str
    attempt: int


def put(
    session: Session,
    *,
    cause: str,
    audience: str,
    target: str,
    channel: str,
    notice: str,
    now: datetime,
    facts: Json | None = None,
    words: bytes | None = None,
    body: bytes | None = None,
    key_id: int | None = None,
    urgent: bool = False,
    rehearsed: bool = False,
    shown: bool = False,
    due_at: datetime | None = None,
) -> bool:
    """Write a send down; the same cause twice is one send (False the second time)."""
    values = {
        "cause": cause,
        "audience": audience,
        "target": target,
        "channel": channel,
        "notice": notice,
        "facts": facts or {},
        "words": words,
        "body": body,
        "key_id": key_id,
        "urgent": urgent,
        "rehearsed": rehearsed,
        "state": "shown" if shown else "pending",
        "created_at": now,
        "due_at": due_at or now,
        "attempt": 0,
    }
    return insert_once(session, OutboxMessage, values, index=["cause"])


def claim(
    session: Session,
    *,
    owner: str,
    now: datetime,
    lease: timedelta,
    limit: int,
    since: datetime | None = None,
    partners: bool = False,
) -> list[tuple[Claim, OutboxMessage]]:
    """Take due rows for sending, urgent and old ones first; one at a time to each destination, so that what is said keeps its order.

    What has to be tried again holds back what was written after it, but nothing holds back what is urgent, and what waits for the end
    of the night holds back nothing. `since`: quiet hours began then; what was due before and is not urgent does not leave in them.
    `partners`: only what goes to other systems, else all but that: a system that hangs holds back nobody's message.
    """
    other = aliased(OutboxMessage)
    same = and_(
        other.audience == OutboxMessage.audience, other.target == OutboxMessage.target, other.channel == OutboxMessage.channel
    )
    earlier = and_(other.urgent == OutboxMessage.urgent, other.id < OutboxMessage.id)  # also one that is to be tried again later
    urgent = and_(other.urgent, ~OutboxMessage.urgent, other.due_at <= now)
    first = and_(other.state == "pending", or_(and_(earlier, ~_is_planned(other, now=now)), urgent))
    waits = select(other.id).where(same, or_(other.state == "sending", first)).exists()
    whose = OutboxMessage.audience == PARTNER if partners else OutboxMessage.audience != PARTNER
    may_leave = or_(OutboxMessage.urgent, OutboxMessage.due_at >= since) if since is not None else true()
    rows = (
        session.execute(
            select(OutboxMessage)
            .where(OutboxMessage.state == "pending", OutboxMessage.due_at <= now, whose, may_leave, ~waits)
            .order_by(OutboxMessage.urgent.desc(), OutboxMessage.due_at, OutboxMessage.id)
            .limit(limit)
            .with_for_update(skip_locked=True, of=OutboxMessage)
        )
        .scalars()
        .all()
    )
    return [(take(session, row, owner=owner, now=now, lease=lease), row) for row in rows]


def take(session: Session, row: OutboxMessage, *, owner: str, now: datetime, lease: timedelta) -> Claim:
    """Take one row for sending, which is pending and locked."""
    row.state, row.owner, row.attempt, row.lease_until = "sending", owner, row.attempt + 1, now + lease
    session.flush()
    return Claim(id=row.id, owner=owner, attempt=row.attempt)


def list_behind(session: Session, row: OutboxMessage, *, now: datetime, since: datetime | None, limit: int) -> list[OutboxMessage]:
    """List and lock what is due right behind a claimed row for the same destination, in order, up to the first that has to be tried later.

    They may be taken with it: while it is sent, nobody else takes them. `since`: as for `claim`.
    """
    same = (
        OutboxMessage.audience == row.audience,
        OutboxMessage.target == row.target,
        OutboxMessage.channel == row.channel,
        OutboxMessage.urgent == row.urgent,
    )
    rows = session.execute(
        select(OutboxMessage)
        .where(*same, OutboxMessage.state == "pending", OutboxMessage.id > row.id, ~_is_planned(OutboxMessage, now=now))
        .order_by(OutboxMessage.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).scalars()
    return list(takewhile(lambda each: each.due_at <= now and (since is None or each.due_at >= since), rows))


def mark_sent(session: Session, one: Claim, *, reference: str, now: datetime) -> bool:
    """The platform took it; False if the lease was lost meanwhile."""
    return _update(session, one, state="sent", reference=reference, sent_at=now, owner=None, lease_until=None, error=None)


def mark_later(session: Session, one: Claim, *, due_at: datetime, error: str) -> bool:
    """Try again at this moment: it certainly did not arrive."""
    return _update(session, one, state="pending", due_at=due_at, error=error, owner=None, lease_until=None)


def mark_ended(session: Session, one: Claim, *, state: EndState, error: str) -> bool:
    """It cannot be sent, may have been sent, or waits for the next contact."""
    return _update(session, one, state=state, error=error, owner=None, lease_until=None)


def expire_leases(session: Session, *, now: datetime) -> int:
    """Set sends whose process died to `unknown`: they may have arrived. Returns how many."""
    rows = session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.state == "sending", OutboxMessage.lease_until < now)
        .values(state="unknown", error="lease expired", owner=None, lease_until=None)
        .returning(OutboxMessage.id)
    ).all()
    return len(rows)


def disown(session: Session, *, owner: str) -> int:
    """On SQLite's start: whoever was sending is dead, whatever the lease says. Returns how many became `unknown`."""
    rows = session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.state == "sending", OutboxMessage.owner != owner)
        .values(state="unknown", error="process ended", owner=None, lease_until=None)
        .returning(OutboxMessage.id)
    ).all()
    return len(rows)


def resolve(session: Session, message_id: int, *, again: bool, now: datetime) -> bool:
    """A person has found out about an `unknown` send: it arrived, or it goes again. False if it is not unknown (any more)."""
    values = {"state": "pending", "due_at": now} if again else {"state": "sent"}
    statement = (
        update(OutboxMessage)
        .where(OutboxMessage.id == message_id, OutboxMessage.state == "unknown")
        .values(**values)
        .returning(OutboxMessage.id)
    )
    return session.execute(statement).first() is not None


def send_again(session: Session, *, now: datetime) -> int:
    """Let what may have arrived at other systems go again: they drop what they have. Returns how many."""
    return _send_again(session, OutboxMessage.audience == PARTNER, now=now)


def keep_again(session: Session, *, channels: Collection[str], attempts: int, now: datetime) -> int:
    """Let what may have been kept by channels of ours go again, up to so many attempts: they drop what they have. Returns how many."""
    return _send_again(session, OutboxMessage.channel.in_(channels), OutboxMessage.attempt < attempts, now=now)


def _send_again(session: Session, *which: ColumnElement[bool], now: datetime) -> int:
    rows = session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.state == "unknown", *which)
        .values(state="pending", due_at=now)
        .returning(OutboxMessage.id)
    ).all()
    return len(rows)


def revive(session: Session, message_id: int, *, now: datetime) -> bool:
    """Let what another system did not take go once more, from its first attempt. False if there is no such message that has failed."""
    statement = (
        update(OutboxMessage)
        .where(OutboxMessage.id == message_id, OutboxMessage.audience == PARTNER, OutboxMessage.state == "failed")
        .values(state="pending", due_at=now, attempt=0, error=None)
        .returning(OutboxMessage.id)
    )
    return session.execute(statement).first() is not None


def release_held(
    session: Session, *, audience: str = "resident", target: str, channel: str, now: datetime, planned_only: bool = False
) -> int:
    """Somebody wrote again: what was held for this contact, or (`planned_only`: alone) for the end of the night, may go."""
    planned = and_(OutboxMessage.state == "pending", OutboxMessage.attempt == 0, ~OutboxMessage.urgent)
    rows = session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.audience == audience, OutboxMessage.target == target)
        .where(OutboxMessage.channel == channel, planned if planned_only else or_(OutboxMessage.state == "held", planned))
        .values(state="pending", due_at=now)
        .returning(OutboxMessage.id)
    ).all()
    return len(rows)


def take_held(session: Session, *, audience: str, target: str, channel: str, reference: str, now: datetime) -> list[str]:
    """Mark as sent what was held for this reader, because it leaves in an answer to them (`reference`); the words, in order.

    What was recalled meanwhile has no key any more, and ends as failed.
    """
    rows = session.execute(
        select(OutboxMessage)
        .where(OutboxMessage.audience == audience, OutboxMessage.target == target)
        .where(OutboxMessage.channel == channel, OutboxMessage.state == "held")
        .order_by(OutboxMessage.id)
        .with_for_update()
    ).scalars()
    found: list[str] = []
    for row in rows:
        try:
            found.append(open_key(session, row.key_id or 0).open(row.body or b"").decode())
        except KeyGone:
            row.state, row.error = "failed", "recalled"
        else:
            row.state, row.reference, row.sent_at, row.error = "sent", reference, now, None
    session.flush()
    return found


def call_off(session: Session, *, cause_prefixes: Sequence[str]) -> int:
    """Drop what waits to leave and is not so any more, by the beginnings of its causes; gives how many."""
    if not cause_prefixes:
        return 0
    stale = or_(*(OutboxMessage.cause.startswith(prefix, autoescape=True) for prefix in cause_prefixes))
    rows = session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.state == "pending", stale)
        .values(state="failed", error="overtaken")
        .returning(OutboxMessage.id)
    ).all()
    return len(rows)


def cancel(session: Session, *, cause_prefix: str) -> int:
    """Drop repeating alarms that were acknowledged before they left."""
    rows = session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.cause.startswith(cause_prefix), or_(OutboxMessage.state == "pending", OutboxMessage.state == "held"))
        .values(state="failed", error="acknowledged")
        .returning(OutboxMessage.id)
    ).all()
    return len(rows)


def count_by_state(session: Session) -> dict[str, int]:
    """Count the rows per send state."""
    rows = session.execute(select(OutboxMessage.state, func.count()).group_by(OutboxMessage.state))
    return {row[0]: row[1] for row in rows}


def states_of(session: Session, *, cause_prefix: str) -> list[str]:
    """List how far the sends of a cause have come, in the order in which they were written."""
    statement = select(OutboxMessage.state).where(OutboxMessage.cause.startswith(cause_prefix, autoescape=True))
    return list(session.execute(statement.order_by(OutboxMessage.id)).scalars())


def _is_planned(row: type[OutboxMessage], *, now: datetime) -> ColumnElement[bool]:
    """Tell what was never tried and waits for a moment well ahead: the end of the night, not the second after an answer."""
    return and_(row.state == "pending", row.attempt == 0, row.due_at > now + _AHEAD)


def _update(session: Session, one: Claim, **values: object) -> bool:
    """Update a claimed row only while it is still ours."""
    statement = (
        update(OutboxMessage)
        .where(OutboxMessage.id == one.id, OutboxMessage.state == "sending")
        .where(OutboxMessage.owner == one.owner, OutboxMessage.attempt == one.attempt)
        .values(**values)
        .returning(OutboxMessage.id)
    )
    return session.execute(statement).first() is not None
