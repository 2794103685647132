"""Pictures that came from the chat page: kept sealed before they are acknowledged, until they are with their message.

Other platforms keep a picture for three days in which it can be fetched; here that is we ourselves. A resident's pictures go with the resident.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.orm import Mapped, mapped_column

from residents import conversations
from residents.pictures import strip_metadata
from residents.tables import Resident
from residents.web_lines import CHANNEL
from store.base import Base, Sealed, insert_once
from store.keys import open_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

KEPT = timedelta(days=3)
"""As long as attachments are tried to be fetched, and longer."""


class WebUpload(Base):
    """One picture by its `ref`, which is made of who sent it with which message and of the picture itself."""

    __tablename__ = "web_upload"

    ref: Mapped[str] = mapped_column(primary_key=True)
    resident_id: Mapped[int] = mapped_column(index=True)
    body: Mapped[bytes] = mapped_column(Sealed)
    at: Mapped[datetime] = mapped_column(index=True)


def name_upload(body: bytes, *, sender: str, key: str, number: int) -> str:
    """Give the ref of a picture: the same again for the same picture of the same message, another one for any other."""
    return hashlib.sha256(b"\0".join((sender.encode(), key.encode(), str(number).encode(), body))).hexdigest()


def keep_uploads(session: Session, pictures: Sequence[tuple[str, bytes]], *, sender: str, now: datetime) -> None:
    """Keep pictures (ref, bytes) under the key of who sent them; those that are there already stay."""
    speaker = conversations.open_for(session, channel=CHANNEL, sender=sender, place=conversations.PERSON, now=now)
    for ref, body in pictures:
        values = {"ref": ref, "resident_id": speaker.resident.id, "body": speaker.key.seal(strip_metadata(body)), "at": now}
        insert_once(session, WebUpload, values, index=["ref"])


def read_upload(session: Session, ref: str) -> bytes | None:
    """Open a picture; None if it is not there (any more)."""
    found = session.execute(
        select(WebUpload.body, Resident.key_id).join(Resident, Resident.id == WebUpload.resident_id).where(WebUpload.ref == ref)
    ).first()
    return open_key(session, found.key_id).open(found.body) if found is not None else None


def find_uploads(before: datetime) -> Select[WebUpload]:
    """Select the pictures from before a moment."""
    return select(WebUpload).where(WebUpload.at < before)


def forget_uploads(session: Session, *, resident_id: int | None = None, before: datetime | None = None) -> int:
    """Delete the pictures of a resident, or all from before a moment; gives how many."""
    where = WebUpload.resident_id == resident_id if before is None else WebUpload.at < before
    return len(session.execute(delete(WebUpload).where(where).returning(WebUpload.ref)).all())
