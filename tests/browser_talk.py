"""Browsers on the chat page: each with its own cookie, writing by the page's form or as its script does, over real HTTP."""

from __future__ import annotations

import asyncio
import itertools
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html import unescape
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import ClientSession, CookieJar, FormData
from aiohttp.test_utils import TestServer

from bot.channels.web import COOKIE, Web, WebSettings
from residents.web_lines import sender_of
from store.clock import utcnow
from tests.front_door import build, work_off

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from datetime import datetime

    from aiohttp import ClientResponse

    from bot.app import App
    from bot.city import City
    from bot.settings import Settings
    from store.engine import Store

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\x00" * 400 + b"\xff\xd9"
_keys = itertools.count(1)


def make_key() -> str:
    return f"mi8n4w00-browser-{next(_keys):06}"


@dataclass
class Stream:
    """An open stream of events: the lines that came, and the last id."""

    response: ClientResponse
    lines: list[str] = field(default_factory=list)
    last_id: str = ""

    async def read_until(self, text: str, *, seconds: float = 5.0) -> list[str]:
        """Read until a line with these words came; gives all lines since the opening."""
        async with asyncio.timeout(seconds):
            while not any(text in line for line in self.lines):
                self.take((await self.response.content.readline()).decode())
        return self.lines

    def take(self, line: str) -> None:
        name, _, value = line.rstrip("\n").partition(": ")
        if name == "id":
            self.last_id = value
        elif name == "data":
            self.lines += [show(one) for one in msgspec.json.decode(value)["lines"]]


@dataclass
class Browser:
    """One person's browser."""

    client: ClientSession
    address: str

    @property
    def cookie(self) -> str:
        return next((one.value for one in self.client.cookie_jar if one.key == COOKIE), "")

    @property
    def sender(self) -> str:
        return sender_of(self.cookie)

    async def open(self, path: str = "/chat") -> str:
        async with self.client.get(f"{self.address}{path}") as response:
            return await response.text()

    async def say(self, text: str, *, key: str = "", pictures: tuple[bytes, ...] = (), **headers: str) -> tuple[int, Any]:
        """Write as the script does."""
        form = FormData(default_to_multipart=bool(pictures))
        form.add_field("text", text)
        form.add_field("key", key or make_key())
        for number, picture in enumerate(pictures):
            form.add_field("picture", picture, filename=f"{number}.jpg", content_type="image/jpeg")
        given = {"Accept": "application/json"} | headers
        async with self.client.post(f"{self.address}/chat", data=form, headers=given) as response:
            return response.status, await response.json()

    async def fill_in(self, text: str, *, key: str = "") -> tuple[int, str]:
        """Write by the page's own form; gives the status before the browser goes on, and the page it is shown."""
        page = await self.open()
        found = re.findall(r'name="key" value="([^"]+)"', page)
        async with self.client.post(
            f"{self.address}/chat", data={"text": text, "key": key or found[-1]}, allow_redirects=False
        ) as response:
            status, shown = response.status, await response.text()
        return status, await self.open() if status == 303 else shown

    async def lines(self, after: str = "0-0") -> list[str]:
        async with self.client.get(f"{self.address}/chat/lines", params={"after": after}) as response:
            return [show(one) for one in (await response.json())["lines"]]

    @asynccontextmanager
    async def stream(self, *, after: str = "0-0", last_id: str = "") -> AsyncIterator[Stream]:
        headers = {"Last-Event-ID": last_id} if last_id else {}
        async with self.client.get(f"{self.address}/chat/events", params={"after": after}, headers=headers) as response:
            assert (response.status, response.content_type) == (200, "text/event-stream")
            yield Stream(response)


@dataclass
class Site:
    """One node that serves the chat page."""

    app: App
    channel: Web
    address: str
    clients: list[ClientSession] = field(default_factory=list)

    async def browser(self, *, opened: bool = True) -> Browser:
        client = ClientSession(cookie_jar=CookieJar(unsafe=True))
        self.clients.append(client)
        browser = Browser(client, self.address)
        if opened:
            await browser.open()
        return browser

    async def work(self) -> None:
        await work_off(self.app)

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Let the node send while inside, as its worker does."""

        async def go_on() -> None:
            while True:
                await self.app.duties.send()
                await asyncio.sleep(0.02)

        task = asyncio.create_task(go_on())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await self.app.duties.drain()


@asynccontextmanager
async def open_site(
    settings: Settings, store: Store, city: City, *, clock: Callable[[], datetime] = utcnow, **changes: Any
) -> AsyncIterator[Site]:
    """Serve the chat page of one node; several may share a database."""
    channel = Web(WebSettings(enabled=True, poll_seconds=0.1, **changes), store=store, clock=clock)
    app = build(settings, store, city, {"web": channel}, clock=clock)
    async with TestServer(app.application()) as server:
        site = Site(app, channel, str(server.make_url("")).rstrip("/"))
        yield site
        for client in site.clients:
            await client.close()
        await app.receiver.drain()
        await app.duties.drain()
        await channel.close()


def show(line: dict[str, Any]) -> str:
    """Show a line of the JSON as `side: words`."""
    return f"{line['side']}: {''.join(part['text'] for part in line['parts'])}"


def read_page(page: str) -> list[str]:
    """Read the lines of the talk that a page shows, as `side: words`."""
    found = re.findall(r'<li class="say (me|us)" id="line-[st]\d+">(.*?)</li>', page, re.DOTALL)
    return [f"{side}: {unescape(re.sub('<[^>]+>', '', said[0]))}" for side, item in found if (said := _WORDS.findall(item))]


_WORDS = re.compile(r'<p class="words">(.*?)</p>', re.DOTALL)
