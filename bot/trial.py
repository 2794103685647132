"""A trial: the whole service on a made-up city, its official account turned to the simulated platform. What demo and simulate run on.

Everything is as in earnest (encrypted callback, worker, control socket), but the account's keys are made up for the occasion, nothing leaves
the machine, and rehearsal is off.
"""

from __future__ import annotations

import secrets
import socket
import string
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from aiohttp import web

from bot.channels.gateway import GatewaySettings
from bot.channels.web import WebSettings
from bot.channels.webhook import WebhookSettings
from bot.channels.wechat_mp import WechatMpSettings
from bot.control import carry_out, open_city
from bot.service import migrate_database, run_service
from bot.settings import Data, Database, Server
from bot.simulator.api import ROBOT
from bot.simulator.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from bot.city import City
    from bot.service import Service
    from bot.settings import Settings
    from store.engine import Store

LOOPBACK = "127.0.0.1"
GATEWAY_ID = "trial"

_AES_KEY_LENGTH = 43  # base64 of 32 bytes without its padding; the last letter carries four bits, as "A" does
_LETTERS = string.ascii_letters + string.digits
_ROBOT_KEY = "trial-robot"


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial that runs: its service, the platform it is turned to, and its settings with their made-up keys."""

    service: Service
    simulator: Simulator
    settings: Settings


@asynccontextmanager
async def run_trial(
    settings: Settings,
    *,
    folder: Path,
    port: int = 0,
    tell_staff: bool = True,
    ledger: Path | None = None,
    before: Callable[[Store, City], Awaitable[None]] | None = None,
) -> AsyncIterator[Trial]:
    """Run a trial in a folder while inside; a folder without a city gets the made-up one. Port 0 takes a free one.

    `tell_staff` sends the units' notices to a simulated group robot, which takes 20 a minute; `before` is done before the service runs.
    """
    port = port or find_free_port()
    api_port = find_free_port()
    tried = turn_to_simulator(settings, folder=folder, port=port, api_port=api_port, tell_staff=tell_staff)
    migrate_database(tried)
    async with open_city(tried) as (store, city):
        await carry_out(store, city, "seed_if_empty", {})
        if before is not None:
            await before(store, city)
    account = tried.channels["wechat_mp"]
    simulator = make_simulator(account, f"http://{LOOPBACK}:{port}{account.path}", ledger=ledger)
    try:
        async with serve_api(simulator, api_port), run_service(tried, pre_drain=0.0) as service:
            yield Trial(service=service, simulator=simulator, settings=tried)
    finally:
        await simulator.close()


def turn_to_simulator(settings: Settings, *, folder: Path, port: int, api_port: int, tell_staff: bool) -> Settings:
    """Give the settings of a trial: the own ones but for folder, database, address and channels."""
    api = f"http://{LOOPBACK}:{api_port}"
    account = WechatMpSettings(
        app_id=f"wx{secrets.token_hex(8)}",
        token=secrets.token_hex(12),
        encoding_aes_key="".join(secrets.choice(_LETTERS) for _ in range(_AES_KEY_LENGTH - 1)) + "A",
        app_secret=secrets.token_hex(16),
        original_id=f"gh_{secrets.token_hex(6)}",
        api_base=api,
        page_sign_in=True,
        open_base=api,
    )
    robot = WebhookSettings(url=f"{api}{ROBOT}?key={_ROBOT_KEY}" if tell_staff else "")
    gateway = GatewaySettings(gateway_id=GATEWAY_ID, secret=secrets.token_hex(16))
    return msgspec.structs.replace(
        settings,
        server=Server(host=LOOPBACK, port=port, rehearsal=False, public_url=f"http://{LOOPBACK}:{port}"),
        data=Data(dir=str(folder)),
        database=Database(),
        channels=settings.channels | {"wechat_mp": account, "webhook": robot, "gateway": gateway, "web": WebSettings(enabled=True)},
    )


def make_simulator(account: WechatMpSettings, service_url: str, *, ledger: Path | None = None) -> Simulator:
    """Make the platform that knows this account."""
    return Simulator(
        service_url,
        account.app_id,
        account.token,
        account.encoding_aes_key,
        account.original_id,
        app_secret=account.app_secret,
        robot_key=_ROBOT_KEY,
        ledger_path=ledger,
    )


@asynccontextmanager
async def serve_api(simulator: Simulator, port: int) -> AsyncIterator[None]:
    """Offer the platform's API on this machine while inside."""
    runner = web.AppRunner(simulator.api_app(), access_log=None, handle_signals=False)
    await runner.setup()
    try:
        await web.TCPSite(runner, LOOPBACK, port).start()
        yield
    finally:
        await runner.cleanup()


def find_free_port() -> int:
    """Find a port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port
