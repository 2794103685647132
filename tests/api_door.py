"""The API of a made-up city behind a real port: a token of every role, and a caller that checks every answer against the document."""

from __future__ import annotations

import copy
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from jsonschema_rs import Draft202012Validator

from bot.city_view import CityView
from bot.report_room import ReportRoom
from console import openapi, tokens
from console.catalogue import ROUTES
from console.door import mount
from console.routes import PREFIX
from routing import desk
from routing.facts import Origin
from routing.org import StaffMember
from routing.terms import Report
from store.clock import utcnow
from tests.town import utter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from datetime import datetime

    from aiohttp import ClientResponse

    from bot.city import City
    from console.tokens import Issued
    from routing.context import RoutingContext
    from routing.facts import Opened
    from store.engine import Store

GRID, UNIT = "LA-DL-LT-01-G1", "LT-01-JWH"
ELSEWHERE, DAMP = "LA-DL-SL-01-G1", "楼道里的杂物没人清，堆到了门口"
POSTS = {
    role: StaffMember(code=f"API-{role}", name="柏舟", role=role, unit=unit, area=area)
    for role, unit, area in (
        ("grid_worker", UNIT, GRID),
        ("liaison", UNIT, "LA-DL-LT-01"),
        ("unit_clerk", UNIT, ""),
        ("desk", "DESK", ""),
        ("seat", "DESK", ""),
        ("supervisor", "DESK", ""),
        ("knowledge_editor", "DESK", ""),
        ("operator", "DESK", ""),
        ("auditor", "DESK", ""),
        ("role_unheard_of", UNIT, ""),
    )
}
CLERKS = tuple(StaffMember(code=f"API-desk-{number}", name="柏舟", role="desk", unit="DESK") for number in range(20))
"""Twenty people of one desk."""


class PeopledCity(CityView):
    """The demo city with a post of every role; its desk is the one that the grid's matters go to."""

    def __init__(self, city: City) -> None:
        super().__init__(city)
        org = city.org
        self.desk = org.desk_for(GRID).code
        posts = {
            one.code: msgspec.structs.replace(one, unit=self.desk if one.unit == "DESK" else one.unit)
            for one in (*POSTS.values(), *CLERKS)
        }
        self.org = msgspec.structs.replace(org, staff={**org.staff, **posts})

    def context(self, *, now: datetime) -> RoutingContext:
        return replace(super().context(now=now), org=self.org)

    @property
    def reports(self) -> ReportRoom:
        peopled = copy.copy(self._city)
        peopled.org = self.org
        return ReportRoom(peopled)


@dataclass
class Api:
    """The running API: calls it, and remembers what it said."""

    store: Store
    city: PeopledCity
    address: str
    client: ClientSession
    clock: Callable[[], datetime]
    tokens: dict[str, str] = field(default_factory=dict)
    calls: list[tuple[str, int]] = field(default_factory=list)

    async def issue(self, role: str, *, days: int = 30, **partner: Any) -> Issued:
        """Make a token for the post of a role, or for a partner."""
        org, now = self.city.org, self.clock()
        if role != "partner":
            return await self.store.write(
                lambda s: tokens.issue_for_staff(
                    s, POSTS[role].code if role in POSTS else role, days=days, by="operator", now=now, org=org
                )
            )
        given = {"unit": UNIT, "scopes": tokens.SCOPES, "fields": ("status", "title"), **partner}
        return await self.store.write(
            lambda s: tokens.issue_for_partner(
                s, "Partner", known_fields=set(given["fields"]), days=days, by="operator", now=now, org=org, **given
            )
        )

    async def token(self, role: str) -> str:
        if role not in self.tokens:
            self.tokens[role] = (await self.issue(role)).token
        return self.tokens[role]

    async def call(
        self, role: str, method: str, path: str, *, body: Any = None, headers: dict[str, str] | None = None, **query: Any
    ) -> tuple[int, Any, ClientResponse]:
        """Call as a role ("" without a token); gives status, JSON and the response. What the document does not have fails."""
        given = dict(headers or {})
        if role:
            given.setdefault("Authorization", f"Bearer {await self.token(role)}")
        response = await self.client.request(method, f"{self.address}{PREFIX}{path}", json=body, headers=given, params=query)
        content = await response.json(content_type=None)
        check_answer(method, path, response, content)
        self.calls.append((path, response.status))
        return response.status, content, response

    async def act(
        self, role: str, number: str, act: str, body: dict[str, Any] | None = None, *, etag: str = "*", key: str = ""
    ) -> Any:
        """Act on a ticket; gives (status, JSON)."""
        headers = {"If-Match": etag} | ({"Idempotency-Key": key} if key else {})
        status, content, _ = await self.call(role, "POST", f"/tickets/{number}/{act}", body=body or {}, headers=headers)
        return status, content

    async def open(self, text: str = "柳树街路灯坏了三天", *, resident: int = 1, area: str = GRID, **facts: Any) -> Opened:
        """Open a ticket past the API, as a resident's message would."""
        context = self.city.context(now=self.clock())
        report = Report(text=text, areas=(area,), public_place="柳树街", **facts)
        return await self.store.write(
            lambda s: desk.open_ticket(
                s,
                report=report,
                resident_id=resident,
                origin=Origin(inbox_id=None, channel="terminal"),
                context=context,
                now=self.clock(),
                utterance=utter(text),
            )
        )


DOCUMENT = openapi.build(ROUTES, say=lambda key: key, version="test")


def check_answer(method: str, path: str, response: ClientResponse, content: Any) -> None:
    """Check one answer against the document: its status is listed, its type and shape are as written."""
    operation = find_operation(method, path)
    if operation is None:
        assert response.status in {404, 405}
        return
    listed = operation["responses"]
    assert str(response.status) in listed, f"{method} {path} answered {response.status}: {content}"
    [(media, described)] = listed[str(response.status)]["content"].items()
    assert response.content_type == media
    schema = {**described["schema"], "components": DOCUMENT["components"]}
    errors = [error.message for error in Draft202012Validator(schema).iter_errors(content)]
    assert errors == [], f"{method} {path}: {errors}"


def find_operation(method: str, path: str) -> dict[str, Any] | None:
    """Find what the document says of a call."""
    parts = path.strip("/").split("/")
    for template, operations in DOCUMENT["paths"].items():
        wanted = template.removeprefix(PREFIX).strip("/").split("/")
        if len(wanted) == len(parts) and all(one.startswith("{") or one == two for one, two in zip(wanted, parts, strict=True)):
            found: dict[str, Any] | None = operations.get(method.lower())
            return found
    return None


@asynccontextmanager
async def open_api(store: Store, city: City, *, clock: Callable[[], datetime] = utcnow) -> AsyncIterator[Api]:
    """Serve the API of the demo city on a free port."""
    view = PeopledCity(city)
    application = web.Application()
    mount(application, store, view, clock=clock)
    async with TestServer(application) as server, ClientSession() as client:
        yield Api(store=store, city=view, address=str(server.make_url("")).rstrip("/"), client=client, clock=clock)
