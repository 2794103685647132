"""The phone of everybody in a golden dialogue: what arrives on it, and whether the platform lets us write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.channels import Media, Outbound, WindowClosed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from bot.channels import Receiver
    from residents.ledger import OpenedBy, Window


class PhoneChannel:
    """A resident's phone: remembers what arrived, and can be outside the window."""

    def __init__(self, name: str, *, reply_limit: int, windows: Mapping[OpenedBy, Window]) -> None:
        self.name = name
        self.reply_limit = reply_limit
        self.windows = windows
        self.keeps = False
        self.arrived: list[tuple[str, str]] = []

    def routes(self, receive: Receiver) -> list[web.RouteDef]:  # noqa: ARG002 - the protocol's signature; messages are handed in
        return []

    async def send(self, outbound: Outbound) -> str:
        self.arrived.append((outbound.address, outbound.text))
        return f"sent-{len(self.arrived)}"

    async def notify(self, outbound: Outbound) -> str:  # noqa: ARG002 - the protocol's signature
        raise WindowClosed

    async def fetch(self, media: Media) -> bytes:
        return f"bytes of {media.ref}".encode()

    async def close(self) -> None:
        return


def make_phones() -> dict[str, Any]:
    """Make a road to somebody's own phone and one into groups, by the names of their channels."""
    return {
        "wechat_mp": PhoneChannel("wechat_mp", reply_limit=2048, windows={}),
        "gateway": PhoneChannel("gateway", reply_limit=0, windows={}),
    }
