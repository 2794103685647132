"""Working days: weekdays, less the public holidays, plus the make-up days of the State Council's plan; and the office's hours.

The shipped exceptions (routing/calendars/china_<year>.csv) were written from the package chinesecalendar 1.11, which follows the State
Council's yearly notices; next year's notice comes in the autumn. A city adds rows of its own (local holidays), which win. A year without
data is counted by weekdays, and whoever counts says so.
"""

from __future__ import annotations

import csv
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

SHIPPED = Path(__file__).parent / "calendars"
_SATURDAY = 5


class DayRow(msgspec.Struct, frozen=True, kw_only=True):
    """An exception: a weekday off (`holiday`) or a weekend day worked (`workday`), and the festival it belongs to."""

    date: date
    kind: Literal["holiday", "workday"]
    name: str = ""


class OfficeHours(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of office hours on a working day, by the city's clock."""

    opens: time
    closes: time


DEFAULT_HOURS = (OfficeHours(opens=time(8, 30), closes=time(12)), OfficeHours(opens=time(13, 30), closes=time(17, 30)))
"""The hours most offices post; a city sets its own."""


class Calendar(msgspec.Struct, frozen=True, kw_only=True):
    """What days are worked and when. Built by `build`."""

    days: dict[date, DayRow]
    years: frozenset[int]
    """The years whose exceptions are known."""
    hours: tuple[OfficeHours, ...]
    zone: ZoneInfo

    def works_on(self, day: date) -> bool:
        """Tell whether a day is a working day."""
        row = self.days.get(day)
        return row.kind == "workday" if row else day.weekday() < _SATURDAY

    def closing(self, day: date) -> datetime:
        """Give the moment at which the office closes on a day."""
        return datetime.combine(day, self.hours[-1].closes, self.zone)

    def spans(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """List the stretches of office hours of a day; none if it is not worked."""
        if not self.works_on(day):
            return ()
        return tuple(
            (datetime.combine(day, part.opens, self.zone), datetime.combine(day, part.closes, self.zone)) for part in self.hours
        )


def build(
    rows: Iterable[DayRow], *, zone: ZoneInfo, hours: tuple[OfficeHours, ...] = DEFAULT_HOURS, own: Iterable[DayRow] = ()
) -> Calendar:
    """Build a calendar from the country's rows and the city's own, which win; ValueError if the office hours make no sense."""
    ends = [moment for part in hours for moment in (part.opens, part.closes)]
    if not hours or ends != sorted(set(ends)):
        raise ValueError("office hours must be given, in order, and must not overlap")
    country = {row.date: row for row in rows}
    days = country | {row.date: row for row in own}
    return Calendar(days=days, years=frozenset(day.year for day in country), hours=hours, zone=zone)


def load_folder(path: Path = SHIPPED) -> tuple[DayRow, ...]:
    """Read the exceptions of every CSV of a folder (date,kind,name; UTF-8); msgspec.ValidationError for a row that is none."""
    rows: list[DayRow] = []
    for file in sorted(path.glob("*.csv")):
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows += [msgspec.convert(row, DayRow) for row in csv.DictReader(lines)]
    return tuple(rows)
