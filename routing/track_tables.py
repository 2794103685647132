"""The tables of what runs beside a ticket's status: sub-tasks of assisting units, what units apply for, and supervision.

Nobody's words stand here: what was written with an act lies sealed in its event, which each row names.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base

OPEN_TASKS = ("open", "signed")
"""The states of a sub-task that still has to be answered."""


class _Owed:
    """What a unit owes an answer to, and by when: a sub-task, or a supervisor's word."""

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    unit: Mapped[str]
    state: Mapped[str]
    asked_event: Mapped[int]
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    warned_at: Mapped[datetime | None]
    answered_event: Mapped[int | None]
    answered_at: Mapped[datetime | None]


class TicketTask(_Owed, Base):
    """协办任务: what an assisting unit is to do for the lead's conclusion, and by when. state: open, signed, replied, returned or cancelled."""

    __tablename__ = "ticket_task"


class TicketRequest(Base):
    """申请: an extension or a pause that a unit applied for, until when; kind: extension, pause; state: asked, granted, refused, lapsed."""

    __tablename__ = "ticket_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    asked_by: Mapped[str]
    asked_event: Mapped[int]
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    """The due time as it stood when it was applied for: how shortly before it that was."""
    until: Mapped[datetime]
    decided_by: Mapped[str]
    decided_event: Mapped[int | None]
    decided_at: Mapped[datetime | None]


class TicketSupervision(_Owed, Base):
    """督办与批示: a supervisor's word on a ticket in any state, who has to answer it and by when; kind: supervise, instruct; state: open, answered."""

    __tablename__ = "ticket_supervision"

    kind: Mapped[str]
    by: Mapped[str]
