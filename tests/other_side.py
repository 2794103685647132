"""A system of others on a free port: it remembers what it was sent, and answers as it was told to."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiohttp.test_utils import TestServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

SECRET = "a-secret-of-both-sides-0123456789"


@dataclass
class Got:
    """One message as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    content: dict[str, Any]


@dataclass
class OtherSide:
    """Takes everything; `answers` are (status, JSON) for the next messages, then 200 and {}. While `hangs` it never answers.

    `pieces`: the next answer comes in these, a moment between them.
    """

    url: str = ""
    got: list[Got] = field(default_factory=list)
    answers: list[tuple[int, Any]] = field(default_factory=list)
    pieces: list[bytes] = field(default_factory=list)
    hangs: bool = False
    freed: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.StreamResponse:
        self.got.append(Got(request.path, dict(request.headers), await request.read(), await request.json()))
        if self.hangs:
            await self.freed.wait()
        if self.pieces:
            return await self._answer_in_pieces(request)
        status, content = self.answers.pop(0) if self.answers else (200, {})
        return web.json_response(content, status=status)

    async def _answer_in_pieces(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while self.pieces:
            await response.write(self.pieces.pop(0))
            await asyncio.sleep(0.05)
        return response


@asynccontextmanager
async def open_other_side() -> AsyncIterator[OtherSide]:
    """Open the other side on a free port."""
    side = OtherSide()
    application = web.Application()
    application.router.add_post("/{path:.*}", side.take)
    async with TestServer(application) as server:
        side.url = str(server.make_url("")).rstrip("/")
        yield side
        side.freed.set()
