"""协办: the lead unit, or the desk, gives others a part of the matter, with a due time of its own; the lead concludes only when all have answered.

A task is told to its unit as the public place and what is asked, never as the resident's words. Of a confidential matter there are none.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from residents.masking import mask
from routing import lifecycle, notices
from routing.errors import NotAllowed, NoTask, NotYours, TasksOpen
from routing.facts import Acted
from routing.history import OPERATOR, Step, begin, find, finish
from routing.lifecycle import name_given
from routing.placing import check_unit
from routing.tables import TicketEvent
from routing.terms import Status
from routing.track_tables import OPEN_TASKS, TicketTask
from store.keys import open_key
from store.sealing import KeyGone

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from routing.context import RoutingContext
    from routing.lifecycle import Act
    from routing.tables import Ticket

_A_DAY = timedelta(days=1)


def give_task(
    session: Session,
    number: str,
    *,
    unit: str,
    text: str,
    due_at: datetime | None = None,
    actor: str,
    now: datetime,
    context: RoutingContext,
) -> Acted:
    """Give a unit a part of a matter; without a due time it has most of what is left of the lead's. UnknownUnit, RefusedUnit as of a dispatch."""
    step = begin(session, number, "task", actor=actor, context=context, given=name_given(unit=unit, text=text))
    ticket = step.ticket
    check_unit(ticket, unit, None, context=context)
    if ticket.confidential or unit == ticket.unit:
        raise NotAllowed(act="task", status=Status(ticket.status), role="", allowed=lifecycle.list_allowed(Status(ticket.status)))
    ticket.assisting = list(dict.fromkeys((*ticket.assisting, unit)))
    due = due_at or now + max((ticket.due_at - now) * context.desk.task_share, min(_A_DAY, abs(ticket.due_at - now)))
    acted = finish(session, step, now=now, context=context, text=text, facts={"unit": unit, "due": due.isoformat()})
    task = TicketTask(ticket_id=ticket.id, unit=unit, state="open", asked_event=acted.event, asked_at=now, due_at=due)
    session.add(task)
    session.flush()
    return _tell(session, acted, task, "unit_task", target=unit, text=mask(text), context=context)


def sign_task(session: Session, number: str, *, actor: str, now: datetime, context: RoutingContext) -> Acted:
    """Note that an assisting unit has seen its task."""
    step, task = _begin(session, number, "task_sign", actor=actor, context=context)
    task.state = "signed"
    return finish(session, step, now=now, context=context, facts={"task": task.id, "unit": task.unit})


def answer_task(session: Session, number: str, *, text: str, actor: str, now: datetime, context: RoutingContext) -> Acted:
    """Answer a task: the lead is told."""
    return _end(session, number, "task_reply", "replied", text=text, reason="", actor=actor, now=now, context=context)


def return_task(
    session: Session, number: str, *, reason: str, text: str, actor: str, now: datetime, context: RoutingContext
) -> Acted:
    """Give a task back: it is not this unit's, and why. The lead, or the desk, finds another way."""
    return _end(session, number, "task_return", "returned", text=text, reason=reason, actor=actor, now=now, context=context)


def cancel_task(session: Session, number: str, *, unit: str, actor: str, now: datetime, context: RoutingContext) -> Acted:
    """Take a task back from a unit; NoTask if it has none."""
    step = begin(session, number, "task_cancel", actor=actor, context=context)
    task = _find(session, step.ticket, unit)
    task.state, task.answered_at = "cancelled", now
    acted = finish(session, step, now=now, context=context, facts={"task": task.id, "unit": unit})
    return _tell(session, acted, task, "unit_task_over", target=unit, text="", context=context)


def check_answered(session: Session, ticket: Ticket) -> None:
    """Check that no assisting unit still has a task; TasksOpen names those that have."""
    units = tuple(task.unit for task in list_tasks(session, ticket) if task.state in OPEN_TASKS)
    if units:
        raise TasksOpen(units)


def list_tasks(session: Session, ticket: Ticket) -> Sequence[TicketTask]:
    """List the tasks of a ticket, the oldest first."""
    return session.execute(select(TicketTask).where(TicketTask.ticket_id == ticket.id).order_by(TicketTask.id)).scalars().all()


def find_own(session: Session, ticket: Ticket, units: Collection[str]) -> TicketTask | None:
    """Find the task on a ticket that one of some units still has to answer; None if there is none."""
    return next((task for task in list_tasks(session, ticket) if task.unit in units and task.state in OPEN_TASKS), None)


def read_words(session: Session, ticket: Ticket, event: int) -> str:
    """Read what was asked with a task or a supervision, masked; "" where nothing was written or it is gone."""
    sealed = session.get_one(TicketEvent, event).text
    if sealed is None:
        return ""
    try:
        return mask(open_key(session, ticket.key_id).open(sealed).decode())
    except KeyGone:
        return ""


def _begin(session: Session, number: str, act: Act, *, actor: str, context: RoutingContext) -> tuple[Step, TicketTask]:
    """Begin an act of an assisting unit on its own task; NotYours and NoTask say why not."""
    ticket = find(session, number, for_update=True)
    person = context.org.staff.get(actor)
    if person is None and actor != OPERATOR:
        raise NotYours
    task = _find(session, ticket, person.posts if person else ())
    after = lifecycle.check(act, Status(ticket.status), "assisting")
    return Step(ticket=ticket, act=act, actor=actor, after=after, had=ticket.unit), task


def _find(session: Session, ticket: Ticket, units: Collection[str]) -> TicketTask:
    """Find the open task of one of these units; of any unit where none is said (the operator)."""
    found = [task for task in list_tasks(session, ticket) if task.state in OPEN_TASKS and (not units or task.unit in units)]
    if not found:
        raise NoTask
    return found[0]


def _end(
    session: Session,
    number: str,
    act: Act,
    state: str,
    *,
    text: str,
    reason: str,
    actor: str,
    now: datetime,
    context: RoutingContext,
) -> Acted:
    step, task = _begin(session, number, act, actor=actor, context=context)
    given = name_given(text=text, reason=reason)
    lifecycle.check(act, Status(step.ticket.status), "assisting", given)
    facts = {"task": task.id, "unit": task.unit, "reason": reason, "late": now > task.due_at}
    acted = finish(session, step, now=now, context=context, text=text, facts=facts)
    task.state, task.answered_at, task.answered_event = state, now, acted.event
    key = "unit_task_replied" if state == "replied" else "unit_task_returned"
    return _tell(session, acted, task, key, target=step.ticket.unit, text=mask(text), context=context)


def _tell(session: Session, acted: Acted, task: TicketTask, key: str, *, target: str, text: str, context: RoutingContext) -> Acted:
    """Tell one unit of a task, beside what the act itself tells."""
    told = notices.for_track(
        acted.ticket,
        key,
        target=target,
        text=text,
        due_at=task.due_at,
        cause=f"task:{task.id}:{acted.event}",
        other=context.org.name_of(task.unit),
    )
    context.tell(session, told)
    return Acted(ticket=acted.ticket, notices=(*acted.notices, told), event=acted.event)
