"""What of grid work is not written down: empty words, checks that no sheet has, other people's grids; and a finding is no check that was done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.city import note_change
from bot.control import CommandRefused, carry_out
from bot.texts import fill
from routing.grid_tables import PatrolSheetRow, SeasonPlanRow, SpotRecord
from routing.tables import Ticket
from routing.terms import Level

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.city import City
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

ITEMS = ["楼道堆物", "消防通道"]


@pytest.fixture
async def town(demo_store: Store, demo_city: tuple[Path, City]) -> tuple[Store, City]:
    """A sheet and a plan for one grid, both of today."""
    city = demo_city[1]

    def write(session: Session) -> None:
        grid = grid_of(city)
        session.add(PatrolSheetRow(code="S1", name="楼道", area=grid, items=ITEMS, rhythm="weekly", days="all", active=True))
        plan = {"starts": "01-01", "ends": "12-31", "lead_days": 0, "areas": [grid], "items": ITEMS, "active": True}
        session.add(SeasonPlanRow(code="P1", name="消防", **plan))
        note_change(session)

    await demo_store.write(write)
    await carry_out(demo_store, city, "patrol.due", {})
    await carry_out(demo_store, city, "plans.tasks", {})
    return demo_store, city


def grid_of(city: City, number: int = 0) -> str:
    """Name a grid that has a worker."""
    return [code for code, area in city.org.areas.items() if area.level is Level.GRID and city.org.grid_worker_of(code)][number]


def worker_of(city: City, number: int = 0) -> str:
    worker = city.org.grid_worker_of(grid_of(city, number))
    assert worker is not None
    return worker.code


async def refuse(town: tuple[Store, City], name: str, asked: dict[str, Any]) -> str:
    with pytest.raises(CommandRefused) as refused:
        await carry_out(*town, name, asked)
    return str(refused.value)


@pytest.mark.parametrize("name", ["patrol.solve", "patrol.file"])
async def test_who_says_nothing_has_done_nothing(town: tuple[Store, City], name: str) -> None:
    city = town[1]
    said = await refuse(town, name, {"grid": grid_of(city), "actor": worker_of(city), "text": " \n"})

    assert said == fill("cli", "error_nothing_told")
    assert await town[0].read(lambda s: (s.query(SpotRecord).count(), s.query(Ticket).count())) == (0, 0)


async def test_other_peoples_grids_are_refused_as_grids(town: tuple[Store, City]) -> None:
    stranger = worker_of(town[1], 1)
    asked: list[tuple[str, dict[str, Any]]] = [
        ("patrol.record", {"round": 1}),
        ("plans.record", {"task": 1}),
        ("patrol.solve", {"grid": grid_of(town[1]), "text": "修好扶手"}),
        ("patrol.file", {"grid": grid_of(town[1]), "text": "路灯不亮"}),
    ]

    assert [await refuse(town, name, more | {"actor": stranger}) for name, more in asked] == [
        fill("cli", "error_not_your_grid")
    ] * 4


async def test_what_is_not_on_the_sheet_was_not_checked(town: tuple[Store, City]) -> None:
    asked = {"round": 1, "actor": worker_of(town[1]), "item": "井盖"}

    assert await refuse(town, "patrol.record", asked | {"fixed": "盖好了"}) == fill("cli", "error_unknown_check", {"error": "井盖"})
    assert await refuse(town, "patrol.record", asked | {"found": "井盖破了"}) == fill(
        "cli", "error_unknown_check", {"error": "井盖"}
    )
    assert (await carry_out(*town, "patrol.record", asked | {"item": ITEMS[0], "fixed": "搬走了"}))["fixed"] == 1


async def test_a_finding_alone_ticks_nothing_off(town: tuple[Store, City]) -> None:
    asked = {"task": 1, "actor": worker_of(town[1])}
    found = await carry_out(*town, "plans.record", asked | {"found": "3栋楼道堆满杂物"})
    one = await carry_out(*town, "plans.record", asked | {"items": [ITEMS[0]], "found": "还有一处"})
    done = await carry_out(*town, "plans.record", asked)

    assert (found["left"], found["done"], len(found["tickets"])) == (ITEMS, False, 1)
    assert (one["left"], one["done"]) == ([ITEMS[1]], False)
    assert (done["left"], done["done"]) == ([], True)


@pytest.mark.parametrize("name", ["patrol.missed", "patrol.solved"])
async def test_days_run_forward(town: tuple[Store, City], name: str) -> None:
    days = {"since": "2026-11-30", "until": "2026-11-01"}
    said = await refuse(town, name, days)

    assert said == fill("cli", "error_report_days", {"first": days["since"], "last": days["until"]})
    assert await carry_out(*town, name, {"since": "2026-11-01", "until": "2026-11-01"}) == []
