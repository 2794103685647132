from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing import calendar as calendars
from routing.seasons import BadDay, SeasonPlan, list_tasks, read_day
from tests.town import build_town

ZONE = ZoneInfo("Asia/Shanghai")
ORG = build_town()
CALENDAR = calendars.build([], zone=ZONE)
HEATING = SeasonPlan(code="H", name="供暖", starts="11-15", ends="03-15", lead_days=30, areas=("C1", "G1"), items=("阀门",))
FLOOD = msgspec.structs.replace(HEATING, code="F", starts="06-01", ends="09-30", lead_days=20, areas=("G3",))


def tasks(plan: SeasonPlan, year: int, month: int, day: int) -> list[tuple[str, int, str]]:
    now = datetime(year, month, day, 10, tzinfo=ZONE)
    found = list_tasks([plan], org=ORG, now=now, calendar=CALENDAR)
    return [(one.area, one.year, f"{one.due_at.astimezone(ZONE):%Y-%m-%d %H:%M}") for one in found]


@pytest.mark.parametrize(
    ("plan", "day", "found"),
    [
        (FLOOD, (2026, 5, 11), []),
        (FLOOD, (2026, 5, 12), [("G3", 2026, "2026-06-01 00:00")]),
        (FLOOD, (2026, 5, 30), [("G3", 2026, "2026-06-06 00:00")]),
        (FLOOD, (2026, 9, 30), [("G3", 2026, "2026-10-07 00:00")]),
        (FLOOD, (2026, 10, 1), []),
        (HEATING, (2026, 10, 16), [("G1", 2026, "2026-11-15 00:00"), ("G2", 2026, "2026-11-15 00:00")]),
        (HEATING, (2027, 1, 5), [("G1", 2026, "2027-01-12 00:00"), ("G2", 2026, "2027-01-12 00:00")]),
        (HEATING, (2027, 3, 16), []),
        (msgspec.structs.replace(HEATING, active=False), (2026, 11, 1), []),
        (msgspec.structs.replace(FLOOD, starts="01-10", ends="02-10"), (2026, 12, 25), [("G3", 2027, "2027-01-10 00:00")]),
    ],
)
def test_tasks_are_given_before_the_season_and_until_it_ends(
    plan: SeasonPlan, day: tuple[int, int, int], found: list[tuple[str, int, str]]
) -> None:
    assert tasks(plan, *day) == found


@pytest.mark.parametrize("text", ["", "13-01", "02-30", "2026-01-01", "一月", "1-1"])
def test_what_is_no_day_of_the_year_is_refused(text: str) -> None:
    with pytest.raises(BadDay):
        read_day(text)


def test_the_leap_day_is_the_first_of_march_elsewhere() -> None:
    assert (read_day("02-29", 2028), read_day("02-29", 2027)) == (date(2028, 2, 29), date(2027, 3, 1))


@given(st.dates(date(2026, 1, 1), date(2029, 12, 31)))
def test_a_grid_never_has_two_seasons_of_a_plan_at_once_and_is_never_late_at_once(day: date) -> None:
    for plan in (HEATING, FLOOD):
        now = datetime(day.year, day.month, day.day, 10, tzinfo=ZONE)
        found = list_tasks([plan], org=ORG, now=now, calendar=CALENDAR)
        assert len({one.area for one in found}) == len(found)
        assert all(one.due_at > now for one in found)
