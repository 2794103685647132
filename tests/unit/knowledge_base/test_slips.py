from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.slips import Slips, Span, weigh

NAMES = ("松林路", "锦绣花园", "棉纺厂宿舍", "石榴菜市场", "松林中学", "松林路与石桥巷口", "水车里", "区政务中心", "市三中学")
SLIPS = Slips(NAMES)


@pytest.mark.parametrize(
    ("written", "name", "cost"),
    [
        ("松淋路", "松林路", 0.2),
        ("锦秀花圆", "锦绣花园", None),
        ("京绣花园", "锦绣花园", 0.4),
        ("绵仿厂宿舍", "棉纺厂宿舍", 0.4),
        ("棉X厂宿舍", "棉纺厂宿舍", 1.0),
        ("松材路", "松林路", None),
        ("锦绣家园", "锦绣花园", None),
        ("石村菜市场", "石榴菜市场", None),
        ("市二中学", "市三中学", None),
        ("X纺厂宿舍", "棉纺厂宿舍", None),
        ("棉纺宿舍", "棉纺厂宿舍", 1.0),
    ],
)
def test_what_is_wrong_in_a_name_is_weighed(written: str, name: str, cost: float | None) -> None:
    assert weigh(written, name) == cost


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("在松淋路上", [(Span(1, 4, "松林路"),)]),
        ("去趟政务中心", [(Span(2, 6, "区政务中心"),)]),
        ("石榴市场门口", [(Span(0, 4, "石榴菜市场"),)]),
        ("松淋路与石桥巷口", [(Span(0, 8, "松林路与石桥巷口"),)]),
        ("有人睡车里", []),
        ("大政务厅", []),
        ("松林路", []),
        ("", []),
    ],
)
def test_mistyped_names_are_found(text: str, found: list[tuple[Span, ...]]) -> None:
    assert list(SLIPS.find(text)) == found


def test_two_names_that_are_as_likely_are_both_given() -> None:
    assert list(Slips(("阳春花园", "阳椿花园", "阳光花园")).find("阳纯花园")) == [(Span(0, 4, "阳春花园"), Span(0, 4, "阳椿花园"))]


@given(st.text(alphabet="松淋林路锦秀绣花园棉纺厂宿舍 ，a1", max_size=30))
def test_slips_stand_in_the_text_and_apart(text: str) -> None:
    spans = [spans[0] for spans in SLIPS.find(text)]

    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(one.end <= other.start or other.end <= one.start for at, one in enumerate(spans) for other in spans[at + 1 :])
