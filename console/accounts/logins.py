"""How each post signs in: its password, its second factor, and whether an operator has shut it. Who may change that, the callers decide.

LoginError
├── NoCodePending     there is no second factor waiting to be proved
└── CodeProved        the second factor is set up already: reset it first
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - msgspec reads the annotation
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import select

from console.accounts import links, lockout, sessions, totp
from console.accounts.tables import SignInLink, StaffLogin
from console.accounts.tables import StaffSession as SessionRow
from console.tokens import NoPost
from store.audit import record
from store.base import insert_once
from store.keys import drop_key, new_key, open_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from routing.org import OrgChart


class LoginError(Exception):
    """This cannot be done with how a post signs in."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)


class NoCodePending(LoginError):
    """There is no second factor waiting to be proved."""


class CodeProved(LoginError):
    """The second factor is set up already."""


class LoginState(msgspec.Struct, frozen=True, kw_only=True):
    """How a post signs in, for those who look after it. Nothing in it opens anything."""

    code: str
    name: str
    role: str
    unit: str
    has_password: bool = False
    has_code: bool = False
    shut_at: datetime | None = None
    waits_until: datetime | None = None
    link_until: datetime | None = None
    sessions: int = 0
    used_at: datetime | None = None


def is_first_start(session: Session) -> bool:
    """Tell whether nobody has ever signed in."""
    return session.scalars(select(StaffLogin.staff).limit(1)).first() is None


def hold(session: Session, code: str, *, now: datetime) -> StaffLogin:
    """Give a post's row, made if there is none, held until this transaction ends."""
    insert_once(session, StaffLogin, {"staff": code, "password": "", "totp_step": 0, "changed_at": now}, index=["staff"])
    return session.scalars(select(StaffLogin).where(StaffLogin.staff == code).with_for_update()).one()


def find(session: Session, code: str) -> StaffLogin | None:
    """Give a post's row; None if it never signed in."""
    return session.get(StaffLogin, code)


def choose_password(session: Session, code: str, password: str, *, by: str, keep: int, now: datetime) -> None:
    """Give a post a password, by its hash. Its other sign-ins and its links end."""
    row = hold(session, code, now=now)
    row.password, row.changed_at = password, now
    links.close_all(session, code, now=now)
    sessions.settle_link(session, keep)
    record(session, actor=by, action="password.change", subject=f"staff:{code}")
    sessions.end_all(session, code, by=by, now=now, but=keep)


def start_code(session: Session, code: str, *, now: datetime) -> str:
    """Give the secret of a second factor that waits to be proved; made if there is none. CodeProved if there is a proved one."""
    row = hold(session, code, now=now)
    if row.totp_at is not None:
        raise CodeProved
    if row.totp is not None:
        return read_secret(session, row)
    secret, key = totp.new_secret(), new_key(session)
    row.totp, row.totp_key, row.totp_step = key.seal(secret.encode()), key.id, 0
    return secret


def prove_code(session: Session, code: str, given: str, *, keep: int, now: datetime) -> bool:
    """Take a second factor into use if the code is of it. Other sign-ins end, they did not have it; the one that is kept owes none any more."""
    row = hold(session, code, now=now)
    if row.totp is None:
        raise NoCodePending
    if row.totp_at is not None:
        raise CodeProved
    if not use_code(session, row, given, now=now):
        return False
    row.totp_at = row.changed_at = now
    sessions.settle_code(session, keep)
    record(session, actor=code, action="code.set_up", subject=f"staff:{code}")
    sessions.end_all(session, code, by=code, now=now, but=keep)
    return True


def use_code(session: Session, row: StaffLogin, given: str, *, now: datetime) -> bool:
    """Use a code up; False for a wrong one and for one that was used before. The row has to be held."""
    step = totp.find_step(read_secret(session, row), given, now=now, last=row.totp_step)
    if step is not None:
        row.totp_step = step
    return step is not None


def reset_code(session: Session, code: str, *, by: str, now: datetime) -> bool:
    """Take a post's second factor away, and end its sign-ins; False if it has none."""
    row = find(session, code)
    if row is None or row.totp is None or row.totp_key is None:
        return False
    drop_key(session, row.totp_key)
    row.totp = row.totp_key = row.totp_at = None
    row.changed_at = now
    record(session, actor=by, action="code.reset", subject=f"staff:{code}")
    sessions.end_all(session, code, by=by, now=now)
    return True


def shut(session: Session, code: str, *, by: str, now: datetime, org: OrgChart) -> None:
    """Let a post sign in no more, and end its sign-ins and links. NoPost for a code that nobody has."""
    _check(code, org)
    row = hold(session, code, now=now)
    links.close_all(session, code, now=now)
    if row.shut_at is None:
        row.shut_at = row.changed_at = now
        record(session, actor=by, action="login.shut", subject=f"staff:{code}")
    sessions.end_all(session, code, by=by, now=now)


def reopen(session: Session, code: str, *, by: str, now: datetime, org: OrgChart) -> bool:
    """Let a post sign in again: what an operator shut, and what failures made wait. False if neither was so. NoPost for a code that nobody has."""
    _check(code, org)
    row = find(session, code)
    counted = lockout.clear(session, lockout.mark_name(session, code))
    was_shut = row is not None and row.shut_at is not None
    if row is not None and was_shut:
        row.shut_at, row.changed_at = None, now
    if counted or was_shut:
        record(session, actor=by, action="login.reopen", subject=f"staff:{code}", facts={"shut": was_shut})
    return counted or was_shut


def list_states(session: Session, *, org: OrgChart, now: datetime, only: str = "") -> Sequence[LoginState]:
    """List how every post signs in, by code, or one of them. As many queries for a thousand posts as for one."""
    codes = [only] if only else sorted(org.staff)
    logins = {row.staff: row for row in session.scalars(select(StaffLogin))}
    live: dict[str, list[datetime]] = {}
    for row in session.scalars(select(SessionRow).where(SessionRow.ended_at.is_(None), SessionRow.ends_at > now)):
        if sessions.is_live(row, now):
            live.setdefault(row.staff, []).append(row.used_at)
    unused = select(SignInLink).where(SignInLink.used_at.is_(None), SignInLink.ends_at > now)
    until = {row.staff: row.ends_at for row in session.scalars(unused)}
    waits = lockout.list_waits(session, codes, now=now)
    return [
        _describe(org, code, login=logins.get(code), used=live.get(code, []), until=until.get(code), waits=waits.get(code))
        for code in codes
    ]


def read_secret(session: Session, row: StaffLogin) -> str:
    """Open the secret of a second factor; NoCodePending if there is none."""
    if row.totp is None or row.totp_key is None:
        raise NoCodePending
    return open_key(session, row.totp_key).open(row.totp).decode()


def _describe(
    org: OrgChart, code: str, *, login: StaffLogin | None, used: Sequence[datetime], until: datetime | None, waits: datetime | None
) -> LoginState:
    person = org.staff[code]
    return LoginState(
        code=code,
        name=person.name,
        role=person.role,
        unit=person.unit,
        has_password=login is not None and login.password != "",
        has_code=login is not None and login.totp_at is not None,
        shut_at=login.shut_at if login is not None else None,
        waits_until=waits,
        link_until=until,
        sessions=len(used),
        used_at=max(used, default=None),
    )


def _check(code: str, org: OrgChart) -> None:
    if code not in org.staff:
        raise NoPost(code)
