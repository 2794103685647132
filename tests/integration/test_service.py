"""How the service starts and stops: refused ports, peers that are asked to close, a worker alone."""

from __future__ import annotations

import asyncio
import socket
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import aiohttp
import msgspec
import pytest
from sqlalchemy import select

from bot.control import is_live, socket_path
from bot.refusals import Refusal
from bot.service import run_service, run_worker
from bot.texts import fill
from residents import conversations
from store import outbox
from store.clock import utcnow
from store.outbox import OutboxMessage
from tests.installation import make_settings

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.settings import Settings


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return make_settings(database_url, tmp_path)


async def test_a_service_that_leaves_asks_its_peers_to_close_before_it_stops_listening(settings: Settings) -> None:
    async with aiohttp.ClientSession() as client, AsyncExitStack() as running:
        service = await running.enter_async_context(run_service(settings, pre_drain=1.0))
        async with client.get(f"{service.address}/healthz") as response:
            before = (response.status, response.headers.get("Connection"))
        leaving = asyncio.create_task(running.aclose())
        await asyncio.sleep(0.2)
        async with client.get(f"{service.address}/healthz") as response:
            during = (response.status, response.headers.get("Connection"))
        await leaving
        with pytest.raises(aiohttp.ClientConnectorError):
            await client.get(f"{service.address}/healthz")

    assert (before, during) == ((200, None), (200, "close"))
    assert not is_live(socket_path(settings))


async def test_a_port_that_is_taken_is_refused_in_words(settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        chosen = msgspec.structs.replace(settings, server=msgspec.structs.replace(settings.server, port=port))

        with pytest.raises(Refusal) as refused:
            async with run_service(chosen):
                pytest.fail("it listens on a port of somebody else")

    facts = {"host": "127.0.0.1", "port": port, "error": "Address already in use"}
    assert str(refused.value) == fill("cli", "error_cannot_listen", facts)
    assert not socket_path(settings).exists()


async def test_a_worker_alone_sends_what_is_due(settings: Settings) -> None:
    def put(session: Session) -> None:
        speaker = conversations.open_for(session, channel="terminal", sender="甲", place="person", now=utcnow())
        facts = {"number": "20260601-0001", "title": "路灯不亮"}
        target = str(speaker.resident.id)
        outbox.put(
            session, cause="c:1", audience="resident", target=target, channel="terminal", notice="closed", facts=facts, now=utcnow()
        )

    async with run_worker(settings) as app:
        await app.store.write(put)
        async with asyncio.timeout(10):
            while await app.store.read(lambda s: s.execute(select(OutboxMessage.state)).scalar_one()) != "sent":
                await asyncio.sleep(0.05)
