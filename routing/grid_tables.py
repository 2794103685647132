"""The tables of grid work: patrol sheets and their rounds, what was found or solved on the spot, seasonal plans and their tasks.

What somebody writes here is masked before it is kept; a matter that needs a unit is a ticket, with everything a ticket has.
"""

from __future__ import annotations

from datetime import date, datetime  # noqa: TC003 - SQLAlchemy reads the annotations
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base


class PatrolSheetRow(Base):
    """巡查单: what is looked at on a round, and how often. `area` is a grid, or an area of which every grid has this round.

    `hours` are from when to when it is gone (routing.round_hours), "" for any time.
    """

    __tablename__ = "patrol_sheet"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    area: Mapped[str] = mapped_column(index=True)
    items: Mapped[list[Any]] = mapped_column(default=list)
    rhythm: Mapped[str]
    days: Mapped[str] = mapped_column(default="working")
    hours: Mapped[str] = mapped_column(default="", server_default=text("''"))
    active: Mapped[bool] = mapped_column(default=True)


class PatrolRound(Base):
    """一次巡查: one round of a sheet in a grid. It is missed when its time is over and `done_at` is empty; done later it stays late.

    `day` is the day it belongs to by the city's clock (of a weekly one the Monday), `turn` 1, or 2 for the second of a day. `worker` is
    whose it was when it was made, `done_by` who went, `outside` whether that was at another time of the day than the sheet said then.
    """

    __tablename__ = "patrol_round"
    __table_args__ = (
        UniqueConstraint("sheet", "area", "day", "turn"),
        Index("ix_patrol_round_done_at_due_at", "done_at", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sheet: Mapped[str]
    area: Mapped[str] = mapped_column(index=True)
    day: Mapped[date] = mapped_column(index=True)
    turn: Mapped[int]
    worker: Mapped[str] = mapped_column(default="")
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[str] = mapped_column(default="")
    outside: Mapped[bool] = mapped_column(default=False, server_default=false())


class PatrolFinding(Base):
    """巡查发现: a ticket that a round opened, or joined, and the check item it was found at."""

    __tablename__ = "patrol_finding"

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("patrol_round.id"), index=True)
    item: Mapped[str] = mapped_column(default="")
    ticket: Mapped[str]


class SpotRecord(Base):
    """当场解决: what a grid worker put right at once. It counts, and it has no clocks. `text` and `place` are masked."""

    __tablename__ = "spot_record"
    __table_args__ = (Index("ix_spot_record_area_day", "area", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    day: Mapped[date]
    area: Mapped[str]
    worker: Mapped[str]
    item: Mapped[str] = mapped_column(default="")
    text: Mapped[str]
    place: Mapped[str] = mapped_column(default="")
    round_id: Mapped[int | None] = mapped_column(index=True)


class SeasonPlanRow(Base):
    """季节预案: what every grid of some areas has to check before a season begins. `starts` and `ends` are MM-DD; a season may pass New Year."""

    __tablename__ = "season_plan"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    starts: Mapped[str]
    ends: Mapped[str]
    lead_days: Mapped[int]
    areas: Mapped[list[Any]] = mapped_column(default=list)
    items: Mapped[list[Any]] = mapped_column(default=list)
    active: Mapped[bool] = mapped_column(default=True)


class SeasonTask(Base):
    """未诉先办任务: a plan's checks in one grid before the season that begins in `year`. `done_items` are those that were ticked off."""

    __tablename__ = "season_task"
    __table_args__ = (
        UniqueConstraint("plan", "area", "year"),
        Index("ix_season_task_done_at_due_at", "done_at", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    plan: Mapped[str]
    area: Mapped[str] = mapped_column(index=True)
    year: Mapped[int]
    worker: Mapped[str] = mapped_column(default="")
    given_at: Mapped[datetime]
    due_at: Mapped[datetime]
    done_items: Mapped[list[Any]] = mapped_column(default=list)
    done_at: Mapped[datetime | None]
    done_by: Mapped[str] = mapped_column(default="")
    told_at: Mapped[datetime | None]
    """When the desk above was told that it was not done in time."""
