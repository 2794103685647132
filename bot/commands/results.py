"""Results as commands: a supervisor decides on what was twice not well done, units report on carried matters, workers evaluate, and the rates."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal

import msgspec

from bot.commands import Command, Json
from bot.commands.tickets import describe_for
from bot.refusals import refuse
from bot.telling import Telling
from routing import rating, review, stats
from routing.rating import Verdict
from routing.sight import OPERATOR
from routing.terms import UnitKind

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from bot.city import City

Decision = Literal["other-lead", "carry", "close"]
"""改派 / 挂账 / 说明结案."""


def decide(
    session: Session,
    city: City,
    *,
    now: datetime,
    number: str,
    decision: Decision,
    reason: str,
    actor: str,
    unit: str = "",
    item: str = "",
) -> Json:
    """Decide on a matter that waits for a supervisor; the reason is told to the resident. A new lead needs its unit."""
    context = city.routing_context(tell=Telling(city, now=now))
    match decision:
        case "other-lead":
            acted = review.reassign(session, number, unit=unit, item=item, text=reason, actor=actor, now=now, context=context)
        case "carry":
            acted = review.carry(session, number, text=reason, actor=actor, now=now, context=context)
        case "close":
            acted = review.explain(session, number, text=reason, actor=actor, now=now, context=context)
    return describe_for(acted.ticket, city, actor=actor)


def report_progress(session: Session, city: City, *, now: datetime, number: str, text: str, actor: str) -> Json:
    """Say how far a carried matter is."""
    context = city.routing_context(tell=Telling(city, now=now))
    acted = review.report_progress(session, number, text=text, actor=actor, now=now, context=context)
    return describe_for(acted.ticket, city, actor=actor)


def evaluate(
    session: Session,
    city: City,
    *,
    now: datetime,
    number: str,
    actor: str,
    solved: str = "",
    satisfied: str = "",
    contacted: str = "",
    text: str = "",
) -> Json:
    """Take what the grid worker who reported a matter says of its result; the ticket as it stands then, by its number and status."""
    verdict = msgspec.convert({"solved": solved, "satisfied": satisfied, "contacted": contacted}, Verdict)
    context = city.routing_context(tell=Telling(city, now=now))
    acted = rating.evaluate(session, number, verdict=verdict, text=text, actor=actor, now=now, context=context)
    return {"number": number, "to_desk": acted.ticket.last_act == "reopen"}


def read_rates(session: Session, city: City, *, now: datetime, since: str, until: str = "", actor: str = OPERATOR.kind) -> Json:
    """Give 响应率, 解决率 and 满意率 of what was closed from one day to another, both included; each with what it is made of.

    They are of the whole city, with what is confidential in them: for the operator and the staff of the top desk alone.
    """
    if not _leads_the_city(actor, city):
        raise refuse("rates_of_all")
    first = date.fromisoformat(since)
    last = date.fromisoformat(until) if until else now.astimezone(city.zone).date()
    begins, ends = (datetime.combine(day, time(), city.zone) for day in (first, last + timedelta(days=1)))
    return {"since": first.isoformat(), "until": last.isoformat()} | msgspec.to_builtins(
        stats.read_rates(session, since=begins, until=ends)
    )


def _leads_the_city(actor: str, city: City) -> bool:
    """Tell whether somebody is the operator, or works at the desk above which there is none."""
    person = city.org.staff.get(actor)
    unit = city.org.unit(person.unit) if person is not None else None
    is_top = unit is not None and unit.kind is UnitKind.DESK and city.org.above(unit) is None
    return actor == OPERATOR.kind or is_top


COMMANDS = (
    Command(name="tickets.decide", run=decide),
    Command(name="tickets.progress", run=report_progress),
    Command(name="tickets.evaluate", run=evaluate),
    Command(name="tickets.rates", run=read_rates, writes=False),
)
