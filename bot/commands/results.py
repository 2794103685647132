"""Results as commands: a supervisor decides on what was twice not well done, units report on carried matters, workers evaluate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from bot.commands import Command, Json
from bot.commands.tickets import describe_for, make_act
from bot.telling import Telling
from routing import rating, review
from routing.rating import Verdict

if TYPE_CHECKING:
    from datetime import datetime

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


COMMANDS = (
    Command(name="tickets.decide", run=decide),
    Command(name="tickets.progress", run=make_act(review.report_progress)),
    Command(name="tickets.evaluate", run=evaluate),
)
