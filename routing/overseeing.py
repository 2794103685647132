"""督办、批示: a supervisor's word on a ticket, in any status: it has a due time and an answer of its own, and changes neither status nor clocks.

Who has the ticket answers; an answer that does not come is called to mind once, at whoever asked too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sqlalchemy import select

from residents.masking import mask
from routing import deadlines, notices
from routing.errors import NoSupervision
from routing.facts import Acted
from routing.history import begin, finish
from routing.lifecycle import name_given
from routing.terms import UnitKind
from routing.track_tables import TicketSupervision

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from routing.context import RoutingContext
    from routing.tables import Ticket

Oversight = Literal["supervise", "instruct"]
"""督办 / 批示."""


def oversee(
    session: Session,
    number: str,
    *,
    kind: Oversight,
    text: str,
    days: int = 0,
    actor: str,
    now: datetime,
    context: RoutingContext,
) -> Acted:
    """Supervise a ticket or give an instruction on it, to be answered within some working days (0: the usual ones)."""
    step = begin(session, number, kind, actor=actor, context=context, given=name_given(text=text))
    ticket = step.ticket
    value, next_day = days or context.desk.supervision_days, context.routing.next_day
    due_at = deadlines.due_at(now, value, "days", "working", context.calendar, next_day=next_day).due_at
    acted = finish(session, step, now=now, context=context, text=text, facts={"due": due_at.isoformat()})
    row = TicketSupervision(
        ticket_id=ticket.id,
        kind=kind,
        state="open",
        by=actor,
        unit=ticket.unit,
        asked_event=acted.event,
        asked_at=now,
        due_at=due_at,
    )
    session.add(row)
    session.flush()
    key = "unit_supervised" if kind == "supervise" else "unit_instructed"
    told = notices.for_track(acted.ticket, key, target=ticket.unit, text=mask(text), due_at=due_at, cause=f"supervision:{row.id}")
    context.tell(session, told)
    return Acted(ticket=acted.ticket, notices=(*acted.notices, told), event=acted.event)


def answer(session: Session, number: str, *, text: str, actor: str, now: datetime, context: RoutingContext) -> Acted:
    """Answer the oldest supervision of a ticket that is open; whoever asked is told. NoSupervision if there is none."""
    step = begin(session, number, "answer_supervision", actor=actor, context=context, given=name_given(text=text))
    row = next((row for row in list_supervisions(session, step.ticket) if row.state == "open"), None)
    if row is None:
        raise NoSupervision
    acted = finish(session, step, now=now, context=context, text=text, facts={"supervision": row.id, "late": now > row.due_at})
    row.state, row.answered_at, row.answered_event = "answered", now, acted.event
    session.flush()
    told = notices.for_track(
        acted.ticket,
        "desk_supervision_answered",
        target=find_asker(row, step.ticket, context=context),
        text=mask(text),
        due_at=row.due_at,
        cause=f"supervision:{row.id}:answered",
        other=acted.ticket.unit_name,
    )
    context.tell(session, told)
    return Acted(ticket=acted.ticket, notices=(*acted.notices, told), event=acted.event)


def list_supervisions(session: Session, ticket: Ticket) -> Sequence[TicketSupervision]:
    """List the supervisions and instructions of a ticket, the oldest first."""
    statement = select(TicketSupervision).where(TicketSupervision.ticket_id == ticket.id).order_by(TicketSupervision.id)
    return session.execute(statement).scalars().all()


def find_asker(row: TicketSupervision, ticket: Ticket, *, context: RoutingContext) -> str:
    """Find the desk of whoever asked; the ticket's own where that was nobody of the staff."""
    person = context.org.staff.get(row.by)
    if person is None:
        return ticket.desk
    desks = (post for post in person.posts if (unit := context.org.unit(post)) is not None and unit.kind is UnitKind.DESK)
    return next(desks, person.unit)
