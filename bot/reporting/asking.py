"""What a report is asked for: months, days and values as people write them, refused where nothing could come of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.refusals import refuse
from bot.reporting.pack import find_month
from bot.reporting.saying import has_value, say
from routing import tally_rows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from bot.reporting.pack import Month
    from routing.figures import Dimension
    from routing.sight import Viewer

_FIRST, _LAST = 2000, 2999
"""Years that calendars hold whatever is added to a day of theirs."""
_NAMED = 8


def find_asked(city: City, month: str, *, now: datetime, viewer: Viewer, areas: tuple[str, ...] | None = None) -> Month:
    """Find a month that has begun; refused for what is none."""
    try:
        asked = find_month(month, zone=city.zone, viewer=viewer, areas=areas)
    except ValueError as error:
        raise refuse("no_month", month=month) from error
    if asked.first > now.astimezone(city.zone).date():
        raise refuse("month_ahead", month=month)
    return asked


def check_days(first: date, last: date) -> None:
    """Refuse days that run backward, or out of what calendars hold."""
    if not (first.year >= _FIRST and first <= last and last.year <= _LAST):
        raise refuse("report_days", first=first.isoformat(), last=last.isoformat())


def check_values(session: Session, city: City, values: Mapping[Dimension, str]) -> None:
    """Refuse a value that no ticket ever had and that is none of the city's: it was written wrong, and its figures would all be 0."""
    for dimension, value in values.items():
        seen = tally_rows.list_values(session, dimension)
        if value not in seen and not _is_known(city, dimension, value):
            named = say("between").join(sorted(seen - {""})[:_NAMED]) or say("no_value_yet")
            raise refuse("no_value", name=say(f"dimension_{dimension}"), value=value, seen=named)


def _is_known(city: City, dimension: Dimension, value: str) -> bool:
    match dimension:
        case "unit":
            return city.org.unit(value) is not None or value in city.org.former_units
        case "item":
            return city.duty_list.item(value) is not None
        case "level" | "kind":
            return has_value(dimension, value)
    return False
