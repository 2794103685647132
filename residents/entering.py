"""How a browser becomes known as somebody who wrote to us elsewhere: for some weeks, until it leaves, is put out, or they are erased.

    by WeChat     the platform says whose telephone it is (console.pages.wechat_entering)
    by a code     the page shows a number, the resident sends it in their own chat, the chat answers with six digits, the page takes these

Why so. A code that the chat gives to anybody who asks could be guessed: a page that does not know who will come tries it against all codes that
are out. Here it is tried against that of its own number alone, some times, and only once its resident has sent the number. A code that the page
shows and the chat takes could be passed on as something else (send 4831 to win); here the digits have to come back too, under a sentence that
says what they open, and once they were used the chat says so, and how to put that browser out. Of cookies and codes there are only hashes; what was used is gone.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

import msgspec
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from residents.page_limits import count_up
from residents.tables import Resident
from store import outbox
from store.base import Base, insert_once
from store.sealing import vault_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from residents.page_settings import PageSettings

CHANNELS = frozenset({"wechat_mp", "web"})
"""Where whoever writes is who they seem to be, and nobody else reads the answer: not a gateway, through which others speak for residents."""
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
_FIRST, _NUMBERS = 1000, 9000
"""The numbers 1000 to 9999: short enough to be typed over, and worth nothing by themselves."""
_DRAWS = 40
_CODE = 6
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_MOST_FORGOTTEN = 200


class ResidentSession(Base):
    """A browser that is known as somebody; `cause` is what let it in, which lets in once."""

    __tablename__ = "resident_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(unique=True)
    resident_id: Mapped[int] = mapped_column(index=True)
    channel: Mapped[str]
    cause: Mapped[str] = mapped_column(unique=True)
    begun_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)


class PageEntrance(Base):
    """A browser that waits to be let in: its number, and once somebody has sent that in their chat, who, where, and the mark of their code."""

    __tablename__ = "page_entrance"

    id: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(unique=True)
    number: Mapped[int] = mapped_column(unique=True)
    resident_id: Mapped[int | None] = mapped_column(index=True)
    channel: Mapped[str] = mapped_column(default="")
    code_mark: Mapped[str] = mapped_column(default="")
    tries: Mapped[int] = mapped_column(default=0)
    ends_at: Mapped[datetime] = mapped_column(index=True)


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """As whom a browser is known, from which channel, and until when."""

    resident_id: int
    channel: str
    ends_at: datetime


class LetIn(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody was let in: the secret for their browser, which is kept nowhere."""

    token: str
    resident_id: int
    channel: str

    def __repr__(self) -> str:
        """Show everything but the secret."""
        return f"LetIn(resident_id={self.resident_id!r}, channel={self.channel!r})"


Asked = Literal["unknown", "often"]
"""Why no code was given: no browser waits under this number (any more), or somebody else answered it; too many for today."""
Tried = Literal["wrong", "over"]
"""Why nobody was let in: not the code, or none was asked for yet; tried too often or too late, so that a new number is needed."""


def make_secret() -> str:
    """Make what only one browser knows: 256 random bits."""
    return secrets.token_urlsafe(32)


def let_in(session: Session, *, resident_id: int, channel: str, cause: str, settings: PageSettings, now: datetime) -> LetIn | None:
    """Let a browser in as somebody; None where the same cause has let one in before. Sessions that are over are dropped."""
    old = select(ResidentSession.id).where(ResidentSession.ends_at <= now).limit(_MOST_FORGOTTEN)
    session.execute(delete(ResidentSession).where(ResidentSession.id.in_(old)))
    token = make_secret()
    values = {
        "hash": _hash(token),
        "resident_id": resident_id,
        "channel": channel,
        "cause": cause,
        "begun_at": now,
        "ends_at": now + timedelta(days=settings.known_days),
    }
    return (
        LetIn(token=token, resident_id=resident_id, channel=channel)
        if insert_once(session, ResidentSession, values, index=["cause"])
        else None
    )


def find(session: Session, token: str, *, now: datetime) -> Known | None:
    """Find as whom a browser is known; None for nobody, and for a secret that is none of ours."""
    if not _SECRET.fullmatch(token):
        return None
    row = session.scalars(
        select(ResidentSession).where(ResidentSession.hash == _hash(token), ResidentSession.ends_at > now)
    ).first()
    return Known(resident_id=row.resident_id, channel=row.channel, ends_at=row.ends_at) if row is not None else None


def find_resident(session: Session, token: str, *, now: datetime) -> Resident | None:
    """Find the resident as whom a browser is known."""
    known = find(session, token, now=now)
    return session.get(Resident, known.resident_id) if known is not None else None


def leave(session: Session, token: str) -> None:
    """Let a browser be known no longer."""
    session.execute(delete(ResidentSession).where(ResidentSession.hash == _hash(token)))


def count_known(session: Session, resident_id: int, *, now: datetime) -> int:
    """Count the browsers that are known as somebody."""
    known = select(func.count()).where(ResidentSession.resident_id == resident_id, ResidentSession.ends_at > now)
    return session.execute(known).scalar_one()


def put_out(session: Session, resident_id: int) -> int:
    """Let no browser be known as somebody, and none that waits be let in; gives how many were known."""
    session.execute(delete(PageEntrance).where(PageEntrance.resident_id == resident_id))
    gone = delete(ResidentSession).where(ResidentSession.resident_id == resident_id).returning(ResidentSession.id)
    return len(session.execute(gone).all())


def open_entrance(session: Session, *, address: str, settings: PageSettings, now: datetime) -> str | None:
    """Give a browser a number; gives its secret, None where its address ("": not known) had too many or all numbers are out."""
    session.execute(delete(PageEntrance).where(PageEntrance.ends_at <= now))
    if address and not count_up(session, "number", address, most=settings.numbers_per_hour, span=_HOUR, now=now):
        return None
    secret = make_secret()
    for _ in range(_DRAWS):
        values = {
            "hash": _hash(secret),
            "number": _FIRST + secrets.randbelow(_NUMBERS),
            "channel": "",
            "code_mark": "",
            "tries": 0,
            "ends_at": now + timedelta(minutes=settings.code_minutes),
        }
        if insert_once(session, PageEntrance, values, index=["number"]):
            return secret
    return None


def read_number(session: Session, secret: str, *, now: datetime) -> int | None:
    """Read the number under which a browser waits; None if it does not."""
    if not _SECRET.fullmatch(secret):
        return None
    statement = select(PageEntrance.number).where(PageEntrance.hash == _hash(secret), PageEntrance.ends_at > now)
    return session.execute(statement).scalar_one_or_none()


def give_code(
    session: Session, number: int, *, resident_id: int, channel: str, settings: PageSettings, now: datetime
) -> str | Asked:
    """Give the six digits to whoever sends a browser's number in their chat; the first who sends it is the one. A new code ends the one before."""
    if not count_up(session, "code", str(resident_id), most=settings.codes_per_day, span=_DAY, now=now):
        return "often"
    waiting = select(PageEntrance).where(PageEntrance.number == number, PageEntrance.ends_at > now).with_for_update()
    row = session.scalars(waiting).first()
    if row is None or row.resident_id not in {None, resident_id}:
        return "unknown"
    code = f"{secrets.randbelow(10**_CODE):0{_CODE}}"
    row.resident_id, row.channel, row.code_mark = resident_id, channel, _mark(session, row.id, code)
    session.flush()
    return code


def try_code(session: Session, secret: str, code: str, *, settings: PageSettings, now: datetime) -> LetIn | Tried:
    """Let a browser in by the digits it was told; each try counts, whatever is tried, and what was used is gone.

    The chat that gave them says that they were used, at any hour: whoever did not use them puts the browser out at once.
    """
    if not _SECRET.fullmatch(secret):
        return "over"
    row = session.scalars(select(PageEntrance).where(PageEntrance.hash == _hash(secret)).with_for_update()).first()
    if row is None or row.ends_at <= now or row.tries >= settings.code_tries:
        return "over"
    row.tries += 1
    session.flush()
    is_right = hmac.compare_digest(_mark(session, row.id, code), row.code_mark or _mark(session, row.id, make_secret()))
    resident_id, channel, cause, is_last = row.resident_id, row.channel, f"code:{row.hash}", row.tries >= settings.code_tries
    if is_right or is_last:
        session.delete(row)
        session.flush()
    if not is_right or resident_id is None:
        return "over" if is_last else "wrong"
    came = let_in(session, resident_id=resident_id, channel=channel, cause=cause, settings=settings, now=now)
    if came is None:
        return "over"
    outbox.put(
        session,
        cause=f"entered:{cause}",
        audience="resident",
        target=str(resident_id),
        channel=channel,
        notice="page_entered",
        facts={"days": settings.known_days},
        urgent=True,
        now=now,
    )
    return came


def _mark(session: Session, entrance_id: int, code: str) -> str:
    """Give the keyed mark of a code: six digits alone could be found out from any other hash."""
    return vault_of(session).blind("page code", f"{entrance_id}:{code}").hex()


def _hash(secret: str) -> str:
    """Give the form in which a secret is kept: 256 random bits need no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()
