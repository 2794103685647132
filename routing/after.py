"""回访: a thing in public space that was mended is asked after once more, when it would show whether it was mended well.

No answer means nothing. 又坏了 is reported like any other matter, as one that follows the old ticket (bot/effects joins the two).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from routing import lifecycle
from routing.errors import NotAllowed
from routing.history import SYSTEM, Step, begin_for_resident, finish
from routing.terms import Status

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from routing.context import RoutingContext
    from routing.facts import Acted
    from routing.tables import Ticket


def plan(ticket: Ticket, *, now: datetime, context: RoutingContext) -> None:
    """Plan, at its close, when a ticket's matter is asked after: only a thing at a place, and none that was left unsolved."""
    item = context.duty_list.item(ticket.item)
    is_thing = item is not None and (item.public_space or item.enforceable) and bool(ticket.public_place)
    if is_thing and ticket.solved not in {"no", "partly"} and ticket.satisfied != "no":
        ticket.reask_at = now + timedelta(days=context.desk.reask_days)


def ask(session: Session, ticket: Ticket, *, now: datetime, context: RoutingContext) -> Acted:
    """Ask the opener how it is now."""
    after = lifecycle.check("reask", Status(ticket.status), "system")
    ticket.reask_at, ticket.reasked_at = None, now
    step = Step(ticket=ticket, act="reask", actor=SYSTEM, after=after, had=ticket.unit)
    return finish(session, step, now=now, context=context)


def take_answer(session: Session, number: str, *, resident_id: int, well: bool, now: datetime, context: RoutingContext) -> Acted:
    """Write down what the opener says of it now; NotAllowed if it was not asked, or is answered already."""
    step = begin_for_resident(session, number, "after", resident_id=resident_id)
    if step.ticket.reasked_at is None:
        raise NotAllowed(act="after", status=Status(step.ticket.status), role="resident", allowed=())
    step.ticket.reasked_at = None
    return finish(session, step, now=now, context=context, facts={"well": well})
