"""Data keys as rows: made, opened, dropped. Dropping one is how a message is forgotten everywhere at once."""

from __future__ import annotations

import secrets
from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotation
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from store.base import Base, Sealed
from store.clock import utcnow
from store.sealing import DataKey, KeyGone, vault_of

if TYPE_CHECKING:
    from collections.abc import Collection


class DataKeyRow(Base):
    """One wrapped data key: of a message, or of a resident."""

    __tablename__ = "data_key"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy's own form
    """A dropped key's number is never given again: what an old copy has under it would be opened with a wrong key."""

    id: Mapped[int] = mapped_column(primary_key=True)
    wrapped: Mapped[bytes] = mapped_column(Sealed)
    created_at: Mapped[datetime]


def new_key(session: Session) -> DataKey:
    """Make a data key and keep it wrapped."""
    secret = secrets.token_bytes(32)
    statement = insert(DataKeyRow).values(wrapped=vault_of(session).wrap(secret), created_at=utcnow()).returning(DataKeyRow.id)
    return DataKey(session.execute(statement).scalar_one(), secret)


def open_key(session: Session, key_id: int) -> DataKey:
    """Open a data key; KeyGone if its row was deleted."""
    wrapped = session.execute(select(DataKeyRow.wrapped).where(DataKeyRow.id == key_id)).scalar_one_or_none()
    if wrapped is None:
        raise KeyGone
    return DataKey(key_id, vault_of(session).unwrap(wrapped))


def open_keys(session: Session, key_ids: Collection[int]) -> dict[int, DataKey]:
    """Open several data keys at once, by number; those whose rows were deleted are left out."""
    rows = session.execute(select(DataKeyRow.id, DataKeyRow.wrapped).where(DataKeyRow.id.in_(key_ids)))
    return {row.id: DataKey(row.id, vault_of(session).unwrap(row.wrapped)) for row in rows}


def drop_key(session: Session, key_id: int) -> None:
    """Delete a data key: what was sealed under it can never be read again."""
    session.execute(delete(DataKeyRow).where(DataKeyRow.id == key_id))
