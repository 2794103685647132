"""指挥室与承办单位: everything the desks and the units do with a ticket, from its opening to its close.

Each act is one call in the caller's transaction: the table of routing.lifecycle allows it or an error of routing.errors says why not, and
event, audit row and notices are written with it. Opening has a file of its own, residents' acts stand in routing.following and routing.rating.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from routing import secrecy
from routing.cooperating import check_answered
from routing.history import begin, describe_result, find, finish
from routing.lifecycle import name_given
from routing.opening import call_back, open_ticket
from routing.placing import check_unit, choose_item, list_assisting, name_officers, put_with_unit
from routing.rating import begin_result, settle
from routing.returning import return_ticket
from routing.terms import ReturnReason, Status
from store.keys import open_key

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from routing.context import RoutingContext
    from routing.facts import Acted
    from routing.lifecycle import Need
    from routing.tables import Ticket

__all__ = [
    "ReturnReason",
    "call_back",
    "change_kind",
    "close",
    "conclude",
    "dispatch",
    "note",
    "open_ticket",
    "reply",
    "return_ticket",
    "sign",
]


def dispatch(
    session: Session, number: str, *, unit: str, item: str = "", actor: str, now: datetime, context: RoutingContext
) -> Acted:
    """派单: give a ticket that waits at the desk to a unit; its time runs from now.

    Without an item it is the first proposed one that the unit is there for. UnknownUnit, UnknownItem, RefusedUnit and WrongLevel say why
    it may not go there.
    """
    step = begin(session, number, "dispatch", actor=actor, context=context, given=name_given(unit=unit))
    ticket = step.ticket
    chosen = choose_item(ticket, item, unit, context=context)
    check_unit(ticket, unit, chosen or context.duty_list.item(ticket.item), context=context)
    if ticket.candidates:
        step.item = ticket.candidates[0]
        step.how = "agreed" if chosen is not None and chosen.code == step.item else "corrected"
    ticket.automatic = False
    put_with_unit(ticket, unit, chosen, now=now, context=context)
    ticket.assisting = list_assisting(ticket, chosen, context=context)
    step.more = name_officers(ticket, chosen, context=context)
    return finish(session, step, now=now, context=context)


def sign(session: Session, number: str, *, actor: str, now: datetime, context: RoutingContext) -> Acted:
    """签收: the unit has seen it. This starts no clock: its time runs from the dispatch."""
    return finish(session, begin(session, number, "sign", actor=actor, context=context), now=now, context=context)


def reply(session: Session, number: str, *, text: str, actor: str, now: datetime, context: RoutingContext) -> Acted:
    """答复: tell the resident what was found or done, and ask if it is solved."""
    step = begin(session, number, "reply", actor=actor, context=context, given=name_given(text=text))
    _keep_reply(session, step.ticket, text)
    begin_result(step.ticket)
    return finish(session, step, now=now, context=context, text=text)


def conclude(session: Session, number: str, *, text: str = "", actor: str, now: datetime, context: RoutingContext) -> Acted:
    """办结: declare it done; the resident is asked if it is. Without a text the reply given before stands."""
    replied = find(session, number).status == Status.REPLIED
    given: frozenset[Need] = frozenset({"text"}) if replied else name_given(text=text)
    step = begin(session, number, "conclude", actor=actor, context=context, given=given)
    check_answered(session, step.ticket)
    if text.strip():
        _keep_reply(session, step.ticket, text)
    begin_result(step.ticket)
    unit = context.org.unit(step.ticket.unit)
    step.ticket.resolved_level = str((context.org.level(unit) if unit is not None else None) or "")
    return finish(session, step, now=now, context=context, text=text, facts={"level": step.ticket.resolved_level})


def close(session: Session, number: str, *, actor: str, now: datetime, context: RoutingContext, text: str = "") -> Acted:
    """结案: the desk ends it after the follow-up; what the resident did not say is 未评价."""
    step = begin(session, number, "close", actor=actor, context=context)
    settle(step.ticket, now=now, context=context)
    return finish(session, step, now=now, context=context, text=text, facts=describe_result(step.ticket, context.org))


def change_kind(session: Session, number: str, *, kind: str, actor: str, now: datetime, context: RoutingContext) -> Acted:
    """改诉求类型: say what kind of request a matter is; both kinds stand in its record. 举报 makes it confidential."""
    step = begin(session, number, "kind", actor=actor, context=context)
    before, step.ticket.kind = step.ticket.kind, kind
    acted = finish(session, step, now=now, context=context, facts={"kind": kind, "before": before})
    if kind != "report" or step.ticket.confidential:
        return acted
    return secrecy.keep_secret(session, number, actor=actor, now=now, context=context)


def note(session: Session, number: str, *, text: str, actor: str, now: datetime, context: RoutingContext) -> Acted:
    """Write something down for the staff; nobody is told."""
    step = begin(session, number, "note", actor=actor, context=context, given=name_given(text=text))
    return finish(session, step, now=now, context=context, text=text)


def _keep_reply(session: Session, ticket: Ticket, text: str) -> None:
    ticket.reply_text = open_key(session, ticket.key_id).seal(text.strip().encode())
