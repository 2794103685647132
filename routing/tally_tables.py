"""The tables of 汇总: what each ticket counts as, and the sums of every day and every month by each dimension and its values."""

from __future__ import annotations

from datetime import date, datetime  # noqa: TC003 - the tables are declared with them
from functools import cache
from typing import TYPE_CHECKING, Any, get_args

from sqlalchemy import Index, func
from sqlalchemy.orm import Mapped, mapped_column

from routing.figures import Dimension, Tally
from store.base import Base

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)
COUNTS = Tally.__struct_fields__


class Counts:
    """The counts of a Tally as columns."""

    received: Mapped[int] = mapped_column(default=0)
    joined: Mapped[int] = mapped_column(default=0)
    withdrawn: Mapped[int] = mapped_column(default=0)
    declined: Mapped[int] = mapped_column(default=0)
    malicious: Mapped[int] = mapped_column(default=0)
    merged: Mapped[int] = mapped_column(default=0)
    closed: Mapped[int] = mapped_column(default=0)
    awaiting: Mapped[int] = mapped_column(default=0)
    on_time: Mapped[int] = mapped_column(default=0)
    late: Mapped[int] = mapped_column(default=0)
    overdue: Mapped[int] = mapped_column(default=0)
    running: Mapped[int] = mapped_column(default=0)
    unclocked: Mapped[int] = mapped_column(default=0)
    contacted: Mapped[int] = mapped_column(default=0)
    contacted_said: Mapped[int] = mapped_column(default=0)
    solved: Mapped[int] = mapped_column(default=0)
    solved_said: Mapped[int] = mapped_column(default=0)
    satisfied: Mapped[int] = mapped_column(default=0)
    satisfied_said: Mapped[int] = mapped_column(default=0)
    unrated: Mapped[int] = mapped_column(default=0)
    dispatches: Mapped[int] = mapped_column(default=0)
    returned: Mapped[int] = mapped_column(default=0)
    corrected: Mapped[int] = mapped_column(default=0)
    returned_twice: Mapped[int] = mapped_column(default=0)
    redone: Mapped[int] = mapped_column(default=0)
    dispatched: Mapped[int] = mapped_column(default=0)
    first_right: Mapped[int] = mapped_column(default=0)
    undecided: Mapped[int] = mapped_column(default=0)
    local: Mapped[int] = mapped_column(default=0)
    levelled: Mapped[int] = mapped_column(default=0)
    came_back: Mapped[int] = mapped_column(default=0)


class FigureTicket(Counts, Base):
    """What a ticket counts as: one row for each unit that ever had it, all but dispatches and returns on the row of the last.

    `event_id` is its last event that is in it, `look_at` when it begins to count as something else by itself.
    """

    __tablename__ = "figure_ticket"
    __table_args__ = (Index("ix_figure_ticket_day", "day"), Index("ix_figure_ticket_area_day", "area", "day"))

    ticket_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    unit: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date]
    area: Mapped[str]
    level: Mapped[str]
    channel: Mapped[str]
    line: Mapped[str]
    source: Mapped[str]
    item: Mapped[str]
    kind: Mapped[str]
    event_id: Mapped[int]
    look_at: Mapped[datetime | None] = mapped_column(index=True)


class FigureDay(Counts, Base):
    """The sums of a day of the city by one dimension and its value; the dimension `all` has one row a day."""

    __tablename__ = "figure_day"

    dimension: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)


class FigureMonth(Counts, Base):
    """The sums of a month, by its first day, by one dimension and its value: a year of a city with many grids is read from these."""

    __tablename__ = "figure_month"

    dimension: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)


class FigureCursor(Base):
    """How far the events are in the sums."""

    __tablename__ = "figure_cursor"

    name: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[int]


@cache
def sums_of(table: type[Counts], counts: tuple[str, ...] = COUNTS) -> tuple[ColumnElement[Any], ...]:
    """Give the sums of some counts of a table as columns named like them; 0 where there is no row."""
    return tuple(func.coalesce(func.sum(getattr(table, name)), 0).label(name) for name in counts)
