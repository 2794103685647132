"""One simulated resident with a phone in hand: says and does things, and reads what comes back."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING

from bot.simulator import pushes

if TYPE_CHECKING:
    from bot.channels.xml import Fields
    from bot.simulator.simulator import Simulator

PATIENCE = 10.0
"""Seconds a resident looks at the phone for an answer: two reply budgets of the platform."""


class Resident:
    """A resident of a simulated account; each method gives the texts read since the last look."""

    def __init__(self, simulator: Simulator, openid: str) -> None:
        self.openid = openid
        self._simulator = simulator
        self._read = 0

    async def say(self, text: str, *, patience: float = PATIENCE) -> list[str]:
        """Write something and wait for an answer, passive or active."""
        return await self.do(pushes.make_text(text), patience=patience)

    async def send_image(self, content: bytes, *, patience: float = PATIENCE) -> list[str]:
        """Send a picture, which the service can fetch."""
        return await self.do(pushes.make_image(self._keep(content)), patience=patience)

    async def send_voice(self, content: bytes, *, recognition: str = "", patience: float = PATIENCE) -> list[str]:
        """Say something, which the service can fetch."""
        return await self.do(pushes.make_voice(self._keep(content), recognition=recognition), patience=patience)

    async def send_location(self, latitude: float, longitude: float, *, label: str, patience: float = PATIENCE) -> list[str]:
        """Send where one is (GCJ-02 degrees)."""
        return await self.do(pushes.make_location(latitude, longitude, label=label), patience=patience)

    async def tap(self, key: str, *, patience: float = PATIENCE) -> list[str]:
        """Tap a menu item."""
        return await self.do(pushes.make_event("CLICK", key=key), patience=patience)

    async def subscribe(self, *, scene: str = "", patience: float = PATIENCE) -> list[str]:
        """Follow the account, perhaps by a door code."""
        key = f"qrscene_{scene}" if scene else ""
        return await self.do(pushes.make_event("subscribe", key=key), patience=patience)

    async def unsubscribe(self) -> list[str]:
        """Leave the account."""
        return await self.do(pushes.make_event("unsubscribe"), patience=0.0)

    async def do(self, fields: Fields, *, patience: float) -> list[str]:
        """Do something (bot.simulator.pushes), then look for an answer for so many seconds."""
        await self._simulator.push(self.openid, fields)
        return await self.hear(patience=patience)

    async def hear(self, *, patience: float = PATIENCE) -> list[str]:
        """Give what has come since the last look; wait for it if there is nothing yet."""
        loop = asyncio.get_running_loop()
        until = loop.time() + patience
        ledger = self._simulator.ledger
        while len(ledger.seen(self.openid)) == self._read and (left := until - loop.time()) > 0:
            await ledger.wait_for_news(left)
        news = ledger.seen(self.openid)[self._read :]
        self._read += len(news)
        return news

    def _keep(self, content: bytes) -> str:
        """Put a file where media/get finds it."""
        media_id = secrets.token_urlsafe(32)
        self._simulator.api.media[media_id] = content
        return media_id
