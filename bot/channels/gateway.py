"""The group gateway: whatever may lawfully read a residents' group posts its messages here, signed, one by one.

No official API reads an ordinary WeChat group (protocol.md 4), so this is the neutral way in for a chat archive, a worker's forwards or
any other reader, described for its programmer in docs/channels/gateway.md. Which messages of a group are for us at all is decided by
the receiver before anything is kept; this file only proves who posts, and that the post can be read. The gateway cannot be called:
an answer that comes later waits for the resident's next contact.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import re
import time
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import msgspec
import structlog
from aiohttp import web
from msgspec import Meta

from bot.channels import NO_WINDOWS, BodyDiffers, ChannelSpec, SendNever, WindowClosed
from bot.channels.body import read_body, refuse
from bot.channels.group_post import Post, PostError, read_post, to_inbound
from bot.channels.pace import Pace
from bot.texts import fill
from store.clock import utcnow

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.channels import Media, Outbound, Receiver, Reply

log = structlog.get_logger(__name__)

NAME = "gateway"
MIN_SECRET = 20
"""Characters of a secret below which doctor warns."""

_NONCE = re.compile(r"[\x21-\x7e]{8,64}")
_SECONDS = re.compile(r"[0-9]{1,12}")
_MINUTE = 60.0
_RETRY_SECONDS = 5

DECISIONS = {
    "answered": "answer",
    "told": "answer",
    "choice": "choice",
    "asked": "ask",
    "ticket": "ticket",
    "joined": "ticket",
    "to_desk": "ticket",
    "quarantined": "ticket",
    "emergency": "emergency",
    "ignored": "ignored",
}
"""From a message's outcome to the word of protocol.md 4.1; a quarantined message is in people's hands, like a ticket."""


class GatewaySettings(msgspec.Struct, frozen=True, kw_only=True):
    """Who may post, under which secret, and how often."""

    SECRETS: ClassVar[tuple[str, ...]] = ("secret",)

    gateway_id: str = ""
    """The name in X-Gateway-Id; empty: the channel is off."""
    secret: str = ""
    """What both sides sign with: at least 20 random characters."""
    prefix: str = "/gateway/v1"
    """The path before `/messages`."""
    per_minute: Annotated[int, Meta(ge=1)] = 600
    """Posts and recalls in any 60 s. Ten a second is a large city's groups at their busiest hour."""
    group_per_minute: Annotated[int, Meta(ge=1)] = 120
    """Posts of one group in any 60 s, so that its storm leaves room for the others: a lively group has some dozens."""
    body_limit_bytes: Annotated[int, Meta(ge=1024)] = 64 * 1024
    """The longest body; the longest text takes 16 KB."""
    body_seconds: Annotated[float, Meta(gt=0)] = 5.0
    """How long a body may take to arrive."""
    window_seconds: Annotated[float, Meta(gt=0)] = 300.0
    """How far X-Timestamp may be off."""
    nonce_seconds: Annotated[float, Meta(gt=0)] = 600.0
    """How long a nonce is remembered: as long as a timestamp from the far end of the window stays valid."""

    def __repr__(self) -> str:
        """Show which gateway this is, and no secret."""
        return f"GatewaySettings(gateway_id={self.gateway_id!r}, prefix={self.prefix!r})"


class Gateway:
    """The group gateway as a Channel. ValueError for settings without a secret."""

    name = NAME
    reply_limit = 0
    windows = NO_WINDOWS
    keeps = False

    def __init__(
        self, settings: GatewaySettings, *, clock: Callable[[], datetime] = utcnow, ticks: Callable[[], float] = time.monotonic
    ) -> None:
        if not settings.secret:
            raise ValueError("a gateway needs a secret")
        self._settings = settings
        self._clock = clock
        self._ticks = ticks
        self._pace = Pace(limit=settings.per_minute, seconds=_MINUTE)
        self._group_paces: dict[str, Pace] = {}
        self._nonces: dict[str, float] = {}

    def routes(self, receive: Receiver) -> list[web.RouteDef]:
        """Give the two routes: a message, and its recall."""

        async def receive_post(request: web.Request) -> web.Response:
            return await self._receive_post(request, receive)

        async def receive_recall(request: web.Request) -> web.Response:
            return await self._receive_recall(request, receive)

        path = f"{self._settings.prefix.rstrip('/')}/messages"
        return [web.post(path, receive_post), web.delete(path + "/{message_id:.+}", receive_recall)]

    async def send(self, outbound: Outbound) -> str:  # noqa: ARG002 - nothing can be sent
        """There is no way to send by itself: what is to be said waits for the next contact."""
        raise WindowClosed("a gateway asks, it cannot be called")

    async def notify(self, outbound: Outbound) -> str:  # noqa: ARG002 - as above
        """There is no such way either."""
        raise WindowClosed("a gateway asks, it cannot be called")

    async def fetch(self, media: Media) -> bytes:  # noqa: ARG002 - nothing can be fetched
        """Pictures and voices stay with the gateway."""
        raise SendNever("a gateway keeps its media")

    async def close(self) -> None:
        """Nothing is open."""

    async def _receive_post(self, request: web.Request, receiver: Receiver) -> web.Response:
        body = await self._authenticate(request)
        try:
            post = read_post(body)
        except PostError as error:
            raise refuse(web.HTTPBadRequest, str(error)) from None
        self._slow_down(post, nonce=request.headers["X-Nonce"])
        try:
            reply = await receiver.receive(to_inbound(post, channel=NAME))
        except BodyDiffers as error:
            raise refuse(web.HTTPConflict, str(error)) from None
        except Exception as error:  # noqa: BLE001 - whatever kept it from being stored, the gateway has to post it again
            raise _ask_again(error) from None
        return web.json_response(describe(reply, can_reply=post.can_reply), status=200 if reply.duplicate else 201)

    async def _receive_recall(self, request: web.Request, receiver: Receiver) -> web.Response:
        if await self._authenticate(request):
            raise refuse(web.HTTPBadRequest, "a recall has no body")
        try:
            is_known = await receiver.recall(NAME, request.match_info["message_id"])
        except Exception as error:  # noqa: BLE001 - as above
            raise _ask_again(error) from None
        return web.json_response({"recalled": is_known}, status=200 if is_known else 404)

    async def _authenticate(self, request: web.Request) -> bytes:
        """Read the body of a request that our gateway has signed just now and sent once; HTTP 400, 401, 408, 413, 429."""
        body = await read_body(request, cap=self._settings.body_limit_bytes, seconds=self._settings.body_seconds)
        headers = {name: request.headers.get(f"X-{name}", "") for name in ("Gateway-Id", "Timestamp", "Nonce", "Signature")}
        now = self._ticks()
        fault = find_fault(headers, body, self._settings, now=self._clock()) or self._find_replay(headers["Nonce"], now)
        if fault:
            log.warning("gateway_refused", channel=NAME, fault=fault)
            raise refuse(web.HTTPUnauthorized, fault)
        wait = self._pace.take(now)
        if wait:
            raise refuse(web.HTTPTooManyRequests, f"more than {self._settings.per_minute} in a minute", after=math.ceil(wait))
        self._nonces[headers["Nonce"]] = now
        return body

    def _slow_down(self, post: Post, *, nonce: str) -> None:
        """Refuse one post too many of one group (429): it takes nothing from what the others may send, and may come again as it is."""
        if post.group is None:
            return
        limit = self._settings.group_per_minute
        pace = self._group_paces.setdefault(post.group.id, Pace(limit=limit, seconds=_MINUTE))
        wait = pace.take(self._ticks())
        if wait:
            self._pace.give_back()
            del self._nonces[nonce]
            raise refuse(web.HTTPTooManyRequests, f"more than {limit} of one group in a minute", after=math.ceil(wait))

    def _find_replay(self, nonce: str, now: float) -> str:
        """Tell whether a nonce was used, and forget the old ones; the pace keeps their number within bounds."""
        while self._nonces and next(iter(self._nonces.values())) < now - self._settings.nonce_seconds:
            del self._nonces[next(iter(self._nonces))]
        return "X-Nonce was used before" if nonce in self._nonces else ""


def sign(secret: str, *, gateway_id: str, timestamp: str, nonce: str, body: bytes) -> str:
    """Sign a request: HMAC-SHA-256 in hex over id, timestamp, nonce and the body's SHA-256 in hex, a line each."""
    lines = "\n".join([gateway_id, timestamp, nonce, hashlib.sha256(body).hexdigest()])
    return hmac.new(secret.encode(), lines.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()


def find_fault(headers: dict[str, str], body: bytes, settings: GatewaySettings, *, now: datetime) -> str:
    """Say what is wrong with a request's signature, empty if nothing; what the clock says is told only to who has the secret.

    headers: Gateway-Id, Timestamp, Nonce and Signature (without `X-`), empty if missing.
    """
    gateway_id, timestamp, nonce = headers["Gateway-Id"], headers["Timestamp"], headers["Nonce"]
    expected = sign(settings.secret, gateway_id=settings.gateway_id, timestamp=timestamp, nonce=nonce, body=body)
    given = headers["Signature"].lower().encode("utf-8", "surrogateescape")
    if gateway_id != settings.gateway_id or not hmac.compare_digest(expected.encode(), given):
        return "X-Signature does not match"
    if not _NONCE.fullmatch(nonce):
        return "X-Nonce is not 8 to 64 printable characters"
    if not _SECONDS.fullmatch(timestamp) or abs(now.timestamp() - int(timestamp)) > settings.window_seconds:
        return f"X-Timestamp is more than {settings.window_seconds:g} s off"
    return ""


def describe(reply: Reply, *, can_reply: bool) -> dict[str, Any]:
    """Say what became of a message; `reply` may be said in the group, the rest is for the worker's side only."""
    answer: dict[str, Any] = {
        "accepted": True,
        "duplicate": reply.duplicate,
        "decision": DECISIONS.get(reply.outcome),
        "ticket": reply.ticket or None,
        "suggested_reply": reply.suggested or (None if can_reply else reply.text),
    }
    return answer | {"reply": reply.text} if can_reply else answer


async def check(settings: GatewaySettings) -> list[str]:
    """Find what is wrong in these settings, in words."""
    wrong = {
        "gateway_no_secret": not settings.secret,
        "gateway_short_secret": 0 < len(settings.secret) < MIN_SECRET,
        "gateway_bad_prefix": not settings.prefix.startswith("/"),
        "gateway_short_memory": settings.nonce_seconds < 2 * settings.window_seconds,
    }
    return [
        fill("doctor", problem, {"shortest": MIN_SECRET}) for problem, is_wrong in wrong.items() if is_wrong and settings.gateway_id
    ]


def _ask_again(error: Exception) -> web.HTTPError:
    log.error("gateway_not_stored", channel=NAME, error=type(error).__name__)
    return refuse(web.HTTPServiceUnavailable, "not stored, send it again", after=_RETRY_SECONDS)


def _is_on(settings: GatewaySettings) -> bool:
    return bool(settings.gateway_id)


def _make(settings: GatewaySettings, **_: object) -> Gateway:
    return Gateway(settings)


CHANNEL = ChannelSpec(name=NAME, title="group gateway", settings=GatewaySettings, is_on=_is_on, make=_make, check=check)
