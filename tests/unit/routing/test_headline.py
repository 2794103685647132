from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.headline import make_summary, make_title, shorten
from routing.terms import Report
from tests.town import LAMP

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
