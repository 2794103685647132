"""Plots: well-formed SVG whose bars and lines are as long and as high as their numbers, and in which no text can be markup."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reporting.plots import NARROW, WIDE, Plot, Series, Shape, draw, draw_both, find_step, pair

SVG = "{http://www.w3.org/2000/svg}"


def read(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - what was drawn a line above


def draw_pair(*rows: tuple[str, int, int], kind: str = "bars") -> ET.Element:
    return read(draw(pair("图", rows, names=("本月", "上月"), kind=kind)))  # type: ignore[arg-type]  # the tests name the kinds


def test_bars_are_as_long_as_their_numbers() -> None:
    drawn = draw_pair(("甲", 40, 10), ("乙", 20, 0))
    widths = [float(bar.attrib["width"]) for bar in drawn.findall(f"{SVG}rect") if bar.find(f"{SVG}title") is not None]

    assert [round(width / widths[0], 2) for width in widths] == [1.0, 0.25, 0.5, 0.0]


def test_lines_are_as_high_as_their_numbers() -> None:
    drawn = draw_pair(("1", 0, 4), ("2", 8, 4), kind="lines")
    lines = [[float(pair.split(",")[1]) for pair in line.attrib["points"].split()] for line in drawn.findall(f"{SVG}polyline")]

    assert lines[1][0] == lines[1][1] == (lines[0][0] + lines[0][1]) / 2
    assert lines[0][1] < lines[0][0]


def test_a_line_ends_where_its_values_end() -> None:
    plot = Plot(kind="lines", title="图", labels=("1", "2", "3"), series=(Series("本月", (4,)), Series("上月", (1, 0, 3))))
    lines = [line.attrib["points"].split() for line in read(draw(plot)).findall(f"{SVG}polyline")]

    assert [len(points) for points in lines] == [1, 3]


def test_series_are_told_apart_without_colour() -> None:
    bars, lines = (
        draw(pair("图", [("甲", 1, 2)], names=("本月", "上月"))),
        draw(pair("图", [("1", 1, 2)], names=("本月", "上月"), kind="lines")),
    )

    assert 'fill="url(#hatch' in bars
    assert "stroke-dasharray" in lines


def test_a_label_is_never_markup() -> None:
    drawn = draw_pair(('<script>alert("1")</script>', 3, 1), ("a&b", 1, 1))

    assert [element.tag for element in drawn.iter() if "script" in element.tag] == []
    assert "a&b" in [text.text for text in drawn.iter(f"{SVG}text")]


@pytest.mark.parametrize("plot", [Plot(kind="bars", title="", labels=(), series=()), pair("图", [("甲", 0, 0)], names=("a", "b"))])
def test_nothing_is_drawn_of_nothing(plot: Plot) -> None:
    assert draw(plot) == ""


@pytest.mark.parametrize(("most", "step"), [(1, 1), (5, 1), (6, 2), (10, 2), (11, 5), (26, 10), (251, 100), (4067, 1000)])
def test_an_axis_has_round_steps(most: int, step: int) -> None:
    assert find_step(most) == step


@given(
    st.sampled_from([WIDE, NARROW]),
    st.sampled_from(["bars", "lines"]),
    st.lists(st.tuples(st.text("甲<&\"'a", max_size=20), st.integers(0, 10**6), st.integers(0, 10**6)), min_size=1, max_size=40),
)
def test_whatever_is_drawn_is_well_formed_and_lies_inside(shape: Shape, kind: str, rows: list[tuple[str, int, int]]) -> None:
    first, second = (tuple(row[place] for row in rows) for place in (1, 2))
    plot = Plot(
        kind=kind,  # type: ignore[arg-type]  # one of the two
        title="图",
        labels=tuple(row[0] for row in rows),
        series=(Series("本月", first), Series("上月", second)),  # type: ignore[arg-type]  # integers
    )
    drawn = draw(plot, shape=shape)
    if not drawn:
        assert not any(first + second)
        return
    width, height = (float(part) for part in read(drawn).attrib["viewBox"].split()[2:])
    numbers = re.findall(r' (?:x|x1|x2|cx)="([\d.-]+)"', drawn)
    assert all(0 <= float(number) <= width for number in numbers)
    assert all(0 <= float(number) <= height for number in re.findall(r' (?:y|y1|y2|cy)="([\d.-]+)"', drawn))


def test_of_the_two_that_a_page_has_the_phone_s_is_so_narrow_that_its_letters_are_as_large_as_text() -> None:
    wide, narrow = ET.fromstring(f"<page>{draw_both(pair('图', [('甲', 3, 1)], names=('本月', '上月')))}</page>")  # noqa: S314 - drawn here

    assert [one.attrib["class"] for one in (wide, narrow)] == ["wide", "narrow"]
    assert float(narrow.attrib["viewBox"].split()[2]) <= 340
    hatches = [one.attrib["id"] for one in (*wide.iter(f"{SVG}pattern"), *narrow.iter(f"{SVG}pattern"))]
    assert len(set(hatches)) == len(hatches) == 2
