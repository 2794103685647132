"""未诉先办: the tasks of seasonal plans are given before the season, ticked off item by item, and what is not done in time a supervisor hears of.

A worker who finds something while checking opens a ticket by it, as on a round.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import select

from routing import notices
from routing.errors import UnknownCheck, UnknownWork
from routing.grid_tables import SeasonPlanRow, SeasonTask
from routing.grid_work import check_grid, grids_of, open_found
from routing.seasons import SeasonPlan, list_tasks
from store.audit import record
from store.base import insert_once

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from routing.calendar import Calendar
    from routing.context import RoutingContext
    from routing.facts import Opened
    from routing.grid_work import Found
    from routing.org import OrgChart

SOURCE = "plan"


class TaskFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A task as it stands: what is checked, and what is still to do."""

    id: int
    plan: str
    name: str
    area: str
    year: int
    worker: str
    due_at: datetime
    items: tuple[str, ...]
    left: tuple[str, ...]
    done_at: datetime | None
    done_by: str


def list_plans(session: Session) -> tuple[SeasonPlan, ...]:
    """List the plans, by code."""
    rows = session.execute(select(SeasonPlanRow).order_by(SeasonPlanRow.code)).scalars()
    return tuple(msgspec.convert({name: getattr(row, name) for name in SeasonPlan.__struct_fields__}, SeasonPlan) for row in rows)


def give_tasks(session: Session, *, now: datetime, org: OrgChart, calendar: Calendar) -> int:
    """Give the tasks that are to be given by now and are not yet; gives how many. Doing it twice gives none twice."""
    wanted = list_tasks(list_plans(session), org=org, now=now, calendar=calendar)
    columns = (SeasonTask.plan, SeasonTask.area, SeasonTask.year)
    there = {tuple(row) for row in session.execute(select(*columns).where(SeasonTask.year.in_({one.year for one in wanted})))}
    given = 0
    for one in wanted:
        if (one.plan, one.area, one.year) in there:
            continue
        worker = org.grid_worker_of(one.area)
        values = msgspec.structs.asdict(one) | {
            "worker": worker.code if worker else "",
            "given_at": now,
            "done_items": [],
            "done_by": "",
        }
        given += insert_once(session, SeasonTask, values, index=["plan", "area", "year"])
    return given


def find_task(session: Session, task_id: int) -> SeasonTask:
    """Find a task by its number; UnknownWork if there is none."""
    row = session.get(SeasonTask, task_id)
    if row is None:
        raise UnknownWork(f"there is no task {task_id}")
    return row


def list_open(session: Session, *, actor: str, org: OrgChart, overdue_at: datetime | None = None) -> tuple[TaskFacts, ...]:
    """List the tasks that are not done, as somebody may see them, the most urgent first; only those overdue at a moment if one is given."""
    statement = select(SeasonTask).where(SeasonTask.done_at.is_(None)).order_by(SeasonTask.due_at, SeasonTask.area, SeasonTask.id)
    if overdue_at is not None:
        statement = statement.where(SeasonTask.due_at <= overdue_at)
    rows = session.execute(statement).scalars().all()
    grids = grids_of(actor, org)
    plans = {plan.code: plan for plan in list_plans(session)} if rows else {}
    return tuple(_facts(row, plans.get(row.plan)) for row in rows if org.standing_area(row.area) in grids)


def record_task(
    session: Session,
    task_id: int,
    *,
    actor: str,
    items: Collection[str] = (),
    found: Sequence[Found] = (),
    now: datetime,
    context: RoutingContext,
) -> tuple[TaskFacts, tuple[Opened, ...]]:
    """Tick items off; it is done when none is left. UnknownWork, NotYourGrid, UnknownCheck say why not.

    All that are left, if none is named and nothing was found: who tells of a finding has not said that the rest is well.
    """
    row = find_task(session, task_id)
    session.refresh(row, with_for_update=True)
    plan_row = session.get_one(SeasonPlanRow, row.plan)
    check_grid(row.area, actor, context.org)
    strange = [item for item in items if item not in plan_row.items]
    if strange:
        raise UnknownCheck(strange[0])
    ticked = {*row.done_items, *(items or (() if found else plan_row.items))}
    row.done_items = [item for item in plan_row.items if item in ticked]
    if row.done_at is None and len(row.done_items) == len(plan_row.items):
        row.done_at, row.done_by = now, actor
    opened = tuple(open_found(session, one, source=SOURCE, now=now, context=context) for one in found)
    session.flush()
    facts = {"area": row.area, "items": len(row.done_items), "found": [one.ticket.number for one in opened]}
    record(session, actor=actor, action="plan.record", subject=f"task:{row.id}", facts=facts)
    plan = next(plan for plan in list_plans(session) if plan.code == row.plan)
    return _facts(row, plan), opened


def tell_undone(session: Session, *, now: datetime, context: RoutingContext) -> int:
    """Tell each desk, once a plan and season, how many tasks of its grids were not done when they were due; gives how many tasks."""
    due = select(SeasonTask).where(SeasonTask.done_at.is_(None), SeasonTask.told_at.is_(None), SeasonTask.due_at <= now)
    rows = session.execute(due.order_by(SeasonTask.id).with_for_update()).scalars().all()
    names = {plan.code: plan.name for plan in list_plans(session)} if rows else {}
    desks: dict[tuple[str, int, str], int] = {}
    for row in rows:
        row.told_at = now
        desk = context.org.desk_for(row.area).code
        desks[row.plan, row.year, desk] = desks.get((row.plan, row.year, desk), 0) + 1
    for (plan, year, desk), count in sorted(desks.items()):
        context.tell(session, notices.for_plan(plan, year, desk=desk, name=names.get(plan, plan), count=count))
    return len(rows)


def _facts(row: SeasonTask, plan: SeasonPlan | None) -> TaskFacts:
    items = plan.items if plan else ()
    return TaskFacts(
        id=row.id,
        plan=row.plan,
        name=plan.name if plan else row.plan,
        area=row.area,
        year=row.year,
        worker=row.worker,
        due_at=row.due_at,
        items=items,
        left=tuple(item for item in items if item not in row.done_items),
        done_at=row.done_at,
        done_by=row.done_by,
    )
