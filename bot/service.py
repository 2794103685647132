"""The running service: web server, worker and control socket around one App, and the order in which they stop.

Stopping loses nothing: for a moment every answer asks its peer to close the connection, then nothing new is accepted, what is under way
is finished, the sends in flight are marked, and only then the database is closed.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from aiohttp import web

from bot.app import App, open_app
from bot.control import serve_control
from bot.keyring import load_vault
from bot.refusals import refuse
from store.migrate import migrate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from bot.settings import Settings

log = structlog.get_logger(__name__)

PRE_DRAIN_SECONDS = 1.0  # a proxy sends its next request to another process after `Connection: close`
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - recognised, not listened on
_COLLECT_AFTER = 10_000  # new containers between two rounds of the garbage collector: some milliseconds each (docs/performance.md)
_DRAIN_SECONDS = 10.0  # requests that are still being read may end; WeChat gives up after 5


@dataclass(frozen=True, slots=True)
class Service:
    """A service that runs: its App, and the address it answers at."""

    app: App
    address: str


@asynccontextmanager
async def run_service(settings: Settings, *, pre_drain: float = PRE_DRAIN_SECONDS) -> AsyncIterator[Service]:
    """Run the service while inside. Refusal if its port is taken, SchemaWrong if the database is not this program's."""
    async with open_app(settings) as app:
        leaving = asyncio.Event()
        application = app.application()
        application.on_response_prepare.append(_ask_to_close(leaving))
        runner = web.AppRunner(application, access_log=None, handle_signals=False, shutdown_timeout=_DRAIN_SECONDS)
        await runner.setup()
        site = web.TCPSite(runner, settings.server.host, settings.server.port)
        try:
            await _listen(site, settings)
            await app.worker.start()
            async with serve_control(settings, app.store, app.city):
                freeze_memory()
                address = address_of(settings, runner)
                log.info("service started", action="service_started", address=address)
                yield Service(app=app, address=address)
                leaving.set()
                await asyncio.sleep(pre_drain)
                await site.stop()
        finally:
            await runner.cleanup()
            await app.receiver.drain()
            await app.worker.stop()
            log.info("service stopped", action="service_stopped")


def migrate_database(settings: Settings) -> str:
    """Make the data folder and the master key where they are missing, and bring the database to our schema; gives its version."""
    settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    load_vault(settings)
    return migrate(settings.database_url)


@asynccontextmanager
async def run_worker(settings: Settings) -> AsyncIterator[App]:
    """Run the worker alone while inside: beside the services on the same PostgreSQL."""
    async with open_app(settings) as app:
        await app.worker.start()
        try:
            freeze_memory()
            yield app
        finally:
            await app.worker.stop()


@contextmanager
def catch_signals() -> Iterator[asyncio.Event]:
    """Catch SIGTERM and SIGINT while inside, also while things are still starting: the event is set by the first of them."""
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in _SIGNALS:
        loop.add_signal_handler(number, stopped.set)
    try:
        yield stopped
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)


def address_of(settings: Settings, runner: web.AppRunner) -> str:
    """Give the address the service answers at; the port it got where the settings leave it free."""
    return _address(settings.server.host, runner.addresses[0][1])


def local_address(settings: Settings) -> str:
    """Give the address at which this machine itself reaches the service of these settings."""
    server = settings.server
    return _address("127.0.0.1" if server.host in _EVERYWHERE else server.host, server.port)


def freeze_memory() -> None:
    """Take what was loaded out of the collector's rounds: words, places and entries live as long as the process.

    From now on the rounds are short: each waits for ten thousand new containers, not for what suits a start.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER, *gc.get_threshold()[1:])


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def _listen(site: web.TCPSite, settings: Settings) -> None:
    """Listen, or say which address is not to be had."""
    try:
        await site.start()
    except OSError as error:
        server = settings.server
        raise refuse("cannot_listen", host=server.host, port=server.port, error=os.strerror(error.errno or 0)) from error


def _ask_to_close(leaving: asyncio.Event) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """Make what asks every peer to close its connection once we are leaving."""

    async def prepare(_request: web.Request, response: web.StreamResponse) -> None:
        if leaving.is_set():
            response.force_close()
            response.headers["Connection"] = "close"

    return prepare
