"""Reports as commands: figures, the monthly pack, signs, and the decisions of the months' meetings; each for who covers the area asked for."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import msgspec

from bot.commands import Command, Json
from bot.commands.tickets import viewer_of
from bot.refusals import refuse
from bot.reporting import asking, conversation, lists, sections
from bot.reporting.pack import Pack
from bot.reporting.saying import say, say_excluded, show
from routing import coverage, figure_rows, month_decisions, tally_rows
from routing.figure_rows import Scope
from routing.figures import Dimension, follow_codes, list_figures
from routing.sight import OPERATOR
from routing.tally_rows import Span, midnight_after, midnight_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from bot.reporting.pack import Month
    from bot.reporting.saying import Shown
    from routing.figures import Figure

_ROUNDS = 30
"""Windows of events that are folded at one request: the worker does the rest, and what is not done yet is said."""


def refresh(session: Session, city: City, *, now: datetime) -> Json:
    """Take into the sums what has happened since the worker did; tells whether all is in them now. Reports then only read."""
    return any(tally_rows.refresh(session, now=now, zone=city.zone) == 0 for _ in range(_ROUNDS))


def read_figures(
    session: Session,
    city: City,
    *,
    now: datetime,
    first: str,
    last: str,
    area: str = "",
    unit: str = "",
    level: str = "",
    channel: str = "",
    line: str = "",
    source: str = "",
    item: str = "",
    kind: str = "",
    by: str = "",
    from_events: bool = False,
    actor: str = OPERATOR.kind,
) -> Json:
    """Give the figures of what was received from one day to another, both included; of an area with all below it.

    `by` gives them for each value of a dimension too; `from_events` counts anew instead of reading the sums.
    """
    days = (date.fromisoformat(first), date.fromisoformat(last))
    asking.check_days(*days)
    areas = _find_areas(city, area, actor=actor)
    values: dict[Dimension, tuple[str, ...]] = {} if areas is None else {"area": areas}
    asked: dict[Dimension, str] = {
        "unit": unit, "level": level, "channel": channel, "line": line, "source": source, "item": item, "kind": kind,
    }  # fmt: skip
    is_fresh = tally_rows.is_fresh(session, now=now)
    if is_fresh:
        asking.check_values(session, city, {name: value for name, value in asked.items() if value})
    values |= {name: (value,) for name, value in asked.items() if value}
    if unit:
        values["unit"] = (unit, *city.org.predecessors(unit))
    span = Span(first=days[0], last=days[1], values=values)
    scope = Scope(since=midnight_of(days[0], city.zone), until=midnight_after(days[1], city.zone), values=values)
    figures = list_figures(figure_rows.count(session, scope, now=now) if from_events else tally_rows.read_sum(session, span))
    if not values.keys() - {"channel"}:
        figures += _list_conversation(session, city, scope, now=now)
    found = {"from": first, "to": last, "area": area, "fresh": is_fresh or from_events, "rounding": say("rounding")}
    found |= {"figures": [_describe(show(figure)) for figure in figures]}
    if by:
        dimension = msgspec.convert(by, Dimension)
        parts = tally_rows.read_by(session, span, dimension)
        if dimension in {"area", "unit"}:
            parts = follow_codes(parts, city.org.standing_area if dimension == "area" else city.org.standing_unit)
        found["by"] = [
            {"value": value, "name": sections.name_value(city, dimension, value)}
            | {"figures": [_describe(show(figure)) for figure in list_figures(sums)]}
            for value, sums in sorted(parts.items())
        ]
    return found


def make_month(
    session: Session, city: City, *, now: datetime, month: str, area: str = "", as_is: bool = False, actor: str = OPERATOR.kind
) -> Json:
    """Make the monthly pack of an area with all below it; `as_is`: also while the acts of the last minutes are not in the sums."""
    asked = _find_month(city, month, area, now=now, actor=actor)
    if not (as_is or tally_rows.is_fresh(session, now=now)):
        raise refuse("report_not_ready")
    settings = city.settings.report
    most, few = settings.most_rows, settings.few_people
    units = sections.make_units(session, city, asked, few=few)
    pack = Pack(
        month=month,
        area=area,
        title=say("title", month=month, place=_name_place(city, area)),
        made=say("made", at=f"{now.astimezone(city.zone):%Y-%m-%d %H:%M}"),
        sections=(
            sections.make_volumes(session, asked, today=now.astimezone(city.zone).date()),
            sections.make_figures(session, asked, now=now, minutes=settings.first_answer_minutes, seat=city.settings.seat, few=few),
            sections.make_counts(session, city, asked, key="kinds", dimension="kind", most=most),
            sections.make_counts(session, city, asked, key="channels", dimension="channel", most=most),
            sections.make_grown(session, city, asked, most=most, few=few),
            *lists.list_sections(session, city, asked, now=now, closing=(units,)),
        ),
    )
    return msgspec.to_builtins(pack)


def list_alarms(session: Session, city: City, *, now: datetime, month: str, area: str = "", actor: str = OPERATOR.kind) -> Json:
    """List the signs of a month that figures look better than the work, each with its ticket."""
    found = lists.list_signs(session, city, _find_month(city, month, area, now=now, actor=actor))
    return [
        {
            "sign": sign.kind,
            "sign_name": say(f"sign_{sign.kind}"),
            "number": sign.number,
            "unit": sign.unit,
            "unit_name": sections.name_value(city, "unit", sign.unit),
            "at": sign.at.isoformat(),
            "when": city.words.moment(sign.at),
            "because": lists.say_sign(sign),
        }
        for sign in found
    ]


def decide(
    session: Session, city: City, *, now: datetime, month: str, what: str, unit: str = "", due: str = "", area: str = "", actor: str
) -> Json:
    """Write down what a month's meeting decided."""
    _find_month(city, month, area, now=now, actor=actor)
    if unit and city.org.unit(unit) is None:
        raise refuse("unknown_unit", error=unit)
    if not what.strip():
        raise refuse("decision_empty")
    due_on = date.fromisoformat(due) if due else None
    made = month_decisions.decide(session, month=month, what=what, unit=unit, due_on=due_on, area=area, actor=actor, now=now)
    return msgspec.to_builtins(made)


def settle(session: Session, city: City, *, now: datetime, decision: int, result: str, dropped: bool = False, actor: str) -> Json:
    """Say what became of a decision: for whoever covers the area whose meeting it was."""
    covered = "" if actor == OPERATOR.kind else coverage.find_covered(city.org, actor)
    if covered is None:
        raise refuse("report_not_yours")
    if not result.strip():
        raise refuse("result_empty")
    areas = coverage.list_within(city.org, covered)
    try:
        settled = month_decisions.settle(session, decision, result=result, done=not dropped, actor=actor, now=now, areas=areas)
    except month_decisions.NoDecision as error:
        raise refuse("no_decision", number=decision) from error
    except month_decisions.DecisionSettled as error:
        raise refuse("decision_settled", number=decision) from error
    return msgspec.to_builtins(settled)


def _find_month(city: City, month: str, area: str, *, now: datetime, actor: str) -> Month:
    areas = _find_areas(city, area, actor=actor)
    return asking.find_asked(city, month, now=now, viewer=viewer_of(actor), areas=areas)


def _find_areas(city: City, area: str, *, actor: str) -> tuple[str, ...] | None:
    """List an area and all below it, those that are no more too; None for the whole city. Refused for whoever does not work at a desk that covers it."""
    org = city.org
    if area and area not in org.areas:
        raise refuse("no_area", area=area)
    if actor != OPERATOR.kind and not coverage.covers(org, actor, area):
        raise refuse("report_not_yours")
    return coverage.list_within(org, area)


def _list_conversation(session: Session, city: City, scope: Scope, *, now: datetime) -> tuple[Figure, ...]:
    channels: Mapping[Dimension, tuple[str, ...]] = scope.values
    return conversation.list_figures(
        session,
        since=scope.since,
        until=scope.until,
        now=now,
        zone=city.zone,
        minutes=city.settings.report.first_answer_minutes,
        seat=city.settings.seat,
        channels=channels.get("channel", ()),
    )


def _describe(shown: Shown) -> dict[str, Json]:
    values: dict[str, Json] = msgspec.to_builtins(shown)
    return values | {"left_out": say_excluded(shown)}


def _name_place(city: City, area: str) -> str:
    return sections.name_value(city, "area", area) if area else sections.name_value(city, "area", city.root)


COMMANDS = (
    Command(name="report.refresh", run=refresh),
    Command(name="report.figures", run=read_figures, writes=False),
    Command(name="report.month", run=make_month, writes=False),
    Command(name="report.alarms", run=list_alarms, writes=False),
    Command(name="report.decide", run=decide),
    Command(name="report.settle", run=settle),
)
