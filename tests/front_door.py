"""The house with its front door: a real server with the official account, the simulator that pushes to it, and a store that can be troubled.

The delays are injected around transactions, not into our logic: T1 runs in the request's task, T2 in a task named after its message.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import func, select, text

from bot.app import App
from bot.channels.wechat_mp import WechatMp, WechatMpSettings
from bot.simulator.pushes import make_text
from bot.simulator.simulator import WAVES, Simulator, Told, Wave
from routing.tables import Ticket
from store import inbox, outbox
from store.base import Base
from store.clock import utcnow
from store.keys import open_key
from store.sealing import KeyGone, is_sealed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.channels import Channel
    from bot.channels.xml import Fields
    from bot.city import City
    from bot.settings import Settings
    from store.engine import Store

T = TypeVar("T")

APP_ID = "wx0000000000000001"
TOKEN = "jieyingtoken0123456789"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
SECRET = "simulated-secret-of-the-account"
ORIGINAL = "gh_jieying"
PATIENT = 30.0
"""A reply budget (seconds) longer than any test: the edge waits for T2 whatever happens."""


def open_gate() -> asyncio.Event:
    gate = asyncio.Event()
    gate.set()
    return gate


@dataclass
class TroubledStore:
    """A real store, around whose transactions a test can make trouble."""

    inner: Store
    t1_may_begin: asyncio.Event = field(default_factory=open_gate)
    t1_may_answer: asyncio.Event = field(default_factory=open_gate)
    t2_may_begin: asyncio.Event = field(default_factory=open_gate)
    t2_may_answer: asyncio.Event = field(default_factory=open_gate)
    t1_fails: list[Exception] = field(default_factory=list)
    t2_fails: list[Exception] = field(default_factory=list)
    """Each breaks one transaction off after all its work is done."""
    t1_delays: list[float] = field(default_factory=list)
    t2_delays: list[float] = field(default_factory=list)
    """Seconds that each one waits before it begins, in the order in which they ask."""
    t1_lingers: float = 0.0
    t2_lingers: float = 0.0
    """Seconds that each stays in its transaction; what is no T2 counts as T1."""

    @property
    def dialect(self) -> str:
        return self.inner.dialect

    async def write(self, fn: Callable[[Session], T]) -> T:
        task = asyncio.current_task()
        is_t2 = task is not None and task.get_name().startswith("message-")
        await (self.t2_may_begin if is_t2 else self.t1_may_begin).wait()
        delays = self.t2_delays if is_t2 else self.t1_delays
        await asyncio.sleep(delays.pop(0) if delays else 0.0)
        fails = self.t2_fails if is_t2 else self.t1_fails
        error = fails.pop(0) if fails else None
        result = await self.inner.write(self._trouble(fn, error, self.t2_lingers if is_t2 else self.t1_lingers))
        await (self.t2_may_answer if is_t2 else self.t1_may_answer).wait()
        return result

    async def read(self, fn: Callable[[Session], T]) -> T:
        return await self.inner.read(fn)

    async def truncate_log(self) -> None:
        await self.inner.truncate_log()

    async def close(self) -> None:
        await self.inner.close()

    def _trouble(self, fn: Callable[[Session], T], error: Exception | None, seconds: float) -> Callable[[Session], T]:
        def work(session: Session) -> T:
            result = fn(session)
            if seconds and self.dialect == "postgresql":
                session.execute(text(f"SELECT pg_sleep({seconds})"))
            elif seconds:
                time.sleep(seconds)
            if error is not None:
                raise error
            return result

        return work


@dataclass
class House:
    """The running service and the platform beside it."""

    app: App
    store: Store
    simulator: Simulator

    async def push(self, openid: str, fields: Fields | str, waves: tuple[Wave, ...] = WAVES) -> Told:
        return await self.simulator.push(openid, make_text(fields) if isinstance(fields, str) else fields, waves=waves)

    async def work(self) -> None:
        await work_off(self.app)

    def seen(self, openid: str) -> list[str]:
        return self.simulator.ledger.seen(openid)


async def work_off(app: App) -> None:
    """Let what is under way end, and send what is due until nothing is left."""
    await app.receiver.drain()
    while await app.duties.send():
        await app.duties.drain()


def build(
    settings: Settings,
    store: Store,
    city: City,
    channels: dict[str, Channel],
    *,
    budget: float = PATIENT,
    clock: Callable[[], datetime] = utcnow,
) -> App:
    """Put one node together; several may share a database."""
    server = msgspec.structs.replace(settings.server, reply_budget_seconds=budget)
    return App(msgspec.structs.replace(settings, server=server), store, city, channels, clock=clock)


@asynccontextmanager
async def open_house(settings: Settings, store: Store, city: City, *, budget: float = PATIENT) -> AsyncIterator[House]:
    """Serve the official account, and the platform's API for it."""
    simulator = Simulator("", APP_ID, TOKEN, AES_KEY, ORIGINAL, app_secret=SECRET)
    async with TestServer(simulator.api_app()) as platform:
        account = WechatMpSettings(
            app_id=APP_ID,
            token=TOKEN,
            encoding_aes_key=AES_KEY,
            app_secret=SECRET,
            original_id=ORIGINAL,
            api_base=str(platform.make_url("")).rstrip("/"),
        )
        channel = WechatMp(account, store=store)
        app = build(settings, store, city, {channel.name: channel}, budget=budget)
        server = web.Application()
        server.add_routes(channel.routes(app.receiver))
        async with TestServer(server) as service:
            simulator._service_url = str(service.make_url(account.path))
            yield House(app=app, store=store, simulator=simulator)
            await app.receiver.drain()
        await app.duties.drain()
        await channel.close()
        await simulator.close()


def count_rows(session: Session) -> dict[str, int]:
    """Count messages, tickets and sends."""
    tables = {"messages": inbox.InboxMessage, "tickets": Ticket, "sends": outbox.OutboxMessage}
    return {name: session.execute(select(func.count()).select_from(table)).scalar_one() for name, table in tables.items()}


def read_readable(session: Session) -> str:
    """Read every word of every table: what is plain, and what can still be unsealed."""
    return "\n".join(_read_words(session))


def _read_words(session: Session) -> Iterator[str]:
    for table in Base.metadata.sorted_tables:
        for row in session.execute(select(table)):
            for value in row:
                yield _open(session, value) if isinstance(value, bytes) and is_sealed(value) else str(value)


def _open(session: Session, value: Any) -> str:
    try:
        return open_key(session, int.from_bytes(value[2:10], "big")).open(value).decode(errors="replace")
    except KeyGone:
        return ""
    except Exception:  # noqa: BLE001 - a wrapped key is sealed under the master key, whose number means another key here
        return ""
