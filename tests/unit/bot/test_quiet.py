"""Quiet hours: nothing that can wait leaves in them, and everything leaves when they end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.quiet import NoticeSettings, choose_time, find_night

SHANGHAI = ZoneInfo("Asia/Shanghai")
SETTINGS = NoticeSettings()
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001 - see map
ZONES = st.sampled_from([SHANGHAI, ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")])  # also where clocks are changed
CLOCKS = st.times().map(lambda at: f"{at:%H:%M}")


def local(hour: int, minute: int, *, day: int = 23) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (local(21, 29), local(21, 29)),
        (local(21, 30), local(7, 30, day=24)),
        (local(23, 59), local(7, 30, day=24)),
        (local(0, 0), local(7, 30)),
        (local(7, 29), local(7, 30)),
        (local(7, 30), local(7, 30)),
    ],
)
def test_the_night_is_from_the_one_clock_until_just_before_the_other(now: datetime, due: datetime) -> None:
    assert choose_time(now, settings=SETTINGS, zone=SHANGHAI) == due


@pytest.mark.parametrize(("minutes", "waits"), [(0, False), (29, False), (30, True), (600, True)])
def test_who_wrote_just_now_is_awake(minutes: int, *, waits: bool) -> None:
    now = local(23, 0)
    due = choose_time(now, wrote_at=now - timedelta(minutes=minutes), settings=SETTINGS, zone=SHANGHAI)
    assert due == (local(7, 30, day=24) if waits else now)


@given(now=MOMENTS, zone=ZONES, first=CLOCKS, last=CLOCKS, at_night=st.booleans(), ago=st.none() | st.integers(0, 2000))
def test_nothing_leaves_in_quiet_hours_but_what_may_and_all_leaves_when_they_end(
    *, now: datetime, zone: ZoneInfo, first: str, last: str, at_night: bool, ago: int | None
) -> None:
    settings = NoticeSettings(quiet_from=first, quiet_until=last)
    wrote_at = None if ago is None else now - timedelta(minutes=ago)
    due = choose_time(now, at_night=at_night, wrote_at=wrote_at, settings=settings, zone=zone)
    night = find_night(now, settings=settings, zone=zone)
    is_awake = ago is not None and ago < settings.awake_minutes

    if night is None or at_night or is_awake:
        assert due == now
    else:
        assert (due, night.began <= now < due) == (night.ends, True)
        assert find_night(due, settings=settings, zone=zone) is None
        assert f"{due.astimezone(zone):%H:%M}" == last or due.astimezone(zone).utcoffset() != now.astimezone(zone).utcoffset()


@pytest.mark.parametrize(("first", "last"), [("", "07:30"), ("21:30", ""), ("08:00", "08:00")])
def test_without_two_clocks_there_is_no_night(first: str, last: str) -> None:
    settings = NoticeSettings(quiet_from=first, quiet_until=last)
    assert [find_night(local(hour, 0), settings=settings, zone=SHANGHAI) for hour in range(24)] == [None] * 24


@pytest.mark.parametrize("clock", ["7:30", "24:00", "21.30", "21:3O", "２１:30", "21:300"])
def test_what_is_no_time_of_day_is_refused(clock: str) -> None:
    with pytest.raises(ValueError, match="21:30"):
        NoticeSettings(quiet_from=clock)
