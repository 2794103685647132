"""The command line of changes of the organisation: what would be, what is done, what is refused and why."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from bot.cli.main import run
from bot.control import open_city
from bot.settings import load
from bot.texts import fill, load_texts
from routing.holdings import COLUMNS

if TYPE_CHECKING:
    from pathlib import Path

G1, G2 = "LA-DL-LT-01-G1", "LA-DL-LT-01-G2"
PARTS = """code,name,households,places,workers
LA-DL-LT-01-G1,安泰东网格,310,安泰路#2-50|安泰巷|安泰花园|安泰社区党群服务中心,GW001
LA-DL-LT-01-G9,安泰西网格,320,安泰路#52-98|安泰小学,GW900
"""
STAFF = "code,name,role,unit,area\nGW900,贺新来,grid_worker,LT-01-JWH,LA-DL-LT-01-G1\n"


async def find_grids(*texts: str) -> list[tuple[str, ...]]:
    """Say where places lie in the city as it is now."""
    async with open_city(load()) as (_, city):
        return [city.gazetteer.find(text)[0].areas for text in texts]


def answer(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> Any:
    assert run(["org", *arguments, "--json"]) == code
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def table(seeded: Path, capsys: pytest.CaptureFixture[str]) -> str:
    staff, parts = seeded / "staff.csv", seeded / "parts.csv"
    staff.write_text(STAFF, encoding="utf-8")
    parts.write_text(PARTS, encoding="utf-8")
    assert run(["import", "staff", str(staff)]) == 0
    capsys.readouterr()
    return str(parts)


def test_a_split_is_shown_then_done_and_the_second_time_changes_nothing(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    shown = answer(capsys, "split-grid", G1, table)
    again = answer(capsys, "split-grid", G1, table)
    done = answer(capsys, "split-grid", G1, table, "--yes")
    twice = answer(capsys, "split-grid", G1, table, "--yes")

    assert (shown["applied"], shown["empty"], done["applied"], twice["empty"]) == (False, False, True, True)
    assert shown == again
    assert shown["moves"] == done["moves"]
    assert {(move["table"], move["name"], move["to"]) for move in done["moves"] if move["table"] == "staff"} == {
        ("staff", "贺新来", "LA-DL-LT-01-G9")
    }
    assert asyncio.run(find_grids("安泰路88号", "安泰路8号")) == [("LA-DL-LT-01-G9",), (G1,)]


def test_what_people_read(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["org", "split-grid", G1, table]) == 0
    planned = capsys.readouterr().out
    assert run(["org", "merge-grids", G1, G2, "--name", "安泰大网格", "--yes"]) == 0
    done = capsys.readouterr().out

    assert fill("cli", "org_area", {"name": "安泰西网格", "code": "LA-DL-LT-01-G9", "households": 320}) in planned
    assert planned.splitlines()[-1] == fill("cli", "org_planned")
    assert "安泰大网格（LA-DL-LT-01-G1）" in done
    assert done.splitlines()[-1] == fill("cli", "org_done")


@pytest.mark.parametrize(
    ("arguments", "trouble"),
    [
        (["merge-grids", G1, "LA-DL"], fill("org", "trouble_not_a_grid", {"name": "东篱区"})),
        (["move-worker", "GW001", G2], fill("org", "trouble_no_worker", {"name": "安泰社区第一网格"})),
        (["retire-unit", "LT-01-JWH", "nobody"], fill("org", "trouble_unknown_unit", {"code": "nobody"})),
    ],
)
@pytest.mark.usefixtures("seeded")
def test_a_change_that_leaves_something_is_refused(arguments: list[str], trouble: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(capsys, *arguments, "--yes", code=1)["troubles"][0] == trouble
    assert run(["org", *arguments]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == fill("cli", "org_refused")


def test_a_table_that_cannot_be_read_says_where(table: str, seeded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = seeded / "wrong.csv"
    for content, said in (
        ("code,name\nA,B\n", fill("cli", "error_split_columns", {"columns": "places"})),
        ("code,name,places,households\nA,B,C,many\n", "第 2 行"),
        ("code,name,places\nA,,C\n", "第 2 行"),
    ):
        path.write_text(content, encoding="utf-8")
        assert run(["org", "split-grid", G1, str(path)]) == 1
        assert said in capsys.readouterr().err
    assert table


def test_an_old_list_of_areas_does_not_bring_back_what_is_no_more(seeded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["org", "merge-grids", G1, G2, "--yes"]) == 0
    path = seeded / "areas.csv"
    path.write_text(f"code,name,level,parent\n{G2},旧网格,grid,LA-DL-LT-01\n", encoding="utf-8")
    capsys.readouterr()

    assert run(["import", "areas", str(path)]) == 1
    assert fill("import_city", "retired", {"code": G2, "successor": G1}) in capsys.readouterr().out


def test_an_import_says_which_grids_are_of_an_odd_size(seeded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = seeded / "areas.csv"
    rows = "N1,大格,grid,LA-DL-LT-01,,900\nN2,商户格,grid,LA-DL-LT-01,merchant,900\nN3,好格,grid,LA-DL-LT-01,residential,400\n"
    path.write_text(f"code,name,level,parent,kind,households\n{rows}", encoding="utf-8")

    assert run(["import", "areas", str(path)]) == 0
    said = fill("cli", "import_grid_size", {"count": 1, "least": 300, "most": 500, "names": "大格 900"})
    assert said in capsys.readouterr().out


def test_everything_that_may_follow_has_a_name() -> None:
    tables = {f"table_{column.table.__tablename__}" for column in COLUMNS}

    assert tables == {key for key in load_texts()["org"] if key.startswith("table_")}
