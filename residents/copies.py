"""一样的话: what a group's members copy from one another is one matter of several people. Of the words only a keyed mark is kept."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from store.base import Base, insert_into
from store.sealing import vault_of

_NO_WORD = re.compile(r"[\W_]+")
_A_DAY = timedelta(days=1)


class CopiedWords(Base):
    """The mark of what was written in a group, and the ticket it became."""

    __tablename__ = "copied_words"

    mark: Mapped[bytes] = mapped_column(primary_key=True)
    ticket: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)


def mark_words(session: Session, *, group: str, text: str) -> bytes | None:
    """Mark a text of a group: the same for copies that differ in punctuation and spaces only; None where there is no word."""
    words = _NO_WORD.sub("", text.lower())
    return vault_of(session).blind("copied words", f"{group}\0{words}") if words else None


def find(session: Session, mark: bytes, *, since: datetime) -> str:
    """Find the ticket that the same words became since a moment; "" if they did not."""
    statement = select(CopiedWords.ticket).where(CopiedWords.mark == mark, CopiedWords.at > since)
    return session.execute(statement).scalar_one_or_none() or ""


def note(session: Session, mark: bytes, *, ticket: str, now: datetime) -> None:
    """Note what a text became; marks of yesterday go."""
    session.execute(delete(CopiedWords).where(CopiedWords.at < now - _A_DAY))
    fresh = {"ticket": ticket, "at": now}
    session.execute(
        insert_into(session, CopiedWords).values(mark=mark, **fresh).on_conflict_do_update(index_elements=["mark"], set_=fresh)
    )
