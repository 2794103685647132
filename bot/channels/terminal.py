"""The terminal: a person at the machine itself writes as a resident would, with `jieying say`, and sees what comes back.

It believes any sender's name, so it speaks with the machine it runs on only: a peer that is not loopback, a request that a proxy has
passed on, one that a browser was tricked into (a foreign host name, a form) are all refused. What is sent later than the answer
waits in memory for GET; a restart forgets it.
"""

from __future__ import annotations

import ipaddress
import uuid
from collections import OrderedDict, deque
from datetime import datetime  # noqa: TC003 - msgspec reads the annotation
from typing import TYPE_CHECKING, Annotated

import msgspec
import structlog
from aiohttp import web
from msgspec import Meta

from bot.channels import NO_WINDOWS, BodyDiffers, ChannelSpec, Group, Inbound, SendNever
from bot.channels.body import read_body, refuse
from bot.channels.xml import clean_text
from store.clock import utcnow

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.channels import Media, Outbound, Receiver

log = structlog.get_logger(__name__)

NAME = "terminal"
PATH = "/terminal/messages"

_BODY_BYTES = 64 * 1024
_BODY_SECONDS = 5.0
_KEEP_SENDERS = 200
_KEEP_TEXTS = 50
"""Texts kept per sender, and senders: a person at a terminal is one, a test may be some hundred."""
_PASSED_ON = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")


class TerminalSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the terminal is there."""

    enabled: bool = True
    """Nobody but users of this machine can reach it; a machine that others use too may want it off."""


class Said(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person at the terminal writes.

    `key` says which message it is; without one each is a new one. Written again with the same key it is the same message only if
    `sent_at` was given both times.
    """

    sender: Annotated[str, Meta(pattern=r"\A[^\x00-\x20\x7f]{1,128}\Z")]
    text: Annotated[str, Meta(min_length=1, max_length=4000)]
    key: Annotated[str, Meta(pattern=r"\A[\x21-\x7e]{1,128}\Z")] = ""
    sent_at: Annotated[datetime, Meta(tz=True)] | None = None
    group: Group | None = None


class Terminal:
    """The terminal as a Channel."""

    name = NAME
    reply_limit = 0
    windows = NO_WINDOWS
    keeps = False

    def __init__(self, *, clock: Callable[[], datetime] = utcnow) -> None:
        self._clock = clock
        self._number = 0
        self._kept: OrderedDict[str, deque[tuple[int, str]]] = OrderedDict()

    def routes(self, receive: Receiver) -> list[web.RouteDef]:
        """Give the two routes: say something, and see what came later."""

        async def receive_said(request: web.Request) -> web.Response:
            return await self._receive_said(request, receive)

        return [web.post(PATH, receive_said), web.get(PATH, self._show_kept, allow_head=False)]

    async def send(self, outbound: Outbound) -> str:
        """Keep a text until the terminal asks; returns its number."""
        self._number += 1
        kept = self._kept.setdefault(outbound.address, deque(maxlen=_KEEP_TEXTS))
        kept.append((self._number, outbound.text))
        self._kept.move_to_end(outbound.address)
        if len(self._kept) > _KEEP_SENDERS:
            self._kept.popitem(last=False)
        return str(self._number)

    async def notify(self, outbound: Outbound) -> str:
        """A terminal has no window: the same as send."""
        return await self.send(outbound)

    async def fetch(self, media: Media) -> bytes:  # noqa: ARG002 - nothing can be fetched
        """Only words are written here."""
        raise SendNever("a terminal has no media")

    async def close(self) -> None:
        """Nothing is open."""

    async def _receive_said(self, request: web.Request, receiver: Receiver) -> web.Response:
        _refuse_strangers(request)
        if request.content_type != "application/json":
            raise refuse(web.HTTPUnsupportedMediaType, "the body has to be application/json")
        body = await read_body(request, cap=_BODY_BYTES, seconds=_BODY_SECONDS)
        try:
            said = msgspec.json.decode(body, type=Said)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise refuse(web.HTTPBadRequest, str(error)) from None
        try:
            reply = await receiver.receive(self._to_inbound(said))
        except BodyDiffers as error:
            raise refuse(web.HTTPConflict, str(error)) from None
        except Exception as error:  # noqa: BLE001 - whatever kept it from being stored, it has to be said again
            raise _ask_again(error) from None
        return web.json_response(
            {
                "reply": reply.text,
                "outcome": reply.outcome,
                "ticket": reply.ticket,
                "suggested": reply.suggested,
                "duplicate": reply.duplicate,
            }
        )

    async def _show_kept(self, request: web.Request) -> web.Response:
        """Show what was sent to ?sender=, with a number beyond ?after= (0)."""
        _refuse_strangers(request)
        after = request.query.get("after", "0")
        if not (after.isascii() and after.isdigit()):
            raise refuse(web.HTTPBadRequest, "after is a number")
        kept = self._kept.get(request.query.get("sender", ""), ())
        return web.json_response({"messages": [{"number": number, "text": text} for number, text in kept if number > int(after)]})

    def _to_inbound(self, said: Said) -> Inbound:
        return Inbound(
            channel=NAME,
            key=said.key or uuid.uuid4().hex,
            sender=said.sender,
            kind="text",
            sent_at=said.sent_at or self._clock(),
            text=clean_text(said.text),
            scope="person" if said.group is None else "group",
            group=said.group,
        )


def is_local(remote: str | None, host: str) -> bool:
    """Tell whether a peer's address is loopback and the host name it used is this machine's own."""
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    return _is_loopback(remote or "") and (name == "localhost" or _is_loopback(name.strip("[]")))


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _refuse_strangers(request: web.Request) -> None:
    if any(name in request.headers for name in _PASSED_ON) or not is_local(request.remote, request.host):
        raise refuse(web.HTTPForbidden, "only from this machine, not through a proxy")


def _ask_again(error: Exception) -> web.HTTPError:
    log.error("terminal_not_stored", channel=NAME, error=type(error).__name__)
    return refuse(web.HTTPServiceUnavailable, "not stored, say it again")


async def check(settings: TerminalSettings) -> list[str]:  # noqa: ARG001 - every channel is asked in the same way
    """Nothing can be wrong with it."""
    return []


def _is_on(settings: TerminalSettings) -> bool:
    return settings.enabled


def _make(**_: object) -> Terminal:
    return Terminal()


CHANNEL = ChannelSpec(name=NAME, title="terminal", settings=TerminalSettings, is_on=_is_on, make=_make, check=check)
