"""Where a place is: read as people copy it, kept in one way, refused where it can be nowhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.coordinates import read_coordinates


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("120.153,30.287", "120.153,30.287"),
        (" 120.1530000，30.2870000 ", "120.153,30.287"),
        ("120.12345678 30.1", "120.123457,30.1"),
        ("-0.5、-10", "-0.5,-10"),
        ("100,20", "100,20"),
    ],
)
def test_a_place_is_read_as_it_is_copied(typed: str, kept: str) -> None:
    assert read_coordinates(typed) == kept


@pytest.mark.parametrize(
    "typed", ["", "30.287,120.153", "120.153", "181,0", "120.1,30.2,5", "一百二十,三十", "120°09′,30°17′", "nan,0"]
)
def test_what_is_no_place_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the text itself
        read_coordinates(typed)


@given(st.floats(-180, 180), st.floats(-90, 90))
def test_what_was_kept_is_read_as_itself(longitude: float, latitude: float) -> None:
    kept = read_coordinates(f"{longitude:.9f},{latitude:.9f}")

    assert read_coordinates(kept) == kept
    assert [abs(float(one) - other) < 1e-6 for one, other in zip(kept.split(","), (longitude, latitude), strict=True)] == [
        True,
        True,
    ]
