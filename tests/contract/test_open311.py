"""GeoReport v2 as others read it: the PyPI client `georeport` on a running service, and canaries that must come out nowhere."""

from __future__ import annotations

import asyncio
import json
import random
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import msgspec
import pytest
import requests
from aiohttp import web
from aiohttp.test_utils import TestServer
from georeport import GeoReport
from sqlalchemy import select

from bot.app import App, make_channels
from bot.city_view import CityView
from console.open311.serving import PREFIX, mount
from console.open311.settings import Open311Settings
from routing import desk, publishing
from routing.errors import TicketError
from routing.facts import Origin
from routing.tables import Ticket
from routing.terms import Report
from store.clock import utcnow
from tests.api_door import GRID
from tests.town import utter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from bot.city import City
    from bot.settings import Settings
    from routing.context import RoutingContext
    from store.engine import Store

LAMP = "安泰路路灯不亮，黑漆漆的没法走"
SAID = "这一片的路灯故障，已安排检修。"
SURNAMES, GIVEN = "柏祝鲍裴骆", "一苇海棠青岚"
MANY = 120
"""Tickets with canaries."""


@asynccontextmanager
async def serve(store: Store, city: City, settings: Open311Settings) -> AsyncIterator[str]:
    """Serve what is published on a free port."""
    application = web.Application()
    mount(application, store, CityView(city), settings)
    async with TestServer(application) as server:
        yield str(server.make_url("")).rstrip("/")


def open_one(session: Any, context: RoutingContext, text: str, resident: int, **facts: Any) -> str:
    opened = desk.open_ticket(
        session,
        report=Report(text=text, areas=(facts.pop("area", GRID),), place=text, public_place="安泰路", **facts),
        resident_id=resident,
        origin=Origin(inbox_id=None, channel="terminal"),
        context=context,
        now=utcnow(),
        utterance=utter(text),
    )
    return opened.joined_to or opened.ticket.number


def publish(session: Any, number: str, text: str, context: RoutingContext, least: int = 3) -> bool:
    try:
        publishing.publish(session, number, text=text, least=least, actor="operator", now=utcnow(), context=context)
    except TicketError:
        return False
    return True


@dataclass(frozen=True)
class Served:
    """The demo city's published matters at an address."""

    address: str
    store: Store
    city: City


@pytest.fixture
async def served(demo_city: tuple[Path, City], demo_store: Store) -> AsyncIterator[Served]:
    async with serve(demo_store, demo_city[1], Open311Settings(enabled=True, contact="data@example.org")) as address:
        yield Served(address, demo_store, demo_city[1])


async def write(served: Served, step: Callable[[Any, RoutingContext], Any]) -> Any:
    context = CityView(served.city).context(now=utcnow())
    return await served.store.write(lambda s: step(s, context))


async def ask(call: Callable[[], Any]) -> Any:
    """Let the client, which blocks, ask from another thread."""
    return await asyncio.to_thread(call)


def open_lamp(session: Any, context: RoutingContext) -> str:
    numbers = {open_one(session, context, LAMP, resident) for resident in (1, 2, 3)}
    [number] = numbers
    assert publish(session, number, SAID, context)
    return number


@pytest.mark.parametrize("form", ["json", "xml"])
async def test_the_georeport_client_reads_services_and_requests(served: Served, form: str) -> None:
    number = await write(served, open_lamp)
    client = GeoReport(f"{served.address}{PREFIX}", output_format=form)

    services = await ask(client.get_service_list)
    item = await served.store.read(lambda s: s.execute(select(Ticket.item).where(Ticket.number == number)).scalar_one())
    [service] = [one for one in services if one["service_code"] == item]
    assert str(service["metadata"]).lower() == "false"
    assert (await ask(lambda: client.get_service_definition(item)))["service_code"] == item
    listed = await ask(client.get_service_requests)
    found = listed if isinstance(listed, list) else [listed]
    assert [(one["service_request_id"], one["status"], one["description"]) for one in found] == [(number, "open", SAID)]
    one = await ask(lambda: client.get_service_request(number))
    assert (one["service_code"], one["service_name"]) == (item, service["service_name"])
    assert [one[name] for name in ("lat", "long", "zipcode", "media_url")] == [None] * 4


async def test_filters_and_refusals_as_the_standard_has_them(served: Served) -> None:
    number = await write(served, open_lamp)
    root = f"{served.address}{PREFIX}"

    async def count(**asked: str) -> int:
        return len((await ask(lambda: requests.get(f"{root}/requests.json", params=asked, timeout=60))).json())

    async def refuse(path: str, method: str = "GET", **asked: str) -> tuple[int, Any]:
        response = await ask(lambda: requests.request(method, f"{root}{path}", params=asked, timeout=60))
        return response.status_code, response

    today = utcnow().date().isoformat()
    assert await count() == 1
    assert await count(service_request_id=f"{number},20990101-0001") == 1
    assert await count(service_code="NO-SUCH") == 0
    assert await count(status="closed") == 0
    assert await count(status="open,closed") == 1
    assert await count(start_date=f"{today}T00:00:00Z") == 1
    assert await count(end_date="2020-01-01T00:00:00Z") == 0
    assert await count(start_date="2020-01-01T00:00:00Z", end_date="2030-01-01T00:00:00Z") == 0  # 90 days at most
    for path, asked, status in (
        ("/requests.json", {"status": "lost"}, 400),
        ("/requests.json", {"start_date": "yesterday"}, 400),
        ("/requests.json", {"end_date": "0001-01-01T00:00:00Z"}, 400),
        ("/requests/20990101-0001.json", {}, 404),
        ("/services/NO-SUCH.json", {}, 404),
        ("/tokens/1.json", {}, 404),
    ):
        answered, response = await refuse(path, **asked)
        [error] = response.json()
        assert (answered, error["code"]) == (status, str(status))
    answered, response = await refuse("/requests.xml", status="lost")
    assert ET.fromstring(response.content).find("error/code").text == "400"  # noqa: S314 - our own answer
    assert (await refuse("/requests.json", "POST"))[0] == 405


async def test_what_is_taken_back_is_not_kept_by_anybody_on_the_way_and_a_refusal_neither(served: Served) -> None:
    number = await write(served, open_lamp)
    for path in ("/requests.json", f"/requests/{number}.json", "/requests/20990101-0001.json", "/requests.json?status=whatever"):
        response = await ask(lambda path=path: requests.get(f"{served.address}{PREFIX}{path}", timeout=60))
        assert response.headers["Cache-Control"] == "no-cache", path


async def test_discovery_says_where_what_is(served: Served) -> None:
    found = (await ask(lambda: requests.get(f"{served.address}{PREFIX}/discovery.json", timeout=60))).json()

    assert found["endpoints"][0]["url"] == f"{served.address}{PREFIX}"
    assert found["contact"] == "data@example.org"


async def test_the_service_itself_serves_it_once_it_is_turned_on(
    demo_settings: Settings, demo_store: Store, demo_city: tuple[Path, City]
) -> None:
    for enabled, status in ((True, 200), (False, 404)):
        settings = msgspec.structs.replace(demo_settings, open311=Open311Settings(enabled=enabled))
        app = App(settings, demo_store, demo_city[1], make_channels(settings, demo_store))
        async with TestServer(app.application()) as server:
            root = str(server.make_url("")).rstrip("/") + PREFIX
            response = await ask(lambda root=root: requests.get(f"{root}/services.json", timeout=60))
            assert response.status_code == status
            if enabled:
                assert len(await ask(GeoReport(root).get_service_list)) > 50


async def test_it_is_off_unless_turned_on(demo_store: Store, demo_city: tuple[Path, City]) -> None:
    async with serve(demo_store, demo_city[1], Open311Settings()) as address:
        response = await ask(lambda: requests.get(f"{address}{PREFIX}/services.json", timeout=60))

    assert response.status_code == 404


@pytest.mark.deep_on_postgres
async def test_no_canary_comes_out(served: Served) -> None:
    """Phones, names, doors and words of hundreds of residents; desks that try to publish them; kinds and matters that are nobody's business."""
    chance = random.Random(7)
    canaries: list[str] = []
    published: list[str] = []

    def plant(session: Any, context: RoutingContext) -> None:
        for place in range(MANY):
            name = chance.choice(SURNAMES) + "".join(chance.sample(GIVEN, 2))
            phone = f"139{chance.randrange(10**8):08d}"
            door, word = f"{place % 30 + 1}号楼{chance.randrange(1, 9)}单元{chance.randrange(101, 999)}", f"暗号{place:04d}号"
            planted = (name, phone, door, word)
            canaries.extend(planted)
            text = f"{LAMP}，我叫{name}，电话{phone}，住{door}，{word}"
            facts = {"kind": "report"} if place % 5 == 0 else {"confidential": True} if place % 7 == 0 else {}
            number = open_one(session, context, text, 100 + place, **facts)
            said = (f"路灯故障，联系{name}", f"路灯故障，{phone}", f"{door}外路灯故障", f"路灯故障，{word}", SAID)
            published.extend(one for one in said if publish(session, number, one, context, least=1))

    await write(served, plant)
    assert published
    assert set(published) == {SAID}
    root = f"{served.address}{PREFIX}"
    out = [
        (await ask(lambda path=path: requests.get(f"{root}/{path}", timeout=60))).text
        for path in ("requests.json", "requests.xml", "services.json", "services.xml", "discovery.json")
    ]
    found = "\n".join(out) + json.dumps([json.loads(one) for one in out if one.startswith(("[", "{"))], ensure_ascii=False)
    assert SAID in found
    assert [canary for canary in canaries if canary in found] == []
