"""指挥室与承办单位: everything the desks and the units do with a ticket, from its opening to its close.

Each act is one call in the caller's transaction: the table of routing.lifecycle allows it or an error of routing.errors says why not, and
event, audit row and notices are written with it. Opening has a file of its own, residents' acts stand in routing.following and routing.rating.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from residents.masking import mask
from routing import secrecy
from routing.errors import UnknownItem, UnknownUnit
from routing.history import begin, find, finish
from routing.lifecycle import name_given
from routing.opening import call_back, open_ticket
from routing.placing import check_unit, list_assisting, put_at_desk, put_with_unit
from routing.rating import begin_result, settle
from routing.terms import Status
from store.keys import open_key

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from routing.context import RoutingContext
    from routing.facts import Acted
    from routing.lifecycle import Need
    from routing.tables import Ticket
    from routing.terms import DutyItem

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

ReturnReason = Literal["area", "ownership", "remit", "other"]
"""属地不符 / 权属不符 / 职能不符 / 其他."""


def dispatch(
    session: Session, number: str, *, unit: str, item: str = "", actor: str, now: datetime, context: RoutingContext
) -> Acted:
    """派单: give a ticket that waits at the desk to a unit; its time runs from now.

    Without an item it is the first proposed one that the unit is there for. UnknownUnit, UnknownItem, RefusedUnit and WrongLevel say why
    it may not go there.
    """
    step = begin(session, number, "dispatch", actor=actor, context=context, given=name_given(unit=unit))
    ticket = step.ticket
    chosen = _choose_item(ticket, item, unit, context=context)
    check_unit(ticket, unit, chosen, context=context)
    if ticket.candidates:
        step.item = ticket.candidates[0]
        step.how = "agreed" if chosen is not None and chosen.code == step.item else "corrected"
    ticket.automatic = False
    put_with_unit(ticket, unit, chosen, now=now, context=context)
    ticket.assisting = list_assisting(ticket, chosen, context=context)
    return finish(session, step, now=now, context=context)


def sign(session: Session, number: str, *, actor: str, now: datetime, context: RoutingContext) -> Acted:
    """签收: the unit has seen it. This starts no clock: its time runs from the dispatch."""
    return finish(session, begin(session, number, "sign", actor=actor, context=context), now=now, context=context)


def return_ticket(
    session: Session,
    number: str,
    *,
    reason: ReturnReason,
    text: str,
    suggested: str = "",
    actor: str,
    now: datetime,
    context: RoutingContext,
) -> Acted:
    """退单: the unit says why it is not theirs, and whose it is; or the desk takes it back. UnknownUnit if there is no unit `suggested`."""
    step = begin(session, number, "return", actor=actor, context=context, given=name_given(reason=reason, text=text))
    if suggested and context.org.unit(suggested) is None:
        raise UnknownUnit(f"there is no unit {suggested}")
    step.item, step.how = step.ticket.item, "automatic" if step.ticket.automatic else ""
    put_at_desk(step.ticket, now=now, context=context)
    facts = {"reason": reason, "suggested": suggested, "from": step.had}
    return finish(session, step, now=now, context=context, text=text, told=mask(text), facts=facts)


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
    if text.strip():
        _keep_reply(session, step.ticket, text)
    begin_result(step.ticket)
    return finish(session, step, now=now, context=context, text=text)


def close(session: Session, number: str, *, actor: str, now: datetime, context: RoutingContext, text: str = "") -> Acted:
    """结案: the desk ends it after the follow-up; what the resident did not say is 未评价."""
    step = begin(session, number, "close", actor=actor, context=context)
    settle(step.ticket, now=now, context=context)
    return finish(session, step, now=now, context=context, text=text, facts={"rating": step.ticket.rating})


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


def _choose_item(ticket: Ticket, item: str, unit: str, *, context: RoutingContext) -> DutyItem | None:
    if item:
        chosen = context.duty_list.item(item)
        if chosen is None:
            raise UnknownItem(f"there is no duty item {item}")
        return chosen
    handling = context.org.unit(unit)
    functions = handling.functions if handling else ()
    proposed = [context.duty_list.item(code) for code in (ticket.item, *ticket.candidates)]
    return next((each for each in proposed if each is not None and each.lead in functions), None)


def _keep_reply(session: Session, ticket: Ticket, text: str) -> None:
    ticket.reply_text = open_key(session, ticket.key_id).seal(text.strip().encode())
