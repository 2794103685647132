"""The way in: who calls, what was asked, one transaction, and the answer or the problem. The only file of the API that knows of aiohttp."""

from __future__ import annotations

import time
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec
import structlog
from aiohttp import web

from console import openapi, tokens
from console.catalogue import ROUTES
from console.policy import Actor, Denied, Role, authorize
from console.problems import MEDIA_TYPE, Problem, describe, find_problem
from console.reading import read_body, read_key, read_path, read_query
from console.repeating import answer_once, fingerprint
from console.routes import PREFIX, Call, Reply, Route, unseen
from store.clock import utcnow

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from console.surroundings import CityView
    from console.tokens import Holder
    from store.engine import Store

log = structlog.get_logger(__name__)

VERSION = "1.0.0"
"""The version of the contract, not of the program."""
_BODY = 64 * 1024
"""Bytes of a body: the longest text is 4,000 characters."""
_FAILURES = 20
"""So many wrong tokens a minute from one address; then they are answered 429. Valid ones are never refused for it."""
_MINUTE = 60.0
_MOST = 10_000
"""Addresses that are remembered for it."""
_RESIDENT = Actor(kind="resident", code="", role=Role.RESIDENT)


class _TokenRefused(Exception):
    """The token is nobody's."""


class Failures:
    """Counts wrong tokens by address, a minute at a time."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: dict[str, tuple[float, int]] = {}

    def note(self, address: str) -> bool:
        """Count one more; True if there were too many within the minute."""
        now = self._clock()
        since, count = self._seen.pop(address, (now, 0))
        if now - since > _MINUTE:
            since, count = now, 0
        self._seen[address] = (since, count + 1)
        if len(self._seen) > _MOST:
            del self._seen[next(iter(self._seen))]
        return count >= _FAILURES


class Door:
    """Serves the routes of the catalogue on an aiohttp application of its own, to be mounted below PREFIX."""

    def __init__(self, store: Store, city: CityView, *, clock: Callable[[], datetime] = utcnow) -> None:
        self._store = store
        self._city = city
        self._clock = clock
        self._failures = Failures()

    def application(self) -> web.Application:
        """Build the application."""
        application = web.Application(middlewares=[self._answer_problems], client_max_size=_BODY)
        for route in ROUTES:
            application.router.add_route(route.method, route.path, self._handle(route))
        application.router.add_get("/openapi.json", self._show_document, allow_head=False)
        return application

    @cached_property
    def _document(self) -> bytes:
        """Write the document when it is first asked for, not whenever the service starts."""
        return msgspec.json.encode(openapi.build(ROUTES, say=self._city.say, version=VERSION))

    async def _show_document(self, _request: web.Request) -> web.Response:
        return web.Response(body=self._document, content_type="application/json")

    def _handle(self, route: Route) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            reply = await self._carry_out(route, request)
            headers = {"ETag": reply.etag} if reply.etag else {}
            body = msgspec.json.encode(reply.body)
            return web.Response(body=body, status=route.status, content_type="application/json", headers=headers)

        return handle

    async def _carry_out(self, route: Route, request: web.Request) -> Reply:
        """Let a call in, carry it out in one transaction, and write down what a partner did, also where it was refused.

        Who only reads is found in the transaction that reads: one way to the database less.
        """
        now = self._clock()
        token = "" if route.open else _read_token(request)
        holder: Holder | None = None

        def find(session: Session) -> None:
            nonlocal holder
            holder = tokens.find_holder(session, token, now=now, org=self._city.context(now=now).org)
            if holder is None:
                raise _TokenRefused

        def run(session: Session) -> Reply:
            if token and holder is None:
                find(session)
            return self._run(session, route, request, content, holder=holder, now=now)

        try:
            if token and (route.writes or route.body is not None):
                await self._store.read(find)
            content = await _read_content(request) if route.body is not None else b""
            reply = await (self._store.write(run) if route.writes else self._store.read(run))
        except _TokenRefused:
            raise self._refuse(request) from None
        except Exception as error:
            problem = find_problem(error, self._city)
            await self._write_down(route, request, holder, status=problem.status if problem else 500, rows=0, now=now)
            raise
        await self._write_down(route, request, holder, status=route.status, rows=reply.rows, now=now)
        return reply

    def _refuse(self, request: web.Request) -> Problem:
        """Refuse a wrong token: 401, after many of them 429."""
        too_many = self._failures.note(request.remote or "")
        log.warning("token refused", action="token_refused")
        return Problem(429, "too_many_failures") if too_many else Problem(401, "unauthorized")

    def _run(
        self, session: Session, route: Route, request: web.Request, content: bytes, *, holder: Holder | None, now: datetime
    ) -> Reply:
        """Authorize, read what was asked, and do it."""
        actor = holder.actor if holder is not None else _RESIDENT
        decided = authorize(actor, route.action)
        if isinstance(decided, Denied):
            raise Problem(403, f"denied_{decided.reason}")
        call = Call(
            session=session,
            city=self._city,
            actor=actor,
            action=route.action,
            now=now,
            path=read_path(request.match_info),
            query=_read_query(request, route),
            body=read_body(content, route.body) if route.body is not None else None,
            condition=request.headers.get("If-Match", ""),
        )
        key = read_key(request.headers.get("Idempotency-Key")) if route.keyed else ""
        if not key:
            return route.run(call)
        return answer_once(
            session,
            actor=f"{actor.kind}:{actor.code}",
            key=key,
            call=fingerprint(route.method, request.path, call.condition, content),
            now=now,
            run=lambda: route.run(call),
            status=route.status,
        )

    async def _write_down(
        self, route: Route, request: web.Request, holder: Holder | None, *, status: int, rows: int, now: datetime
    ) -> None:
        """Write down the last use of a token, and each call of a partner."""
        if holder is None or not (holder.stale or holder.actor.kind == "partner"):
            return
        subject = " ".join(request.match_info.values())

        def write(session: Session) -> None:
            if holder.stale:
                tokens.touch(session, holder.token_id, now=now)
            if holder.actor.kind == "partner":
                tokens.log_call(session, holder, action=route.action, subject=subject, status=status, rows=rows, now=now)

        await self._store.write(write)

    @web.middleware
    async def _answer_problems(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Turn whatever goes wrong into a problem: what nobody foresaw is logged and answered 500."""
        try:
            response: web.StreamResponse = await handler(request)
        except web.HTTPException as error:
            return self._tell(
                _read_http(error), headers={name: error.headers[name] for name in ("Allow",) if name in error.headers}
            )
        except Exception as error:
            problem = find_problem(error, self._city)
            if problem is None:
                log.exception("call failed", action="call_failed", path=request.path)
                problem = Problem(500, "broken")
            return self._tell(problem)
        return response

    def _tell(self, problem: Problem, *, headers: Mapping[str, str] | None = None) -> web.Response:
        more = dict(headers or {})
        if problem.status == web.HTTPUnauthorized.status_code:
            more["WWW-Authenticate"] = "Bearer"
        if problem.status in {web.HTTPTooManyRequests.status_code, web.HTTPServiceUnavailable.status_code}:
            more["Retry-After"] = str(int(_MINUTE))
        body = msgspec.json.encode(describe(problem, self._city))
        return web.Response(body=body, status=problem.status, headers={"Content-Type": MEDIA_TYPE, **more})


def mount(application: web.Application, store: Store, city: CityView, *, clock: Callable[[], datetime] = utcnow) -> None:
    """Serve the API below PREFIX of an application."""
    application.add_subapp(PREFIX, Door(store, city, clock=clock).application())


def _read_token(request: web.Request) -> str:
    """Read the token of a call; Problem 401 where there is none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Problem(401, "unauthorized")
    return token.strip()


async def _read_content(request: web.Request) -> bytes:
    """Read a JSON body; Problem 415 if it is called something else, 413 if it is too long."""
    if request.content_type != "application/json":
        raise Problem(415, "not_json")
    content = bytearray()
    async for part in request.content.iter_any():
        content += part
        if len(content) > _BODY:
            raise Problem(413, "too_large")
    return bytes(content)


def _read_query(request: web.Request, route: Route) -> Any:
    given = {name: request.query.getall(name) for name in request.query}
    if route.query is not None:
        return read_query(given, route.query)
    return None


def _read_http(error: web.HTTPException) -> Problem:
    """Say what aiohttp itself refuses as a problem."""
    if error.status == web.HTTPNotFound.status_code:
        return unseen()
    if error.status == web.HTTPMethodNotAllowed.status_code:
        return Problem(405, "method_not_allowed")
    return Problem(400, "malformed")
