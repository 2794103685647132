"""时限: by when a matter is due, counted on the city's calendar, and how it was counted, line by line.

Days end when the office closes on the last of them, and the day of receipt is not counted unless the city says so: 《民法典》 articles 201
and 203 (a term in days begins on the next day and ends at the close of business). Hours run from the moment of receipt.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal

from routing.terms import Deadline
from routing.why import explain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from routing.calendar import Calendar

_DAY = timedelta(days=1)
_END_OF_DAY = time(23, 59, 59)


def due_at(
    start: datetime,
    value: int,
    unit: Literal["hours", "days"],
    calendar_kind: Literal["working", "calendar"],
    calendar: Calendar,
    *,
    next_day: bool = True,
) -> Deadline:
    """Count a term from an aware moment. `value` below 1 is ValueError.

    `next_day` (次日起算): the first day counted is the one after the receipt; else it is the day of receipt itself, if its office still is open.
    """
    if value < 1:
        raise ValueError("a term has at least one hour or day")
    local = start.astimezone(calendar.zone)
    opening = explain(f"term_{calendar_kind}_{unit}", {"value": value})
    received = explain("term_received", {"at": f"{local:%Y-%m-%d %H:%M}"})
    if unit == "hours":
        due, lines = _count_hours(local, value, calendar) if calendar_kind == "working" else (start + timedelta(hours=value), ())
    else:
        due, lines = _count_days(local, value, calendar, working=calendar_kind == "working", next_day=next_day)
    ending = explain("term_due", {"at": f"{due.astimezone(calendar.zone):%Y-%m-%d %H:%M}"})
    return Deadline(due_at=due, basis=(opening, received, *lines, ending))


def count_working_days(start: datetime, end: datetime, calendar: Calendar) -> int:
    """Count the working days after the day of `start` up to and with the day of `end`: what a pause of a term in days took."""
    day, last = start.astimezone(calendar.zone).date(), end.astimezone(calendar.zone).date()
    return sum(calendar.works_on(day + _DAY * ahead) for ahead in range(1, (last - day).days + 1))


def add_working_days(due: datetime, days: int, calendar: Calendar) -> datetime:
    """Move a due time by working days, to the close of the office on the last of them; 0 leaves it."""
    if days == 0:
        return due
    day = due.astimezone(calendar.zone).date()
    while days:
        day += _DAY
        days -= calendar.works_on(day)
    return calendar.closing(day)


def measure_working(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """Measure the office time between two moments."""
    day, last = start.astimezone(calendar.zone).date(), end.astimezone(calendar.zone).date()
    spans = (span for ahead in range((last - day).days + 1) for span in calendar.spans(day + _DAY * ahead))
    return sum((max(min(closes, end) - max(opens, start), timedelta()) for opens, closes in spans), timedelta())


def add_working(start: datetime, span: timedelta, calendar: Calendar) -> datetime:
    """Give the moment that lies so much office time after another; no time leaves it."""
    if not span:
        return start
    return _run_hours(start.astimezone(calendar.zone), span, calendar)[0]


def _count_days(
    local: datetime, value: int, calendar: Calendar, *, working: bool, next_day: bool
) -> tuple[datetime, tuple[str, ...]]:
    def ends(day: date) -> datetime:
        return calendar.closing(day) if working else datetime.combine(day, _END_OF_DAY, calendar.zone)

    day = local.date()
    if next_day or ends(day) < local:
        day += _DAY
    passed: list[date] = []
    left = value
    while True:
        passed.append(day)
        left -= 1 if not working or calendar.works_on(day) else 0
        if left == 0:
            break
        day += _DAY
    counted_from = explain("term_counted_from", {"day": passed[0]})
    return ends(day), (counted_from, *(_explain_days(passed, calendar) if working else ()))


def _count_hours(local: datetime, value: int, calendar: Calendar) -> tuple[datetime, tuple[str, ...]]:
    due, passed = _run_hours(local, timedelta(hours=value), calendar)
    return due, _explain_days(passed, calendar)


def _run_hours(local: datetime, left: timedelta, calendar: Calendar) -> tuple[datetime, list[date]]:
    """Let office time run from a moment: when it is used up, and the days passed."""
    day = local.date()
    passed = [day]
    while True:
        for opens, closes in calendar.spans(day):
            begins = max(opens, local)
            if begins + left <= closes and begins < closes:
                return begins + left, passed
            left -= max(closes - begins, timedelta())
        day += _DAY
        passed.append(day)


def _explain_days(days: Iterable[date], calendar: Calendar) -> tuple[str, ...]:
    """Say which of these days were skipped and why, which weekend days were counted, and which year is counted by weekdays alone."""
    lines: list[str] = []
    skipped: list[tuple[str, date, date]] = []
    years: set[int] = set()
    for day in days:
        row = calendar.days.get(day)
        years.add(day.year)
        if calendar.works_on(day):
            if row:
                lines.append(explain("term_make_up", {"day": day, "name": row.name}))
            continue
        name = row.name if row else ""
        if skipped and skipped[-1][0] == name and skipped[-1][2] + _DAY == day:
            skipped[-1] = (name, skipped[-1][1], day)
        else:
            skipped.append((name, day, day))
    for name, first, last in skipped:
        key = "term_skipped_holiday" if name else "term_skipped_weekend"
        lines.append(explain(key, {"from": first, "to": last, "name": name} if name else {"from": first, "to": last}))
    lines += [explain("term_year_missing", {"year": year}) for year in sorted(years - calendar.years)]
    return tuple(lines)
