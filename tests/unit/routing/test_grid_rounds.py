from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from routing import calendar as calendars
from routing.calendar import DayRow, OfficeHours
from routing.grid_rounds import PatrolSheet, group_grids, list_grids, list_rounds
from routing.round_hours import read_hours
from tests.town import build_town

ZONE = ZoneInfo("Asia/Shanghai")
ORG = build_town()
CALENDAR = calendars.build(
    [
        DayRow(date=date(2026, 5, 1), kind="holiday", name="劳动节"),
        DayRow(date=date(2026, 5, 9), kind="workday", name="劳动节"),
    ],
    zone=ZONE,
)
DAILY = PatrolSheet(code="S", name="巡查", area="G1", items=("路面",), rhythm="daily")


def rounds(sheet: PatrolSheet, *moment: int, calendar: calendars.Calendar = CALENDAR) -> list[tuple[str, date, int, str]]:
    found = list_rounds([sheet], org=ORG, now=datetime(*moment, tzinfo=ZONE), calendar=calendar)
    return [(one.area, one.day, one.turn, f"{one.due_at.astimezone(ZONE):%m-%d %H:%M}") for one in found]


def change(**facts: object) -> PatrolSheet:
    return msgspec.structs.replace(DAILY, **facts)


def test_a_grid_is_its_own_and_an_area_has_all_of_its() -> None:
    assert list_grids(ORG, "G1") == ("G1",)
    assert list_grids(ORG, "S1") == ("G1", "G2", "G3")
    assert list_grids(ORG, "nowhere") == ()
    assert group_grids(ORG) == {area: list_grids(ORG, area) for area in ORG.areas}


@pytest.mark.parametrize(
    ("sheet", "moment", "found"),
    [
        (DAILY, (2026, 4, 30, 9), [("G1", date(2026, 4, 30), 1, "04-30 17:30")]),
        (DAILY, (2026, 4, 30, 17, 30), []),
        (DAILY, (2026, 5, 1, 9), []),
        (DAILY, (2026, 5, 2, 9), []),
        (DAILY, (2026, 5, 9, 9), [("G1", date(2026, 5, 9), 1, "05-09 17:30")]),
        (change(days="all"), (2026, 5, 1, 9), [("G1", date(2026, 5, 1), 1, "05-01 17:30")]),
        (change(active=False), (2026, 4, 30, 9), []),
        (change(area="C2"), (2026, 4, 30, 9), [("G3", date(2026, 4, 30), 1, "04-30 17:30")]),
        (change(rhythm="twice_daily"), (2026, 4, 30, 9),
         [("G1", date(2026, 4, 30), 1, "04-30 12:00"), ("G1", date(2026, 4, 30), 2, "04-30 17:30")]),
        (change(rhythm="twice_daily"), (2026, 4, 30, 13), [("G1", date(2026, 4, 30), 2, "04-30 17:30")]),
        (change(rhythm="weekly"), (2026, 4, 28, 9), [("G1", date(2026, 4, 27), 1, "04-30 17:30")]),
        (change(rhythm="weekly"), (2026, 5, 1, 9), []),
        (change(rhythm="weekly", days="all"), (2026, 5, 1, 9), [("G1", date(2026, 4, 27), 1, "05-03 17:30")]),
        (change(rhythm="weekly"), (2026, 5, 8, 9), [("G1", date(2026, 5, 4), 1, "05-09 17:30")]),
    ],
)  # fmt: skip
def test_a_round_is_due_by_the_citys_calendar(
    sheet: PatrolSheet, moment: tuple[int, ...], found: list[tuple[str, date, int, str]]
) -> None:
    assert rounds(sheet, *moment) == found


NIGHT = msgspec.structs.replace(DAILY, hours="20:00-23:00")
PAST = msgspec.structs.replace(DAILY, hours="22:00-02:00")


@pytest.mark.parametrize(
    ("sheet", "moment", "found"),
    [
        (NIGHT, (2026, 4, 30, 9), [("G1", date(2026, 4, 30), 1, "04-30 23:00")]),
        (NIGHT, (2026, 4, 30, 22, 59), [("G1", date(2026, 4, 30), 1, "04-30 23:00")]),
        (NIGHT, (2026, 4, 30, 23), []),
        (NIGHT, (2026, 5, 1, 20), []),
        (PAST, (2026, 4, 30, 12), [("G1", date(2026, 4, 30), 1, "05-01 02:00")]),
        (PAST, (2026, 5, 1, 1), [("G1", date(2026, 4, 30), 1, "05-01 02:00")]),
        (PAST, (2026, 5, 1, 2), []),
        (msgspec.structs.replace(NIGHT, rhythm="twice_daily"), (2026, 4, 30, 9),
         [("G1", date(2026, 4, 30), 1, "04-30 21:30"), ("G1", date(2026, 4, 30), 2, "04-30 23:00")]),
        (msgspec.structs.replace(PAST, rhythm="weekly", days="all"), (2026, 5, 4, 1),
         [("G1", date(2026, 4, 27), 1, "05-04 02:00"), ("G1", date(2026, 5, 4), 1, "05-11 02:00")]),
    ],
)  # fmt: skip
def test_a_round_with_hours_is_due_by_them_and_a_night_belongs_to_the_day_it_begins_on(
    sheet: PatrolSheet, moment: tuple[int, ...], found: list[tuple[str, date, int, str]]
) -> None:
    assert rounds(sheet, *moment) == found


@pytest.mark.parametrize(
    ("written", "moment", "held"),
    [
        ("20:00-23:00", (20, 0), True),
        ("20:00-23:00", (19, 59), False),
        ("20:00-23:00", (23, 0), True),
        ("20:00-23:00", (23, 1), False),
        ("22:00-02:00", (1, 0), True),
        ("22:00-02:00", (23, 30), True),
        ("22:00-02:00", (2, 1), False),
        ("22:00-02:00", (12, 0), False),
    ],
)
def test_hours_hold_a_moment_by_the_citys_clock(written: str, moment: tuple[int, int], held: bool) -> None:
    hours = read_hours(written)

    assert hours is not None
    assert (str(hours), hours.hold(datetime(2026, 4, 30, *moment, tzinfo=ZONE).astimezone(UTC), ZONE)) == (written, held)


@pytest.mark.parametrize("written", ["晚上", "20:00", "25:00-26:00", "20:00-20:00", "20:60-21:00", "20:00–23:00", "20:00-23:00 "])
def test_what_are_no_hours_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=written):
        read_hours(written)


def test_where_the_office_has_one_stretch_the_first_turn_ends_in_its_middle() -> None:
    calendar = calendars.build([], zone=ZONE, hours=(OfficeHours(opens=time(9), closes=time(17)),))

    assert [one[3] for one in rounds(change(rhythm="twice_daily"), 2026, 4, 30, 9, calendar=calendar)] == [
        "04-30 13:00",
        "04-30 17:00",
    ]


def test_the_day_is_the_citys() -> None:
    late_in_london = datetime(2026, 4, 29, 17, 0, tzinfo=UTC)

    assert [one.day for one in list_rounds([DAILY], org=ORG, now=late_in_london, calendar=CALENDAR)] == [date(2026, 4, 30)]


def test_a_week_without_a_day_that_counts_has_no_round() -> None:
    free = [DayRow(date=date(2026, 5, 4) + timedelta(days=ahead), kind="holiday") for ahead in range(5)]

    assert rounds(change(rhythm="weekly"), 2026, 5, 5, 9, calendar=calendars.build(free, zone=ZONE)) == []
