"""裁定: a supervisor names the unit of a matter that two units returned. It may be one of them; that one may not return it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from residents.masking import mask
from routing.causes import check_cause
from routing.history import begin, finish
from routing.lifecycle import name_given
from routing.placing import check_unit, choose_item, list_assisting, name_officers, put_with_unit

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from routing.context import RoutingContext
    from routing.facts import Acted


def arbitrate(
    session: Session, number: str, *, unit: str, text: str, item: str = "", actor: str, now: datetime, context: RoutingContext
) -> Acted:
    """裁定: the unit named has it from now on, and for good (`barred`). OtherDecision where a result is asked about, not whose it is.

    The errors of a dispatch as ever; without an item it keeps its own.
    """
    step = begin(session, number, "arbitrate", actor=actor, context=context, given=name_given(unit=unit, text=text))
    ticket = step.ticket
    check_cause(session, ticket, "dispute")
    chosen = choose_item(ticket, item, unit, keep=True, context=context)
    check_unit(ticket, unit, chosen, context=context)
    put_with_unit(ticket, unit, chosen, now=now, context=context)
    ticket.returns, ticket.barred, ticket.automatic = 0, unit, False
    ticket.assisting = list_assisting(ticket, chosen, context=context)
    step.more = name_officers(ticket, chosen, context=context)
    return finish(session, step, now=now, context=context, text=text, told=mask(text), facts={"from": ticket.disputed})
