"""The tables of what was read from each ticket's trail: its signs, and who did what with it, with the sums of these by month."""

from __future__ import annotations

from datetime import date, datetime  # noqa: TC003 - the tables are declared with them
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base, Json


class TrailCursor(Base):
    """How far the events are read, and by which basis (routing.trail_basis)."""

    __tablename__ = "trail_cursor"

    name: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[int]
    digest: Mapped[str]
    basis: Mapped[Json]


class TrailFold(Base):
    """What a ticket adds to work_month, as [month, is_unit, code, kind]; `event_id` is its last event that is read, 0 to read it again."""

    __tablename__ = "trail_fold"

    ticket_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(index=True)
    adds: Mapped[list[Any]]


class TicketSign(Base):
    """苗头: a sign of a ticket, in the order in which they came."""

    __tablename__ = "ticket_sign"
    __table_args__ = (Index("ix_ticket_sign_at", "at"),)

    ticket_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    kind: Mapped[str]
    unit: Mapped[str]
    facts: Mapped[Json]


class TicketDeed(Base):
    """A ticket of which something was read that supervisors are warned of: in which month, of whom (staff or unit), and what."""

    __tablename__ = "ticket_deed"

    month: Mapped[date] = mapped_column(primary_key=True)
    is_unit: Mapped[bool] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(primary_key=True, index=True, autoincrement=False)


class WorkMonth(Base):
    """经办: of how many tickets a kind of deed was read in a month, by its first day, of one of the staff or a unit; `worked_on` is any kind."""

    __tablename__ = "work_month"

    month: Mapped[date] = mapped_column(primary_key=True)
    is_unit: Mapped[bool] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    tickets: Mapped[int]
