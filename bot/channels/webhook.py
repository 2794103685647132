"""The webhook robot of a staff group (企业微信 消息推送): outward only, a text at a time, for what the duty group has to see.

The address contains the key and is the whole secret: it is never logged and never follows a redirect. The robot takes 20 messages a
minute; beyond, the platform refuses, so we wait by ourselves. Use it in internal groups only.
Sources: protocol.md 3.3 (developer.work.weixin.qq.com 99110); 130101 as seen in an answer's body by others.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, ClassVar
from urllib.parse import parse_qs, urlsplit

import msgspec
from msgspec import Meta

from bot.channels import NO_WINDOWS, ChannelSpec, SendError, SendLater, SendNever, WindowClosed
from bot.channels.api_client import ApiClient
from bot.channels.pace import Pace
from bot.texts import fill

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp import web

    from bot.channels import Media, Outbound, Receiver

NAME = "webhook"
REPLY_LIMIT = 2048
"""UTF-8 bytes of a text message."""

_MINUTE = 60.0
_BUSY = frozenset({45009, 130101})
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class WebhookSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Which robot, and how fast."""

    SECRETS: ClassVar[tuple[str, ...]] = ("url",)

    url: str = ""
    """The robot's whole address as the group's settings show it, key included; empty: the channel is off."""
    per_minute: Annotated[int, Meta(ge=1)] = 20
    """Messages in any 60 s: the platform's own limit for a robot."""
    connect_seconds: Annotated[float, Meta(gt=0)] = 3.0
    """How long to try to reach the platform."""
    request_seconds: Annotated[float, Meta(gt=0)] = 5.0
    """How long to wait for the platform's answer; a message without one may have arrived."""

    def __repr__(self) -> str:
        """Show no address: it is the secret."""
        return f"WebhookSettings(url={'***' if self.url else ''!r}, per_minute={self.per_minute})"


class Webhook:
    """The robot as a Channel; it has one group, so an Outbound's address says nothing."""

    name = NAME
    reply_limit = REPLY_LIMIT
    windows = NO_WINDOWS
    keeps = False

    def __init__(self, settings: WebhookSettings, *, ticks: Callable[[], float] = time.monotonic) -> None:
        self._url = settings.url
        self._ticks = ticks
        self._pace = Pace(limit=settings.per_minute, seconds=_MINUTE)
        self._api = ApiClient(hosts=(), connect_seconds=settings.connect_seconds, request_seconds=settings.request_seconds)

    def routes(self, receive: Receiver) -> list[web.RouteDef]:  # noqa: ARG002 - the robot hears nothing
        """There is no way in."""
        return []

    async def send(self, outbound: Outbound) -> str:
        """Say a text in the group; the platform gives it no id, so the answer is empty."""
        if len(outbound.text.encode()) > REPLY_LIMIT:
            raise SendNever(f"longer than {REPLY_LIMIT} bytes: cut it before")
        wait = self._pace.take(self._ticks())
        if wait:
            raise SendLater("the robot has spoken often enough for now", after=wait)
        try:
            await self._api.post(self._url, {"msgtype": "text", "text": {"content": outbound.text}}, once=True)
        except SendError as error:
            if error.code in _BUSY:
                raise SendLater("the platform has heard the robot too often", code=error.code, after=_MINUTE) from None
            raise
        return ""

    async def notify(self, outbound: Outbound) -> str:  # noqa: ARG002 - nothing can be sent so
        """A robot has no window, so there is no way outside it."""
        raise WindowClosed("a robot has no template messages")

    async def fetch(self, media: Media) -> bytes:  # noqa: ARG002 - nothing can be fetched
        """A robot hears nothing, so nothing came along."""
        raise SendNever("a robot hears nothing")

    async def close(self) -> None:
        """Close the connection to the platform."""
        await self._api.close()


async def check(settings: WebhookSettings) -> list[str]:
    """Find what is wrong in these settings, in words; nothing is said in the group."""
    address = urlsplit(settings.url)
    wrong = {
        "webhook_bad_url": not address.hostname or not parse_qs(address.query).get("key"),
        "webhook_not_https": address.scheme != "https" and address.hostname not in _LOOPBACK,
    }
    return [fill("doctor", problem) for problem, is_wrong in wrong.items() if is_wrong and settings.url]


def _is_on(settings: WebhookSettings) -> bool:
    return bool(settings.url)


def _make(settings: WebhookSettings, **_: object) -> Webhook:
    return Webhook(settings)


CHANNEL = ChannelSpec(
    name=NAME, title="webhook robot of a staff group", settings=WebhookSettings, is_on=_is_on, make=_make, check=check
)
