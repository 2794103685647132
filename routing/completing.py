"""待补充: a unit cannot go on without something that only the resident knows. The unit's clock waits meanwhile.

The resident is asked, and the grid worker who reported it. Whatever they add takes the matter up again. Nothing came within some days: it goes on with what there is.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from residents.masking import mask
from routing import lifecycle
from routing.errors import NobodyToAsk
from routing.history import RESIDENT, SYSTEM, Step, begin, find, finish, read_facts
from routing.lifecycle import name_given
from routing.tables import TicketEvent
from routing.terms import NOBODY, Status
from store.keys import open_key

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from routing.context import RoutingContext
    from routing.facts import Acted
    from routing.tables import Ticket


def ask_more(session: Session, number: str, *, text: str, actor: str, now: datetime, context: RoutingContext) -> Acted:
    """Ask the resident for more: `text` is what is missing, in words they are told. NobodyToAsk where neither a resident nor a reporter stands behind it."""
    step = begin(session, number, "ask_more", actor=actor, context=context, given=name_given(text=text))
    if step.ticket.resident_id == NOBODY and not read_facts(session, step.ticket, org=context.org).asked_reporter:
        raise NobodyToAsk
    step.ticket.resume_at = now + timedelta(days=context.desk.more_days)
    step.ticket.asked_at = now
    facts = {"until": step.ticket.resume_at.isoformat()}
    return finish(session, step, now=now, context=context, text=text, told=mask(text), facts=facts)


def read_question(session: Session, number: str) -> str:
    """Read what was asked for last, masked as it was told; "" if nothing was."""
    ticket = find(session, number)
    asked = select(TicketEvent.text).where(TicketEvent.ticket_id == ticket.id, TicketEvent.act == "ask_more")
    sealed = session.execute(asked.order_by(TicketEvent.id.desc()).limit(1)).scalar_one_or_none()
    return mask(open_key(session, ticket.key_id).open(sealed).decode()) if sealed is not None else ""


def take_up(
    session: Session, ticket: Ticket, *, by: int | None, actor: str = RESIDENT, now: datetime, context: RoutingContext
) -> Acted | None:
    """Take a matter up again as soon as its resident (`by`), or who reported it, has added something; None if it waited for nothing."""
    if not ticket.asked:
        ticket.asked_at = None
    if ticket.status != Status.WAITING:
        return None
    after = lifecycle.check("more", Status.WAITING, "resident" if actor == RESIDENT else "reporter")
    step = Step(ticket=ticket, act="more", actor=actor, after=after, had=ticket.unit, resident=by)
    return finish(session, step, now=now, context=context)


def go_on(session: Session, ticket: Ticket, *, now: datetime, context: RoutingContext) -> Acted:
    """Let what was held up go on by itself: nothing came, or the pause is over."""
    after = lifecycle.check("resume", Status(ticket.status), "system")
    return finish(session, Step(ticket=ticket, act="resume", actor=SYSTEM, after=after, had=ticket.unit), now=now, context=context)


def resume(session: Session, number: str, *, actor: str, now: datetime, context: RoutingContext) -> Acted:
    """恢复: end a pause before its day."""
    step = begin(session, number, "resume", actor=actor, context=context)
    return finish(session, step, now=now, context=context)
