"""The way in for readers of published matters: routes below /open311/v2, without a token, each one read transaction.

A refusal is a list of code and description, as the standard has it, in the format that was asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import structlog
from aiohttp import web
from sqlalchemy.exc import InterfaceError, OperationalError

from console.open311 import shapes
from console.open311.asking import WrongQuestion, read_question
from routing.publishable import is_open_item
from routing.publishing import list_published
from store.clock import utcnow
from store.engine import StoreError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from console.open311.settings import Open311Settings
    from console.surroundings import CityView
    from routing.publishing import Published
    from routing.terms import DutyItem
    from store.engine import Store

log = structlog.get_logger(__name__)

PREFIX = "/open311/v2"
CHANGESET = "2026-11-22"
"""When these shapes last changed."""
_MOST = 1000
"""Requests of one answer, as the standard has it."""
_OPEN = {"Access-Control-Allow-Origin": "*"}
"""Open data may be read by any page."""
_LASTING = "public, max-age=60"
_FRESH = "no-cache"
"""What is published is asked for each time: a summary that was taken back is gone at once, also behind whatever keeps answers on the way."""
_FORM = "{form:json|xml}"


class Readers:
    """Serves what is published, on an application of its own."""

    def __init__(self, store: Store, city: CityView, settings: Open311Settings, *, clock: Callable[[], datetime] = utcnow) -> None:
        self._store = store
        self._city = city
        self._settings = settings
        self._clock = clock

    def application(self) -> web.Application:
        """Build the application."""
        application = web.Application(middlewares=[self._answer_errors])
        for path, handle in (
            (f"/discovery.{_FORM}", self._discover),
            (f"/services.{_FORM}", self._list_services),
            (rf"/services/{{code:[^/]+}}.{_FORM}", self._show_definition),
            (f"/requests.{_FORM}", self._list_requests),
            (rf"/requests/{{number:[^/]+}}.{_FORM}", self._show_request),
        ):
            application.router.add_get(path, handle)
        return application

    async def _discover(self, request: web.Request) -> web.Response:
        root = f"{request.scheme}://{request.host}{PREFIX}"
        content = shapes.describe_discovery(root=root, contact=self._settings.contact, say=self._city.say, changeset=CHANGESET)
        return self._answer(request, content, root="discovery")

    async def _list_services(self, request: web.Request) -> web.Response:
        services = [shapes.describe_service(item) for item in self._list_items()]
        return self._answer(request, services, root="services", each="service")

    async def _show_definition(self, request: web.Request) -> web.Response:
        found = next((item for item in self._list_items() if item.code == request.match_info["code"]), None)
        if found is None:
            raise web.HTTPNotFound
        return self._answer(request, shapes.describe_definition(found), root="service_definition")

    async def _list_requests(self, request: web.Request) -> web.Response:
        return self._show(request, await self._find(dict(request.query)))

    async def _show_request(self, request: web.Request) -> web.Response:
        found = await self._find({"service_request_id": request.match_info["number"]})
        if not found:
            raise web.HTTPNotFound
        return self._show(request, found)

    def _list_items(self) -> list[DutyItem]:
        """List the duty items whose matters may be published, by code."""
        now = self._clock()
        items = self._city.context(now=now).duty_list.valid_on(now.astimezone(self._city.zone).date())
        return sorted((item for item in items if is_open_item(item)), key=lambda item: item.code)

    async def _find(self, given: dict[str, str]) -> list[Published]:
        now, zone = self._clock(), self._city.zone
        asked = read_question(given, now=now, zone=zone)
        context = self._city.context(now=now)

        def read(session: Session) -> list[Published]:
            return list_published(
                session,
                org=context.org,
                duties=context.duty_list,
                zone=zone,
                least=self._settings.min_requesters,
                limit=_MOST,
                **msgspec.structs.asdict(asked),
            )

        return await self._store.read(read)

    def _show(self, request: web.Request, found: list[Published]) -> web.Response:
        described = [shapes.describe_request(one, say=self._city.say, zone=self._city.zone) for one in found]
        return self._answer(request, described, root="service_requests", each="request", keep=_FRESH)

    def _answer(
        self,
        request: web.Request,
        content: Any,
        *,
        root: str,
        each: str = "",
        status: int = 200,
        form: str = "",
        keep: str = _LASTING,
    ) -> web.Response:
        form = form or request.match_info.get("form", shapes.FORMATS[0])
        body = shapes.write_xml(root, content, each=each) if form == "xml" else msgspec.json.encode(content)
        return web.Response(
            body=body, status=status, content_type=shapes.MEDIA[form], charset="utf-8", headers={**_OPEN, "Cache-Control": keep}
        )

    @web.middleware
    async def _answer_errors(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Say what is wrong in the standard's own words. What nobody foresaw goes on to the server, which logs it."""
        try:
            return await handler(request)
        except WrongQuestion as error:
            return self._refuse(request, 400, f"{error}: {self._city.say('open311_wrong')}")
        except web.HTTPException as error:
            if error.status == web.HTTPMethodNotAllowed.status_code:
                return self._refuse(request, error.status, self._city.say("open311_read_only"))
            return self._refuse(request, web.HTTPNotFound.status_code, self._city.say("open311_none"))
        except (StoreError, OperationalError, InterfaceError):
            log.warning("published matters cannot be read now", action="open311_busy")
            return self._refuse(request, 503, self._city.say("problem_busy"))

    def _refuse(self, request: web.Request, status: int, words: str) -> web.Response:
        form = "xml" if request.path.endswith(".xml") else "json"
        content = [{"code": str(status), "description": words}]
        return self._answer(request, content, root="errors", each="error", status=status, form=form, keep=_FRESH)


def mount(
    application: web.Application,
    store: Store,
    city: CityView,
    settings: Open311Settings,
    *,
    clock: Callable[[], datetime] = utcnow,
) -> None:
    """Serve what is published below PREFIX, if that is turned on; else there is nothing there."""
    if settings.enabled:
        application.add_subapp(PREFIX, Readers(store, city, settings, clock=clock).application())
