"""The sections of the monthly pack that are made of sums: volumes, figures, what grew, units inside groups of their kind."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.reporting import conversation
from bot.reporting.pack import Section
from bot.reporting.plots import Plot, Series, pair
from bot.reporting.saying import say, say_excluded, say_or, show
from routing import month_rows, tally_rows
from routing.figures import Tally, follow_codes, list_figures
from routing.terms import Level, UnitKind

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from bot.reporting.pack import Month, SectionKey
    from residents.seat_clock import SeatSettings
    from routing.figures import Dimension, Figure
    from routing.terms import HandlingUnit

_OF_UNITS = ("on_time_rate", "satisfied_rate", "redo_rate", "return_rate")
_ANSWERED = frozenset({"contact_rate", "resolved_rate", "satisfied_rate"})
"""Figures of what residents said."""


def make_volumes(session: Session, month: Month, *, today: date) -> Section:
    """Count what came in and what was closed, beside the month before; the plot has the days of both, up to today."""
    before = month.before()
    sums, past = (tally_rows.read_sum(session, each.span) for each in (month, before))
    closed, closed_before = (month_rows.count_closed(session, each.period) for each in (month, before))
    fixed, fixed_before = (month_rows.count_on_the_spot(session, each.period) for each in (month, before))
    numbers = (
        ("received", sums.received, past.received),
        ("people", sums.received + sums.joined, past.received + past.joined),
        ("closed_in_month", closed, closed_before),
        ("on_the_spot", fixed, fixed_before),
        ("withdrawn", sums.withdrawn, past.withdrawn),
        ("declined", sums.declined + sums.malicious, past.declined + past.malicious),
        ("merged", sums.merged, past.merged),
    )
    rows = tuple((say(f"volume_{name}"), count, earlier, _say_change(count, earlier)) for name, count, earlier in numbers)
    series = tuple(
        Series(say(name), _count_days(session, each, until=today))
        for name, each in (("this_month", month), ("month_before", before))
    )
    labels = tuple(str(day) for day in range(1, 1 + max((each.last - each.first).days + 1 for each in (month, before))))
    plot = Plot(kind="lines", title=say("plot_days"), labels=labels, series=series)
    return Section(
        key="volumes", title=say("title_volumes"), note=say("note_cohort"), columns=_columns("what"), rows=rows, plot=plot
    )


def _count_days(session: Session, month: Month, *, until: date) -> tuple[int, ...]:
    """Count what came in on each day of a month that has begun."""
    days = tally_rows.read_days(session, month.span)
    length = (min(month.last, until) - month.first).days + 1
    return tuple(days.get(month.first + timedelta(days=number), Tally()).received for number in range(length))


def make_figures(session: Session, month: Month, *, now: datetime, minutes: int, seat: SeatSettings, few: int) -> Section:
    """Say every figure with what it is made of, beside the month before; what fewer than `few` answered is not told of."""
    figures, past = (_list_all(session, each, now=now, minutes=minutes, seat=seat) for each in (month, month.before()))
    rows = []
    for figure, earlier in zip(figures, past, strict=True):
        shown = show(figure)
        shares = (_say_share(each, few=few) for each in (figure, earlier))
        rows.append((shown.name, *shares, say_excluded(shown), shown.formula))
    columns = tuple(say(f"column_{name}") for name in ("figure", "this_month", "month_before", "excluded", "formula"))
    return Section(key="figures", title=say("title_figures"), note=say("rounding"), columns=columns, rows=tuple(rows))


def make_counts(session: Session, city: City, month: Month, *, key: SectionKey, dimension: Dimension, most: int) -> Section:
    """Count what came in by a dimension, beside the month before, the most first."""
    now, past = (tally_rows.read_by(session, each.span, dimension) for each in (month, month.before()))
    rows = [
        (name_value(city, dimension, value), now.get(value, Tally()).received, past.get(value, Tally()).received)
        for value in now.keys() | past.keys()
    ]
    return _make_counted(key, sorted(rows, key=lambda row: (-row[1], row[0]))[:most])


def make_grown(session: Session, city: City, month: Month, *, most: int, few: int) -> Section:
    """Name the duty items that more came in about than the month before, what grew most first; of fewer tickets than `few` none is named."""
    now, past = (tally_rows.read_by(session, each.span, "item") for each in (month, month.before()))
    rows = [
        (name_value(city, "item", value), sums.received, past.get(value, Tally()).received)
        for value, sums in now.items()
        if value and sums.received >= few and sums.received > past.get(value, Tally()).received
    ]
    return _make_counted("grew", sorted(rows, key=lambda row: (row[2] - row[1], row[0]))[:most], note=say("note_grew", few=few))


def make_units(session: Session, city: City, month: Month, *, few: int) -> Section:
    """Set units beside the others of their kind and level, by name: groups are compared, no table ranks all."""
    groups: dict[str, list[tuple[str | int, ...]]] = {}
    by_unit = follow_codes(tally_rows.read_by(session, month.span, "unit"), city.org.standing_unit)
    for code, sums in by_unit.items():
        unit = city.org.unit(code)
        if unit is None or unit.kind is UnitKind.DESK:
            continue
        by_code: dict[str, str] = {figure.code: _say_share(figure, few=few) for figure in list_figures(sums)}
        shares = tuple(by_code[name] for name in _OF_UNITS)
        row: tuple[str | int, ...] = (name_group(city, unit), unit.name, sums.received, *shares)
        groups.setdefault(name_group(city, unit), []).append(row)
    rows = [row for group in sorted(groups) for row in sorted(groups[group], key=lambda row: str(row[1]))]
    named = tuple(say(f"column_{name}") for name in ("group", "unit", "count"))
    columns = (*named, *(say(f"name_{name}") for name in _OF_UNITS))
    return Section(key="units", title=say("title_units"), note=say("note_units"), columns=columns, rows=tuple(rows))


def name_group(city: City, unit: HandlingUnit) -> str:
    """Name the group in which a unit is compared: its kind, and the level it works on."""
    level = city.org.level(unit)
    return say("group", kind=say(f"unit_{unit.kind.value}"), level=say(f"level_{level.value}") if level else "")


def name_value(city: City, dimension: Dimension, value: str) -> str:
    """Name a value of a dimension; its code where it has no name."""
    if not value:
        return say("none")
    match dimension:
        case "item":
            item = city.duty_list.item(value)
            return item.name if item else value
        case "area":
            area = city.org.areas.get(value) or city.org.former_areas.get(value)
            return area.name if area else value
        case "unit":
            return city.org.name_of(value)
    return say_or(f"{dimension}_{value}", value)


def name_community(city: City, area: str) -> str:
    """Name the community that an area lies in: a grid is a few hundred doors. Above communities the area's own name."""
    above = next((code for code in city.org.chain(area) if city.org.areas[code].level is Level.COMMUNITY), area)
    return name_value(city, "area", above)


def _list_all(session: Session, month: Month, *, now: datetime, minutes: int, seat: SeatSettings) -> tuple[Figure, ...]:
    """List the figures of tickets; for the whole city those of the conversation too, which knows no area."""
    figures = list_figures(tally_rows.read_sum(session, month.span))
    if month.areas is not None:
        return figures
    since, until = month.period.since, month.period.until
    return figures + conversation.list_figures(
        session, since=since, until=until, now=now, zone=month.zone, minutes=minutes, seat=seat
    )


def _say_share(figure: Figure, *, few: int) -> str:
    """Say a figure; of what residents answered not the share of so few that one could tell who said what."""
    if figure.code in _ANSWERED and figure.of and figure.of < few:
        return say("few_answered", few=few)
    return show(figure).share


def _make_counted(key: SectionKey, rows: list[tuple[str, int, int]], *, note: str = "") -> Section:
    names = (say("this_month"), say("month_before"))
    plot = pair(say(f"title_{key}"), rows[:12], names=names) if rows else None
    shown = tuple((name, count, before, _say_change(count, before)) for name, count, before in rows)
    return Section(key=key, title=say(f"title_{key}"), note=note, columns=_columns("what"), rows=shown, plot=plot)


def _columns(first: str) -> tuple[str, ...]:
    return tuple(say(f"column_{name}") for name in (first, "this_month", "month_before", "change"))


def _say_change(count: int, before: int) -> str:
    return f"{count - before:+,}"
