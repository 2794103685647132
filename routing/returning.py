"""退单: a unit says why a matter is not theirs, by which article of the duty list, and whose it is. The second time a supervisor decides.

return     back to the desk, with reason, article and suggested unit; or the desk takes it back, which counts as no return
dispute    the system's, in the same transaction: it waits for a supervisor above all who returned it (routing.arbitrating)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from residents.masking import mask
from routing import lifecycle, notices, sight
from routing.deciding import find_decider
from routing.errors import Barred, UnknownUnit
from routing.history import SYSTEM, Step, begin, find, finish, role_of
from routing.lifecycle import name_given
from routing.placing import put_at_desk
from routing.private_units import find_refusal_desk, find_successor, is_private
from routing.tables import TicketEvent
from routing.terms import Status
from store.keys import open_key

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from routing.context import RoutingContext
    from routing.facts import Acted
    from routing.tables import Ticket
    from routing.terms import ReturnReason

_ARTICLE = 200
"""Characters of an article that are kept with a return: it names a rule, it does not argue."""
_NONE_NAMED = "-"


def return_ticket(
    session: Session,
    number: str,
    *,
    reason: ReturnReason,
    text: str,
    article: str = "",
    suggested: str = "",
    actor: str,
    now: datetime,
    context: RoutingContext,
) -> Acted:
    """退单: without an article the duty list's own basis is quoted. UnknownUnit if there is no unit `suggested`.

    Barred for the unit that a supervisor decided for. The return that is one too many goes on to a supervisor.
    """
    role = role_of(actor, find(session, number, for_update=True), context.org)
    step = begin(session, number, "return", actor=actor, context=context, given=name_given(reason=reason, text=text))
    ticket = step.ticket
    if suggested and context.org.unit(suggested) is None:
        raise UnknownUnit(f"there is no unit {suggested}")
    by_unit = role != "desk"
    if by_unit and ticket.barred and ticket.unit == ticket.barred:
        raise Barred
    step.item, step.how = ticket.item, "automatic" if ticket.automatic else ""
    if is_private(context.org, ticket.unit):
        suggested = suggested or find_successor(context.org, function=context.routing.private_refusal, area=ticket.area)
        ticket.desk = _rise_to_street(ticket, context=context)
    cited = _cite(ticket, article, context=context)
    put_at_desk(ticket)
    ticket.returns += by_unit
    step.more = {"article": cited, "suggested": context.org.name_of(suggested) if suggested else _NONE_NAMED}
    facts = {"reason": reason, "suggested": suggested, "article": cited, "from": step.had, "count": ticket.returns}
    if not by_unit:
        facts["taken_back"] = True
    acted = finish(session, step, now=now, context=context, text=text, told=mask(text), facts=facts)
    if by_unit and ticket.returns >= context.desk.returns_before_review:
        return _dispute(session, ticket, had=step.had, now=now, context=context)
    return acted


def _rise_to_street(ticket: Ticket, *, context: RoutingContext) -> str:
    """Give the desk that takes over from a private unit: its own, or the street's if that is higher and may see the matter."""
    desk = find_refusal_desk(context.org, ticket.desk)
    return ticket.desk if desk is None or sight.is_kept_from(desk.code, ticket.refused, context.org) else desk.code


def _cite(ticket: Ticket, article: str, *, context: RoutingContext) -> str:
    """Give the article of a return: the one named, else what the duty item rests on, else its row; "" where no item is known."""
    if article.strip():
        return mask(article.strip())[:_ARTICLE]
    item = context.duty_list.item(ticket.item)
    return (item.basis or f"{item.code} {item.name}") if item is not None else ""


def _dispute(session: Session, ticket: Ticket, *, had: str, now: datetime, context: RoutingContext) -> Acted:
    """Give a ticket to who decides whose it is. Where no desk may, it stays with its own and the operator is told."""
    after = lifecycle.check("dispute", Status(ticket.status), "system")
    returned = _list_returns(session, ticket)
    units = [str(event.facts.get("from", "")) for event in returned]
    decider = _choose_decider(units, ticket, context=context)
    ticket.disputed, ticket.unit = had, decider or ticket.desk
    step = Step(ticket=ticket, act="dispute", actor=SYSTEM, after=after, had="")
    told = "\n".join(_tell_reason(session, ticket, event, context=context) for event in returned)
    facts = {"from": units, "count": ticket.returns}
    acted = finish(session, step, now=now, context=context, told=told, facts=facts)
    if not decider:
        context.tell(session, notices.for_operator(acted.ticket, "operator_undecided"))
    return acted


def _list_returns(session: Session, ticket: Ticket) -> list[TicketEvent]:
    """List the units' returns that led here, the oldest first."""
    statement = select(TicketEvent).where(
        TicketEvent.ticket_id == ticket.id, TicketEvent.act == "return", TicketEvent.actor != SYSTEM
    )
    rows = session.execute(statement.order_by(TicketEvent.id.desc())).scalars()
    counted = [event for event in rows if not event.facts.get("taken_back")]
    return counted[: ticket.returns][::-1]


def _choose_decider(units: Iterable[str], ticket: Ticket, *, context: RoutingContext) -> str:
    """Choose the desk that stands above all of these units: of those that stand above each, the one of the widest area."""
    org = context.org
    found = [find_decider(org, unit=unit, desk=ticket.desk, refused=ticket.refused) for unit in dict.fromkeys(units)]
    desks = [desk for code in found if (desk := org.unit(code)) is not None]
    return min(desks, key=lambda desk: (len(org.chain(desk.area)), desk.code)).code if desks else ""


def _tell_reason(session: Session, ticket: Ticket, event: TicketEvent, *, context: RoutingContext) -> str:
    """Say who returned it and why, masked."""
    words = open_key(session, ticket.key_id).open(event.text).decode() if event.text else ""
    said = "；".join(filter(None, (mask(words), str(event.facts.get("article", "")))))
    return f"{context.org.name_of(str(event.facts.get('from', '')))}：{said}"
