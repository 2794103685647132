"""地图: drawn from the city's own outlines, of public ground alone; the maps of others only where the city said so."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from sqlalchemy import select

from bot.settings import Maps
from console.pages.headers import make_headers
from routing.shapes import AreaShape
from tests.page_door import open_pages

if TYPE_CHECKING:
    from pathlib import Path

    from bot.city import City
    from store.engine import Store
    from tests.page_door import Pages

STREETS = ["LA-DL-LT", "LA-DL-SL", "LA-DL-WH"]
POINT, QUESTION = "ZS-127", "ZS-001"


async def read(pages: Pages, query: str) -> list[dict[str, Any]]:
    seen = await pages.visit("", f"/outlines{query}")
    assert (seen.status, seen.headers["Content-Type"], seen.headers["Cache-Control"]) == (200, "application/json", "max-age=600")
    found: list[dict[str, Any]] = msgspec.json.decode(seen.text)
    return found


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("", STREETS),
        ("?near=", STREETS),
        ("?near=nowhere", STREETS),
        ("?near=LA-DL-LT", STREETS),
        ("?near=LA-DL-LT-01", [f"LA-DL-LT-0{number}" for number in range(1, 5)]),
        ("?in=LA-DL-LT-01", [f"LA-DL-LT-01-G{number}" for number in range(1, 5)]),
        ("?in=LA-DL-LT-01-G1", []),
    ],
)
async def test_the_areas_around_a_home_or_inside_an_area_have_their_outlines(pages: Pages, query: str, codes: list[str]) -> None:
    found = await read(pages, query)
    kept = dict(await pages.api.store.read(lambda s: s.execute(select(AreaShape.code, AreaShape.outline)).all()))

    assert [one["code"] for one in found] == codes
    assert [one["outline"] for one in found] == [kept[code] for code in codes]


async def test_two_levels_come_with_what_holds_them_and_an_area_without_an_outline_is_left_out(pages: Pages) -> None:
    await pages.api.store.write(lambda s: s.delete(s.get_one(AreaShape, "LA-DL-SL-02")))
    found = await read(pages, "?deep=2")

    assert [one["code"] for one in found[:3]] == STREETS
    assert (len(found), "LA-DL-SL-02" in {one["code"] for one in found}) == (3 + 11, False)
    assert {one["parent"] for one in found[3:]} == set(STREETS)


@pytest.mark.parametrize(("query", "status"), [("?in=nowhere", 404), ("?deep=3", 422), ("?deep=", 422)])
async def test_what_is_not_there_has_no_outlines(pages: Pages, query: str, status: int) -> None:
    assert (await pages.visit("", f"/outlines{query}")).status == status


async def test_a_service_point_stands_on_a_map_and_a_question_on_none(pages: Pages) -> None:
    point, question = [await pages.visit("", f"/faq/{code}") for code in (POINT, QUESTION)]
    listed = await pages.visit("", "/faq?kind=service_point")

    entry = pages.api.city.entries[POINT]
    assert f'<a data-at="{entry.coordinates}" href="/faq/{POINT}">' in point.text
    assert ("leaflet.min.js" in point.text, "atlas" in question.text, "leaflet" in question.text) == (True, False, False)
    assert (listed.text.count("data-at="), "leaflet.min.js" in listed.text) == (14, True)
    assert "在地图软件里看" not in point.text


async def test_the_maps_of_others_are_shown_only_where_the_city_said_so(demo_store: Store, demo_city: tuple[Path, City]) -> None:
    city = copy.copy(demo_city[1])
    ground = Maps(
        tiles="https://map.example/t/{z}/{x}/{y}.png?key=1",
        credit="审图号 <GS>",
        link="https://way.example/to?at={longitude},{latitude}&name={name}",
    )
    city.settings = msgspec.structs.replace(city.settings, maps=ground)
    async with open_pages(demo_store, city) as opened, opened.client.get(f"{opened.address}/faq/{POINT}") as response:
        text = await response.text()

        assert response.headers["Content-Security-Policy"] == make_headers("https://map.example")["Content-Security-Policy"]
        assert "img-src 'self' data: blob: https://map.example;" in response.headers["Content-Security-Policy"]
    longitude, latitude = city.matcher.entry(POINT).coordinates.split(",")
    assert 'data-tiles="https://map.example/t/{z}/{x}/{y}.png?key=1" data-credit="审图号 &lt;GS&gt;"' in text
    way = f"https://way.example/to?at={longitude},{latitude}&amp;name=%E6%9F%B3%E5%A1%98%E8%A1%97%E9%81%93"
    assert f'href="{way}' in text
    assert "map.example" not in make_headers()["Content-Security-Policy"]
