"""The way in to the pages: who looks, one transaction, the page or an error page. A plain page knows nothing of aiohttp.

Beside it only what is no plain page does: signing in, the chat's forms and live lines, the staff's live updates.

Every answer carries the headers that keep a page to itself: no script but our own files, no frame, no foreign host, no referrer. A form is
carried out only with the token of its session (or, without one, from our own pages), whatever a browser sends by itself.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import aiohttp_jinja2
import structlog
from aiohttp import web
from jinja2 import FileSystemLoader, StrictUndefined

from console.accounts import sessions
from console.accounts.addresses import count_by, find_address
from console.pages import compressing, form_tokens, menu, spoken
from console.pages.assets import Assets
from console.pages.headers import HEADERS, make_headers
from console.pages.routes import FORM_BYTES, File, Page, PageCall, Redirect, Upload
from console.policy import Actor, Denied, Role, authorize
from console.problems import Problem, find_problem
from console.reading import read_path
from store.audit import record
from store.clock import utcnow

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from console.accounts.sessions import StaffSession
    from console.pages.routes import Answer, PageRoute
    from console.surroundings import CityView
    from store.engine import Store

log = structlog.get_logger(__name__)

STAFF_COOKIE = "jieying_staff"
PERSON_COOKIE = "jieying_me"
HOME_COOKIE = "jieying_home"
ENTERED_COOKIE = "jieying_in"
WAITS_COOKIE = "jieying_waits"
UNATTENDED = "X-Unattended"
"""Carried by what a page asks for by itself: nobody is there for it, and no sign-in lasts longer for it."""
_FLASH_COOKIE = "jieying_flash"
_HERE = Path(__file__).parent
_RESIDENT = Actor(kind="resident", code="", role=Role.RESIDENT)
_FLASH = re.compile(r"[a-z_]{1,60}")
_YEAR = 31_536_000
_AGAIN = frozenset({409, 422})
"""Refusals after which a form is shown again."""


class Rendering:
    """Turns templates into pages, with what every page shows."""

    def __init__(self, application: web.Application, city: CityView) -> None:
        self._city = city
        self.assets = Assets()
        self.headers = make_headers(city.maps.host)
        env = aiohttp_jinja2.setup(
            application,
            loader=FileSystemLoader(_HERE / "templates"),
            undefined=StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        env.filters.update(spoken.FILTERS)
        env.globals.update(
            asset=self.assets.find_address,
            service=city.service,
            chat=city.chats_here,
            word=city.say_word,
            name_code=city.name_code,
            maps={"tiles": city.maps.tiles, "credit": city.maps.credit},
        )

    def render(self, request: web.Request, page: Page, *, now: datetime, who: StaffSession | None, flash: str = "") -> web.Response:
        """Render a page as somebody sees it."""
        person = self._city.context(now=now).org.staff.get(who.actor.code) if who is not None else None
        about = {
            "now": now.astimezone(self._city.zone),
            "zone": self._city.zone,
            "rehearsal": self._city.rehearsal,
            "who": person,
            "role": who.actor.role.value if who is not None else "",
            "csrf": form_tokens.mask(who.csrf) if who is not None else "",
            "menu": menu.list_for(who.actor) if who is not None else (),
            "path": request.path,
            "flash": self._city.say_page(f"flash_{flash}") if flash else "",
        }
        text = aiohttp_jinja2.render_string(page.template, request, {**about, **page.values})
        body, written = compressing.write_page(request, text)
        headers = self.headers | {"Cache-Control": "no-store"} | written
        return web.Response(body=body, status=page.status, content_type="text/html", charset="utf-8", headers=headers)


class PageDoor:
    """Serves pages on an application."""

    def __init__(
        self,
        application: web.Application,
        store: Store,
        city: CityView,
        *,
        clock: Callable[[], datetime] = utcnow,
        forwarded: bool = False,
    ) -> None:
        self.store = store
        self.city = city
        self.clock = clock
        self.rendering = Rendering(application, city)
        self._application = application
        self._forwarded = forwarded

    def serve(self, routes: Iterable[PageRoute]) -> None:
        """Serve these pages."""
        for route in routes:
            self.add(route.method, route.path, self._handle(route))

    def add(self, method: str, path: str, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> None:
        """Serve what is no plain page (sign-in, live updates, uploads) with the same error pages and headers."""

        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                response = await handler(request)
            except Exception as error:  # noqa: BLE001 - none is lost: what nobody foresaw is logged with its trace
                response = await self._show_error(request, error)
            if not response.prepared:
                for name, value in self.rendering.headers.items():
                    response.headers.setdefault(name, value)
            return response

        self._application.router.add_route(method, path, handle)

    @web.middleware
    async def show_unknown(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Show an error page to a browser that asks for an address nothing stands at; programs get aiohttp's own words."""
        try:
            return await handler(request)
        except web.HTTPException as error:
            if request.match_info.http_exception is None or "text/html" not in request.headers.get("Accept", ""):
                raise
            return await self._show_error(request, error)

    async def find_session(self, request: web.Request) -> StaffSession | None:
        """Find who is signed in."""
        token, now = request.cookies.get(STAFF_COOKIE, ""), self.clock()
        if not token:
            return None
        org = self.city.context(now=now).org
        return await self.store.read(lambda session: sessions.find(session, token, now=now, org=org))

    def find_address(self, request: web.Request) -> str:
        """Find from where somebody asks; "" for this machine itself."""
        passed_on = ",".join(request.headers.getall("X-Forwarded-For", []))
        return find_address(request.remote or "", passed_on, forwarded=self._forwarded)

    def show(self, request: web.Request, page: Page, *, who: StaffSession | None = None) -> web.Response:
        """Render a page for a handler of its own."""
        return self.rendering.render(request, page, now=self.clock(), who=who)

    def _handle(self, route: PageRoute) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            who = await self.find_session(request) if route.staff else None
            if route.staff and who is None:
                return self.redirect(request, _ask_to_sign_in(request))
            form, files = await read_parts(request, most=route.most_bytes) if route.method == "POST" else ({}, {})
            check_form(request, form, who)
            answer = await self._carry_out(route, request, form, who, files)
            return self._answer(request, answer, who)

        return handle

    async def _carry_out(
        self,
        route: PageRoute,
        request: web.Request,
        form: Mapping[str, str],
        who: StaffSession | None,
        files: Mapping[str, Upload],
    ) -> Answer:
        now = self.clock()
        touches = who is not None and who.stale and UNATTENDED not in request.headers
        prepared: Any = None

        def run(session: Session) -> Answer:
            call = self._make_call(session, route, request, form=form, who=who, now=now, prepared=prepared)
            if touches and who is not None:
                sessions.touch(session, who.id, now=now)
            return route.run(call)

        writes = route.writes or (route.method == "POST" and not route.reads) or touches
        try:
            if route.prepare is not None:
                _find_actor(route, who)
                prepared = await asyncio.to_thread(route.prepare, form, files)
            answer = await (self.store.write if writes else self.store.read)(run)
        except Exception as error:
            problem, again = find_problem(error, self.city), route.again
            if again is None or problem is None or problem.status not in _AGAIN:
                raise
            return await self.store.read(lambda s: again(self._make_call(s, route, request, form=form, who=who, now=now), problem))
        if isinstance(answer, File) and (kept := answer.kept) is not None:
            await self.store.write(
                lambda s: record(s, actor=kept.actor, action=kept.action, subject=kept.subject, facts=dict(kept.facts))
            )
        return answer

    def _make_call(
        self,
        session: Session,
        route: PageRoute,
        request: web.Request,
        *,
        form: Mapping[str, str],
        who: StaffSession | None,
        now: datetime,
        prepared: Any = None,
    ) -> PageCall:
        """Make the call that a page answers; Problem (403) where the policy denies it to whoever looks."""
        actor = _find_actor(route, who)
        return PageCall(
            session=session,
            city=self.city,
            actor=actor,
            action=route.action,
            now=now,
            path=read_path(request.match_info),
            query={name: "\n".join(request.query.getall(name)) for name in request.query},
            form=form,
            condition=form.get("edition", ""),
            sign_in=who,
            person=request.cookies.get(PERSON_COOKIE, ""),
            home=request.cookies.get(HOME_COOKIE, ""),
            entered=request.cookies.get(ENTERED_COOKIE, ""),
            waits=request.cookies.get(WAITS_COOKIE, ""),
            address=count_by(self.find_address(request)),
            prepared=prepared,
            fragment=request.headers.get("HX-Request") == "true",
        )

    def _answer(self, request: web.Request, answer: Answer, who: StaffSession | None) -> web.StreamResponse:
        if isinstance(answer, Page):
            flash = request.cookies.get(_FLASH_COOKIE, "")
            shown = flash if _FLASH.fullmatch(flash) and self.city.knows_page(f"flash_{flash}") else ""
            response = self.rendering.render(request, answer, now=self.clock(), who=who, flash=shown)
            if flash:
                response.del_cookie(_FLASH_COOKIE)
            return response
        if isinstance(answer, File):
            kind = "inline" if answer.inline else "attachment"
            disposition = f"{kind}; filename*=UTF-8''{quote(answer.name)}"
            return web.Response(
                body=answer.body,
                content_type=answer.media_type,
                headers={"Content-Disposition": disposition, "Cache-Control": "no-store", **answer.headers},
            )
        return self.redirect(request, answer)

    def redirect(self, request: web.Request, answer: Redirect) -> web.Response:
        """Send the browser on, with cookies if there are any."""
        response = web.Response(status=303, headers={"Location": answer.to, "Cache-Control": "no-store"})
        if answer.flash:
            set_cookie(response, request, _FLASH_COOKIE, answer.flash, path="/")
        for name, value in answer.cookies.items():
            path, seconds = ("/staff" if name == STAFF_COOKIE else "/"), (_YEAR if name == HOME_COOKIE else answer.seconds)
            set_cookie(response, request, name, value, path=path, seconds=seconds)
        return response

    async def _show_error(self, request: web.Request, error: Exception) -> web.StreamResponse:
        if isinstance(error, web.HTTPException):
            problem: Problem | None = Problem(error.status, f"http_{error.status}")
        else:
            problem = find_problem(error, self.city)
        if problem is None:
            log.error("page failed", action="page_failed", path=request.path, exc_info=error)
            problem = Problem(500, "broken")
        who = await self.find_session(request) if problem.status not in {500, 503} and request.path.startswith("/staff") else None
        values = {"status": problem.status, "code": problem.code, "detail": problem.detail, "fields": problem.fields}
        values["current"] = problem.current
        values["back"] = _own_path(request.headers.get("Referer", ""), request)
        return self.show(request, Page(template="parts/error.html", values=values, status=problem.status), who=who)


def _find_actor(route: PageRoute, who: StaffSession | None) -> Actor:
    """Say as whom somebody looks; Problem (403) where the policy denies them the page."""
    actor = who.actor if who is not None else _RESIDENT
    decided = authorize(actor, route.action)
    if isinstance(decided, Denied):
        raise Problem(403, f"denied_{decided.reason}")
    return actor


def set_cookie(
    response: web.Response, request: web.Request, name: str, value: str, *, path: str, seconds: int | None = None
) -> None:
    """Set a cookie that no script reads and no foreign page's form carries; an empty value takes it away."""
    if not value:
        response.del_cookie(name, path=path)
        return
    secure = request.secure or request.headers.get("X-Forwarded-Proto", "") == "https"
    response.set_cookie(name, value, path=path, httponly=True, samesite="Lax", secure=secure, max_age=seconds)


async def read_form(request: web.Request) -> dict[str, str]:
    """Read the fields of a form; Problem (413, 415) for one that is too long or no form."""
    form, _ = await read_parts(request, most=FORM_BYTES)
    return form


async def read_parts(request: web.Request, *, most: int) -> tuple[dict[str, str], dict[str, Upload]]:
    """Read the fields of a form and its files; Problem (413, 415) for one that is longer than so many bytes, or no form."""
    if request.content_type not in {"application/x-www-form-urlencoded", "multipart/form-data", "application/octet-stream", ""}:
        raise Problem(415, "http_415")
    if (request.content_length or 0) > most:
        raise Problem(413, "http_413")
    posted = await request.clone(client_max_size=max(most, FORM_BYTES)).post()
    found: dict[str, str] = {}
    files: dict[str, Upload] = {}
    for name, value in posted.items():
        if isinstance(value, str):
            clean = value.replace("\r\n", "\n").replace("\0", "").strip()
            found[name] = f"{found[name]}\n{clean}" if name in found else clean
        elif isinstance(value, web.FileField):
            with value.file as file:
                files[f"{name}#{len(files)}" if name in files else name] = Upload(name=value.filename, body=file.read())
    return found, files


def check_form(request: web.Request, form: Mapping[str, str], who: StaffSession | None) -> None:
    """Refuse (403) a form that did not come from a page of ours, or not from this session's."""
    if request.method in {"GET", "HEAD"}:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    ours = origin is None or urlsplit(origin).netloc == request.host
    if site not in {None, "same-origin", "none"} or not ours:
        raise Problem(403, "foreign_form")
    given = form.get("csrf", "") or request.headers.get("X-CSRF-Token", "")
    if who is not None and not form_tokens.fits(given, who.csrf):
        raise Problem(403, "old_form")


def _ask_to_sign_in(request: web.Request) -> Redirect:
    path = request.path_qs if request.method == "GET" and request.headers.get("HX-Request") != "true" else ""
    return Redirect(to="/staff/sign-in" + (f"?next={quote(path)}" if path and path != "/staff/" else ""))


def _own_path(address: str, request: web.Request) -> str:
    """Give the path of the page somebody came from, if it is one of ours."""
    parts = urlsplit(address)
    return parts.path if parts.netloc == request.host and parts.path.startswith("/") and parts.path != request.path else ""


def add_static(application: web.Application, assets: Assets) -> None:
    """Serve our own files with the headers of every answer."""

    async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
        if request.path.startswith("/static/"):
            response.headers.update(HEADERS | assets.say_how_long(request))

    assets.serve(application)
    application.on_response_prepare.append(add_headers)


def mount(
    application: web.Application,
    store: Store,
    city: CityView,
    routes: Iterable[PageRoute],
    *,
    clock: Callable[[], datetime] = utcnow,
    forwarded: bool = False,
) -> PageDoor:
    """Serve pages and their files on an application; `forwarded`: our own proxy says who asks."""
    door = PageDoor(application, store, city, clock=clock, forwarded=forwarded)
    door.serve(routes)
    application.middlewares.append(door.show_unknown)
    add_static(application, door.rendering.assets)
    return door
