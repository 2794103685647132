"""巡查的钟: which rounds of which sheets are due on a day, in which grids, and by when. Pure.

A round is due by the close of the office; the first of two a day by the end of the first stretch of office hours. A weekly one may be gone on any
day of its week, up to the last one that counts. Where a sheet has hours of its own they stand in place of the office's, and what passes midnight
belongs to the day on which it begins. A city's holidays are no days of a sheet that is for working days.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal

import msgspec

from routing.round_hours import read_hours
from routing.terms import Level

if TYPE_CHECKING:
    from collections.abc import Iterable

    from routing.calendar import Calendar
    from routing.org import OrgChart

Rhythm = Literal["daily", "twice_daily", "weekly"]
"""每天一次, 每天两次, 每周一次."""
RoundDays = Literal["working", "all"]
"""只在工作日, 天天."""


class PatrolSheet(msgspec.Struct, frozen=True, kw_only=True):
    """巡查单: what is looked at on a round of a grid, or of every grid of an area, how often, and at what hours ("" at any)."""

    code: str
    name: str
    area: str
    items: tuple[str, ...]
    rhythm: Rhythm
    days: RoundDays = "working"
    hours: str = ""
    active: bool = True


class DueRound(msgspec.Struct, frozen=True, kw_only=True):
    """A round that is due: `day` is the day it belongs to (of a weekly one the Monday), `turn` 1, or 2 for the second of a day."""

    sheet: str
    area: str
    day: date
    turn: int
    due_at: datetime


def list_grids(org: OrgChart, area: str) -> tuple[str, ...]:
    """List the grids of an area by code; a grid is its own."""
    return tuple(code for code, one in sorted(org.areas.items()) if one.level is Level.GRID and org.within(code, area))


def group_grids(org: OrgChart) -> dict[str, tuple[str, ...]]:
    """List the grids of every area at once, by code: a city has thousands of both."""
    grids: dict[str, list[str]] = {}
    for code, one in sorted(org.areas.items()):
        for above in org.chain(code) if one.level is Level.GRID else ():
            grids.setdefault(above, []).append(code)
    return {area: tuple(codes) for area, codes in grids.items()}


def list_rounds(sheets: Iterable[PatrolSheet], *, org: OrgChart, now: datetime, calendar: Calendar) -> tuple[DueRound, ...]:
    """List the rounds of today (of this week, of a night that began yesterday) that can still be gone in time."""
    today = now.astimezone(calendar.zone).date()
    days = (today - timedelta(days=1), today)
    grids = group_grids(org)
    found: list[DueRound] = []
    for sheet in sheets:
        every = dict.fromkeys(turn for day in days for turn in _turns_of(sheet, day, calendar))
        turns = [turn for turn in every if turn[2] > now]
        for grid in grids.get(sheet.area, ()) if sheet.active and turns else ():
            found += [DueRound(sheet=sheet.code, area=grid, day=day, turn=turn, due_at=due) for day, turn, due in turns]
    return tuple(found)


def _turns_of(sheet: PatrolSheet, today: date, calendar: Calendar) -> list[tuple[date, int, datetime]]:
    """List the turns of a sheet to which a day belongs: (day, turn, by when)."""
    if sheet.rhythm == "weekly":
        monday = today - timedelta(days=today.weekday())
        week = [monday + timedelta(days=ahead) for ahead in range(7)]
        counted = [day for day in week if sheet.days == "all" or calendar.works_on(day)]
        return [(monday, 1, _ends_of(sheet, counted[-1], calendar)[1])] if counted else []
    if sheet.days == "working" and not calendar.works_on(today):
        return []
    middle, end = _ends_of(sheet, today, calendar)
    ends = [middle, end] if sheet.rhythm == "twice_daily" else [end]
    return [(today, number, each) for number, each in enumerate(ends, start=1)]


def _ends_of(sheet: PatrolSheet, day: date, calendar: Calendar) -> tuple[datetime, datetime]:
    """Give by when the first of two turns of a day is due, and by when the last: in the middle of the sheet's hours and at their end."""
    hours = read_hours(sheet.hours)
    if hours is None:
        return _midday(day, calendar), calendar.closing(day)
    begins, ends = hours.on(day, calendar.zone)
    return begins + (ends - begins) / 2, ends


def _midday(day: date, calendar: Calendar) -> datetime:
    """Give the end of the first stretch of office hours; where there is one alone, its middle."""
    first = calendar.hours[0]
    opens, closes = (datetime.combine(day, moment, calendar.zone) for moment in (first.opens, first.closes))
    return closes if len(calendar.hours) > 1 else opens + (closes - opens) / 2
