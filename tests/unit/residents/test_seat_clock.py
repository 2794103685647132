"""How long a person is waited for, and what is said when: every moment of a talk has exactly one next look."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from residents.seat_clock import Clock, SeatSettings, find_due, is_in_time, list_moments, next_look

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
SETTINGS = SeatSettings()


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def waiting(*, warned: bool = False) -> Clock:
    return Clock(claimed_at=None, queued_at=NOON, warned=warned, seat_at=None, resident_at=NOON)


def claimed(*, seat_at: float | None = None, resident_at: float = 0, claimed_at: float = 1) -> Clock:
    return Clock(
        claimed_at=at(claimed_at),
        queued_at=NOON,
        warned=False,
        seat_at=None if seat_at is None else at(seat_at),
        resident_at=at(resident_at),
    )


@pytest.mark.parametrize(
    ("clock", "minutes", "due"),
    [
        (waiting(), 2.9, None),
        (waiting(), 3, "waited"),
        (waiting(warned=True), 14.9, None),
        (waiting(warned=True), 15, "missed"),
        (waiting(), 15, "missed"),
        (claimed(), 5.9, None),
        (claimed(), 6, "seat_silent"),
        (claimed(resident_at=3), 7.9, None),
        (claimed(resident_at=3), 8, "seat_silent"),
        (claimed(seat_at=2, resident_at=1.5), 16.9, None),
        (claimed(seat_at=2, resident_at=1.5), 17, "resident_silent"),
        (claimed(seat_at=2, resident_at=4), 9, "seat_silent"),
    ],
)
def test_what_falls_due_and_when(clock: Clock, minutes: float, due: str | None) -> None:
    assert find_due(clock, now=at(minutes), settings=SETTINGS) == due


@given(st.none() | st.integers(0, 60), st.booleans(), st.none() | st.integers(0, 60), st.integers(0, 60), st.integers(0, 200))
def test_nothing_is_due_before_the_next_look_and_something_is_from_then_on(
    claim: int | None, warned: bool, seat: int | None, resident: int, minutes: int
) -> None:
    clock = Clock(
        claimed_at=None if claim is None else at(claim),
        queued_at=NOON,
        warned=warned,
        seat_at=None if seat is None else at(seat),
        resident_at=at(resident),
    )
    look = next_look(clock, settings=SETTINGS)
    assert (find_due(clock, now=at(minutes), settings=SETTINGS) is not None) == (at(minutes) >= look)
    assert all(moment >= look for moment, _ in list_moments(clock, settings=SETTINGS))


def test_a_first_answer_is_in_time_up_to_the_minute_that_the_city_has_set() -> None:
    assert is_in_time(NOON, at(3), settings=SETTINGS) is True
    assert is_in_time(NOON, at(3) + timedelta(seconds=1), settings=SETTINGS) is False
    assert is_in_time(NOON, at(4), settings=msgspec.structs.replace(SETTINGS, answer_minutes=5)) is True
