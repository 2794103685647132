"""The privacy room's tables: who somebody is (sealed), what the conversation stands at (sealed), what may be sent.

Everything that says who a resident is or what they said is sealed under that resident's own data key: erasing somebody is deleting one row.
Elsewhere a resident is a number and a code (R-…); only residents.unsealing gives more.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotation

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base, Sealed


class Resident(Base):
    """居民: a person (or shop, or company) who wrote to us. `kind` is resident, merchant, company, property or unit."""

    __tablename__ = "resident"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(default="resident")
    key_id: Mapped[int]
    area: Mapped[str | None]
    created_at: Mapped[datetime]


class Identity(Base):
    """One sealed identity: the id a channel knows somebody by, a phone, a name, a home. Found by its blind index only."""

    __tablename__ = "identity"
    __table_args__ = (Index("uq_identity_kind_blind_resident_id", "kind", "blind", "resident_id", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[int] = mapped_column(index=True)
    kind: Mapped[str]
    blind: Mapped[bytes]
    value: Mapped[bytes] = mapped_column(Sealed)
    created_at: Mapped[datetime]


class Conversation(Base):
    """会话: one resident on one channel, alone or in one group. The state is sealed; `due_at` is when an open question times out."""

    __tablename__ = "conversation"
    __table_args__ = (Index("uq_conversation_resident_id_channel_place", "resident_id", "channel", "place", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[int]
    channel: Mapped[str]
    place: Mapped[str]
    """`person`, or the mark of the group (no id): a conversation in a group is another one than in private."""
    state: Mapped[bytes | None] = mapped_column(Sealed)
    asked_by: Mapped[int | None]
    """The inbox row whose question is open; it gets its outcome from the answer or the time-out."""
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    last_at: Mapped[datetime]


class SendLedger(Base):
    """What a platform still lets us send to a resident, per kind of contact that opened the window."""

    __tablename__ = "send_ledger"
    __table_args__ = (Index("uq_send_ledger_resident_id_channel_opened_by", "resident_id", "channel", "opened_by", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[int]
    channel: Mapped[str]
    opened_by: Mapped[str]
    until: Mapped[datetime]
    left: Mapped[int]
