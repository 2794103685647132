"""Pictures, voices and videos that came with a message: expected in its transaction, fetched at once, sealed under the message's key.

The platform keeps them three days only, so a fetch that fails is tried again until then. Recalling the message makes them unreadable too.
What was fetched nobody gets to see: of a picture safe ones are made first (residents.made_pictures).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Index, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from residents.pictures import strip_metadata
from store.base import Base, Sealed
from store.inbox import InboxMessage
from store.keys import open_key
from store.sealing import KeyGone

if TYPE_CHECKING:
    from collections.abc import Sequence

_PAUSE = timedelta(seconds=20)
_TRIES = 10


class Attachment(Base):
    """One picture, voice or video: where to fetch it, then its sealed bytes. state: expected, fetched, lost; of a picture then made or unmade.

    A made picture has a token by which it is asked for, its view and its thumbnail (sealed JPEG) and the view's size in pixels; its `body` is gone.
    """

    __tablename__ = "attachment"
    __table_args__ = (
        Index("ix_attachment_state_kind_due_at", "state", "kind", "due_at"),
        Index("uq_attachment_token", "token", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    inbox_id: Mapped[int] = mapped_column(index=True)
    ticket: Mapped[str | None] = mapped_column(index=True)
    channel: Mapped[str]
    kind: Mapped[str]
    format: Mapped[str]
    key_id: Mapped[int]
    ref: Mapped[bytes] = mapped_column(Sealed)
    body: Mapped[bytes | None] = mapped_column(Sealed)
    size: Mapped[int | None]
    state: Mapped[str]
    tries: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    error: Mapped[str | None]
    token: Mapped[str | None]
    view: Mapped[bytes | None] = mapped_column(Sealed)
    thumbnail: Mapped[bytes | None] = mapped_column(Sealed)
    width: Mapped[int | None]
    height: Mapped[int | None]


def expect(
    session: Session, *, inbox_id: int, key_id: int, channel: str, media: Sequence[tuple[str, str, str]], now: datetime
) -> None:
    """Note what has to be fetched; `media` are (kind, ref, format)."""
    key = open_key(session, key_id)
    for kind, ref, form in media:
        row = {"inbox_id": inbox_id, "channel": channel, "kind": kind, "format": form, "key_id": key_id}
        session.add(Attachment(**row, ref=key.seal(ref.encode()), state="expected", due_at=now))
    session.flush()


def attach(session: Session, *, inbox_id: int, ticket: str) -> int:
    """Bind what came with a message to a ticket; returns how many."""
    rows = session.execute(
        update(Attachment).where(Attachment.inbox_id == inbox_id).values(ticket=ticket).returning(Attachment.id)
    ).all()
    return len(rows)


def attach_since(session: Session, *, conversation_id: int, since: int, ticket: str) -> int:
    """Bind what came in a conversation since a message (its inbox id) and belongs to no ticket yet; returns how many."""
    came = select(InboxMessage.id).where(InboxMessage.conversation_id == conversation_id, InboxMessage.id >= since)
    rows = session.execute(
        update(Attachment)
        .where(Attachment.inbox_id.in_(came), Attachment.ticket.is_(None))
        .values(ticket=ticket)
        .returning(Attachment.id)
        .execution_options(synchronize_session=False)
    ).all()
    return len(rows)


def claim_expected(session: Session, *, now: datetime, limit: int = 20) -> list[tuple[int, str, str, str, str]]:
    """Take what is due for fetching: (id, channel, kind, ref, format); each is due again later until it is kept."""
    rows = session.execute(
        select(Attachment)
        .where(Attachment.state == "expected", Attachment.due_at <= now)
        .order_by(Attachment.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).scalars()
    taken = []
    for row in rows:
        row.tries += 1
        row.due_at = now + _PAUSE * 2**row.tries
        try:
            ref = open_key(session, row.key_id).open(row.ref).decode()
        except KeyGone:
            row.state, row.error = "lost", "recalled"
            continue
        taken.append((row.id, row.channel, row.kind, ref, row.format))
    session.flush()
    return taken


def keep(session: Session, attachment_id: int, body: bytes, *, now: datetime) -> None:
    """Seal the fetched bytes, a picture without what the camera wrote into it; a message recalled meanwhile keeps nothing."""
    body = strip_metadata(body)
    row = session.get_one(Attachment, attachment_id)
    try:
        row.body, row.size, row.state, row.due_at = open_key(session, row.key_id).seal(body), len(body), "fetched", now
    except KeyGone:
        row.state, row.error = "lost", "recalled"
    session.flush()


def miss(session: Session, attachment_id: int, *, error: str, final: bool) -> None:
    """Note a failed fetch; after the last try, or when it can never work, it is lost and says so."""
    row = session.get_one(Attachment, attachment_id)
    row.error = error
    if final or row.tries >= _TRIES:
        row.state = "lost"
    session.flush()
