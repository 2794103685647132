"""The sums of days and months, made anew where a ticket in them counts as something else.

A day is summed from its tickets as a whole. Of a month only the values are summed that these tickets had or have, from the month's days: a
month of a city with many grids is some ten thousand rows, and others wait to write meanwhile.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import bindparam, delete, insert, literal, select

from routing.tally_tables import COUNTS, DIMENSIONS, FigureDay, FigureMonth, FigureTicket, sums_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy import Insert, Table
    from sqlalchemy.orm import Session

    from routing.figures import Dimension

_AT_ONCE = 500
"""Values bound at once: databases may bind no more than 999."""


def month_of(day: date) -> date:
    """Give the first day of a day's month."""
    return day.replace(day=1)


def list_days(month: date) -> list[date]:
    """List the days of the month that begins on this day."""
    return [month + timedelta(days=place) for place in range(monthrange(month.year, month.month)[1])]


def sum_days(session: Session, days: Iterable[date]) -> None:
    """Sum these days anew from the tickets."""
    for chunk in _cut(sorted(days)):
        session.execute(delete(FigureDay).where(FigureDay.day.in_(chunk)))
        for dimension in DIMENSIONS:
            session.execute(_insert_days(dimension), {"days": chunk})


def sum_months(session: Session, touched: Mapping[tuple[Dimension, date], set[str]]) -> None:
    """Sum values of months anew from the days: those that changed, by dimension and month."""
    for (dimension, month), values in sorted(touched.items()):
        for chunk in _cut(sorted(values)):
            gone = delete(FigureMonth).where(FigureMonth.dimension == dimension, FigureMonth.month == month)
            session.execute(gone.where(FigureMonth.value.in_(chunk)))
            given = {"dimension": dimension, "month": month, "days": list_days(month), "chosen": chunk}
            session.execute(_insert_months(), given)


def sum_anew(session: Session) -> None:
    """Sum all days and months anew from the tickets as they count now."""
    session.execute(delete(FigureDay))
    session.execute(delete(FigureMonth))
    days = set(session.execute(select(FigureTicket.day).distinct()).scalars())
    sum_days(session, days)
    touched: dict[tuple[Dimension, date], set[str]] = {}
    for dimension, day, value in session.execute(select(FigureDay.dimension, FigureDay.day, FigureDay.value)):
        touched.setdefault((cast("Dimension", dimension), month_of(day)), set()).add(value)
    sum_months(session, touched)


def note(touched: dict[tuple[Dimension, date], set[str]], row: Mapping[str, Any]) -> None:
    """Note what a row of figure_ticket counts under."""
    month = month_of(row["day"])
    for dimension in DIMENSIONS:
        touched.setdefault((dimension, month), set()).add("" if dimension == "all" else row[dimension])


def _cut(rows: list[Any]) -> Iterator[list[Any]]:
    return (rows[start : start + _AT_ONCE] for start in range(0, len(rows), _AT_ONCE))


@cache
def _insert_days(dimension: Dimension) -> Insert:
    """Sum `days` by a dimension into figure_day. Made once: making it costs more than summing a day by it."""
    value = literal("") if dimension == "all" else getattr(FigureTicket, dimension)
    columns = [literal(dimension).label("dimension"), FigureTicket.day, value.label("value"), *sums_of(FigureTicket)]
    of_days = (
        select(*columns)
        .where(FigureTicket.day.in_(bindparam("days", expanding=True)))
        .group_by(FigureTicket.day, *([] if dimension == "all" else [value]))
    )
    days = cast("Table", FigureDay.__table__)  # a mapped class takes parameters for its values
    return insert(days).from_select(["dimension", "day", "value", *COUNTS], of_days, include_defaults=False)


@cache
def _insert_months() -> Insert:
    """Sum the `chosen` values of a dimension over `days` into the `month`. Every day is named, so that each is found at once in the key."""
    columns = [
        FigureDay.dimension,
        bindparam("month", type_=FigureDay.day.type).label("month"),
        FigureDay.value,
        *sums_of(FigureDay),
    ]
    of_months = (
        select(*columns)
        .where(
            FigureDay.dimension == bindparam("dimension"),
            FigureDay.day.in_(bindparam("days", expanding=True)),
            FigureDay.value.in_(bindparam("chosen", expanding=True)),
        )
        .group_by(FigureDay.dimension, FigureDay.value)
    )
    months = cast("Table", FigureMonth.__table__)  # a mapped class takes parameters for its values
    return insert(months).from_select(["dimension", "month", "value", *COUNTS], of_months, include_defaults=False)
