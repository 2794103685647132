"""The chat page's channel: who has no WeChat writes in a browser, and the dialogue is the same as everywhere.

    POST /chat           a message, from the page's form or its script; stored before it is answered
    GET  /chat/lines     what was said behind a cursor (`?after=12-34`), as JSON
    GET  /chat/events    the same, as it comes (server-sent events); the browser goes on by itself where it stopped

Who writes is whoever has the cookie, and nobody else sees a line of it. What is sent to somebody is kept in their talk (residents.web_lines),
so it is delivered when it is stored, needs no window, and is there once however often it was sent. The page itself is console.pages.chat.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import OrderedDict
from functools import partial
from typing import TYPE_CHECKING, Annotated

import msgspec
import structlog
from aiohttp import web
from msgspec import Meta

from bot.channels import NO_WINDOWS, BodyDiffers, ChannelSpec, Inbound, Media, SendLater, SendNever
from bot.channels.pace import Pace
from bot.channels.web_form import Form, Refused, is_foreign, read_form
from bot.channels.web_live import Live
from bot.texts import fill
from console.leaving import is_leaving
from console.pages.talk_shown import write_talk
from residents import web_lines
from residents.web_lines import Cursor, keep_line, last_told, read_talk, sender_of
from residents.web_uploads import keep_uploads, name_upload, read_upload
from store.clock import utcnow
from store.trouble import is_store_trouble

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from bot.channels import Kind, Outbound, Receiver, Reply
    from bot.channels.web_live import Listener
    from residents.web_lines import Talk
    from store.engine import Store

log = structlog.get_logger(__name__)

NAME = web_lines.CHANNEL
COOKIE = "jieying_me"
PATH = "/chat"

REFUSAL_PAGE: web.AppKey[Callable[[web.Request, str, str, int], Awaitable[web.StreamResponse]]] = web.AppKey("refusal_page")
"""Shows the page again with what was typed: (request, the sentence, the words, the status). Without it a refusal is JSON for everybody."""

_MINUTE = 60.0
_MOST_PACES = 10_000
"""People whose pace is remembered; whoever wrote longest ago is forgotten first."""
_UPLOADS = 4
"""Messages with pictures that are read at once: bounds the memory they take."""
_UPLOAD_SECONDS = 120.0
"""A shrunken picture takes a minute on the slowest telephones."""
_RETRY_SECONDS = 5
_ANSWER_SECONDS = 2.0
"""A form without script waits so long for the answer to be there before the page is shown again."""
_HEARTBEAT_SECONDS = 15.0
_STEP_SECONDS = 1.0
"""An open stream notices so fast that the service stops."""
_STREAM_SECONDS = 900.0
"""Then the browser begins anew: what a proxy forgot to close ends too."""
_STREAMS_EACH = 6
_NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_STREAM_HEADERS = _NO_STORE | {"Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"}


class WebSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Whether residents can write in a browser, and how much."""

    enabled: bool = False
    """Off until the city wants it: anybody with the address can write then."""
    picture_limit_bytes: Annotated[int, Meta(ge=1024)] = 10 * 1024 * 1024
    """The longest picture: what telephones make has 3 to 8 MB, and the page shrinks it before where it can."""
    per_minute: Annotated[int, Meta(ge=1)] = 20
    """Messages of one browser in any 60 s: nobody types faster."""
    all_per_minute: Annotated[int, Meta(ge=1)] = 600
    """Messages of all browsers in any 60 s, so that a storm from many made-up ones leaves the other channels alone."""
    streams: Annotated[int, Meta(ge=1)] = 500
    """Open pages that are told at once; those beyond ask every few seconds."""
    poll_seconds: Annotated[float, Meta(gt=0)] = 0.5
    """How often it is looked what other processes said."""


class Web:
    """The chat page as a Channel."""

    name = NAME
    reply_limit = 0
    windows = NO_WINDOWS
    keeps = True

    def __init__(
        self,
        settings: WebSettings,
        *,
        store: Store,
        clock: Callable[[], datetime] = utcnow,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._ticks = ticks
        self._pace = Pace(limit=settings.all_per_minute, seconds=_MINUTE)
        self._paces: OrderedDict[str, Pace] = OrderedDict()
        self._uploads = asyncio.Semaphore(_UPLOADS)
        self._live = Live(store, clock=clock, poll_seconds=settings.poll_seconds)

    def routes(self, receive: Receiver) -> list[web.RouteDef]:
        """Give the three routes; none if the channel is off."""
        if not self._settings.enabled:
            return []
        return [
            web.post(PATH, partial(self._receive, receiver=receive)),
            web.get(f"{PATH}/lines", self._show_lines, allow_head=False),
            web.get(f"{PATH}/events", self._stream, allow_head=False),
        ]

    async def send(self, outbound: Outbound) -> str:
        """Keep a text in the talk of whoever it is for; what was kept under the same reference stays as it is."""
        work = partial(keep_line, sender=outbound.address, cause=outbound.reference, text=outbound.text, now=self._clock())
        try:
            known = await self._store.write(work)
        except Exception as error:
            if not is_store_trouble(error):
                raise
            raise SendLater(f"not kept: {type(error).__name__}") from None
        if not known:
            raise SendNever("nobody is known by this id any more")
        self._live.wake(outbound.address)
        return outbound.reference

    async def notify(self, outbound: Outbound) -> str:
        """A talk has no window: the same as send."""
        return await self.send(outbound)

    async def fetch(self, media: Media) -> bytes:
        """Give a picture that was kept before its message was acknowledged."""
        if len(media.ref) != 64:  # noqa: PLR2004 - a digest in hex: no other ref is ours
            raise SendNever("no picture of ours")
        body = await self._store.read(lambda s: read_upload(s, media.ref))
        if body is None:
            raise SendNever("the picture is gone")
        return body

    async def close(self) -> None:
        """Stop looking what was said."""
        await self._live.close()

    async def _receive(self, request: web.Request, *, receiver: Receiver) -> web.StreamResponse:
        """Take a message; one that cannot be taken is refused with what to do, and what was typed stays."""
        form = Form()
        try:
            sender = self._let_in(request)
            told = 0 if _wants_json(request) else await self._store.read(lambda s: last_told(s, sender))
            reply = await self._take(request, form, sender=sender, receiver=receiver)
        except Refused as refused:
            log.warning("web_refused", channel=NAME, code=refused.code)
            return await self._refuse(request, refused, form)
        except BodyDiffers:
            return await self._refuse(request, Refused(409, "used_key"), form)
        except Exception as error:  # noqa: BLE001 - whatever kept it from being stored, it has to be sent again
            return await self._refuse(request, _ask_again(error), form)
        self._live.wake(sender)
        if _wants_json(request):
            answer = {"reply": reply.text, "outcome": reply.outcome, "ticket": reply.ticket, "duplicate": reply.duplicate}
            return web.json_response(answer, headers=_NO_STORE)
        await self._wait_for_answer(sender, told)
        return web.Response(status=303, headers={"Location": f"{PATH}#end", **_NO_STORE})

    def _let_in(self, request: web.Request) -> str:
        """Say who writes; Refused (403) for a foreign page and for a browser without cookie."""
        if is_foreign(request):
            raise Refused(403, "foreign")
        sender = sender_of(request.cookies.get(COOKIE, ""))
        if not sender:
            raise Refused(403, "no_cookie")
        return sender

    async def _take(self, request: web.Request, form: Form, *, sender: str, receiver: Receiver) -> Reply:
        """Read the form, keep its pictures, and hand the message over."""
        read = partial(read_form, request, form, picture_bytes=self._settings.picture_limit_bytes, picture_seconds=_UPLOAD_SECONDS)
        if request.content_type != "multipart/form-data":
            await read()
            return await receiver.receive(self._to_inbound(form, sender))
        async with self._uploads:
            await read()
            inbound = self._to_inbound(form, sender)
            pictures = [(media.ref, body) for media, (body, _) in zip(inbound.media, form.pictures, strict=True)]
            if pictures:
                now = self._clock()
                await self._store.write(lambda s: keep_uploads(s, pictures, sender=sender, now=now))
        return await receiver.receive(inbound)

    def _to_inbound(self, form: Form, sender: str) -> Inbound:
        """Make the message of a form; Refused for one that is none, and for one too many."""
        form.check()
        self._slow_down(sender)
        key = f"{sender}:{form.key}"
        media = tuple(
            Media(kind="image", ref=name_upload(body, sender=sender, key=form.key, number=number), format=form_of_it)
            for number, (body, form_of_it) in enumerate(form.pictures)
        )
        kind: Kind = "text" if form.text else "image"
        return Inbound(
            channel=NAME, key=key, sender=sender, kind=kind, sent_at=form.written_at, text=form.text, media=media, code=form.code
        )

    def _slow_down(self, sender: str) -> None:
        """Refuse (429) one message too many, of one browser or of all."""
        now = self._ticks()
        pace = self._paces.setdefault(sender, Pace(limit=self._settings.per_minute, seconds=_MINUTE))
        self._paces.move_to_end(sender)
        if len(self._paces) > _MOST_PACES:
            self._paces.popitem(last=False)
        for one, code in ((pace, "too_often"), (self._pace, "too_many")):
            wait = one.take(now)
            if wait:
                raise Refused(429, code, after=math.ceil(wait), seconds=math.ceil(wait))

    async def _refuse(self, request: web.Request, refused: Refused, form: Form) -> web.StreamResponse:
        """Say what is wrong: to a script as JSON, to a person on the page with what they typed."""
        sentence = fill("web", refused.code, refused.facts)
        headers = _NO_STORE | ({"Retry-After": str(refused.after)} if refused.after else {})
        page = request.app.get(REFUSAL_PAGE)
        if page is None or _wants_json(request):
            answer = {"error": refused.code, "sentence": sentence}
            return web.json_response(answer, status=refused.status, headers=headers)
        response = await page(request, sentence, form.text, refused.status)
        response.headers.update(headers)
        return response

    async def _wait_for_answer(self, sender: str, told: int) -> None:
        """Wait until something was said behind a line, a moment at most: the page that is shown then has it."""
        with self._live.listen(sender) as listener:
            until = self._ticks() + _ANSWER_SECONDS
            while (left := until - self._ticks()) > 0:
                listener.woken.clear()
                if await self._store.read(lambda s: last_told(s, sender)) > told:
                    return
                await listener.wait(left)

    async def _show_lines(self, request: web.Request) -> web.Response:
        """Show what was said behind ?after=; nothing to whom we do not know."""
        talk = await self._read(request, Cursor.read(request.query.get("after", "")))
        return web.Response(body=write_talk(talk), content_type="application/json", headers=_NO_STORE)

    async def _read(self, request: web.Request, after: Cursor) -> Talk:
        sender = sender_of(request.cookies.get(COOKIE, ""))
        return await self._store.read(lambda s: read_talk(s, sender, after=after))

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        """Tell a page what is said, as it is said."""
        sender = sender_of(request.cookies.get(COOKIE, ""))
        if not sender:
            return web.Response(status=204)  # the browser asks no more
        if self._live.is_full(sender, most=self._settings.streams, each=_STREAMS_EACH):
            return web.Response(status=503, headers={"Retry-After": str(_RETRY_SECONDS), **_NO_STORE})
        response = web.StreamResponse(headers=_STREAM_HEADERS)
        await response.prepare(request)
        after = Cursor.read(request.headers.get("Last-Event-ID", "") or request.query.get("after", ""))
        with self._live.listen(sender) as listener:
            try:
                await self._tell(request, response, listener, after)
            except ConnectionError:
                log.debug("a page was closed", action="web_page_closed")
        return response

    async def _tell(self, request: web.Request, response: web.StreamResponse, listener: Listener, after: Cursor) -> None:
        ends, beats = self._ticks() + _STREAM_SECONDS, self._ticks()
        await response.write(b"retry: 2000\n\n")
        while self._ticks() < ends and not is_leaving(request):
            listener.woken.clear()
            talk = await self._read(request, after)
            listener.resident_id, after = talk.resident_id, talk.cursor
            if talk.lines:
                await response.write(b"id: %s\ndata: %s\n\n" % (str(after).encode(), write_talk(talk)))
            while not (await listener.wait(_STEP_SECONDS) or is_leaving(request)):
                if self._ticks() >= beats + _HEARTBEAT_SECONDS:
                    beats = self._ticks()
                    await response.write(b": \n\n")
                    break


def _ask_again(error: Exception) -> Refused:
    log.error("web_not_stored", channel=NAME, error=type(error).__name__)
    return Refused(503, "not_stored", after=_RETRY_SECONDS)


def _wants_json(request: web.Request) -> bool:
    return "application/json" in request.headers.get("Accept", "")


async def check(settings: WebSettings) -> list[str]:  # noqa: ARG001 - every channel is asked in the same way
    """Nothing can be wrong with it."""
    return []


def _is_on(settings: WebSettings) -> bool:
    return settings.enabled


def _make(settings: WebSettings, store: Store) -> Web:
    return Web(settings, store=store)


CHANNEL = ChannelSpec(name=NAME, title="chat page", settings=WebSettings, is_on=_is_on, make=_make, check=check)
