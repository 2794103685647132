"""转办: the desk gives a matter from the unit that has it to another one, without a return in between. The resident's clock runs on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from residents.masking import mask
from routing.errors import SameHolder
from routing.history import begin, finish
from routing.lifecycle import name_given
from routing.placing import check_unit, choose_item, list_assisting, name_officers, put_with_unit

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from routing.context import RoutingContext
    from routing.facts import Acted


def transfer(
    session: Session, number: str, *, unit: str, text: str, item: str = "", actor: str, now: datetime, context: RoutingContext
) -> Acted:
    """转办: another unit has it from now on, with a time of its own; the former one is told why.

    SameHolder for the unit that has it; UnknownItem and the errors of a dispatch as ever. Without an item it keeps its own.
    """
    step = begin(session, number, "transfer", actor=actor, context=context, given=name_given(unit=unit, text=text))
    ticket = step.ticket
    if unit == ticket.unit:
        raise SameHolder
    chosen = choose_item(ticket, item, unit, keep=True, context=context)
    check_unit(ticket, unit, chosen, context=context)
    put_with_unit(ticket, unit, chosen, now=now, context=context)
    ticket.automatic = False
    ticket.assisting = list_assisting(ticket, chosen, context=context)
    step.more = name_officers(ticket, chosen, context=context)
    return finish(session, step, now=now, context=context, text=text, told=mask(text), facts={"from": step.had})
