"""By when a matter is due, and how that was counted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.calendar import DayRow, build, load_folder
from routing.deadlines import due_at

SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDAR = build(load_folder(), zone=SHANGHAI)
MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=SHANGHAI)

moments = st.datetimes(datetime(2024, 1, 1), datetime(2028, 12, 1)).map(lambda each: each.replace(tzinfo=UTC))  # noqa: DTZ001 - the zone is set at once
Kind = Literal["working", "calendar"]
Unit = Literal["hours", "days"]
kinds = st.sampled_from(["working", "calendar"])
units = st.sampled_from(["hours", "days"])


def _at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI)  # type: ignore[arg-type, misc] # year, month, day, hour, minute


def test_the_day_after_the_receipt_is_the_first() -> None:
    deadline = due_at(MONDAY, 3, "days", "working", CALENDAR)

    assert deadline.due_at == _at(2026, 3, 5, 17, 30)
    assert deadline.basis == (
        "term_working_days|value=3",
        "term_received|at=2026-03-02 10:00",
        "term_counted_from|day=2026-03-03",
        "term_due|at=2026-03-05 17:30",
    )


def test_a_city_may_count_the_day_of_receipt_while_its_office_is_open() -> None:
    assert due_at(MONDAY, 3, "days", "working", CALENDAR, next_day=False).due_at == _at(2026, 3, 4, 17, 30)
    assert due_at(_at(2026, 3, 2, 17, 31), 3, "days", "working", CALENDAR, next_day=False).due_at == _at(2026, 3, 5, 17, 30)
    assert due_at(_at(2026, 3, 7, 9), 1, "days", "working", CALENDAR, next_day=False).due_at == _at(2026, 3, 9, 17, 30)


def test_holidays_and_weekends_are_skipped_and_make_up_days_counted() -> None:
    deadline = due_at(_at(2026, 2, 12, 9), 4, "days", "working", CALENDAR)  # the Thursday before the Spring Festival

    assert deadline.due_at == _at(2026, 2, 25, 17, 30)
    assert deadline.basis == (
        "term_working_days|value=4",
        "term_received|at=2026-02-12 09:00",
        "term_counted_from|day=2026-02-13",
        "term_make_up|day=2026-02-14|name=春节",
        "term_skipped_holiday|from=2026-02-15|to=2026-02-23|name=春节",
        "term_due|at=2026-02-25 17:30",
    )


def test_a_plain_weekend_is_named_as_such() -> None:
    deadline = due_at(_at(2026, 3, 6, 9), 1, "days", "working", CALENDAR)

    assert deadline.due_at == _at(2026, 3, 9, 17, 30)
    assert deadline.basis[3] == "term_skipped_weekend|from=2026-03-07|to=2026-03-08"


def test_a_year_without_data_is_said() -> None:
    deadline = due_at(_at(2026, 12, 31, 9), 1, "days", "working", CALENDAR)

    assert deadline.due_at == _at(2027, 1, 1, 17, 30)
    assert deadline.basis[3] == "term_year_missing|year=2027"


def test_calendar_days_run_through_weekends() -> None:
    deadline = due_at(_at(2026, 3, 6, 9), 2, "days", "calendar", CALENDAR)

    assert deadline.due_at == _at(2026, 3, 8, 23, 59, 59)
    assert deadline.basis == (
        "term_calendar_days|value=2",
        "term_received|at=2026-03-06 09:00",
        "term_counted_from|day=2026-03-07",
        "term_due|at=2026-03-08 23:59",
    )


def test_calendar_hours_run_from_the_moment() -> None:
    deadline = due_at(_at(2026, 3, 6, 23, 30), 2, "hours", "calendar", CALENDAR)

    assert deadline.due_at == _at(2026, 3, 7, 1, 30)
    assert deadline.basis == ("term_calendar_hours|value=2", "term_received|at=2026-03-06 23:30", "term_due|at=2026-03-07 01:30")


@pytest.mark.parametrize(
    ("start", "value", "due"),
    [
        (_at(2026, 3, 2, 9), 2, _at(2026, 3, 2, 11)),
        (_at(2026, 3, 2, 11), 2, _at(2026, 3, 2, 14, 30)),  # lunch is not counted
        (_at(2026, 3, 2, 16), 8, _at(2026, 3, 3, 16, 30)),
        (_at(2026, 3, 2, 3), 1, _at(2026, 3, 2, 9, 30)),
        (_at(2026, 3, 6, 17), 1, _at(2026, 3, 9, 9)),
        (_at(2026, 3, 7, 12), 1, _at(2026, 3, 9, 9, 30)),
        (_at(2026, 3, 2, 12), 4, _at(2026, 3, 2, 17, 30)),
    ],
)
def test_working_hours_are_office_hours(start: datetime, value: int, due: datetime) -> None:
    assert due_at(start, value, "hours", "working", CALENDAR).due_at == due


@pytest.mark.parametrize("value", [0, -1])
def test_a_term_of_nothing_is_refused(value: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        due_at(MONDAY, value, "days", "working", CALENDAR)


@given(moments, st.integers(1, 40), units, kinds, st.booleans())
def test_due_is_never_before_the_receipt(start: datetime, value: int, unit: Unit, kind: Kind, next_day: bool) -> None:
    deadline = due_at(start, value, unit, kind, CALENDAR, next_day=next_day)

    assert deadline.due_at >= start
    assert deadline.basis[0] == f"term_{kind}_{unit}|value={value}"


@given(moments, st.integers(1, 40), units, kinds, st.booleans())
def test_a_longer_term_ends_later(start: datetime, value: int, unit: Unit, kind: Kind, next_day: bool) -> None:
    shorter = due_at(start, value, unit, kind, CALENDAR, next_day=next_day).due_at

    assert due_at(start, value + 1, unit, kind, CALENDAR, next_day=next_day).due_at > shorter


@given(moments, st.integers(0, 100_000), st.integers(1, 20), kinds)
def test_what_came_earlier_is_never_due_later(start: datetime, minutes: int, value: int, kind: Kind) -> None:
    later = start + timedelta(minutes=minutes)

    assert due_at(start, value, "days", kind, CALENDAR).due_at <= due_at(later, value, "days", kind, CALENDAR).due_at


@given(moments, st.integers(1, 15))
def test_working_terms_end_on_a_working_day_that_many_working_days_on(start: datetime, value: int) -> None:
    first = start.astimezone(SHANGHAI).date() + timedelta(days=1)
    last = due_at(start, value, "days", "working", CALENDAR).due_at.date()

    assert CALENDAR.works_on(last)
    assert sum(CALENDAR.works_on(first + timedelta(days=days)) for days in range((last - first).days + 1)) == value


@given(st.integers(1, 10))
def test_a_make_up_saturday_never_makes_it_later(value: int) -> None:
    saturday = DayRow(date=date(2026, 3, 7), kind="workday", name="调休")
    worked = build(load_folder(), zone=SHANGHAI, own=[saturday])

    plain = due_at(MONDAY, value, "days", "working", CALENDAR).due_at
    with_it = due_at(MONDAY, value, "days", "working", worked).due_at

    assert with_it <= plain
    assert (with_it < plain) is (value > 4)
