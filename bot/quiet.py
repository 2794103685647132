"""Quiet hours: when what is told leaves, by the city's clock. Pure.

At night only what cannot wait leaves at once: an alarm, an urgent matter, and what is told to somebody who wrote just now and is awake.
All else is due when the quiet hours end; nothing is lost, and nothing is put together that says where a matter stood in between.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta

from bot.texts import fill

if TYPE_CHECKING:
    from datetime import date
    from zoneinfo import ZoneInfo


class NoticeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """When notices rest, and when several go as one. A clock is `HH:MM`; one of them empty, or both the same: there are no quiet hours."""

    quiet_from: str = "21:30"
    quiet_until: str = "07:30"
    awake_minutes: Annotated[int, Meta(ge=0)] = 30
    merge_from: Annotated[int, Meta(ge=2)] = 3

    def __post_init__(self) -> None:
        """Refuse what is no time of day (ValueError)."""
        for clock in (self.quiet_from, self.quiet_until):
            _read_clock(clock)


class Night(msgspec.Struct, frozen=True):
    """One stretch of quiet hours, UTC: from `began` until just before `ends`."""

    began: datetime
    ends: datetime


def find_night(now: datetime, *, settings: NoticeSettings, zone: ZoneInfo) -> Night | None:
    """Find the quiet hours that a moment lies in; None by day, and where there are none."""
    first, last = _read_clock(settings.quiet_from), _read_clock(settings.quiet_until)
    if first is None or last is None or first == last:
        return None
    today = now.astimezone(zone).date()
    for day in (today - timedelta(days=1), today):
        next_day = day + timedelta(days=1) if last < first else day
        night = Night(_at(day, first, zone=zone), _at(next_day, last, zone=zone))
        if night.began <= now < night.ends:
            return night
    return None


def choose_time(
    now: datetime, *, at_night: bool = False, wrote_at: datetime | None = None, settings: NoticeSettings, zone: ZoneInfo
) -> datetime:
    """Choose when a notice is due: now, or when the quiet hours end.

    `at_night`: it cannot wait. `wrote_at`: when whoever reads it last wrote to us; within `awake_minutes` they are awake.
    """
    night = find_night(now, settings=settings, zone=zone)
    is_awake = wrote_at is not None and now - wrote_at < timedelta(minutes=settings.awake_minutes)
    return now if night is None or at_night or is_awake else night.ends


def _at(day: date, clock: time, *, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)


def _read_clock(clock: str) -> time | None:
    """Read `HH:MM`; None if empty. ValueError for anything else."""
    if not clock:
        return None
    hours, colon, minutes = clock.partition(":")
    if not (colon and clock.isascii() and hours.isdigit() and minutes.isdigit() and len(clock) == len("21:30")):
        raise ValueError(fill("settings", "no_clock", {"clock": clock}))
    try:
        return time(int(hours), int(minutes))
    except ValueError:
        raise ValueError(fill("settings", "no_clock", {"clock": clock})) from None
