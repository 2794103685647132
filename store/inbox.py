"""The inbox: every message we were handed, kept before it is acknowledged, with exactly one outcome in the end.

T1 `remember` keeps sealed bytes under a unique key; T2 takes the row with `take`, reads it, and ends it with `settle`. `reply_via` moves
once, from open to passive or active, and only under the row's lock, so an answer goes out one way only. Rows without an outcome are found by
`unfinished` and taken up again.
A message that was not meant for us (a group's chatter) leaves the HMAC of its key and body and the word ignored: no text, no sender.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy and msgspec read the annotation
from typing import TYPE_CHECKING, Literal

import msgspec
from sqlalchemy import Index, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from store.base import Base, Sealed, insert_once
from store.keys import drop_key, new_key, open_key
from store.sealing import KeyGone, vault_of

if TYPE_CHECKING:
    from collections.abc import Sequence

ReplyVia = Literal["open", "passive", "active", "none"]


class InboxMessage(Base):
    """One message: its unique key (blind), its sealed bytes, its outcome and its reply."""

    __tablename__ = "inbox_message"
    __table_args__ = (
        Index("uq_inbox_message_channel_key", "channel", "key", unique=True),
        Index("ix_inbox_message_outcome_received_at", "outcome", "received_at"),
        Index("ix_inbox_message_reply_via_outcome_at", "reply_via", "outcome_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str]
    key: Mapped[bytes]
    body_mark: Mapped[bytes]
    received_at: Mapped[datetime]
    source: Mapped[bytes | None]
    """The mark of whose queue it stands in (its sender's or its group's), until it has its outcome."""
    key_id: Mapped[int | None]
    payload: Mapped[bytes | None] = mapped_column(Sealed)
    conversation_id: Mapped[int | None] = mapped_column(index=True)
    outcome: Mapped[str | None]
    outcome_at: Mapped[datetime | None]
    ticket: Mapped[str | None]
    suggested: Mapped[bytes | None] = mapped_column(Sealed)
    reply: Mapped[bytes | None] = mapped_column(Sealed)
    reply_via: Mapped[str]
    error: Mapped[str | None]


class Remembered(msgspec.Struct, frozen=True, kw_only=True):
    """What T1 found: a new row, or one that stands already (`same_body` False: the same key with other content)."""

    id: int
    new: bool
    same_body: bool = True
    outcome: str | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in a finished row: its outcome, the words to say (None: nothing), and which way they go."""

    outcome: str | None
    text: str | None
    reply_via: ReplyVia
    ticket: str = ""
    suggested: str = ""


def remember(session: Session, *, channel: str, key: str, body: bytes, now: datetime, source: str = "") -> Remembered:
    """T1: keep a message sealed under its unique key, or find the row that has the key already. `source` names whose queue it stands in."""
    vault = vault_of(session)
    blind = vault.blind("inbox", f"{channel}\0{key}")
    seen = _find(session, channel, blind)
    if seen is not None:
        return Remembered(id=seen.id, new=False, same_body=seen.body_mark == vault.blind("body", body), outcome=seen.outcome)
    data_key = new_key(session)
    values = {
        "channel": channel,
        "key": blind,
        "body_mark": vault.blind("body", body),
        "received_at": now,
        "source": vault.blind("source", f"{channel}\0{source}") if source else None,
        "key_id": data_key.id,
        "payload": data_key.seal(body),
        "reply_via": "open",
    }
    new = insert_once(session, InboxMessage, values, index=["channel", "key"])
    if not new:  # two deliveries at once on two connections: the other one was first
        drop_key(session, data_key.id)
    row = _find(session, channel, blind)
    assert row is not None  # noqa: S101 - it was inserted, or stood there
    return Remembered(id=row.id, new=new, same_body=row.body_mark == values["body_mark"], outcome=row.outcome)


def ignore(session: Session, *, channel: str, key: str, body: bytes, now: datetime) -> Remembered:
    """Leave the marks of a message that was not meant for us, and nothing of what it said."""
    vault = vault_of(session)
    blind = vault.blind("inbox", f"{channel}\0{key}")
    mark = vault.blind("body", body)
    values = {
        "channel": channel,
        "key": blind,
        "body_mark": mark,
        "received_at": now,
        "outcome": "ignored",
        "outcome_at": now,
        "reply_via": "none",
    }
    new = insert_once(session, InboxMessage, values, index=["channel", "key"])
    row = _find(session, channel, blind)
    assert row is not None  # noqa: S101 - it was inserted, or stood there
    return Remembered(id=row.id, new=new, same_body=row.body_mark == mark, outcome=row.outcome)


def quarantine_raw(session: Session, *, channel: str, raw: bytes, reason: str, now: datetime) -> int:
    """Keep the sealed bytes of something validly signed that nobody could read; the same bytes twice make one row."""
    kept = remember(session, channel=channel, key=f"raw:{vault_of(session).blind('raw', raw).hex()}", body=raw, now=now)
    row = lock(session, kept.id)
    row.reply_via = "none"
    session.flush()
    quarantine(session, kept.id, reason=reason, now=now)
    return kept.id


def quarantine(session: Session, message_id: int, *, reason: str, now: datetime) -> None:
    """Set a message aside for a person: its bytes stay sealed, the reason is a class name or a code, never its words."""
    session.execute(
        update(InboxMessage)
        .where(InboxMessage.id == message_id)
        .values(outcome="quarantined", outcome_at=now, error=reason, source=None)
    )


def take(session: Session, message_id: int) -> InboxMessage | None:
    """T2: take an unfinished row for this transaction; None if it is finished (or was recalled)."""
    row = lock(session, message_id)
    return row if row.outcome is None and row.payload is not None else None


def lock(session: Session, message_id: int) -> InboxMessage:
    """Hold a row until this transaction ends, as it stands now, whatever this session has read before."""
    statement = select(InboxMessage).where(InboxMessage.id == message_id).with_for_update()
    return session.execute(statement, execution_options={"populate_existing": True}).scalar_one()


def settle(
    session: Session,
    row: InboxMessage,
    *,
    outcome: str,
    now: datetime,
    text: str | None,
    reply_via: ReplyVia,
    ticket: str = "",
    suggested: str = "",
    conversation_id: int | None = None,
) -> None:
    """End T2: write the one outcome and the reply beside it."""
    assert row.key_id is not None  # noqa: S101 - only a row with a payload is taken
    data_key = open_key(session, row.key_id)
    row.outcome = outcome
    row.outcome_at = now
    row.source = None
    row.reply = None if text is None else data_key.seal(text.encode())
    row.suggested = data_key.seal(suggested.encode()) if suggested else None
    row.reply_via = "none" if text is None else reply_via
    row.ticket = ticket or None
    row.conversation_id = conversation_id
    session.flush()


def resettle(session: Session, message_id: int, *, outcome: str, ticket: str, now: datetime) -> None:
    """Give an `asked` message the outcome that its answer, or the time-out, brought."""
    session.execute(
        update(InboxMessage)
        .where(InboxMessage.id == message_id, InboxMessage.outcome == "asked")
        .values(outcome=outcome, outcome_at=now, ticket=ticket or None)
    )


def link(session: Session, message_ids: Sequence[int], *, ticket: str, now: datetime) -> None:
    """Put finished messages to the ticket that their words went into later, at its moment; what became of them stays."""
    session.execute(
        update(InboxMessage)
        .where(InboxMessage.id.in_(message_ids), InboxMessage.payload.is_not(None), InboxMessage.ticket.is_(None))
        .values(outcome_at=now, ticket=ticket)
    )


def put_to(session: Session, message_ids: Sequence[int], *, outcome: str, ticket: str, now: datetime) -> None:
    """Give messages that were gathered (told) the outcome that putting them together brought; a recalled one stays as it is."""
    session.execute(
        update(InboxMessage)
        .where(InboxMessage.id.in_(message_ids), InboxMessage.outcome == "told", InboxMessage.payload.is_not(None))
        .values(outcome=outcome, outcome_at=now, ticket=ticket or None)
    )


def is_asked(session: Session, message_id: int) -> bool:
    """Tell whether a message still waits for the answer to the question it led to: it has no other outcome yet."""
    return session.get_one(InboxMessage, message_id).outcome == "asked"


def answer_of(session: Session, message_id: int) -> Answer:
    """Read what stands in a row: for the edge that waits, and for a repeated delivery. Of a recalled one no words are left."""
    row = session.get_one(InboxMessage, message_id)
    text, suggested = _open_words(session, row)
    via: ReplyVia = row.reply_via  # type: ignore[assignment]  # the column holds only these words
    return Answer(outcome=row.outcome, text=text, reply_via=via, ticket=row.ticket or "", suggested=suggested or "")


def unfinished(session: Session, *, before: datetime, limit: int = 500) -> Sequence[int]:
    """Find messages without an outcome that came before this moment: the oldest of each source first, so that no storm holds up others."""
    turn = func.row_number().over(partition_by=InboxMessage.source, order_by=(InboxMessage.received_at, InboxMessage.id))
    left = (
        select(InboxMessage.id, InboxMessage.received_at, turn.label("turn"))
        .where(InboxMessage.outcome.is_(None), InboxMessage.received_at < before, InboxMessage.payload.is_not(None))
        .subquery()
    )
    statement = select(left.c.id).order_by(left.c.turn, left.c.received_at, left.c.id).limit(limit)
    return session.execute(statement).scalars().all()


def unsent(session: Session, *, before: datetime, limit: int = 500) -> Sequence[int]:
    """Find answers that no delivery has fetched since this moment: they have to go out actively."""
    statement = (
        select(InboxMessage.id)
        .where(InboxMessage.reply_via == "open", InboxMessage.outcome_at < before)
        .order_by(InboxMessage.outcome_at)
        .limit(limit)
    )
    return session.execute(statement).scalars().all()


def forget(session: Session, *, channel: str, key: str, now: datetime) -> InboxMessage | None:
    """Recall: drop the key of a message so that nothing it said can be read again; None if there is nothing (more) to forget.

    One that was not handled yet never will be: it ends as ignored.
    """
    found = _find(session, channel, vault_of(session).blind("inbox", f"{channel}\0{key}"))
    row = lock(session, found.id) if found is not None else None  # T2 may be at it: wait, then see what it wrote
    if row is None or row.key_id is None:
        return None
    drop_key(session, row.key_id)
    row.key_id = row.payload = row.reply = row.suggested = row.source = None
    if row.outcome is None:
        row.outcome, row.outcome_at = "ignored", now
    if row.reply_via == "open":
        row.reply_via = "none"
    session.flush()
    return row


def shed(session: Session, message_id: int) -> None:
    """Let go of the words of a finished message, in and out; its outcome stays."""
    row = lock(session, message_id)
    if row.key_id is not None:
        drop_key(session, row.key_id)
    row.key_id = row.payload = row.reply = row.suggested = None
    session.flush()


def shed_payload(session: Session, row: InboxMessage) -> None:
    """Let go of what came in before the message is finished: its answer will lie under a key of its own."""
    if row.key_id is not None:
        drop_key(session, row.key_id)
    row.key_id, row.payload = new_key(session).id, None
    session.flush()


def count_by_outcome(session: Session) -> dict[str, int]:
    """Count the messages per outcome; the key `` stands for those that have none yet."""
    rows = session.execute(select(InboxMessage.outcome, func.count()).group_by(InboxMessage.outcome)).all()
    return {outcome or "": count for outcome, count in rows}


def _open_words(session: Session, row: InboxMessage) -> tuple[str | None, str | None]:
    if row.key_id is None:
        return None, None
    try:
        data_key = open_key(session, row.key_id)
    except KeyGone:  # recalled between two statements
        return None, None
    reply, suggested = (None if sealed is None else data_key.open(sealed).decode() for sealed in (row.reply, row.suggested))
    return reply, suggested


def _find(session: Session, channel: str, blind: bytes) -> InboxMessage | None:
    statement = select(InboxMessage).where(InboxMessage.channel == channel, InboxMessage.key == blind)
    return session.execute(statement).scalar_one_or_none()
