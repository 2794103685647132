"""Outlines of areas: read as GIS programs export them, refused where a ring is open or its axes are swapped."""

from __future__ import annotations

import pytest

from routing.shapes import read_wkt

SQUARE = [[[120.0, 30.0], [120.1, 30.0], [120.1, 30.1], [120.0, 30.0]]]
HOLE = [[120.05, 30.01], [120.06, 30.01], [120.06, 30.02], [120.05, 30.01]]


@pytest.mark.parametrize(
    ("text", "outline"),
    [
        ("POLYGON((120 30, 120.1 30, 120.1 30.1, 120 30))", [SQUARE]),
        ("  polygon ((120.0000001 30.0,120.1 30.0,120.1 30.1,120.0 30.0)) ", [SQUARE]),
        ("POLYGON Z ((120 30 5, 120.1 30 5, 120.1 30.1 6.5, 120 30 5))", [SQUARE]),
        (
            "POLYGON((120 30,120.1 30,120.1 30.1,120 30),(120.05 30.01,120.06 30.01,120.06 30.02,120.05 30.01))",
            [[*SQUARE, HOLE]],
        ),
        ("MULTIPOLYGON(((120 30,120.1 30,120.1 30.1,120 30)),((120 30,120.1 30,120.1 30.1,120 30)))", [SQUARE, SQUARE]),
    ],
)
def test_an_outline_is_read(text: str, outline: object) -> None:
    assert read_wkt(text) == outline


@pytest.mark.parametrize(
    "text",
    [
        "",
        "POINT(120 30)",
        "POLYGON EMPTY",
        "POLYGON(())",
        "POLYGON((120 30, 120.1 30, 120.1 30.1, 120.2 30))",  # open
        "POLYGON((120 30, 120.1 30, 120 30))",  # no surface
        "POLYGON((30 120, 30 120.1, 30.1 120.1, 30 120))",  # latitude first
        "POLYGON((120 30, 120.1 30, 120.1 30.1, 120 30)",
        "POLYGON((120 30, x 30, 120.1 30.1, 120 30))",
        "POLYGON((120 30, 120.1 30, 120.1 30.1, 120 30)); DROP TABLE area",
        '{"type":"Polygon"}',
    ],
)
def test_what_is_no_outline_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the text itself, or what is wrong in it
        read_wkt(text)
