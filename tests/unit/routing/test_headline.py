from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import routing
from routing.duty_list import load_folder
from routing.headline import make_summary, make_title, name_plainly, shorten
from routing.terms import DutyItem, Report
from routing.triage import Triage
from tests.town import LAMP, utter

TITLES = Path(routing.__path__[0]) / "lexicons" / "titles.toml"
DUTIES = load_folder()[0]
TRIAGE = Triage(DUTIES, today=date(2026, 3, 2))

REPORT = Report(text="你好！路灯坏了三天。请联系13912345678", public_place="柳树街12号")


def test_a_sure_matter_is_called_by_place_and_item() -> None:
    assert make_title(REPORT, LAMP) == "柳树街12号路灯不亮"


@pytest.mark.parametrize(
    ("text", "place", "title"),
    [
        ("路灯坏了三天。请联系13912345678", "", "路灯坏了三天"),
        ("13912345678找我，灯坏了", "", "〔电话〕找我，灯坏了"),
        ("。。 \n灯坏了！快来", "柳树街", "灯坏了"),
        ("", "柳树街", "柳树街"),
        ("", "", ""),
        ("很" * 40, "", "很" * 29 + "…"),
    ],
)
def test_any_other_is_called_by_its_first_words(text: str, place: str, title: str) -> None:
    assert make_title(Report(text=text, public_place=place), None) == title


def test_a_summary_is_masked() -> None:
    assert make_summary(REPORT) == "你好！路灯坏了三天。请联系〔电话〕"


@given(st.text(), st.integers(1, 20))
def test_shorten_never_exceeds_its_length(text: str, length: int) -> None:
    assert len(shorten(text, length)) == min(len(text), length)


def test_a_resident_reads_plain_words_and_the_staff_the_official_name() -> None:
    conduct = next(item for item in DUTIES.items.values() if item.name == "基层干部作风")

    assert make_title(Report(text="网格员骂人", public_place="安泰社区"), conduct) == "安泰社区工作人员的态度和作风"
    assert name_plainly("路灯不亮") == "路灯不亮"
    assert name_plainly("") == ""


@pytest.mark.parametrize("item", [item for item in DUTIES.items.values() if name_plainly(item.name) != item.name], ids=str)
def test_plain_words_still_say_which_duty_is_meant(item: DutyItem) -> None:
    best = TRIAGE.rank(utter(name_plainly(item.name)))[0]

    assert best.item.code == item.code


def test_no_plain_words_are_left_over_for_a_duty_that_is_gone() -> None:
    names = {item.name for item in DUTIES.items.values()}

    assert {name for name in tomllib.loads(TITLES.read_text("utf-8"))["plain"] if name not in names} == set()
