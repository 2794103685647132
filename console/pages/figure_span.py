"""Which figures an address asks for: a month, a quarter, a year or days of one's own, and of which tickets; and the address of the same again."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

import msgspec

from console.api.figures import find_span
from console.asked import FiguresAsked, OptionalCode
from console.problems import find_field, wrong
from routing.terms import UnitKind

if TYPE_CHECKING:
    from console.pages.routes import PageCall
    from routing.tally_rows import Span

Period = Literal["month", "quarter", "year", "own"]
PERIODS: tuple[Period, ...] = ("month", "quarter", "year", "own")
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_FIRST, _LAST = 2000, 2998
"""Years that calendars hold whatever is added to a day of theirs."""


class Wanted(FiguresAsked, frozen=True):
    """What a page of figures is asked for. `group` is a kind of unit: all units of it."""

    period: Period = "month"
    group: OptionalCode = ""


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked at: the days and values of the sums, the area ("" the whole city), and the address that asks for the same."""

    wanted: Wanted
    span: Span
    area: str
    kept: dict[str, str]


def read_looked(call: PageCall) -> Looked:
    """Read what is asked for from the address; Problem 422 for what cannot be, 403 for an area that the caller's desk does not cover."""
    wanted = _read_wanted(call)
    first, last = find_days(wanted, today=call.now.astimezone(call.city.zone).date())
    names = FiguresAsked.__struct_fields__
    given = {name: getattr(wanted, name) for name in names} | {"since": first, "until": last}
    span, area = find_span(call, FiguresAsked(**given))
    if wanted.group and not wanted.unit:
        units = _list_units(call, wanted.group)
        span = msgspec.structs.replace(span, values={**span.values, "unit": units})
    kept = {"period": wanted.period, "from": first.isoformat(), "to": last.isoformat()}
    others = ("area", "unit", "level", "channel", "item", "kind", "group")
    kept |= {name: getattr(wanted, name) for name in others if getattr(wanted, name)}
    return Looked(wanted=wanted, span=span, area=area, kept=kept)


def find_days(wanted: Wanted, *, today: date) -> tuple[date, date]:
    """Find the first and the last day: of one's own as given, else of the period that `from` (or today) lies in, no further than today."""
    for day in (wanted.since, wanted.until):
        if day is not None and not _FIRST <= day.year <= _LAST:
            raise wrong("query.from", f"Expected a day from {_FIRST} to {_LAST}")
    if wanted.period == "own":
        last = wanted.until or today
        return wanted.since or last.replace(day=1), last
    first, last = find_period(wanted.period, wanted.since or today)
    return first, min(last, today) if first <= today else last


def find_period(period: Period, day: date) -> tuple[date, date]:
    """Find the first and the last day of the month, quarter or year that a day lies in."""
    months = _MONTHS[period]
    first = day.replace(month=(day.month - 1) // months * months + 1, day=1)
    following = first.month - 1 + months
    return first, date(first.year + following // 12, following % 12 + 1, 1) - timedelta(days=1)


def find_beside(looked: Looked, *, today: date) -> tuple[str, str]:
    """Give the first days of the periods before and after what is looked at; "" for days of one's own, and for a period that has not begun."""
    period, first = looked.wanted.period, looked.span.first
    if period == "own":
        return "", ""
    start, end = find_period(period, first)
    before, after = start - timedelta(days=1), end + timedelta(days=1)
    earlier = find_period(period, before)[0].isoformat() if before.year >= _FIRST else ""
    return earlier, after.isoformat() if after <= today else ""


def _read_wanted(call: PageCall) -> Wanted:
    names = {field.encode_name for field in msgspec.structs.fields(Wanted)}
    given = {name: value for name, value in call.query.items() if name in names and value}
    try:
        return msgspec.convert(given, Wanted, strict=False)
    except msgspec.ValidationError as error:
        raise wrong(find_field(error, "query").where, "Expected days as 2026-10-01 and one of the values offered") from error


def _list_units(call: PageCall, group: str) -> tuple[str, ...]:
    """List the units of a kind, those that they followed too."""
    if group not in {kind.value for kind in UnitKind}:
        raise wrong("query.group", "Expected a kind of unit")
    org = call.context.org
    codes = [unit.code for unit in org.units.values() if unit.kind == group]
    return tuple(each for code in codes for each in (code, *org.predecessors(code)))
