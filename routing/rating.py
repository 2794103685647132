"""评价与重办: the resident says whether it is solved. Satisfied closes the ticket; anything else sends it back by itself, the old reply attached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from residents.masking import mask
from routing import lifecycle
from routing.history import SYSTEM, Step, begin_for_resident, finish
from routing.lifecycle import name_given
from routing.placing import put_at_desk, put_with_unit
from routing.terms import Status

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from routing.context import RoutingContext
    from routing.facts import Acted
    from routing.tables import Ticket

Rating = Literal["satisfied", "partly", "unsatisfied", "unsolved"]
"""满意 / 部分解决 / 不满意 / 未解决."""


def rate(
    session: Session,
    number: str,
    *,
    resident_id: int,
    rating: Rating,
    text: str = "",
    now: datetime,
    context: RoutingContext,
) -> Acted:
    """Take a resident's rating: the ticket is then closed, or back with the same unit under a new clock.

    Whoever was asked may send it back; only the opener's satisfaction closes it, a neighbour's is written down.
    """
    step = begin_for_resident(session, number, "rate", resident_id=resident_id, given=name_given(rating=rating))
    ticket = step.ticket
    opener = ticket.resident_id == resident_id
    if opener:
        ticket.rating = rating
    rated = finish(session, step, now=now, context=context, text=text, facts={"rating": rating})
    if rating != "satisfied":
        return _redo(session, ticket, resident_id=resident_id, text=text, now=now, context=context)
    if not opener:
        return rated
    after = lifecycle.check("close", Status(ticket.status), "system")
    closing = Step(ticket=ticket, act="close", actor=SYSTEM, after=after, had=ticket.unit, resident=resident_id)
    return finish(session, closing, now=now, context=context, facts={"rating": rating})


def _redo(session: Session, ticket: Ticket, *, resident_id: int, text: str, now: datetime, context: RoutingContext) -> Acted:
    """Send a ticket back to who answered it: the unit, or the desk itself."""
    at_desk = ticket.unit == ticket.desk
    act: lifecycle.Act = "reopen" if at_desk else "redo"
    after = lifecycle.check(act, Status(ticket.status), "system")
    step = Step(ticket=ticket, act=act, actor=SYSTEM, after=after, had=ticket.unit, resident=resident_id)
    ticket.redo_count += 1
    if at_desk:
        put_at_desk(ticket, now=now, context=context)
    else:
        put_with_unit(ticket, ticket.unit, context.duty_list.item(ticket.item), now=now, context=context)
    facts = {"rating": ticket.rating, "count": ticket.redo_count}
    return finish(session, step, now=now, context=context, told=mask(text), facts=facts)
