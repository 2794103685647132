"""Seasonal plans as commands: the plans, the tasks they gave, ticking them off, and what was not done in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bot.commands import Command, Json
from bot.commands.patrol import describe_opened, name_area, name_staff
from bot.patrolling import read_found
from bot.telling import Telling
from routing import season_tasks
from routing.history import OPERATOR

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from routing.season_tasks import TaskFacts


def list_plans(session: Session, city: City, *, now: datetime) -> Json:  # noqa: ARG001 - every command is told the time
    """List the plans."""
    return [
        msgspec.to_builtins(plan) | {"area_names": [name_area(city, code) for code in plan.areas]}
        for plan in season_tasks.list_plans(session)
    ]


def tasks(session: Session, city: City, *, now: datetime, actor: str = OPERATOR) -> Json:
    """List the tasks that are not done; those of today are given first."""
    season_tasks.give_tasks(session, now=now, org=city.org, calendar=city.calendar)
    return [_describe(one, city) for one in season_tasks.list_open(session, actor=actor, org=city.org)]


def undone(session: Session, city: City, *, now: datetime, actor: str = OPERATOR) -> Json:
    """List the tasks that were not done when they were due."""
    return [_describe(one, city) for one in season_tasks.list_open(session, actor=actor, org=city.org, overdue_at=now)]


def record(
    session: Session,
    city: City,
    *,
    now: datetime,
    task: int,
    actor: str,
    items: Sequence[str] = (),
    found: str = "",
    place: str = "",
) -> Json:
    """Tick items of a task off, all that are left if none is named and nothing was found; what was found becomes a ticket."""
    staff = "" if actor == OPERATOR else actor
    grid = season_tasks.find_task(session, task).area
    findings = [read_found(city, found, grid=grid, staff=staff, place=place)] if found.strip() else []
    context = city.routing_context(tell=Telling(city, now=now))
    facts, opened = season_tasks.record_task(session, task, actor=actor, items=items, found=findings, now=now, context=context)
    return _describe(facts, city) | {"tickets": [describe_opened(one, city, actor=actor) for one in opened]}


def _describe(one: TaskFacts, city: City) -> dict[str, Json]:
    return {
        "task": one.id,
        "plan": one.plan,
        "name": one.name,
        "grid": one.area,
        "grid_name": name_area(city, one.area),
        "year": one.year,
        "worker": one.worker,
        "worker_name": name_staff(city, one.worker),
        "due_at": one.due_at.isoformat(),
        "due": city.words.moment(one.due_at),
        "items": list(one.items),
        "left": list(one.left),
        "done": one.done_at is not None,
    }


COMMANDS = (
    Command(name="plans.list", run=list_plans, writes=False),
    Command(name="plans.tasks", run=tasks),
    Command(name="plans.undone", run=undone, writes=False),
    Command(name="plans.record", run=record),
)
