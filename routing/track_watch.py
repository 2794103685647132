"""What runs beside the status and is late: sub-tasks and supervisions nobody has answered. Each is called to mind once, at both ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from routing import notices
from routing.history import read_facts
from routing.overseeing import find_asker
from routing.tables import Ticket
from routing.track_tables import OPEN_TASKS, TicketSupervision, TicketTask

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from routing.context import RoutingContext
    from routing.terms import Notice


def late_tasks(session: Session, *, now: datetime, limit: int = 100) -> Sequence[int]:
    """Find the sub-tasks that are late and were not called to mind yet; their ids."""
    late = (TicketTask.state.in_(OPEN_TASKS), TicketTask.due_at <= now, TicketTask.warned_at.is_(None))
    return session.execute(select(TicketTask.id).where(*late).order_by(TicketTask.due_at).limit(limit)).scalars().all()


def late_supervisions(session: Session, *, now: datetime, limit: int = 100) -> Sequence[int]:
    """Find the supervisions that are late and were not called to mind yet; their ids."""
    late = (TicketSupervision.state == "open", TicketSupervision.due_at <= now, TicketSupervision.warned_at.is_(None))
    statement = select(TicketSupervision.id).where(*late).order_by(TicketSupervision.due_at).limit(limit)
    return session.execute(statement).scalars().all()


def remind_of_task(session: Session, task_id: int, *, now: datetime, context: RoutingContext) -> tuple[Notice, ...]:
    """Call a late sub-task to mind: at its unit and at the lead."""
    task = session.get_one(TicketTask, task_id)
    ticket = session.get_one(Ticket, task.ticket_id)
    task.warned_at = now
    targets = dict.fromkeys((task.unit, ticket.unit), "unit_task_overdue")
    return _tell(session, ticket, targets, cause=f"task:{task.id}:late", due_at=task.due_at, other=task.unit, context=context)


def remind_of_supervision(session: Session, supervision_id: int, *, now: datetime, context: RoutingContext) -> tuple[Notice, ...]:
    """Call a late supervision to mind: at who has the ticket and at who asked."""
    row = session.get_one(TicketSupervision, supervision_id)
    ticket = session.get_one(Ticket, row.ticket_id)
    row.warned_at = now
    targets = {
        ticket.unit: "unit_supervision_overdue",
        find_asker(row, ticket, context=context): "desk_supervision_overdue",
    }
    return _tell(
        session, ticket, targets, cause=f"supervision:{row.id}:late", due_at=row.due_at, other=ticket.unit, context=context
    )


def _tell(
    session: Session, ticket: Ticket, targets: dict[str, str], *, cause: str, due_at: datetime, other: str, context: RoutingContext
) -> tuple[Notice, ...]:
    shown, name = read_facts(session, ticket, org=context.org), context.org.name_of(other)
    told = tuple(
        notices.for_track(shown, key, target=target, text="", due_at=due_at, cause=f"{cause}:{target}", other=name)
        for target, key in targets.items()
    )
    for notice in told:
        context.tell(session, notice)
    return told
