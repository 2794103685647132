"""数据: the figures of a period, each with what it is made of and the tickets behind it; by day, by area, by unit inside groups of its kind."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec

from console.figures_shown import describe_figure
from console.pages.figure_span import PERIODS, find_beside, read_looked
from console.pages.routes import File, Page, PageCall, PageRoute
from console.pages.saved_tables import Table, save
from routing import coverage, month_rows, tally_rows
from routing.figures import Tally, add, follow_codes, list_figures
from routing.sign_rows import Period
from routing.tally_days import list_days
from routing.tally_rows import midnight_after, midnight_of
from routing.terms import Level, UnitKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from console.figures_shown import FigureOut
    from console.pages.figure_span import Looked
    from routing.figures import FigureCode
    from routing.terms import Area

PATH = "/staff/figures"
_DAYS = 62
"""So many days are shown day by day; of more, month by month."""
_SHADES = 5
_OPEN = ("received", "withdrawn", "declined", "malicious", "merged", "closed")
"""What is read to say how many came in, and how many of them are open."""
_OF_DAYS = (*_OPEN, "on_time", "late", "overdue", "satisfied", "satisfied_said", "unrated", "redone", "returned")
"""What is shown and saved of a day, an area or a unit."""


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """Some days and what was received in them, as it stands now."""

    first: date
    last: date
    sums: Tally


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """An area with its sums; `shade` 0..4 is how much of what it received is open, beside the others shown."""

    code: str
    name: str
    sums: Tally
    shade: int = 0
    cells: tuple[Cell, ...] = ()

    @property
    def open(self) -> int:
        """How many are not closed yet."""
        return self.sums.counted - self.sums.closed


class UnitLoad(msgspec.Struct, frozen=True, kw_only=True):
    """A unit with its sums."""

    code: str
    name: str
    sums: Tally

    @property
    def open(self) -> int:
        """How many are not closed yet."""
        return self.sums.counted - self.sums.closed


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Units that may be set beside one another: of one kind and level, and all private or none."""

    kind: str
    level: str
    private: bool
    units: tuple[UnitLoad, ...]


class Linked:
    """Writes the queries that lead to the tickets behind numbers: a page has hundreds, and what they share is quoted once."""

    def __init__(self, kept: Mapping[str, str]) -> None:
        self._kept = {name: urlencode({name: value}) for name, value in kept.items()}
        self._quote = lru_cache(maxsize=None)(lambda name, value: urlencode({name: value}))

    def __call__(self, figure: FigureCode, side: str, more: Mapping[str, str]) -> str:
        """Write the query of one side of a figure; `more` goes before what is kept."""
        parts = self._kept | {name: self._quote(name, value) for name, value in more.items()}
        return "&".join((*parts.values(), f"figure={figure}&side={side}"))


def show_figures(call: PageCall) -> Page:
    """Show the figures of what was asked for."""
    looked, today = read_looked(call), call.now.astimezone(call.city.zone).date()
    before, after = find_beside(looked, today=today)
    talk = "talk" in call.query and not looked.span.values
    by_unit, kinds, channels = tally_rows.read_by_each(call.session, looked.span, ("unit", "kind", "channel"), counts=_OF_DAYS)
    return Page(
        template="figures/figures.html",
        values={
            "looked": looked,
            "kept": looked.kept,
            "linked": Linked(looked.kept),
            "around": urlencode({name: value for name, value in looked.kept.items() if name != "area"}),
            "periods": PERIODS,
            "before": before,
            "after": after,
            "fresh": tally_rows.is_fresh(call.session, now=call.now),
            "figures": list_shown(call, looked),
            "talks": _list_talk(call, looked) if talk else None,
            "trend": list_trend(call, looked),
            "cells": list_cells(call, looked),
            "groups": list_groups(call, by_unit),
            "kinds": kinds,
            "channels": channels,
            "incidents": month_rows.list_swollen(call.session, find_moments(call, looked)),
            "few": call.city.reports.few,
            "areas": list_areas(call),
            "levels": [level.value for level in Level],
            "unit_kinds": [kind.value for kind in UnitKind if kind is not UnitKind.DESK],
            "say": call.city.say_figure,
            "name_area": lambda code: name_area(call, code),
            "name_duty": lambda code: name_duty(call, code),
            "place": name_area(call, looked.area),
        },
    )


def list_shown(call: PageCall, looked: Looked) -> list[FigureOut]:
    """List the figures in words."""
    return [describe_figure(one, city=call.city) for one in list_figures(tally_rows.read_sum(call.session, looked.span))]


def list_trend(call: PageCall, looked: Looked) -> list[Stretch]:
    """List the days, or of many days the months (as far as they are looked at), with what was received in each."""
    span = looked.span
    if (span.last - span.first).days < _DAYS:
        by_day = tally_rows.read_days(call.session, span, counts=_OF_DAYS)
        return [Stretch(first=day, last=day, sums=sums) for day, sums in sorted(by_day.items())]
    return [
        Stretch(first=max(month, span.first), last=min(list_days(month)[-1], span.last), sums=sums)
        for month, sums in tally_rows.read_months(call.session, span, counts=_OF_DAYS).items()
    ]


def list_cells(call: PageCall, looked: Looked, *, counts: tuple[str, ...] = _OPEN) -> list[Cell]:
    """List the areas just below the one looked at, each with those below it, shaded by how much is open among all beside it on the map.

    Other than `counts` is 0.
    """
    org = call.context.org
    sums = follow_codes(tally_rows.read_by(call.session, looked.span, "area", counts=counts), org.standing_area)
    totals: dict[str, list[Tally]] = {}
    for code, part in sums.items():
        for each in org.chain(code) if code in org.areas else ():
            totals.setdefault(each, []).append(part)

    def make(areas: Iterable[Area]) -> tuple[Cell, ...]:
        return _shade(Cell(code=area.code, name=area.name, sums=add(totals.get(area.code, ()))) for area in areas)

    top = org.below(looked.area)
    deeper = {cell.code: cell for cell in make(each for area in top for each in org.below(area.code))}
    return [msgspec.structs.replace(cell, cells=tuple(deeper[one.code] for one in org.below(cell.code))) for cell in make(top)]


def list_groups(call: PageCall, by_unit: Mapping[str, Tally]) -> list[Group]:
    """List the units, of these sums, inside groups of their kind and level, by name; desks are no units, and nothing ranks all."""
    org = call.context.org
    found: dict[tuple[bool, str, str], list[UnitLoad]] = {}
    for code, sums in follow_codes(by_unit, org.standing_unit).items():
        unit = org.unit(code)
        if unit is not None and unit.kind is not UnitKind.DESK:
            level = org.level(unit)
            group = (unit.private, unit.kind.value, level.value if level is not None else "")
            found.setdefault(group, []).append(UnitLoad(code=code, name=unit.name, sums=sums))
    return [
        Group(private=private, kind=kind, level=level, units=tuple(sorted(units, key=lambda one: one.name)))
        for (private, kind, level), units in sorted(found.items())
    ]


def list_areas(call: PageCall) -> list[tuple[str, str]]:
    """List the areas that the caller's desk covers, the wider ones first, down to communities."""
    org = call.context.org
    covered = coverage.find_covered(org, call.actor.code)
    if covered is None:
        return []
    inside = [one for one in org.areas.values() if one.level is not Level.GRID and (not covered or org.within(one.code, covered))]
    return [(one.code, one.name) for one in sorted(inside, key=lambda one: (len(org.chain(one.code)), one.code))]


def find_moments(call: PageCall, looked: Looked) -> Period:
    """Give the moments of the days looked at, in the areas looked at."""
    span, zone = looked.span, call.city.zone
    since, until = midnight_of(span.first, zone), midnight_after(span.last, zone)
    return Period(since=since, until=until, areas=span.values.get("area"))


def name_area(call: PageCall, code: str) -> str:
    """Name an area, of today or of before; its code where it has no name, "" for the whole city."""
    org = call.context.org
    area = org.areas.get(code)
    former = org.former_areas.get(code)
    return area.name if area is not None else former.name if former is not None else code


def name_duty(call: PageCall, code: str) -> str:
    """Name a duty item; its code if it is unknown."""
    item = call.context.duty_list.item(code)
    return item.name if item is not None else code


def save_figures(call: PageCall) -> File:
    """Save the figures, the days, the areas and the units as tables, with how each figure is counted."""
    looked, say = read_looked(call), call.city.say_figure
    note = f"{looked.span.first.isoformat()} – {looked.span.last.isoformat()} {name_area(call, looked.area)} {say('note_cohort')}"
    figures = tuple(
        (
            one.name,
            one.numerator,
            "" if one.denominator is None else one.denominator,
            one.percent or "",
            say("between").join(f"{left.name} {left.count}" for left in one.excluded),
            one.formula,
        )
        for one in list_shown(call, looked)
    )
    trend = ((stretch.first.isoformat(), stretch.sums) for stretch in list_trend(call, looked))
    areas = ((cell.name, cell.sums) for cell in list_cells(call, looked, counts=_OF_DAYS))
    by_unit = tally_rows.read_by(call.session, looked.span, "unit", counts=_OF_DAYS)
    units = ((unit.name, unit.sums) for group in list_groups(call, by_unit) for unit in group.units)
    heads = ("figure", "numerator", "denominator", "percent", "excluded", "formula")
    tables = (
        Table(title=say("title_figures"), note=note, columns=tuple(say(f"column_{name}") for name in heads), rows=figures),
        _tabulate(call, "day", trend),
        _tabulate(call, "area", areas),
        _tabulate(call, "unit", units),
    )
    return save(call, "figures", tables, subject="figures", action="figures.save")


_COUNTS = ("received", "closed", "overdue", "on_time", "late", "satisfied", "satisfied_said", "unrated", "redone", "returned")


def _tabulate(call: PageCall, first: str, rows: Iterable[tuple[str, Tally]]) -> Table:
    say = call.city.say_figure
    head = say(f"column_{first}")
    columns = (head, *(say(f"count_{name}") for name in _COUNTS))
    return Table(
        title=head, columns=columns, rows=tuple((name, *(getattr(sums, count) for count in _COUNTS)) for name, sums in rows)
    )


def _list_talk(call: PageCall, looked: Looked) -> list[FigureOut]:
    """List the figures of the conversation itself; they know no area, no unit and no item."""
    moments = find_moments(call, looked)
    found = call.city.reports.list_talk_figures(call.session, since=moments.since, until=moments.until, now=call.now)
    return [describe_figure(figure, city=call.city) for figure in found]


def _shade(cells: Iterable[Cell]) -> tuple[Cell, ...]:
    """Shade areas by how much is open beside the one where most is."""
    listed = list(cells)
    most = max((one.open for one in listed), default=0)
    shades: Mapping[str, int] = {one.code: -(-one.open * (_SHADES - 1) // most) if most else 0 for one in listed}
    return tuple(msgspec.structs.replace(one, shade=shades[one.code]) for one in listed)


PAGES = (
    PageRoute(path=PATH, name="figures", action="figures.read", run=show_figures),
    PageRoute(path=f"{PATH}/save/{{form}}", name="figures_save", action="figures.read", run=save_figures),
)
