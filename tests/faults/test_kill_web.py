"""The service dies while somebody writes on the chat page: their browser sends it again, and what was said stands there once, also the answer."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientError, ClientSession, CookieJar
from sqlalchemy import select

from bot.trial import find_free_port
from store.engine import open_store
from store.outbox import OutboxMessage
from tests.browser_talk import Browser

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from store.sealing import Vault

_KILLED = 137


@pytest.fixture
def address(copy_demo: Callable[[str], str]) -> str:
    return copy_demo("sqlite")


@asynccontextmanager
async def serve(folder: Path, address: str, port: int, *, failpoint: str = "") -> AsyncIterator[Process]:
    """Run the real service with the chat page while inside, until it dies or is ended."""
    outer = {name: value for name, value in os.environ.items() if not name.startswith("JIEYING_")}
    own = {
        "JIEYING_DATA_DIR": str(folder),
        "JIEYING_DATABASE_URL": address,
        "JIEYING_SERVER_PORT": str(port),
        "JIEYING_SERVER_REHEARSAL": "false",
        "JIEYING_WEB_ENABLED": "true",
        "JIEYING_WORKER_RECONCILE_SECONDS": "1",
    }
    environment = outer | own | ({"JIEYING_FAILPOINT": failpoint} if failpoint else {})
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "serve", env=environment, stdout=quiet, stderr=quiet
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def keep_trying(say: Callable[[], object], *, seconds: float = 40.0) -> object:
    """Do what a page does on a bad line: again and again, the same."""
    async with asyncio.timeout(seconds):
        while True:
            try:
                return await say()  # type: ignore[misc]  # what it gives is awaited
            except (ClientError, ConnectionError):
                await asyncio.sleep(0.2)


@pytest.mark.parametrize(
    "failpoint", ["inbound.settled", *(pytest.param(one, marks=pytest.mark.deep) for one in ("inbound.remembered", "outbox.sent"))]
)
async def test_a_death_while_somebody_writes_loses_and_doubles_nothing(
    folder: Path, address: str, vault: Vault, failpoint: str
) -> None:
    port = find_free_port()
    key = "mi8n4w00-the-only-one"
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as client:
        browser = Browser(client, f"http://127.0.0.1:{port}")
        async with serve(folder, address, port, failpoint=failpoint) as dying:
            await keep_trying(browser.open)
            writing = asyncio.create_task(keep_trying(lambda: browser.say("帮助", key=key), seconds=90))
            async with asyncio.timeout(40):
                died = await dying.wait()
        async with serve(folder, address, port):
            await keep_trying(browser.open)
            status, _ = await writing  # type: ignore[misc]  # the answer of say
            async with asyncio.timeout(40):
                while len(await browser.lines()) < 2:
                    await asyncio.sleep(0.2)
            await asyncio.sleep(1.5)  # what would be doubled comes within a round
            lines = await browser.lines()
    store = open_store(address, vault)
    states = await store.read(
        lambda s: s.execute(select(OutboxMessage.state).where(OutboxMessage.channel == "web")).scalars().all()
    )
    await store.close()

    assert (died, status) == (_KILLED, 200)
    assert [line.split(":")[0] for line in lines] == ["me", "us"]
    assert list(states) == ["sent"]
