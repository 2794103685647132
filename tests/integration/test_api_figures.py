"""The figures through the API, on both databases: the same sums as the command's, for whoever's desk covers the area."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from bot.commands import report
from bot.reporting.saying import say
from routing import following, tally_rows
from routing.org import Former, StaffMember
from store.clock import utcnow
from tests.api_door import ELSEWHERE, GRID, UNIT, Api, open_api
from tests.integration.test_api import give

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.city import City
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

LONG = {"from": "2020-01-01", "to": "2099-12-31"}


@pytest.fixture
async def api(demo_store: Store, demo_city: tuple[Path, City]) -> AsyncIterator[Api]:
    async with open_api(demo_store, demo_city[1]) as opened:
        yield opened


async def fold(api: Api) -> None:
    await api.store.write(lambda s: tally_rows.refresh_all(s, now=utcnow(), zone=api.city.zone))


async def read(api: Api, role: str = "desk", **asked: Any) -> dict[str, Any]:
    """Read the figures, by code."""
    status, found, _ = await api.call(role, "GET", "/figures", **asked)
    assert status == 200
    by_code: dict[str, Any] = found | {"items": {one["code"]: one for one in found["items"]}}
    return by_code


async def test_every_figure_has_its_numbers_its_exclusions_and_its_formula(api: Api) -> None:
    for resident in (1, 2):
        opened = await api.open(resident=resident, area=GRID if resident == 1 else "LA-DL-LT-01-G2")
    number = opened.ticket.number
    await api.store.write(lambda s: give(s, number, UNIT))
    await api.store.write(
        lambda s: following.withdraw(s, number, resident_id=2, now=utcnow(), context=api.city.context(now=utcnow()))
    )
    await fold(api)

    found = await read(api, **LONG)
    received, closed = found["items"]["received"], found["items"]["closed_rate"]
    assert (found["from"], found["to"], found["fresh"], found["area"]) == (
        *LONG.values(),
        True,
        api.city.org.units[api.city.desk].area,
    )
    assert (received["numerator"], received["denominator"], received["percent"]) == (2, None, None)
    assert (closed["numerator"], closed["denominator"], closed["percent"]) == (0, 1, "0.00")
    assert closed["excluded"] == [{"code": "withdrawn", "name": say("excluded_withdrawn"), "count": 1}]
    assert (closed["name"], closed["formula"]) == (say("name_closed_rate"), say("formula_closed_rate"))


async def test_what_is_asked_narrows_it_and_what_is_below_an_area_counts(api: Api) -> None:
    for resident, area in ((1, GRID), (2, "LA-DL-LT-01-G2"), (3, ELSEWHERE)):
        await api.open(resident=resident, area=area)
    await fold(api)

    counted = {
        asked: (await read(api, **LONG, **dict([asked])))["items"]["received"]["numerator"]
        for asked in (
            ("area", GRID), ("area", "LA-DL-LT-01"), ("area", ""), ("channel", "terminal"), ("channel", "email"), ("kind", "praise"),
            ("item", "NO-SUCH"), ("level", "street"), ("unit", UNIT),
        )
    }  # fmt: skip
    assert list(counted.values()) == [1, 2, 2, 2, 0, 0, 0, 0, counted[("unit", UNIT)]]


async def test_the_command_and_the_api_give_the_same_figures(api: Api, demo_city: tuple[Path, City]) -> None:
    await api.open()
    await fold(api)
    through = await read(api, **LONG, area="LA-DL-LT-01")

    told: Any = await api.store.read(
        lambda s: report.read_figures(s, demo_city[1], now=utcnow(), first=LONG["from"], last=LONG["to"], area="LA-DL-LT-01")
    )
    commanded = {one["code"]: (one["count"], one["of"]) for one in told["figures"]}
    shared = {code: (one["numerator"], one["denominator"]) for code, one in through["items"].items()}
    assert shared == {code: commanded[code] for code in shared}
    assert len(shared) >= 15


async def test_sums_that_lag_behind_say_so(api: Api) -> None:
    await api.open()

    found = await read(api)
    assert (found["fresh"], found["items"]["received"]["numerator"]) == (False, 0)
    today = utcnow().astimezone(api.city.zone).date()
    assert (found["from"], found["to"]) == (today.replace(day=1).isoformat(), today.isoformat())


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"area": ELSEWHERE}, 403, "figures_not_yours"),
        ({"area": "LA-DL"}, 403, "figures_not_yours"),
        ({"area": "NO-SUCH"}, 422, "invalid"),
        ({"unit": "NO-SUCH"}, 422, "invalid"),
        ({"from": "2026-02-30"}, 422, "invalid"),
        ({"from": "2026-02-02", "to": "2026-02-01"}, 422, "invalid"),
        ({"since": "2026-02-02"}, 422, "invalid"),
    ],
)
async def test_what_is_not_the_desks_or_is_no_period_is_refused(api: Api, asked: dict[str, Any], status: int, code: str) -> None:
    answered, problem, _ = await api.call("desk", "GET", "/figures", **asked)
    assert (answered, problem["code"]) == (status, code)


async def test_the_top_desk_reads_the_whole_city_and_a_desk_role_without_a_desk_nothing(api: Api) -> None:
    org = api.city.org
    top = StaffMember(code="TOP", name="柏舟", role="desk", unit=org.top_desk().code)
    lost = StaffMember(code="LOST", name="柏舟", role="auditor", unit=UNIT)
    api.city.org = msgspec.structs.replace(org, staff={**org.staff, "TOP": top, "LOST": lost})
    for resident, area in ((1, GRID), (2, ELSEWHERE)):
        await api.open(resident=resident, area=area)
    await fold(api)

    found = await read(api, "TOP", **LONG)
    assert (found["area"], found["items"]["received"]["numerator"]) == ("", 2)
    status, problem, _ = await api.call("LOST", "GET", "/figures")
    assert (status, problem["code"]) == (403, "figures_not_yours")


async def test_what_lies_in_an_area_that_is_no_more_counts_in_what_followed_it(api: Api, demo_city: tuple[Path, City]) -> None:
    city = copy.copy(demo_city[1])
    for resident, area in ((1, GRID), (2, "LA-DL-LT-01-G2")):
        await api.open(resident=resident, area=area)
    await fold(api)
    gone = city.org.areas[GRID]
    areas = {code: one for code, one in city.org.areas.items() if code != GRID}
    former = {GRID: Former(code=GRID, name=gone.name, successor="LA-DL-LT-01-G2")}
    city.org = msgspec.structs.replace(city.org, areas=areas, former_areas=former)

    asked: dict[str, Any] = {"now": utcnow(), "first": LONG["from"], "last": LONG["to"], "area": "LA-DL-LT-01", "by": "area"}
    told: Any = await api.store.read(lambda s: report.read_figures(s, city, **asked))
    received = {one["value"]: one["figures"][0]["count"] for one in told["by"]}
    assert received == {"LA-DL-LT-01-G2": 2}
    assert told["figures"][0]["count"] == 2
