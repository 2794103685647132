"""值班表: the week's shifts of the desks, and who is on duty at a moment by the city's clock.

BadShift     a roster row that cannot be read
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, tzinfo

_DAY = 24 * 60
_CLOCK = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)")
_DAYS = re.compile(r"([1-7])(?:-([1-7]))?")


class BadShift(ValueError):
    """A roster row needs times as HH:MM, days as 1-5, 6-7 or 1,3,5 (1 is Monday), and somebody."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)


class RosterRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row as imported: `starts` and `ends` HH:MM (an end at or before the start lies on the next day), `days` like "1-5"."""

    desk: str
    starts: str
    ends: str
    days: str
    staff: str
    backup: str = ""


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """A row read: minutes after midnight of each weekday (1 is Monday) on which it begins; `ends` may pass 24 hours."""

    starts: int
    ends: int
    days: frozenset[int]
    staff: tuple[str, ...]
    """Who has it, then who stands in."""


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """Hours of a weekday (1 is Monday) without anyone on duty; minutes after midnight."""

    day: int
    starts: int
    ends: int


def read_shift(row: RosterRow) -> Shift:
    """Read a row; BadShift says which part cannot be read."""
    starts, ends = _read_clock(row.starts), _read_clock(row.ends)
    days: set[int] = set()
    for part in row.days.split(","):
        match = _DAYS.fullmatch(part.strip())
        if match is None:
            raise BadShift(f"days {row.days!r} of desk {row.desk}: write 1-5, 6-7 or 1,3,5 (1 is Monday)")
        first, last = int(match[1]), int(match[2] or match[1])
        days.update(range(first, last + 1) if first <= last else [*range(first, 8), *range(1, last + 1)])
    staff = tuple(code for code in (row.staff, row.backup) if code)
    if not staff:
        raise BadShift(f"a shift of desk {row.desk} names nobody")
    return Shift(starts=starts, ends=ends if ends > starts else ends + _DAY, days=frozenset(days), staff=staff)


def list_on_duty(shifts: Iterable[Shift], *, now: datetime, tz: tzinfo) -> tuple[str, ...]:
    """List the staff codes on duty now: first the holders of the shifts, then those who stand in."""
    holders, backups = list_by_turn(shifts, now=now, tz=tz)
    return holders + backups


def list_by_turn(shifts: Iterable[Shift], *, now: datetime, tz: tzinfo) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """List the staff codes on duty now, apart: the holders of the shifts, and those who stand in and hold none."""
    local = now.astimezone(tz)
    minute = local.hour * 60 + local.minute
    today, yesterday = local.isoweekday(), (local - timedelta(days=1)).isoweekday()
    running = [
        shift.staff
        for shift in shifts
        if (today in shift.days and shift.starts <= minute < shift.ends)
        or (yesterday in shift.days and shift.starts <= minute + _DAY < shift.ends)
    ]
    holders = dict.fromkeys(staff[0] for staff in running)
    backups = dict.fromkeys(code for staff in running for code in staff[1:] if code not in holders)
    return tuple(holders), tuple(backups)


def find_next_start(shifts: Iterable[Shift], *, now: datetime, tz: tzinfo) -> datetime | None:
    """Find when the next of these shifts begins, within the coming week; None if none does."""
    midnight = now.astimezone(tz).replace(hour=0, minute=0, second=0, microsecond=0)
    days = [midnight + timedelta(days=number) for number in range(8)]
    starts = [day + timedelta(minutes=shift.starts) for shift in shifts for day in days if day.isoweekday() in shift.days]
    return min((start for start in starts if start > now), default=None)


def find_gaps(shifts: Iterable[Shift]) -> tuple[Gap, ...]:
    """List the hours of the week that no shift covers, from Monday on."""
    known = tuple(shifts)
    found: list[Gap] = []
    for day in range(1, 8):
        yesterday = (day - 2) % 7 + 1
        spans = [(shift.starts, shift.ends) for shift in known if day in shift.days]
        spans += [(shift.starts - _DAY, shift.ends - _DAY) for shift in known if yesterday in shift.days]
        covered = 0
        for starts, ends in [*sorted(spans), (_DAY, _DAY)]:
            if starts > covered:
                found.append(Gap(day=day, starts=covered, ends=starts))
            covered = max(covered, ends)
    return tuple(found)


def _read_clock(text: str) -> int:
    match = _CLOCK.fullmatch(text.strip())
    minute = int(match[1]) * 60 + int(match[2]) if match else _DAY + 1
    if minute > _DAY:
        raise BadShift(f"time {text!r}: write HH:MM")
    return minute % _DAY
