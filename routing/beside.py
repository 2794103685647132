"""What runs beside a ticket's status, to be shown: the tasks of assisting units, and what of supervision is still to be answered. No words."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - msgspec reads the annotation
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import select

from routing.track_tables import TicketSupervision, TicketTask

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from routing.org import OrgChart


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """协办任务: whose it is, how it stands (open, signed, replied, returned, cancelled), and by when it is due."""

    unit: str
    unit_name: str
    state: str
    due_at: datetime


class Supervision(msgspec.Struct, frozen=True, kw_only=True):
    """督办 or 批示 (kind supervise, instruct) that nobody has answered yet."""

    kind: str
    state: str
    due_at: datetime


def list_tasks(session: Session, ticket_id: int, *, org: OrgChart) -> tuple[Task, ...]:
    """List the tasks of a ticket, the oldest first."""
    rows = session.execute(select(TicketTask).where(TicketTask.ticket_id == ticket_id).order_by(TicketTask.id)).scalars()
    return tuple(Task(unit=row.unit, unit_name=org.name_of(row.unit), state=row.state, due_at=row.due_at) for row in rows)


def list_open_supervisions(session: Session, ticket_id: int) -> tuple[Supervision, ...]:
    """List the supervisions and instructions of a ticket that are open, the oldest first."""
    statement = select(TicketSupervision).where(TicketSupervision.ticket_id == ticket_id, TicketSupervision.state == "open")
    rows = session.execute(statement.order_by(TicketSupervision.id)).scalars()
    return tuple(Supervision(kind=row.kind, state=row.state, due_at=row.due_at) for row in rows)
