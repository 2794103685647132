"""Working days and office hours."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec
import pytest

from routing.calendar import DEFAULT_HOURS, DayRow, OfficeHours, build, load_folder

if TYPE_CHECKING:
    from pathlib import Path

SHANGHAI = ZoneInfo("Asia/Shanghai")
SHIPPED = build(load_folder(), zone=SHANGHAI)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 3, 2), True),  # Monday
        (date(2026, 3, 7), False),  # Saturday
        (date(2026, 1, 1), False),  # New Year, a Thursday
        (date(2026, 2, 14), True),  # a make-up Saturday before the Spring Festival
        (date(2026, 2, 17), False),
        (date(2026, 5, 9), True),
        (date(2025, 10, 8), False),  # National Day and Mid-autumn together took eight days
        (date(2025, 10, 11), True),
        (date(2024, 2, 4), True),
    ],
)
def test_the_shipped_years_follow_the_state_councils_plan(day: date, works: bool) -> None:
    assert SHIPPED.works_on(day) is works


def test_a_year_without_data_is_counted_by_weekdays() -> None:
    assert SHIPPED.works_on(date(2031, 10, 1))
    assert not SHIPPED.works_on(date(2031, 10, 4))


def test_the_citys_own_days_win() -> None:
    calendar = build(
        load_folder(),
        zone=SHANGHAI,
        own=[DayRow(date=date(2026, 3, 3), kind="holiday", name="节"), DayRow(date=date(2026, 2, 17), kind="workday")],
    )

    assert not calendar.works_on(date(2026, 3, 3))
    assert calendar.works_on(date(2026, 2, 17))
    assert calendar.works_on(date(2026, 3, 4))


def test_a_citys_own_day_does_not_make_a_year_known() -> None:
    calendar = build([], zone=SHANGHAI, own=[DayRow(date=date(2027, 3, 3), kind="holiday")])

    assert calendar.years == frozenset()


def test_hours_of_a_day_off_are_none() -> None:
    assert SHIPPED.spans(date(2026, 3, 7)) == ()
    assert SHIPPED.spans(date(2026, 3, 2))[0] == (
        datetime(2026, 3, 2, 8, 30, tzinfo=SHANGHAI),
        datetime(2026, 3, 2, 12, tzinfo=SHANGHAI),
    )
    assert SHIPPED.closing(date(2026, 3, 2)) == datetime(2026, 3, 2, 17, 30, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    "hours",
    [
        (),
        (OfficeHours(opens=time(12), closes=time(9)),),
        (OfficeHours(opens=time(9), closes=time(9)),),
        tuple(reversed(DEFAULT_HOURS)),
        (OfficeHours(opens=time(8), closes=time(13)), OfficeHours(opens=time(12), closes=time(17))),
    ],
)
def test_office_hours_that_make_no_sense_are_refused(hours: tuple[OfficeHours, ...]) -> None:
    with pytest.raises(ValueError, match="office hours"):
        build([], zone=SHANGHAI, hours=hours)


def test_a_broken_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("date,kind,name\n2026-01-01,feast,\n", encoding="utf-8")

    with pytest.raises(msgspec.ValidationError, match="feast"):
        load_folder(tmp_path)
