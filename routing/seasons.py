"""季节的钟: which season a day belongs to, when its tasks are given and by when they have to be done. Pure.

A season is the same days of every year, MM-DD to MM-DD; one that ends earlier in the year than it begins passes New Year and is named by the
year it begins in. Its tasks are given some days before and due when it begins: 未诉先办 is what is done before.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from routing.grid_rounds import list_grids

if TYPE_CHECKING:
    from collections.abc import Iterable

    from routing.calendar import Calendar
    from routing.org import OrgChart

_LEAP = 2000
"""A leap year: 02-29 is a day of the year too. In other years it is 03-01."""
_LATE = timedelta(days=7)
"""What is given when a season is about to begin, or has, is due a week later: nobody can be late with what they were just given."""


class SeasonPlan(msgspec.Struct, frozen=True, kw_only=True):
    """季节预案: what the grids of some areas check before a season."""

    code: str
    name: str
    starts: str
    ends: str
    lead_days: int
    areas: tuple[str, ...]
    items: tuple[str, ...]
    active: bool = True


class DueTask(msgspec.Struct, frozen=True, kw_only=True):
    """A task that is to be given: a plan's checks in one grid, before the season that begins in `year`."""

    plan: str
    area: str
    year: int
    due_at: datetime


class BadDay(ValueError):
    """A day of the year is written MM-DD."""


def read_day(text: str, year: int = _LEAP) -> date:
    """Read MM-DD as a day of a year; BadDay for anything else."""
    try:
        day = date.fromisoformat(f"{_LEAP}-{text}")
    except ValueError as error:
        raise BadDay(text) from error
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def list_tasks(plans: Iterable[SeasonPlan], *, org: OrgChart, now: datetime, calendar: Calendar) -> tuple[DueTask, ...]:
    """List the tasks that have to have been given by now and whose season is not over, one a grid and plan."""
    today = now.astimezone(calendar.zone).date()
    found: list[DueTask] = []
    for plan in plans:
        year = _find_year(plan, today)
        if not plan.active or year is None:
            continue
        begins = datetime.combine(read_day(plan.starts, year), datetime.min.time(), calendar.zone)
        due = max(begins, datetime.combine(today, datetime.min.time(), calendar.zone) + _LATE)
        grids = dict.fromkeys(grid for area in plan.areas for grid in list_grids(org, area))
        found += [DueTask(plan=plan.code, area=grid, year=year, due_at=due) for grid in sorted(grids)]
    return tuple(found)


def _find_year(plan: SeasonPlan, today: date) -> int | None:
    """Find the season whose tasks are open today, by the year it begins in; None if none is."""
    for year in (today.year + 1, today.year, today.year - 1):
        starts = read_day(plan.starts, year)
        ends = read_day(plan.ends, year)
        if ends < starts:
            ends = read_day(plan.ends, year + 1)
        if starts - timedelta(days=plan.lead_days) <= today <= ends:
            return year
    return None
