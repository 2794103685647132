"""现场: tells open pages that something they show has changed, within a second: that it has, never what; the page asks anew, with its own eyes.

One question to the database for all open pages of a process, twice a second and only while somebody looks: the newest events of tickets, who is
still signed in, who else is at a ticket. So it does not matter which process wrote. Each event goes through routing.sight for each listener; of
what they may not see they hear nothing. A sign-in that is over ends its streams.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping  # noqa: TC003 - msgspec reads the annotation
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec
import structlog
from aiohttp import web
from sqlalchemy import select

from console.accounts import sessions
from console.leaving import is_leaving
from console.pages import form_tokens, presence
from console.pages.changes import Changes, Watch, is_for, list_after
from console.pages.headers import HEADERS
from console.policy import Actor, Denied, authorize
from console.problems import Problem
from routing import sight
from routing.history import read_facts
from routing.sight import Sight
from routing.tables import Ticket
from store.trouble import is_store_trouble

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sqlalchemy.orm import Session

    from console.pages.door import PageDoor
    from routing.facts import TicketFacts
    from routing.org import OrgChart

log = structlog.get_logger(__name__)

PATH = "/staff/live"
_ACTION = "events.read"
_POLL_SECONDS = 0.5
_STEP_SECONDS = 1.0
_BEAT_SECONDS = 15.0
_STREAM_SECONDS = 600.0
_MOST = 500
"""Streams of a process."""
_EACH = 12
"""Streams of one sign-in: tabs."""
_HEADERS = HEADERS | {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
}


class Listener:
    """One open page: its sign-in, as whom it looks, the ticket it shows ("" for a list) and whether it shows the queue of the seats."""

    def __init__(self, session_id: int, actor: Actor, *, number: str, seats: bool = False, known: int = 0) -> None:
        self.session_id = session_id
        self.actor = actor
        self.number = number
        self.seats = seats
        self.known = known
        """The event up to which the page knows everything of what it shows."""
        self.waiting = 0
        """Who waits for a person, as this page was last told: a hash."""
        self.shares = False
        """Whether who else is there is told here: it is told to those of whom others are told."""
        self.others: tuple[presence.Other, ...] = ()
        self.said: asyncio.Queue[bytes] = asyncio.Queue()
        self.over = False

    def say(self, event: str, data: str = "", *, number: int = 0) -> None:
        """Say something to the page; `number` is the event up to which it then knows everything."""
        head = f"id: {number}\n" if number else ""
        self.said.put_nowait(f"{head}event: {event}\ndata: {data}\n\n".encode())


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What one look found, for all who listen."""

    signed_in: Mapping[int, Actor]
    changes: Changes
    present: Mapping[str, tuple[tuple[str, str], ...]]
    waiting: Mapping[int, int]


class Live:
    """The open pages of this process."""

    def __init__(self, door: PageDoor, *, poll_seconds: float = _POLL_SECONDS) -> None:
        self._door = door
        self._pause = poll_seconds
        self._listeners: set[Listener] = set()
        self._looking: asyncio.Task[None] | None = None

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Tell a page what has changed, for as long as it is open and its reader signed in."""
        who = await self._door.find_session(request)
        if who is None:
            raise Problem(401, "unauthorized")
        seats = "seats" in request.query
        decided = authorize(who.actor, "seat.work" if seats else _ACTION)
        if isinstance(decided, Denied):
            raise Problem(403, f"denied_{decided.reason}")
        if len(self._listeners) >= _MOST or sum(one.session_id == who.id for one in self._listeners) >= _EACH:
            return web.Response(status=503, headers={"Retry-After": "5"})
        after = request.headers.get("Last-Event-ID", "") or request.query.get("after", "")
        known = int(after) if after.isascii() and after.isdecimal() else 0
        listener = Listener(who.id, who.actor, number=request.query.get("ticket", ""), seats=seats, known=known)
        response = web.StreamResponse(headers=_HEADERS)
        await response.prepare(request)
        with self._listen(listener):
            try:
                await self._tell(request, response, listener)
            except ConnectionError:
                log.debug("a page was closed", action="staff_page_closed")
            finally:
                await self._go(listener)
        return response

    async def write_down(self, request: web.Request) -> web.Response:
        """Note that somebody begins to write on a ticket (the page says so)."""
        who = await self._door.find_session(request)
        if who is None or not form_tokens.fits(request.headers.get("X-CSRF-Token", ""), who.csrf):
            raise Problem(403, "old_form")
        listener = Listener(who.id, who.actor, number=request.match_info["number"])
        await self._note(listener, doing="writing")
        return web.Response(status=204)

    async def close(self) -> None:
        """Stop looking."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    @contextmanager
    def _listen(self, listener: Listener) -> Iterator[None]:
        self._listeners.add(listener)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(), name="staff-live")
        try:
            yield
        finally:
            self._listeners.discard(listener)

    async def _tell(self, request: web.Request, response: web.StreamResponse, listener: Listener) -> None:
        begun = beaten = time.monotonic()
        await response.write(b"retry: 1000\n\n")
        await self._catch_up(listener)
        await self._note(listener)
        while not (is_leaving(request) or listener.over or _is_gone(request)) and time.monotonic() < begun + _STREAM_SECONDS:
            try:
                async with asyncio.timeout(_STEP_SECONDS):
                    await response.write(await listener.said.get())
            except TimeoutError:
                if time.monotonic() < beaten + _BEAT_SECONDS:
                    continue
                beaten = time.monotonic()
                await response.write(b": \n\n")
                await self._note(listener)
        while not listener.said.empty():
            await response.write(listener.said.get_nowait())

    async def _catch_up(self, listener: Listener) -> None:
        """Tell a page what changed between its making and its first listening."""
        if not listener.known:
            return
        org = self._door.city.context(now=self._door.clock()).org
        changes = await self._door.store.read(lambda s: list_after(s, listener.known, org=org))
        self._pass_on(changes, [listener])

    def _pass_on(self, changes: Changes, listeners: Collection[Listener]) -> None:
        org = self._door.city.context(now=self._door.clock()).org
        for listener in listeners:
            for one in changes.tickets:
                number = one.facts.number
                is_meant = listener.number in {"", number} and one.event > listener.known
                if is_meant and is_for(one.facts, listener.actor, _ACTION, org=org):
                    listener.say("changed", number, number=changes.upto)

    async def _note(self, listener: Listener, *, doing: str = "looking") -> None:
        """Note that somebody is at a ticket: one of which they see all, and that is not confidential. Others are told of to nobody else."""
        now = self._door.clock()
        org = self._door.city.context(now=now).org

        def write(session: Session) -> bool:
            row = session.scalars(select(Ticket).where(Ticket.number == listener.number)).one_or_none()
            if row is None or row.confidential or not _sees_all(read_facts(session, row, org=org, in_list=True), listener, org):
                presence.leave(session, listener.number, listener.actor.code)
                return False
            presence.note(session, listener.number, listener.actor.code, now=now, doing=doing)
            return True

        if listener.number:
            listener.shares = await self._door.store.write(write)

    async def _go(self, listener: Listener) -> None:
        """Note that somebody has left a ticket, unless they have it open on another page: the next one is often there before this one has gone."""
        same = (listener.number, listener.actor.code)
        if listener.number and not any(one is not listener and (one.number, one.actor.code) == same for one in self._listeners):
            await self._door.store.write(lambda s: presence.leave(s, listener.number, listener.actor.code))

    async def _look(self) -> None:
        """Look what has changed, as long as anybody listens."""
        watch = Watch()
        while self._listeners:
            listeners = list(self._listeners)
            try:
                found = await self._door.store.read(lambda s, given=listeners: self._read(s, watch, given))  # type: ignore[misc]  # a default
            except Exception as error:
                if not is_store_trouble(error):
                    raise
                log.warning("not looked what changed", action="staff_live_not_looked", error=type(error).__name__)
            else:
                self._tell_all(found, listeners)
            await asyncio.sleep(self._pause)

    def _read(self, session: Session, watch: Watch, listeners: Collection[Listener]) -> Found:
        now = self._door.clock()
        org = self._door.city.context(now=now).org
        signed_in = sessions.list_live(session, {one.session_id for one in listeners}, now=now, org=org)
        numbers = {one.number for one in listeners if one.number}
        seats = {one.session_id: self._count_waiting(session, signed_in, one) for one in listeners if one.seats}
        present = presence.read(session, numbers, now=now) if numbers else {}
        return Found(signed_in=signed_in, changes=watch.read(session, org=org), present=present, waiting=seats)

    def _count_waiting(self, session: Session, signed_in: Mapping[int, Actor], listener: Listener) -> int:
        """Give a mark of the queue of the seats as somebody sees it, which changes with it."""
        if listener.session_id not in signed_in:
            return 0
        return hash(str(self._door.city.seats.list_waiting(session, actor=listener.actor.code, now=self._door.clock())))

    def _tell_all(self, found: Found, listeners: Collection[Listener]) -> None:
        org = self._door.city.context(now=self._door.clock()).org
        for listener in listeners:
            actor = found.signed_in.get(listener.session_id)
            if actor is None:
                listener.say("over")
                listener.over = True
                continue
            listener.actor = actor
            others = presence.describe(found.present.get(listener.number, ()), viewer=actor.code, org=org)
            if listener.shares and others != listener.others:
                listener.others = others
                listener.say("others", msgspec.json.encode(others).decode())
            waiting = found.waiting.get(listener.session_id, 0)
            if listener.seats and waiting != listener.waiting:
                listener.waiting = waiting
                listener.say("seats")
        self._pass_on(found.changes, [one for one in listeners if not one.over])


def _is_gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


def _sees_all(facts: TicketFacts, listener: Listener, org: OrgChart) -> bool:
    everything = sight.decide(facts, listener.actor.viewer, org=org) is Sight.FULL
    return everything and is_for(facts, listener.actor, _ACTION, org=org)


def mount(door: PageDoor, application: web.Application) -> Live:
    """Serve live updates on an application, until it stops."""
    live = Live(door)
    door.add("GET", PATH, live.stream)
    door.add("POST", f"{PATH}/{{number}}", live.write_down)

    async def close(_application: web.Application) -> None:
        await live.close()

    application.on_cleanup.append(close)
    return live
