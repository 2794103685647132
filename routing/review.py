"""裁定: a matter that was twice not well done goes to a supervisor who is not the unit, and is decided one of three ways.

reassign   改派: another unit takes it
carry      挂账: it cannot be done soon; the unit goes on, and the resident hears of it from time to time; a desk may, of what is worked on
explain    说明结案: closed with the reasons, which the resident is told; counted as the resident rated it, never as satisfied
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from residents.masking import mask
from routing import lifecycle, notices
from routing.causes import check_cause
from routing.deciding import find_decider
from routing.errors import SameUnit
from routing.history import SYSTEM, Step, begin, describe_result, finish
from routing.lifecycle import name_given
from routing.placing import check_may_leave, check_unit, choose_item, list_assisting, name_officers, put_with_unit
from routing.terms import Status
from store.keys import open_key

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from routing.context import RoutingContext
    from routing.facts import Acted
    from routing.tables import Ticket


def escalate(session: Session, ticket: Ticket, *, by: int | None, text: str, now: datetime, context: RoutingContext) -> Acted:
    """Give a ticket to who decides on it, under a clock of their own. Where no desk may, it stays with its own and the operator is told."""
    after = lifecycle.check("escalate", Status(ticket.status), "system")
    had = ticket.unit
    decider = find_decider(context.org, unit=had, desk=ticket.desk, refused=ticket.refused)
    ticket.disputed, ticket.unit, ticket.assisting = had, decider or ticket.desk, []
    ticket.asked, ticket.asked_at = "", None
    step = Step(ticket=ticket, act="escalate", actor=SYSTEM, after=after, had="" if had == ticket.desk else had, resident=by)
    facts = {"from": had, "rating": ticket.rating, "unhappy": ticket.unhappy}
    acted = finish(session, step, now=now, context=context, text=text, told=mask(text), facts=facts)
    if not decider:
        context.tell(session, notices.for_operator(acted.ticket, "operator_undecided"))
    return acted


def reassign(
    session: Session, number: str, *, unit: str, text: str, item: str = "", actor: str, now: datetime, context: RoutingContext
) -> Acted:
    """改派: give it to another unit, whose time runs from now. SameUnit for the one whose work it was; errors of a dispatch as ever.

    OtherDecision, here and below, where two units returned it: then one is named (routing.arbitrating).
    """
    step = begin(session, number, "reassign", actor=actor, context=context, given=name_given(unit=unit, text=text))
    ticket = step.ticket
    check_cause(session, ticket, "escalate")
    if unit == ticket.disputed:
        raise SameUnit
    chosen = choose_item(ticket, item, unit, keep=True, context=context)
    check_unit(ticket, unit, chosen, context=context)
    put_with_unit(ticket, unit, chosen, now=now, context=context)
    ticket.assisting = list_assisting(ticket, chosen, context=context)
    ticket.redo_count += 1
    ticket.returns = 0
    step.more = name_officers(ticket, chosen, context=context)
    facts = {"from": ticket.disputed, "count": ticket.redo_count}
    return finish(session, step, now=now, context=context, text=text, told=mask(text), facts=facts)


def carry(session: Session, number: str, *, text: str, actor: str, now: datetime, context: RoutingContext) -> Acted:
    """挂账: it stays with the unit whose work it is; the resident is told why, and of its progress every so often."""
    step = begin(session, number, "carry", actor=actor, context=context, given=name_given(text=text))
    ticket = step.ticket
    check_cause(session, ticket, "escalate")
    if ticket.status == Status.REVIEW:
        if ticket.disputed != ticket.desk:
            check_may_leave(ticket, ticket.disputed, context=context)
        ticket.unit = ticket.disputed
    ticket.asked, ticket.asked_at = "", None
    ticket.replied_at = ticket.concluded_at = None
    return finish(session, step, now=now, context=context, text=text, told=mask(text))


def explain(session: Session, number: str, *, text: str, actor: str, now: datetime, context: RoutingContext) -> Acted:
    """说明结案: close it; the reasons are the last reply the resident gets. What was not solved or satisfied stays counted so."""
    step = begin(session, number, "explain", actor=actor, context=context, given=name_given(text=text))
    ticket = step.ticket
    check_cause(session, ticket, "escalate")
    ticket.reply_text = open_key(session, ticket.key_id).seal(text.strip().encode())
    ticket.satisfied = "no"
    return finish(session, step, now=now, context=context, text=text, told=mask(text), facts=describe_result(ticket, context.org))


def report_progress(session: Session, number: str, *, text: str, actor: str, now: datetime, context: RoutingContext) -> Acted:
    """进展: the unit says how far a carried matter is; the resident is told, and the next time is due from now."""
    step = begin(session, number, "progress", actor=actor, context=context, given=name_given(text=text))
    ticket = step.ticket
    ticket.reply_text = open_key(session, ticket.key_id).seal(text.strip().encode())
    return finish(session, step, now=now, context=context, text=text, told=mask(text))
