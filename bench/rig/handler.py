"""The same encrypted callback with less behind it, as a process of its own: `python bench/rig/handler.py bare|inbox`.

bare: decrypt, parse, answer with fixed words; nothing is kept. What any service of this kind costs at least.
inbox: the same with T1 in between, on SQLite with FULL durability as in the service; nothing is understood.
"""

from __future__ import annotations

import asyncio
import gc
import sys

import msgspec
from aiohttp import web

from bot.channels import Inbound, Reply
from bot.channels.wechat_mp import CHANNEL
from bot.keyring import load_vault
from bot.service import catch_signals
from bot.settings import load
from store import inbox
from store.clock import utcnow
from store.engine import Store, open_store

WORDS = "您问的是：居住证怎么办理？凭身份证和租房合同到居住地派出所办理，三个工作日内办好。来源：办事指南，2025-03-12。"


class FixedAnswer:
    """A Receiver that answers everything with the same words, once the message is in the inbox if there is a store."""

    def __init__(self, store: Store | None) -> None:
        self._store = store

    async def receive(self, inbound: Inbound) -> Reply:
        """Keep the message durably if there is a store, then answer."""
        if self._store is not None:
            body, now = msgspec.json.encode(inbound), utcnow()
            await self._store.write(lambda s: inbox.remember(s, channel=inbound.channel, key=inbound.key, body=body, now=now))
        return Reply(text=WORDS)

    async def quarantine(self, channel: str, raw: bytes, reason: str) -> None:
        """Refuse: everything the bench sends can be read."""
        raise RuntimeError(f"{channel} sent {len(raw)} bytes that cannot be read: {reason}")

    async def recall(self, channel: str, key: str) -> bool:
        """Refuse: the bench takes nothing back."""
        raise RuntimeError(f"{channel} takes {key} back")


async def _serve(mode: str) -> None:
    settings = load()
    store = open_store(settings.database_url, load_vault(settings))
    channel = CHANNEL.make(settings=settings.channels["wechat_mp"], store=store)
    application = web.Application(client_max_size=256 * 1024)
    application.router.add_get("/healthz", _health)
    application.router.add_routes(channel.routes(FixedAnswer(store if mode == "inbox" else None)))
    runner = web.AppRunner(application, access_log=None, handle_signals=False)
    await runner.setup()
    await web.TCPSite(runner, settings.server.host, settings.server.port).start()
    gc.collect()
    gc.freeze()
    try:
        with catch_signals() as stopped:
            await stopped.wait()
    finally:
        await runner.cleanup()
        await channel.close()
        await store.close()


async def _health(_request: web.Request) -> web.Response:
    return web.Response(text="ok")


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1]))
