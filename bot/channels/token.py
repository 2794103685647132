"""Access tokens: fetched once for everybody who needs one, in this process and in all others of this account.

wechatpy fetches one per thread at a cold start and recurses without end when a token stays refused (protocol.md 5.2 rows 5
and 6). Here all callers of a process wait for one task, and the processes take turns through a lease in the database
(store.shared_tokens); a token is renewed before it expires, while the old one still works.
"""

from __future__ import annotations

import asyncio
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from bot.channels import SendError, SendLater
from store import shared_tokens
from store.clock import utcnow
from store.shared_tokens import SharedToken

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy.orm import Session

    from store.engine import Store


class FetchedToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token as the platform gave it, good for `seconds` from now."""

    value: str
    seconds: int


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """When tokens are renewed and how long processes wait for one another."""

    early: timedelta = timedelta(minutes=5)
    """Renew this long before the end: the platform gives a new one from then on, and lets the old one live (protocol.md 2.11)."""

    lease: timedelta = timedelta(seconds=30)
    """How long one process may take for a fetch: more than the time-outs of one request to two hosts, so two never fetch at once."""

    poll: timedelta = timedelta(milliseconds=200)
    """How often a waiting process looks whether the other one is ready."""


class TokenSource:
    """Gives the current token of one account.

    `fetch` asks the platform and raises a SendError if it cannot be had; a caller that gives up does not stop it for the others.
    """

    def __init__(
        self,
        store: Store,
        *,
        channel: str,
        account: str,
        fetch: Callable[[], Awaitable[FetchedToken]],
        timing: Timing | None = None,
        clock: Callable[[], datetime] = utcnow,
    ) -> None:
        self._store = store
        self._channel = channel
        self._account = account
        self._fetch = fetch
        self._timing = timing or Timing()
        self._clock = clock
        self._owner = secrets.token_hex(8)
        self._held: SharedToken | None = None
        self._task: asyncio.Task[SharedToken] | None = None

    async def current(self) -> str:
        """Give a token that works, fetching one if need be; the SendError of the fetch, or SendLater if another process hangs."""
        if self._held is None or self._held.renew_at <= self._clock():
            if self._task is None or self._task.done():
                self._task = asyncio.create_task(self._renew())
                self._task.add_done_callback(_look_at)
            self._held = await asyncio.shield(self._task)
        return self._held.value

    async def drop(self, value: str) -> None:
        """Forget a token that the platform has refused, here and in the database, unless there is a newer one."""
        if self._held is not None and self._held.value == value:
            self._held = None
        await self._store.write(
            lambda session: shared_tokens.invalidate(session, channel=self._channel, account=self._account, value=value)
        )

    async def close(self) -> None:
        """Stop a fetch that is under way; its lease runs out by itself."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _renew(self) -> SharedToken:
        """Read the shared token, or fetch it when it is our turn, or wait for whoever's turn it is."""
        for _ in range(self._timing.lease // self._timing.poll + 2):
            shared = await self._store.read(self._get)
            if shared is not None and self._clock() < shared.renew_at:
                return shared
            if await self._store.write(self._take_lease):
                fresh = await self._fetch_and_share(shared)
                if fresh is not None:
                    return fresh
            elif shared is not None:
                return shared
            else:
                await asyncio.sleep(self._timing.poll.total_seconds())
        raise SendLater("another process is fetching the token")

    async def _fetch_and_share(self, still_good: SharedToken | None) -> SharedToken | None:
        """Fetch and keep; None if the lease ran out meanwhile. A failed early renewal costs nothing: the old one still works."""
        try:
            fetched = await self._fetch()
        except SendError:
            await self._store.write(self._release_lease)
            if still_good is None:
                raise
            return msgspec.structs.replace(still_good, renew_at=min(self._clock() + self._timing.lease, still_good.expires_at))
        now = self._clock()
        life = timedelta(seconds=fetched.seconds)
        token = SharedToken(value=fetched.value, renew_at=now + max(life - self._timing.early, life / 2), expires_at=now + life)
        kept = await self._store.write(
            lambda session: shared_tokens.put(session, channel=self._channel, account=self._account, owner=self._owner, token=token)
        )
        return token if kept else None

    def _get(self, session: Session) -> SharedToken | None:
        return shared_tokens.get(session, channel=self._channel, account=self._account, now=self._clock())

    def _take_lease(self, session: Session) -> bool:
        now = self._clock()
        until = now + self._timing.lease
        return shared_tokens.take_lease(
            session, channel=self._channel, account=self._account, owner=self._owner, now=now, until=until
        )

    def _release_lease(self, session: Session) -> None:
        shared_tokens.release_lease(session, channel=self._channel, account=self._account, owner=self._owner)


def _look_at(task: asyncio.Task[SharedToken]) -> None:
    """Look at a failed fetch for which nobody waits any more, so that asyncio does not report it as forgotten."""
    if not task.cancelled():
        task.exception()
