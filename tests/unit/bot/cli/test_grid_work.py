"""The command line of grid work: rounds, findings, what was put right, seasonal tasks, filing for a resident."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from bot.cli.main import run
from bot.texts import fill
from tests.installation import move_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

G1, G2 = "LA-DL-LT-01-G1", "LA-DL-LT-01-G2"
SHEETS = f"""code,name,area,items,rhythm,active
WEEK,每周巡查,{G2},消防通道|路面,weekly,yes
HAND,临时巡查,{G1},路面,daily,no
"""
ROUND = "INSERT INTO patrol_round (sheet, area, day, turn, worker, due_at, done_by) VALUES (?, ?, ?, ?, ?, ?, ?)"
PLANS = f"""code,name,starts,ends,areas,items,lead_days
ALWAYS,四季预案,01-01,12-31,{G1}|{G2},阀门|雨水口,400
"""


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert run([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.fixture(scope="module")
def working_city(seeded_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the demo city with rounds and seasonal plans: a template to copy."""
    folder = tmp_path_factory.mktemp("working")
    with pytest.MonkeyPatch.context() as patch:
        move_in(folder, seeded_city, patch)
        for table, content in (("patrol-sheets", SHEETS), ("season-plans", PLANS)):
            path = folder / f"{table}.csv"
            path.write_text(content, encoding="utf-8")
            assert run(["import", table, str(path)]) == 0
    with closing(sqlite3.connect(folder / "data" / "jieying.db")) as database:
        database.execute(ROUND, ("HAND", G1, "2098-12-31", 1, "GW001", "2098-12-31 10:00:00.000000", ""))
        database.commit()
    return folder


@pytest.fixture
def work(enter: Callable[[Path], Path], working_city: Path) -> Path:
    return enter(working_city)


@pytest.mark.usefixtures("work")
def test_a_round_with_a_finding_and_something_put_right(capsys: pytest.CaptureFixture[str]) -> None:
    due = answer(capsys, "patrol", "due", "--as", "GW001")
    number = str(due[0]["round"])
    done = answer(capsys, "patrol", "record", number, "--found", "安泰路8号门口路灯不亮三天了", "--item", "路面", "--as", "GW001")
    again = answer(capsys, "patrol", "record", number, "--fixed", "把楼道的纸箱搬走了", "--as", "GW001")
    solved = answer(capsys, "patrol", "solved")
    ticket = answer(capsys, "tickets", "show", done["tickets"][0]["number"])

    assert [(one["sheet"], one["grid"], one["worker"]) for one in due] == [("HAND", G1, "GW001")]
    assert (ticket["place"], again["fixed"]) == ("安泰路8号", 1)
    assert [(one["area"], one["worker"], one["count"]) for one in solved] == [(G1, "GW001", 1)]
    assert answer(capsys, "patrol", "due", "--as", "GW001") == []
    assert answer(capsys, "patrol", "missed", "--since", "2098-01-01", "--until", "2098-12-31") == []


@pytest.mark.usefixtures("work")
def test_seasonal_tasks_are_ticked_off(capsys: pytest.CaptureFixture[str]) -> None:
    tasks = answer(capsys, "plans", "tasks", "--as", "GW002")
    task = str(tasks[0]["task"])
    part = answer(capsys, "plans", "record", task, "--item", "阀门", "--as", "GW002")
    assert run(["plans", "record", task, "--as", "GW002"]) == 0
    said = capsys.readouterr().out.strip()

    assert ([one["grid"] for one in tasks], part["left"], part["done"]) == ([G2], ["雨水口"], False)
    assert said == fill("cli", "plan_done", {"grid_name": tasks[0]["grid_name"], "name": "四季预案"})
    assert answer(capsys, "plans", "tasks", "--as", "GW002") == []
    assert [one["grid"] for one in answer(capsys, "plans", "tasks")] == [G1]


@pytest.mark.usefixtures("work")
def test_a_worker_files_for_a_resident_who_is_not_known(capsys: pytest.CaptureFixture[str]) -> None:
    filed = answer(capsys, "patrol", "file", G1, "--text", "三楼王大娘家水管漏水", "--phone", "13812345678", "--as", "GW001")
    assert run(["patrol", "file", G1, "--text", "安泰花园北门路灯坏了", "--as", "GW001"]) == 0

    assert (filed["resident_told"], filed["joined"]) == (False, False)
    assert capsys.readouterr().out.splitlines()[-1] == fill("cli", "filed_untold")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["patrol", "record", "999", "--as", "GW001"], "unknown_work"),
        (["patrol", "solve", G2, "--text", "扶车", "--as", "GW001"], "not_your_grid"),
        (["patrol", "solve", "NO", "--text", "扶车"], "unknown_work"),
        (["plans", "record", "999", "--as", "GW001"], "unknown_work"),
        (["patrol", "due", "--as", "nobody"], "unknown_name"),
    ],
)
@pytest.mark.usefixtures("work")
def test_what_is_not_theirs_is_refused(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 1
    assert capsys.readouterr().err.strip() == fill("cli", f"error_{said}")


@pytest.mark.usefixtures("work")
def test_what_people_read(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["patrol", "sheets"], ["patrol", "due"], ["plans", "list"], ["plans", "tasks"]):
        assert run(arguments) == 0
    printed = capsys.readouterr().out
    assert run(["plans", "undone"]) == 0

    assert all(name in printed for name in ("每周巡查", "四季预案", "消防通道、路面", fill("cli", "rhythm_weekly")))
    assert capsys.readouterr().out.strip() == fill("cli", "grid_work_none")


@pytest.mark.parametrize(
    ("table", "row", "said"),
    [
        ("patrol-sheets", "S,巡查,NO,路面,daily", "unknown_area"),
        ("patrol-sheets", f"S,巡查,{G1},路面,hourly", "bad_choice"),
        ("season-plans", f"P,预案,11-31,03-01,{G1},阀门", "bad_day"),
        ("season-plans", "P,预案,11-15,03-01,NO,阀门", "unknown_area"),
    ],
)
def test_a_wrong_table_is_refused(work: Path, table: str, row: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    head = "code,name,area,items,rhythm" if table == "patrol-sheets" else "code,name,starts,ends,areas,items"
    path = work / "wrong.csv"
    path.write_text(f"{head}\n{row}\n", encoding="utf-8")

    assert run(["import", table, str(path)]) == 1
    part = fill("import_city", said, {"column": "?", "code": "NO", "value": "?", "choices": "?"}).split("?")[-1]
    assert part in capsys.readouterr().out
