"""The week's shifts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.roster import BadShift, Gap, RosterRow, find_gaps, find_next_start, list_on_duty, read_shift

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 3, 2, tzinfo=SHANGHAI)


def _row(starts: str, ends: str, days: str = "1-7", staff: str = "A", backup: str = "") -> RosterRow:
    return RosterRow(desk="d", starts=starts, ends=ends, days=days, staff=staff, backup=backup)


@pytest.mark.parametrize(
    ("days", "read"),
    [("1-5", {1, 2, 3, 4, 5}), ("6-7", {6, 7}), ("1,3,5", {1, 3, 5}), ("6-1", {6, 7, 1}), ("3", {3}), (" 1 , 2-3 ", {1, 2, 3})],
)
def test_days_are_read(days: str, read: set[int]) -> None:
    assert read_shift(_row("08:00", "16:00", days)).days == read


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (_row("8", "16:00"), "time '8'"),
        (_row("25:00", "16:00"), "time '25:00'"),
        (_row("08:00", "24:30"), "time '24:30'"),
        (_row("08:00", "16:00", "0-5"), "days '0-5' of desk d"),
        (_row("08:00", "16:00", ""), "days '' of desk d"),
        (_row("08:00", "16:00", staff=""), "names nobody"),
    ],
)
def test_an_unreadable_row_says_which_part(row: RosterRow, told: str) -> None:
    with pytest.raises(BadShift, match=told):
        read_shift(row)


def test_the_first_minute_is_on_and_the_last_is_off() -> None:
    shifts = [read_shift(_row("08:30", "18:00", "1-5"))]

    assert list_on_duty(shifts, now=MONDAY.replace(hour=8, minute=29), tz=SHANGHAI) == ()
    assert list_on_duty(shifts, now=MONDAY.replace(hour=8, minute=30), tz=SHANGHAI) == ("A",)
    assert list_on_duty(shifts, now=MONDAY.replace(hour=17, minute=59), tz=SHANGHAI) == ("A",)
    assert list_on_duty(shifts, now=MONDAY.replace(hour=18), tz=SHANGHAI) == ()


def test_a_night_shift_belongs_to_the_day_it_begins() -> None:
    shifts = [read_shift(_row("22:00", "06:00", "5"))]
    friday = MONDAY + timedelta(days=4)

    assert list_on_duty(shifts, now=friday.replace(hour=23), tz=SHANGHAI) == ("A",)
    assert list_on_duty(shifts, now=friday + timedelta(days=1, hours=5), tz=SHANGHAI) == ("A",)
    assert list_on_duty(shifts, now=friday.replace(hour=5), tz=SHANGHAI) == ()


def test_the_clock_is_the_citys() -> None:
    shifts = [read_shift(_row("08:00", "09:00", "1"))]

    assert list_on_duty(shifts, now=datetime(2026, 3, 2, 0, 30, tzinfo=UTC), tz=SHANGHAI) == ("A",)
    assert list_on_duty(shifts, now=datetime(2026, 3, 2, 8, 30, tzinfo=UTC), tz=SHANGHAI) == ()


def test_holders_come_before_those_who_stand_in() -> None:
    shifts = [read_shift(_row("08:00", "16:00", staff="A", backup="B")), read_shift(_row("08:00", "16:00", staff="C", backup="A"))]

    assert list_on_duty(shifts, now=MONDAY.replace(hour=9), tz=SHANGHAI) == ("A", "C", "B")


def test_midnight_to_midnight_is_the_whole_day() -> None:
    assert find_gaps([read_shift(_row("00:00", "00:00"))]) == ()
    assert find_gaps([read_shift(_row("00:00", "24:00", "1-6"))]) == (Gap(day=7, starts=0, ends=1440),)


def test_sunday_night_covers_monday_morning() -> None:
    shifts = [read_shift(_row("06:00", "22:00")), read_shift(_row("22:00", "06:00", "7"))]

    gaps = find_gaps(shifts)

    assert gaps[0] == Gap(day=1, starts=1320, ends=1440)
    assert gaps[1] == Gap(day=2, starts=0, ends=360)
    assert len(gaps) == 12


_clock = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
_rows = st.builds(_row, starts=_clock, ends=_clock, days=st.sampled_from(["1-5", "6-7", "1", "2,4", "7", "1-7"]))


@given(st.lists(_rows, max_size=4), st.integers(0, 7 * 24 * 60 - 1))
def test_a_minute_is_either_on_duty_or_in_a_gap(rows: list[RosterRow], minute: int) -> None:
    shifts = [read_shift(row) for row in rows]
    day, of_day = divmod(minute, 24 * 60)

    on_duty = list_on_duty(shifts, now=MONDAY + timedelta(minutes=minute), tz=SHANGHAI)
    in_gap = any(gap.day == day + 1 and gap.starts <= of_day < gap.ends for gap in find_gaps(shifts))

    assert bool(on_duty) != in_gap


@pytest.mark.parametrize(
    ("now", "start"),
    [
        ("2026-11-23T03:00", "2026-11-23T08:30"),
        ("2026-11-23T08:30", "2026-11-24T08:30"),
        ("2026-11-27T20:00", "2026-11-30T08:30"),
        ("2026-11-28T09:00", "2026-11-30T08:30"),
    ],
)
def test_the_next_shift_is_found_over_nights_and_weekends(now: str, start: str) -> None:
    shift = read_shift(_row("08:30", "18:00", "1-5"))
    found = find_next_start([shift], now=datetime.fromisoformat(now).replace(tzinfo=SHANGHAI), tz=SHANGHAI)

    assert found == datetime.fromisoformat(start).replace(tzinfo=SHANGHAI)


def test_without_shifts_nobody_comes() -> None:
    assert find_next_start([], now=MONDAY, tz=SHANGHAI) is None
