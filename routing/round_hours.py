"""几点去巡查: from when to when a round is to be gone on a day, as a sheet says it (20:00-23:00); past midnight where it ends earlier than it begins. Pure."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import date, tzinfo

_WRITTEN = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)-([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)


class RoundHours(NamedTuple):
    """From when to when, by the city's clock; the end is on the next day where it is not later than the beginning."""

    begins: time
    ends: time

    @property
    def past_midnight(self) -> bool:
        """Whether they end on the day after the one they begin on."""
        return self.ends < self.begins

    def on(self, day: date, zone: tzinfo) -> tuple[datetime, datetime]:
        """Give the first and the last moment of the hours that begin on a day."""
        last = day + timedelta(days=1) if self.past_midnight else day
        return datetime.combine(day, self.begins, zone), datetime.combine(last, self.ends, zone)

    def hold(self, moment: datetime, zone: tzinfo) -> bool:
        """Tell whether a moment lies within them, on whichever day; both ends do."""
        clock = moment.astimezone(zone).time().replace(second=0, microsecond=0)
        if self.past_midnight:
            return clock >= self.begins or clock <= self.ends
        return self.begins <= clock <= self.ends

    def __str__(self) -> str:
        """Write them as a sheet does."""
        return f"{self.begins:%H:%M}-{self.ends:%H:%M}"


def read_hours(written: str) -> RoundHours | None:
    """Read hours; None for any time. ValueError for what are none, and for hours that end as they begin."""
    if not written:
        return None
    found = _WRITTEN.fullmatch(written)
    if found is None:
        raise ValueError(written)
    first_hour, first_minute, last_hour, last_minute = map(int, found.groups())
    hours = RoundHours(time(first_hour, first_minute), time(last_hour, last_minute))
    if hours.begins == hours.ends:
        raise ValueError(written)
    return hours
