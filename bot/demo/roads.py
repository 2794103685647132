"""The roads of the made-up past: whatever is sent arrives and is kept nowhere, but for what `loses_next` lets get lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.channels import Media, Outbound, SendNever, SendUnknown
from residents.ledger import WECHAT_WINDOWS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from bot.channels import Channel, Receiver
    from residents.ledger import OpenedBy, Window


class PastRoad:
    """A channel of the made-up past (bot.channels.Channel)."""

    keeps = False

    def __init__(self, name: str, *, reply_limit: int = 0, windows: Mapping[OpenedBy, Window] | None = None) -> None:
        self.name = name
        self.reply_limit = reply_limit
        self.windows = windows or {}
        self.loses_next = False
        self._sent = 0

    def routes(self, receive: Receiver) -> list[web.RouteDef]:  # noqa: ARG002 - the protocol's signature; messages are handed in
        """Have no way in."""
        return []

    async def send(self, outbound: Outbound) -> str:  # noqa: ARG002 - the protocol's signature
        """Let it arrive."""
        if self.loses_next:
            self.loses_next = False
            raise SendUnknown
        self._sent += 1
        return f"past-{self._sent}"

    async def notify(self, outbound: Outbound) -> str:
        """Let it arrive as a template message."""
        return await self.send(outbound)

    async def fetch(self, media: Media) -> bytes:
        """Have no pictures."""
        raise SendNever(media.ref)

    async def close(self) -> None:
        """Have nothing open."""
        return


def make_roads() -> dict[str, Channel]:
    """Make the roads by their names: the official account, groups, and the staff's group."""
    return {
        "wechat_mp": PastRoad("wechat_mp", reply_limit=2048, windows=WECHAT_WINDOWS),
        "gateway": PastRoad("gateway"),
        "webhook": PastRoad("webhook"),
    }
