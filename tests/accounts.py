"""A few posts that sign in, a door for them, and a stand-in for argon2 that counts."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import select

from console.accounts import links, logins, sessions
from console.accounts.passwords import Argon, Hasher
from console.accounts.signing_in import Entrance, Refused, SignedIn
from console.sign_in_settings import SignInSettings
from routing.org import StaffMember
from store.audit import AuditEntry
from tests.town import build_town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from console.accounts.sessions import StaffSession
    from routing.org import OrgChart
    from store.engine import Store

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
SETTINGS = SignInSettings(memory_mib=8)
PASSWORD = "柳树街的 17 盏路灯"
HERE = "203.0.113.7"


class CountingArgon:
    """Stands in for argon2: `hash` puts a mark before a password, comparing takes a moment, and it counts how many compare at once."""

    def __init__(self, *, mark: str = "v1", seconds: float = 0.0) -> None:
        self.mark = mark
        self.compared = 0
        self.most_at_once = 0
        self._seconds = seconds
        self._now = 0
        self._lock = threading.Lock()

    def hash(self, password: str) -> str:
        return f"{self.mark}:{password}"

    def verify(self, hash: str, password: str) -> bool:  # noqa: A002 - argon2's own word
        with self._lock:
            self.compared += 1
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
        time.sleep(self._seconds)
        with self._lock:
            self._now -= 1
        if hash.partition(":")[2] != password:
            raise VerifyMismatchError
        return True

    def check_needs_rehash(self, hash: str) -> bool:  # noqa: A002 - argon2's own word
        return not hash.startswith(f"{self.mark}:")


def staff(code: str, role: str, *, unit: str = "S1-desk") -> StaffMember:
    return StaffMember(code=code, name="柏舟", role=role, unit=unit)


ORG = msgspec.structs.replace(
    build_town(),
    staff={
        one.code: one
        for one in (staff("DK1", "desk"), staff("GW1", "grid_worker"), staff("OP1", "operator"), staff("AU1", "auditor"))
    },
)


@dataclass
class Office:
    """A door with its database, at a moment that the test moves on."""

    store: Store
    settings: SignInSettings = SETTINGS
    argon: Argon = field(default_factory=CountingArgon)
    org: OrgChart = ORG
    now: datetime = NOW

    def __post_init__(self) -> None:
        self.hasher = Hasher(self.settings, argon=self.argon)
        self.entrance = Entrance(self.store, self.settings, self.hasher)

    def pass_time(self, **span: float) -> None:
        self.now += timedelta(**span)

    async def give_password(self, code: str, password: str = PASSWORD) -> None:
        hashed = await self.hasher.hash(password)
        await self.store.write(lambda s: logins.choose_password(s, code, hashed, by=code, keep=0, now=self.now))

    async def sign_in(
        self, name: str = "DK1", password: str = PASSWORD, *, code: str = "", address: str = HERE, agent: str = ""
    ) -> SignedIn | Refused:
        return await self.entrance.sign_in(
            name=name, password=password, code=code, address=address, agent=agent, org=self.org, now=self.now
        )

    async def come_in(self, name: str = "DK1", *, code: str = "", agent: str = "") -> str:
        """Sign in, which succeeds; gives the token."""
        done = await self.sign_in(name, code=code, agent=agent)
        assert isinstance(done, SignedIn)
        return done.token

    async def make_link(self, code: str = "DK1", *, minutes: int = 15) -> str:
        lasts, keep = timedelta(minutes=minutes), timedelta(days=self.settings.keep_days)
        made = await self.store.write(lambda s: links.make(s, code, lasts=lasts, keep=keep, by="OP1", now=self.now, org=self.org))
        return made.token

    async def open_link(self, token: str, *, code: str = "") -> SignedIn | Refused:
        return await self.entrance.open_link(token, code=code, address=HERE, agent="", org=self.org, now=self.now)

    async def who(self, token: str) -> StaffSession | None:
        return await self.store.read(lambda s: sessions.find(s, token, now=self.now, org=self.org))

    async def found(self, token: str) -> StaffSession:
        """Give a sign-in that is there."""
        found = await self.who(token)
        assert found is not None
        return found

    async def audit(self) -> list[tuple[str, str, str, dict[str, object]]]:
        """List what was written down: actor, action, subject, facts."""
        rows = await self.store.read(lambda s: s.scalars(select(AuditEntry).order_by(AuditEntry.id)).all())
        return [(row.actor, row.action, row.subject, row.facts) for row in rows]


async def open_office(store: Store, **facts: object) -> AsyncIterator[Office]:
    office = Office(store, **facts)  # type: ignore[arg-type] # the tests name the fields
    yield office
    office.hasher.close()
