"""The duty list, read from rows and from the shipped files."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from importlib.resources import files
from typing import TYPE_CHECKING

import msgspec
import pytest

from routing.duty_list import DutyProblem, build, load_folder, read_rows
from routing.terms import Level
from tests.town import LAMP, STALL

if TYPE_CHECKING:
    from pathlib import Path

ROW = {
    "code": "SZ-001",
    "name": "路灯不亮",
    "category": "municipal",
    "words": "路灯| 灯不亮 |路灯",
    "phrasings": "楼下灯黑了",
    "level": "district",
    "lead": "路灯照明",
    "assisting": "",
    "deadline_value": "3",
    "deadline_unit": "days",
    "deadline_calendar": "working",
    "tier": "normal",
    "basis": "",
    "valid_from": "2026-01-01",
    "valid_to": "",
    "allowed_levels": "street|district",
    "enforceable": "no",
    "public_space": "yes",
    "std_code": "",
    "remark": "unknown columns are not ours",
}


def test_a_row_becomes_an_item() -> None:
    items, problems = read_rows([(2, ROW)], file="a.csv")

    assert problems == ()
    assert len(items) == 1
    assert items[0].words == ("路灯", "灯不亮")
    assert items[0].assisting == ()
    assert items[0].deadline_value == 3
    assert items[0].allowed_levels == (Level.STREET, Level.DISTRICT)
    assert (items[0].enforceable, items[0].public_space) == (False, True)
    assert (items[0].valid_from, items[0].valid_to) == (date(2026, 1, 1), None)


def test_what_is_left_empty_takes_its_default() -> None:
    row = {name: ROW[name] for name in ("code", "name", "words", "level", "lead")}

    items, problems = read_rows([(2, row)], file="a.csv")

    assert problems == ()
    assert (items[0].deadline_value, items[0].deadline_unit, items[0].public_space) == (5, "days", True)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"code": ""}, "empty: code"),
        ({"words": " | "}, "empty: words"),
        ({"level": "planet"}, "Invalid enum value 'planet' - at `$.level`"),
        ({"deadline_value": "soon"}, "Expected `int`, got `str` - at `$.deadline_value`"),
        ({"deadline_value": "0"}, "deadline_value must be at least 1"),
        ({"deadline_unit": "weeks"}, "Invalid enum value 'weeks' - at `$.deadline_unit`"),
        ({"enforceable": "maybe"}, "enforceable must be yes or no, not 'maybe'"),
        ({"valid_to": "2025-01-01"}, "valid_to lies before valid_from"),
        ({"valid_from": "1/1/2026"}, "Invalid RFC3339 encoded date - at `$.valid_from`"),
    ],
)
def test_a_bad_row_is_a_problem_with_its_line(change: dict[str, str], told: str) -> None:
    items, problems = read_rows([(7, {**ROW, **change})], file="a.csv")

    assert items == ()
    assert problems == (DutyProblem(file="a.csv", line=7, what=f"duty_cell_wrong|problem={told.replace('|', '/')}"),)


def test_of_a_code_that_occurs_twice_the_first_row_stands() -> None:
    items, problems = read_rows([(2, ROW), (3, {**ROW, "name": "another"})], file="a.csv")

    assert [item.name for item in items] == ["路灯不亮"]
    assert problems == (DutyProblem(file="a.csv", line=3, what="duty_code_twice|code=SZ-001"),)


def test_a_citys_own_item_replaces_the_shipped_one() -> None:
    own = msgspec.structs.replace(LAMP, lead="供电")

    assert build([STALL, LAMP, own]).items == {"SZ-1": own, "ZF-1": STALL}
    assert build([LAMP]).item("SZ-1") == LAMP
    assert build([LAMP]).item("ZF-1") is None


def test_validity_includes_both_ends() -> None:
    item = msgspec.structs.replace(LAMP, valid_from=date(2026, 1, 1), valid_to=date(2026, 12, 31))
    duty_list = build([item, STALL])

    assert duty_list.valid_on(date(2025, 12, 31)) == (STALL,)
    assert duty_list.valid_on(date(2026, 1, 1)) == (item, STALL)
    assert duty_list.valid_on(date(2026, 12, 31)) == (item, STALL)
    assert duty_list.valid_on(date(2027, 1, 1)) == (STALL,)


def test_a_folder_is_read_file_by_file(tmp_path: Path) -> None:
    header = ",".join(ROW)
    (tmp_path / "b.csv").write_text(header + "\n" + ",".join(ROW.values()) + "\n", encoding="utf-8")
    (tmp_path / "a.csv").write_text(
        "\ufeff" + header + "\n" + ",".join({**ROW, "code": "AA-001", "lead": ""}.values()) + "\n", encoding="utf-8"
    )

    duty_list, problems = load_folder(tmp_path)

    assert list(duty_list.items) == ["SZ-001"]
    assert problems == (DutyProblem(file="a.csv", line=2, what="duty_cell_wrong|problem=empty: lead"),)


def test_the_shipped_list_is_whole() -> None:
    duty_list, problems = load_folder()

    assert problems == ()
    assert len(duty_list.items) >= 165
    assert [item.code for item in duty_list.items.values() if len(item.words) < 5 or len(item.phrasings) < 3] == []
    assert [item.code for item in duty_list.items.values() if item.std_code] == []
    assert [item.code for item in duty_list.items.values() if item.level not in item.allowed_levels] == []


def test_nothing_in_the_shipped_list_stands_twice() -> None:
    items = load_folder()[0].items.values()
    names = Counter(item.name for item in items)
    phrasings = Counter(phrasing for item in items for phrasing in item.phrasings)
    words = Counter(word for item in items for word in item.words)

    assert [name for name, times in names.items() if times > 1] == []
    assert [phrasing for phrasing, times in phrasings.items() if times > 1] == []
    assert [word for word, times in words.items() if times > 2] == []


def test_whoever_carries_a_function_in_the_demo_city_may_be_given_its_matters() -> None:
    """A lead that stands on no allowed level could be given the matter neither by machine nor by hand."""
    level_of = {row["code"]: Level(row["level"]) for row in _read_seed("areas.csv")}
    carriers = [(function, level_of[row["area"]]) for row in _read_seed("units.csv") for function in row["functions"].split("|")]

    stuck = [
        item.code
        for item in load_folder()[0].items.values()
        if not any(function == item.lead and level in item.allowed_levels for function, level in carriers)
    ]

    assert stuck == []


def _read_seed(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(files("bot").joinpath("seed_city", name).read_text(encoding="utf-8").splitlines()))
