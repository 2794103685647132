"""The monthly pack (社情民意月报): sections with their tables and plots, built from the sums, the tickets and the decisions of a month.

Everything in it may be shown at the meeting: nothing confidential, no door, no word and no place of fewer people than the settings say.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

import msgspec

from bot.reporting.plots import Plot  # noqa: TC001 - msgspec reads the annotation
from routing.sight import Viewer  # noqa: TC001 - msgspec reads the annotation
from routing.sign_rows import Period
from routing.tally_rows import Span, midnight_after, midnight_of

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

SectionKey = Literal[
    "volumes", "figures", "kinds", "channels", "grew", "words", "places", "units", "overdue", "unhappy", "misses", "signs",
    "inspect", "problems", "decisions", "stationed",
]  # fmt: skip


_MONTH = re.compile(r"2[0-9]{3}-[0-9]{2}")


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the pack: a table, what has to be known to read it, and perhaps a plot. A cell is a text or a count.

    `incidents` gives row by row which incident it tells of, 0 for none; nothing where no row does.
    """

    key: SectionKey
    title: str
    note: str = ""
    columns: tuple[str, ...]
    rows: tuple[tuple[str | int, ...], ...]
    plot: Plot | None = None
    incidents: tuple[int, ...] = ()


class Pack(msgspec.Struct, frozen=True, kw_only=True):
    """The pack of a month (2026-10) for an area."""

    month: str
    area: str
    title: str
    made: str
    sections: tuple[Section, ...]


class Month(msgspec.Struct, frozen=True, kw_only=True):
    """A month of the city, the one before it, and what is looked at: these areas (None: all) as this viewer sees them."""

    first: date
    last: date
    zone: ZoneInfo
    viewer: Viewer
    areas: tuple[str, ...] | None = None

    @property
    def name(self) -> str:
        """The month as 2026-10."""
        return f"{self.first:%Y-%m}"

    @property
    def span(self) -> Span:
        """The month's days and areas, for sums."""
        return Span(first=self.first, last=self.last, values={} if self.areas is None else {"area": self.areas})

    @property
    def period(self) -> Period:
        """The month's moments and areas, for tickets."""
        since, until = midnight_of(self.first, self.zone), midnight_after(self.last, self.zone)
        return Period(since=since, until=until, areas=self.areas)

    def before(self) -> Month:
        """Give the month before."""
        last = self.first - timedelta(days=1)
        return msgspec.structs.replace(self, first=last.replace(day=1), last=last)


def find_month(name: str, *, zone: ZoneInfo, viewer: Viewer, areas: tuple[str, ...] | None = None) -> Month:
    """Find a month by its name (2026-10, from 2000 to 2999); ValueError for what is none."""
    if _MONTH.fullmatch(name) is None:
        raise ValueError(name)
    first = date.fromisoformat(f"{name}-01")
    following = (first + timedelta(days=31)).replace(day=1)
    return Month(first=first, last=following - timedelta(days=1), zone=zone, viewer=viewer, areas=areas)
