"""提级: a matter goes to the desk above, with a reason that is kept: escalated, never silently."""

from __future__ import annotations

from typing import TYPE_CHECKING

from residents.masking import mask
from routing import sight
from routing.errors import NothingAbove
from routing.history import begin, finish
from routing.lifecycle import name_given
from routing.placing import put_at_desk

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from routing.context import RoutingContext
    from routing.facts import Acted


def raise_ticket(session: Session, number: str, *, text: str, actor: str, now: datetime, context: RoutingContext) -> Acted:
    """提级: the next desk up that the matter is not about has it now; a unit that worked on it loses it. NothingAbove at the top."""
    step = begin(session, number, "raise", actor=actor, context=context, given=name_given(text=text))
    ticket, org = step.ticket, context.org
    here = org.unit(ticket.desk) or org.top_desk()
    way = (desk for desk in org.ways_up(here) if desk.code != here.code and not sight.is_kept_from(desk.code, ticket.refused, org))
    above = next(way, None)
    if above is None:
        raise NothingAbove
    facts = {"from": ticket.desk, "to": above.code, "level": str(org.level(above) or "")}
    step.had = "" if ticket.unit == ticket.desk else ticket.unit
    ticket.desk = above.code
    put_at_desk(ticket)
    return finish(session, step, now=now, context=context, text=text, told=mask(text), facts=facts)
