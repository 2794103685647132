"""Sign-ins of the staff: a token in a cookie, of which only the hash is kept. Who somebody is, is read from the organisation each time.

A post that is gone, or has another role than it signed in with, is signed out. Whoever owes a second factor is nobody until it is set up.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import delete, select, update

from console.accounts.agents import name_agent
from console.accounts.tables import StaffSession as Row
from console.policy import Actor, Role, staff_actor
from store.audit import record

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.orm import Session

    from console.sign_in_settings import SignInSettings
    from routing.org import OrgChart

_BYTES = 32
_TOUCH = timedelta(minutes=1)
"""The last use is kept this exactly: reading a page need not write each time."""
_MOST_FORGOTTEN = 200
"""So many old rows go with one sign-in: it never waits long for them."""


class StaffSession(msgspec.Struct, frozen=True, kw_only=True):
    """Who is signed in: as whom they act, the token of their forms, and until when. `stale`: the last use is to be written down again."""

    id: int
    actor: Actor
    csrf: str
    ends_at: datetime
    stale: bool
    by_link: bool
    owes_code: bool


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in as its owner sees it in a list."""

    id: int
    begun_at: datetime
    used_at: datetime
    ends_at: datetime
    agent: str


def begin(
    session: Session, actor: Actor, *, settings: SignInSettings, now: datetime, agent: str, by_link: bool, owes_code: bool
) -> str:
    """Sign a post in; gives the token for its cookie. What has been over for long is forgotten with it."""
    token = secrets.token_urlsafe(_BYTES)
    forget(session, before=now - timedelta(days=settings.keep_days))
    row = Row(
        hash=_hash(token),
        staff=actor.code,
        role=actor.role.value,
        by_link=by_link,
        owes_code=owes_code,
        agent=name_agent(agent),
        begun_at=now,
        used_at=now,
        idle_minutes=settings.idle_minutes,
        ends_at=now + timedelta(hours=settings.session_hours),
    )
    session.add(row)
    session.flush()
    return token


def find(session: Session, token: str, *, now: datetime, org: OrgChart) -> StaffSession | None:
    """Find who is signed in with a token; None for one that is unknown or over, or whose post is gone or another. One query."""
    row = session.scalars(select(Row).where(Row.hash == _hash(token))).one_or_none()
    if row is None or not is_live(row, now):
        return None
    actor = staff_actor(row.staff, org=org)
    if actor is None or actor.role != row.role:
        return None
    if row.owes_code:
        actor = msgspec.structs.replace(actor, role=Role.NOBODY)
    return StaffSession(
        id=row.id,
        actor=actor,
        csrf=csrf_of(token),
        ends_at=row.ends_at,
        stale=row.used_at <= now - _TOUCH,
        by_link=row.by_link,
        owes_code=row.owes_code,
    )


def list_live(session: Session, ids: Collection[int], *, now: datetime, org: OrgChart) -> dict[int, Actor]:
    """List which of some sign-ins are not over, and as whom each acts now. One query."""
    found = {}
    for row in session.scalars(select(Row).where(Row.id.in_(ids))):
        actor = staff_actor(row.staff, org=org) if is_live(row, now) and not row.owes_code else None
        if actor is not None and actor.role == row.role:
            found[row.id] = actor
    return found


def touch(session: Session, session_id: int, *, now: datetime) -> None:
    """Write down that somebody is still there."""
    session.execute(update(Row).where(Row.id == session_id).values(used_at=now))


def end(session: Session, session_id: int, *, code: str, by: str, now: datetime) -> bool:
    """End one sign-in of a post; False if it has none with this number that is not over."""
    statement = update(Row).where(Row.id == session_id, Row.staff == code, Row.ended_at.is_(None)).values(ended_at=now)
    ended = session.execute(statement.returning(Row.id)).first() is not None
    if ended:
        record(session, actor=by, action="session.end", subject=f"staff:{code}", facts={"session": session_id})
    return ended


def end_all(session: Session, code: str, *, by: str, now: datetime, but: int = 0) -> int:
    """End the sign-ins of a post, but for one if it is given; gives how many."""
    statement = update(Row).where(Row.staff == code, Row.id != but, Row.ended_at.is_(None), Row.ends_at > now)
    count = len(session.execute(statement.values(ended_at=now).returning(Row.id)).all())
    if count:
        record(session, actor=by, action="session.end_all", subject=f"staff:{code}", facts={"count": count})
    return count


def list_of(session: Session, code: str, *, now: datetime) -> Sequence[Listed]:
    """List the sign-ins of a post that are not over, the last used first."""
    rows = session.scalars(
        select(Row).where(Row.staff == code, Row.ended_at.is_(None), Row.ends_at > now).order_by(Row.used_at.desc(), Row.id)
    )
    return [
        Listed(id=row.id, begun_at=row.begun_at, used_at=row.used_at, ends_at=row.ends_at, agent=row.agent)
        for row in rows
        if is_live(row, now)
    ]


def settle_code(session: Session, session_id: int) -> None:
    """Note that the second factor was set up in this sign-in: it owes none any more."""
    session.execute(update(Row).where(Row.id == session_id).values(owes_code=False))


def settle_link(session: Session, session_id: int) -> None:
    """Note that a password was chosen in this sign-in: from now on the old one is asked for."""
    session.execute(update(Row).where(Row.id == session_id).values(by_link=False))


def forget(session: Session, *, before: datetime) -> None:
    """Drop sign-ins that were over before a moment, some at once."""
    old = select(Row.id).where(Row.ends_at < before).limit(_MOST_FORGOTTEN)
    session.execute(delete(Row).where(Row.id.in_(old)))


def is_live(row: Row, now: datetime) -> bool:
    """Tell whether a sign-in is not over at a moment."""
    idle = row.used_at + timedelta(minutes=row.idle_minutes)
    return row.ended_at is None and now < min(row.ends_at, idle)


def _hash(token: str) -> str:
    """Give the form in which a token is kept: 256 random bits need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


def csrf_of(token: str) -> str:
    """Give the token of a session's forms: made of its own, kept nowhere."""
    return hashlib.sha256(b"form\0" + token.encode()).hexdigest()
