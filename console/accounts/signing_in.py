"""Signing in, by password or by a one-time link: counted before it is looked at, hashed away from the loop, written down either way.

A refusal never says which of name, password and code was wrong; the audit does, to those who look after it.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

import msgspec

from console.accounts import links, lockout, logins, sessions
from console.accounts.addresses import name_network
from console.accounts.passwords import AT_ONCE, check_password
from console.policy import staff_actor
from store.audit import record

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.orm import Session

    from console.accounts.passwords import Hasher, Verdict
    from console.accounts.sessions import StaffSession
    from console.policy import Actor
    from console.sign_in_settings import SignInSettings
    from routing.org import OrgChart
    from store.engine import Store

_Why = Literal["name", "shut", "password"]
_PLACES = 2 * AT_ONCE
"""Sign-ins that are worked on at once: while two are hashed, two are read or written. The rest waits here, and holds no connection."""
_MOST_WAITING = 100
"""So many wait at most; a longer queue would outlast the patience of those in it."""


class Busy(Exception):
    """More wait than may: somebody tries very many."""


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody is signed in: the token for their cookie."""

    token: str
    code: str

    def __repr__(self) -> str:
        """Show everything but the token."""
        return f"SignedIn(code={self.code!r})"


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """Nobody is. wrong: one of what was typed; wait: too many failures; busy: too many at once; link: it opens nothing; code: the link's post has one."""

    reason: Literal["wrong", "wait", "busy", "link", "code"]
    wait: timedelta | None = None


class _Admitted(msgspec.Struct, frozen=True, kw_only=True):
    """A try that is counted: the post it is for ("" if there is none), its kept hash, and the marks it was counted by."""

    code: str
    kept: str
    why: _Why
    """Why it is refused, if it is."""
    name: str
    address: str


class Entrance:
    """Where the staff come in."""

    def __init__(self, store: Store, settings: SignInSettings, hasher: Hasher) -> None:
        self._store = store
        self._settings = settings
        self._hasher = hasher
        self._places = asyncio.Semaphore(_PLACES)
        self._waiting = 0

    async def sign_in(
        self, *, name: str, password: str, code: str, address: str, agent: str, org: OrgChart, now: datetime
    ) -> SignedIn | Refused:
        """Sign a post in by its code (the name), its password and, if it has one, its second factor. `address` "" is not counted."""
        try:
            async with self._queue():
                admitted = await self._store.write(lambda s: self._admit(s, name=name, address=address, org=org, now=now))
                if isinstance(admitted, Refused):
                    return admitted
                verdict = await self._hasher.verify(admitted.kept, password)
                return await self._store.write(
                    lambda s: self._decide(s, admitted, verdict, given=code, address=address, agent=agent, org=org, now=now)
                )
        except Busy:
            return Refused(reason="busy")

    async def open_link(
        self, token: str, *, code: str, address: str, agent: str, org: OrgChart, now: datetime
    ) -> SignedIn | Refused:
        """Sign in by a one-time link, which is used up by it. A post with a second factor needs its code too; a wrong one leaves the link."""
        try:
            async with self._queue():
                return await self._store.write(
                    lambda s: self._open(s, token, given=code, address=address, agent=agent, org=org, now=now)
                )
        except Busy:
            return Refused(reason="busy")

    async def change_password(self, who: StaffSession, *, old: str, new: str, now: datetime) -> Refused | None:
        """Choose a password; the old one is asked for, but not in a sign-in by link. None if it is done; PasswordUnfit if it is not taken."""
        code = who.actor.code
        check_password(new, code=code, settings=self._settings)
        try:
            async with self._queue():
                if not who.by_link and (refused := await self._refuse_old(code, old, now=now)) is not None:
                    return refused
                hashed = await self._hasher.hash(new)
                await self._store.write(lambda s: logins.choose_password(s, code, hashed, by=code, keep=who.id, now=now))
        except Busy:
            return Refused(reason="busy")
        return None

    @asynccontextmanager
    async def _queue(self) -> AsyncIterator[None]:
        """Wait for a place; Busy if too many wait already."""
        if self._waiting >= _MOST_WAITING:
            raise Busy
        self._waiting += 1
        try:
            async with self._places:
                yield
        finally:
            self._waiting -= 1

    async def _refuse_old(self, code: str, old: str, *, now: datetime) -> Refused | None:
        """Refuse a wrong old password, which counts like one at the door: an open screen is no way to guess it."""

        def count(session: Session) -> tuple[str, str, timedelta | None]:
            row, mark = logins.find(session, code), lockout.mark_name(session, code)
            wait = lockout.count_try(session, name=mark, address="", settings=self._settings, now=now).wait
            return mark, row.password if row is not None else "", wait

        mark, kept, wait = await self._store.write(count)
        if wait is not None:
            return Refused(reason="wait", wait=wait)
        if not (await self._hasher.verify(kept, old)).right:
            return Refused(reason="wrong")
        await self._store.write(lambda s: lockout.take_back(s, name=mark, address=""))
        return None

    def _admit(self, session: Session, *, name: str, address: str, org: OrgChart, now: datetime) -> _Admitted | Refused:
        code = find_post(name, org)
        marks = lockout.mark_name(session, code or name), lockout.mark_address(session, address)
        if (refused := self._count(session, marks, code=code, address=address, now=now)) is not None:
            return refused
        row = logins.find(session, code) if code else None
        is_shut = row is not None and row.shut_at is not None
        kept = row.password if row is not None and not is_shut else ""
        why: _Why = "shut" if is_shut else "password" if code else "name"
        return _Admitted(code=code, kept=kept, why=why, name=marks[0], address=marks[1])

    def _count(self, session: Session, marks: tuple[str, str], *, code: str, address: str, now: datetime) -> Refused | None:
        """Count a try; Refused if it has to wait. The one after which others wait is written down."""
        lockout.forget(session, before=now - timedelta(hours=self._settings.forget_hours))
        counted = lockout.count_try(session, name=marks[0], address=marks[1], settings=self._settings, now=now)
        if counted.wait is not None:
            return Refused(reason="wait", wait=counted.wait)
        if counted.closes:
            record(
                session, actor=_who(code), action="sign_in.slowed", subject=_subject(code), facts={"from": name_network(address)}
            )
        return None

    def _decide(
        self,
        session: Session,
        admitted: _Admitted,
        verdict: Verdict,
        *,
        given: str,
        address: str,
        agent: str,
        org: OrgChart,
        now: datetime,
    ) -> SignedIn | Refused:
        actor = staff_actor(admitted.code, org=org)
        if actor is None or not verdict.right:
            return _refuse(session, admitted.code, why=admitted.why, address=address)
        row = logins.hold(session, actor.code, now=now)
        if row.shut_at is not None or row.password != admitted.kept:
            return _refuse(session, actor.code, why="shut" if row.shut_at else "password", address=address)
        if row.totp_at is not None and not logins.use_code(session, row, given, now=now):
            return _refuse(session, actor.code, why="code", address=address)
        lockout.take_back(session, name=admitted.name, address=admitted.address)
        if verdict.anew:
            row.password = verdict.anew
        return self._begin(session, actor, has_code=row.totp_at is not None, by_link=False, address=address, agent=agent, now=now)

    def _open(
        self, session: Session, token: str, *, given: str, address: str, agent: str, org: OrgChart, now: datetime
    ) -> SignedIn | Refused:
        code = links.find_owner(session, token, now=now, org=org)
        actor = staff_actor(code, org=org) if code is not None else None
        if actor is None:
            return Refused(reason="link")
        row = logins.hold(session, actor.code, now=now)
        if row.shut_at is not None:
            return Refused(reason="link")
        if row.totp_at is not None:
            marks = lockout.mark_name(session, actor.code), lockout.mark_address(session, address)
            if (refused := self._count(session, marks, code=actor.code, address=address, now=now)) is not None:
                return refused
            if not logins.use_code(session, row, given, now=now):
                _refuse(session, actor.code, why="code", address=address)
                return Refused(reason="code")
            lockout.take_back(session, name=marks[0], address=marks[1])
        if links.use(session, token, now=now) is None:
            return Refused(reason="link")
        return self._begin(session, actor, has_code=row.totp_at is not None, by_link=True, address=address, agent=agent, now=now)

    def _begin(
        self, session: Session, actor: Actor, *, has_code: bool, by_link: bool, address: str, agent: str, now: datetime
    ) -> SignedIn:
        owes = not has_code and actor.role in self._settings.totp_roles
        token = sessions.begin(session, actor, settings=self._settings, now=now, agent=agent, by_link=by_link, owes_code=owes)
        facts = {"from": name_network(address), "by": "link" if by_link else "password", "code": has_code}
        record(session, actor=actor.code, action="sign_in.done", subject=f"staff:{actor.code}", facts=facts)
        return SignedIn(token=token, code=actor.code)


def find_post(name: str, org: OrgChart) -> str:
    """Find the code that somebody typed, in capitals or not; "" if nobody has it. Pure."""
    plain = name.strip()
    if plain in org.staff:
        return plain
    return next((code for code in org.staff if code.casefold() == plain.casefold()), "")


def _refuse(session: Session, code: str, *, why: str, address: str) -> Refused:
    """Write down why; what somebody typed who is nobody may be a password, so it is not kept."""
    facts = {"why": why, "from": name_network(address)}
    record(session, actor=_who(code), action="sign_in.refused", subject=_subject(code), facts=facts)
    return Refused(reason="wrong")


def _who(code: str) -> str:
    return code or "nobody"


def _subject(code: str) -> str:
    return f"staff:{code}" if code else "staff"
