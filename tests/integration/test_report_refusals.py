"""What reports are asked in vain: every refusal says in Chinese what to do, and nothing that is written wrong looks like an empty month."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from bot.city import note_change
from bot.cli.main import run
from bot.control import CommandRefused, carry_out
from bot.texts import fill
from routing.tables import StaffRow
from routing.terms import UnitKind
from store.clock import utcnow
from tests.integration.test_month_pack import Writer

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.city import City
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

APRIL = datetime(2026, 4, 3, 2, tzinfo=UTC)
DAYS = {"first": "2026-04-01", "last": "2026-04-30"}


async def refuse(store: Store, city: City, name: str, asked: dict[str, Any]) -> str:
    with pytest.raises(CommandRefused) as refused:
        await carry_out(store, city, name, asked)
    return str(refused.value)


@pytest.mark.parametrize("month", ["2026-1", "2026-13", "0001-01", "1999-12", "9999-12", "2026-011", "２０２６-04", "四月", ""])
@pytest.mark.parametrize("command", ["report.month", "report.alarms", "report.stationed"])
async def test_a_month_is_written_in_one_way(demo_store: Store, demo_city: tuple[Path, City], command: str, month: str) -> None:
    said = await refuse(demo_store, demo_city[1], command, {"month": month})

    assert said == fill("cli", "error_no_month", {"month": month})


async def test_a_month_that_has_not_begun_has_no_pack_and_no_decision(demo_store: Store, demo_city: tuple[Path, City]) -> None:
    city = demo_city[1]
    this = utcnow().astimezone(city.zone)
    ahead = f"{this.year + 1}-01"
    decision = {"month": ahead, "what": "换灯", "actor": "operator"}
    said = [
        await refuse(demo_store, city, "report.month", {"month": ahead}),
        await refuse(demo_store, city, "report.decide", decision),
    ]
    made = await carry_out(demo_store, city, "report.decide", decision | {"month": f"{this:%Y-%m}"})

    assert said == [fill("cli", "error_month_ahead", {"month": ahead})] * 2
    assert made["month"] == f"{this:%Y-%m}"


@pytest.mark.parametrize(
    ("name", "value"), [("unit", "NOPE"), ("item", "NOPE"), ("kind", "怨言"), ("channel", "fax"), ("level", "国家")]
)
async def test_a_value_that_nothing_has_is_not_counted_as_zero(
    demo_store: Store, demo_city: tuple[Path, City], name: str, value: str
) -> None:
    city = demo_city[1]
    await demo_store.write(lambda s: Writer(s, city).add(APRIL, place=""))
    await carry_out(demo_store, city, "report.refresh", {})
    said = await refuse(demo_store, city, "report.figures", DAYS | {name: value})
    there = {"unit": "DL-LDZM", "item": "", "kind": "help", "channel": "terminal", "level": ""}[name]

    assert said == fill(
        "cli",
        "error_no_value",
        {"name": fill("report", f"dimension_{name}"), "value": value, "seen": there or fill("report", "no_value_yet")},
    )


async def test_a_unit_and_an_item_that_had_nothing_to_do_count_zero(demo_store: Store, demo_city: tuple[Path, City]) -> None:
    city = demo_city[1]
    item = next(iter(city.duty_list.items))
    found = [
        await carry_out(demo_store, city, "report.figures", DAYS | asked)
        for asked in ({"unit": "DL-LDZM"}, {"item": item}, {"level": "street"}, {"kind": "help"})
    ]

    assert [one["figures"][0]["count"] for one in found] == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("first", "last"), [("2026-04-30", "2026-04-01"), ("0001-01-01", "2026-04-01"), ("2026-04-01", "9999-12-31")]
)
async def test_days_run_forward_within_what_calendars_hold(
    demo_store: Store, demo_city: tuple[Path, City], first: str, last: str
) -> None:
    said = await refuse(demo_store, demo_city[1], "report.figures", {"first": first, "last": last})

    assert said == fill("cli", "error_report_days", {"first": first, "last": last})


async def test_whoever_may_decide_may_settle_it_and_nobody_else(demo_store: Store, demo_city: tuple[Path, City]) -> None:
    city = demo_city[1]
    org = city.org
    streets = [desk for desk in org.desks.values() if org.above(desk) is not None][:2]
    people = {"TOP": org.top_desk(), "ONE": streets[0], "TWO": streets[1]}

    def staff(session: Session) -> None:
        for code, desk in people.items():
            session.add(StaffRow(code=code, name=code, unit=desk.code, area="", role="operator"))
        note_change(session)
        city.refresh(session, now=utcnow())

    await demo_store.write(staff)
    assert {desk.kind for desk in people.values()} == {UnitKind.DESK}
    decided = {"month": "2026-03", "what": "换灯"}
    of_street, of_other, of_city = [
        (await carry_out(demo_store, city, "report.decide", decided | asked))["id"]
        for asked in (
            {"area": streets[0].area, "actor": "ONE"},
            {"area": streets[1].area, "actor": "TWO"},
            {"actor": "TOP"},
        )
    ]

    async def settle(number: int, actor: str) -> str:
        asked = {"decision": number, "result": "换了", "actor": actor}
        return str((await carry_out(demo_store, city, "report.settle", asked))["state"])

    assert [await settle(of_street, "ONE"), await settle(of_other, "TOP")] == ["done", "done"]
    not_theirs = {"decision": of_city, "result": "换了", "actor": "ONE"}
    assert await refuse(demo_store, city, "report.settle", not_theirs) == fill("cli", "error_no_decision", {"number": of_city})
    assert await settle(of_city, "TOP") == "done"
    nothing = {"decision": of_city, "result": "  ", "actor": "TOP"}
    assert await refuse(demo_store, city, "report.settle", nothing) == fill("cli", "error_result_empty")


@pytest.mark.parametrize("command", [["month", "2026-04"], ["stationed", "--month", "2026-04"]])
def test_a_file_in_no_folder_is_refused_before_anything_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    path = tmp_path / "none" / "月报.xlsx"

    assert run(["report", *command, "--out", str(path)]) == 2
    assert fill("cli", "error_out_folder", {"folder": path.parent}) in capsys.readouterr().err
