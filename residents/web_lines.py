"""The chat page's memory: what was said to a resident there, and both sides of their talk as the page shows it.

Who writes is named by the cookie of their browser: the digest of it is the id that the channel knows them by, and the cookie itself is kept
nowhere. What they said stands in the inbox and is read from there; what was said to them is kept here, once per cause, under their own key.
One resident's lines get their numbers one after another, so a reader that goes on behind a number misses none, whichever process wrote them.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime  # noqa: TC003 - SQLAlchemy and msgspec read the annotation
from typing import TYPE_CHECKING, Literal

import msgspec
from sqlalchemy import Index, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from residents import made_pictures
from residents.conversations import PERSON
from residents.made_pictures import Picture  # noqa: TC001 - msgspec reads the annotation
from residents.tables import Conversation, Identity, Resident
from store.base import Base, Sealed, insert_once
from store.inbox import InboxMessage
from store.keys import open_key, open_keys
from store.locks import hold
from store.sealing import vault_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

CHANNEL = "web"
"""The name of the channel, and the kind of its residents' identities."""

_COOKIE = re.compile(r"[A-Za-z0-9_-]{43}")
_COMING = frozenset({"expected", "fetched"})
_PAGE = 60
"""Lines that a reader gets at most at once: some screens of a telephone."""


class WebLine(Base):
    """One message to a resident on the chat page; `cause` is what it was sent for, so that sent twice it is there once."""

    __tablename__ = "web_line"
    __table_args__ = (
        Index("uq_web_line_resident_id_cause", "resident_id", "cause", unique=True),
        {"sqlite_autoincrement": True},
    )
    """A number that was given is never given again: a page that goes on behind it would miss what has it now."""

    id: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[int]
    cause: Mapped[str]
    body: Mapped[bytes] = mapped_column(Sealed)
    at: Mapped[datetime] = mapped_column(index=True)


class Cursor(msgspec.Struct, frozen=True):
    """How far a page has read: the number of the last line to the resident (`told`), and of their own last message (`said`)."""

    told: int = 0
    said: int = 0

    def __str__(self) -> str:
        """Write it as an event's id: `12-34`."""
        return f"{self.told}-{self.said}"

    @classmethod
    def read(cls, text: str) -> Cursor:
        """Read what __str__ wrote; the beginning for anything else."""
        found = re.fullmatch(r"([0-9]{1,15})-([0-9]{1,15})", text)
        return cls(told=int(found[1]), said=int(found[2])) if found else cls()


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a talk: who says it, its words, how many pictures came with it, those of them that can be shown, how many still come."""

    id: str
    side: Literal["me", "us"]
    text: str
    at: datetime
    pictures: int = 0
    shown: tuple[Picture, ...] = ()
    coming: int = 0


class Talk(msgspec.Struct, frozen=True, kw_only=True):
    """Lines of a talk, the oldest first, how far they go, and whose they are (0: nobody we know)."""

    lines: tuple[Line, ...] = ()
    cursor: Cursor = Cursor()
    resident_id: int = 0
    has_older: bool = False


class _Said(msgspec.Struct):
    """What the page shows of a kept message."""

    text: str = ""
    media: list[msgspec.Raw] = []


def make_cookie() -> str:
    """Make the secret that a new browser keeps: 256 random bits."""
    return secrets.token_urlsafe(32)


def sender_of(cookie: str) -> str:
    """Give the id that the channel knows a browser by; "" for what is no cookie of ours."""
    return hashlib.sha256(b"jieying_me\0" + cookie.encode()).hexdigest() if _COOKIE.fullmatch(cookie) else ""


def find_resident(session: Session, sender: str) -> Resident | None:
    """Find who is known by this id; None if nobody is (any more)."""
    known = select(Identity.resident_id).where(Identity.kind == CHANNEL, Identity.blind == vault_of(session).blind(CHANNEL, sender))
    resident_id = session.execute(known).scalar_one_or_none() if sender else None
    return session.get(Resident, resident_id) if resident_id is not None else None


def keep_line(session: Session, *, sender: str, cause: str, text: str, now: datetime) -> bool:
    """Keep what is said to a resident; the same cause again changes nothing. False if nobody is known by this id."""
    hold(
        session, f"resident:{vault_of(session).blind(CHANNEL, sender).hex()}"
    )  # nobody writes a line beside this one, or erases them
    resident = find_resident(session, sender)
    if resident is None:
        return False
    body = open_key(session, resident.key_id).seal(text.encode())
    values = {"resident_id": resident.id, "cause": cause or secrets.token_hex(16), "body": body, "at": now}
    insert_once(session, WebLine, values, index=["resident_id", "cause"])
    return True


def read_talk(session: Session, sender: str, *, after: Cursor | None = None, limit: int = _PAGE) -> Talk:
    """Read the last lines of a talk, or those behind a cursor; empty for who is not known."""
    resident = find_resident(session, sender)
    since = after or Cursor()
    if resident is None:
        return Talk(cursor=since)
    told = list(_read_told(session, resident, after=since.told, limit=limit + 1))
    said = list(_read_said(session, resident, after=since.said, limit=limit + 1))
    cursor = Cursor(
        told=max((number for number, _ in told), default=since.told), said=max((number for number, _ in said), default=since.said)
    )
    lines = sorted((line for _, line in (*said, *told)), key=lambda line: line.at)  # said first: stable where both came at once
    return Talk(lines=tuple(lines[-limit:]), cursor=cursor, resident_id=resident.id, has_older=len(lines) > limit)


def last_told(session: Session, sender: str) -> int:
    """Give the number of the last line to a resident; 0 if there is none."""
    resident = find_resident(session, sender)
    if resident is None:
        return 0
    return session.execute(select(func.max(WebLine.id)).where(WebLine.resident_id == resident.id)).scalar_one() or 0


def find_told_since(session: Session, moment: datetime) -> dict[int, int]:
    """Say to whom something was said since a moment: resident -> the number of their last line."""
    statement = select(WebLine.resident_id, func.max(WebLine.id)).where(WebLine.at >= moment).group_by(WebLine.resident_id)
    return {row[0]: row[1] for row in session.execute(statement)}


def find_lines(before: datetime) -> Select[WebLine]:
    """Select the lines from before a moment."""
    return select(WebLine).where(WebLine.at < before)


def forget_lines(session: Session, *, resident_id: int | None = None, before: datetime | None = None) -> int:
    """Delete the lines to a resident, or all from before a moment; gives how many."""
    where = WebLine.resident_id == resident_id if before is None else WebLine.at < before
    return len(session.execute(delete(WebLine).where(where).returning(WebLine.id)).all())


def _read_told(session: Session, resident: Resident, *, after: int, limit: int) -> Iterator[tuple[int, Line]]:
    key = open_key(session, resident.key_id)
    statement = select(WebLine).where(WebLine.resident_id == resident.id, WebLine.id > after)
    for row in session.execute(statement.order_by(WebLine.id.desc()).limit(limit)).scalars():
        yield row.id, Line(id=f"t{row.id}", side="us", text=key.open(row.body).decode(), at=row.at)


def _read_said(session: Session, resident: Resident, *, after: int, limit: int) -> Iterator[tuple[int, Line]]:
    talk = select(Conversation.id).where(
        Conversation.resident_id == resident.id, Conversation.channel == CHANNEL, Conversation.place == PERSON
    )
    statement = select(InboxMessage).where(
        InboxMessage.conversation_id.in_(talk), InboxMessage.id > after, InboxMessage.payload.is_not(None)
    )
    rows = session.execute(statement.order_by(InboxMessage.id.desc()).limit(limit)).scalars().all()
    keys = open_keys(session, [row.key_id for row in rows if row.key_id is not None])
    pictures = made_pictures.list_of_messages(session, [row.id for row in rows]) if rows else {}
    for row in rows:
        if row.payload is not None and row.key_id in keys:
            said = msgspec.json.decode(keys[row.key_id].open(row.payload), type=_Said)
            came = pictures.get(row.id, [])
            line = Line(
                id=f"s{row.id}",
                side="me",
                text=said.text,
                pictures=len(said.media),
                shown=tuple(one for one in came if one.token),
                coming=sum(one.state in _COMING for one in came),
                at=row.received_at,
            )
            yield row.id, line
