"""The figures, for whoever works at a desk that covers the area asked for; the same sums that the reports are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.asked import FiguresAsked
from console.figures_shown import FiguresOut, describe_figure
from console.problems import Problem, wrong
from console.routes import Call, Reply, Route
from routing import coverage, tally_rows
from routing.figures import list_figures
from routing.tally_rows import Span

if TYPE_CHECKING:
    from routing.figures import Dimension


def show_figures(call: Call) -> Reply:
    """Show the figures of a period; Problem as find_span says."""
    span, area = find_span(call, call.query)
    figures = list_figures(tally_rows.read_sum(call.session, span))
    items = [describe_figure(figure, city=call.city) for figure in figures]
    is_fresh = tally_rows.is_fresh(call.session, now=call.now)
    return Reply(body=FiguresOut(since=span.first, until=span.last, area=area, fresh=is_fresh, items=items), rows=len(items))


def find_span(call: Call, asked: FiguresAsked) -> tuple[Span, str]:
    """Find the days and values that are asked for, and the area ("" the whole city).

    Problem 403 for an area that the caller's desk does not cover, 422 for days that run backward and codes that nothing has.
    """
    last = asked.until or call.now.astimezone(call.city.zone).date()
    first = asked.since or last.replace(day=1)
    if first > last:
        raise wrong("query.to", "Expected a day that is not before from")
    area = find_area(call, asked.area)
    return Span(first=first, last=last, values=_list_values(call, asked, area)), area


def find_area(call: Call, asked: str) -> str:
    """Find the area asked for, "" for the whole city: without one all that the caller's desk covers. Problem (403, 422) where there is none."""
    org = call.context.org
    if asked and asked not in org.areas:
        raise wrong("query.area", "Expected the code of an area")
    area = asked or coverage.find_covered(org, call.actor.code)
    if area is None or not coverage.covers(org, call.actor.code, area):
        raise Problem(403, "figures_not_yours")
    return area


def _list_values(call: Call, asked: FiguresAsked, area: str) -> dict[Dimension, tuple[str, ...]]:
    org = call.context.org
    codes: dict[Dimension, str] = {"level": asked.level, "channel": asked.channel, "item": asked.item, "kind": asked.kind}
    values: dict[Dimension, tuple[str, ...]] = {name: (code,) for name, code in codes.items() if code}
    areas = coverage.list_within(org, area)
    if areas is not None:
        values["area"] = areas
    if asked.unit:
        if org.unit(asked.unit) is None and asked.unit not in org.former_units:
            raise wrong("query.unit", "Expected the code of a unit")
        values["unit"] = (asked.unit, *org.predecessors(asked.unit))
    return values


ROUTES = (
    Route(
        method="GET",
        path="/figures",
        name="figures",
        action="figures.read",
        run=show_figures,
        query=FiguresAsked,
        answer=FiguresOut,
        tag="figures",
    ),
)
