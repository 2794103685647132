"""One-time links: who opens one within its time is signed in, once. For the first password, and for one that was forgotten."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import delete, select, update

from console.accounts.tables import SignInLink
from console.tokens import NoPost
from store.audit import record

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from sqlalchemy.orm import Session

    from routing.org import OrgChart

_BYTES = 32
_MOST_FORGOTTEN = 200


class MadeLink(msgspec.Struct, frozen=True, kw_only=True):
    """A new link: its token, which is shown this once, and until when it opens."""

    token: str
    code: str
    ends_at: datetime

    def __repr__(self) -> str:
        """Show everything but the token."""
        return f"MadeLink(code={self.code!r}, ends_at={self.ends_at!r})"

    @property
    def path(self) -> str:
        """The page that it opens."""
        return f"/staff/link/{self.token}"


def make(session: Session, code: str, *, lasts: timedelta, keep: timedelta, by: str, now: datetime, org: OrgChart) -> MadeLink:
    """Make a link for a post; those made before open nothing any more. NoPost if nobody who is active has this code. Old ones are dropped."""
    if code not in org.staff:
        raise NoPost(code)
    old = select(SignInLink.id).where(SignInLink.ends_at < now - keep).limit(_MOST_FORGOTTEN)
    session.execute(delete(SignInLink).where(SignInLink.id.in_(old)))
    close_all(session, code, now=now)
    token = secrets.token_urlsafe(_BYTES)
    row = SignInLink(hash=_hash(token), staff=code, made_at=now, made_by=by, ends_at=now + lasts)
    session.add(row)
    session.flush()
    record(
        session,
        actor=by,
        action="link.make",
        subject=f"staff:{code}",
        facts={"link": row.id, "minutes": int(lasts.total_seconds() // 60)},
    )
    return MadeLink(token=token, code=code, ends_at=row.ends_at)


def find_owner(session: Session, token: str, *, now: datetime, org: OrgChart) -> str | None:
    """Find the post that a link is for, without using it; None for one that is unknown, used or over, or whose post is gone."""
    open_ones = (SignInLink.hash == _hash(token), SignInLink.used_at.is_(None), SignInLink.ends_at > now)
    code = session.scalars(select(SignInLink.staff).where(*open_ones)).one_or_none()
    return code if code in org.staff else None


def use(session: Session, token: str, *, now: datetime) -> str | None:
    """Use a link up; gives the post it was for, to one caller only, however many come at once. None for one that opens nothing."""
    statement = (
        update(SignInLink)
        .where(SignInLink.hash == _hash(token), SignInLink.used_at.is_(None), SignInLink.ends_at > now)
        .values(used_at=now)
    )
    return session.execute(statement.returning(SignInLink.staff)).scalar_one_or_none()


def close_all(session: Session, code: str, *, now: datetime) -> None:
    """Let no link of a post open anything any more."""
    unused = (SignInLink.staff == code, SignInLink.used_at.is_(None), SignInLink.ends_at > now)
    session.execute(update(SignInLink).where(*unused).values(ends_at=now))


def _hash(token: str) -> str:
    """Give the form in which a link's token is kept: 256 random bits need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()
