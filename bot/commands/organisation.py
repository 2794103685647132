"""Changes of the organisation as commands: what would follow where, and the change itself, in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.city import note_change
from bot.commands import Command, Json
from bot.commands.imports import as_file
from bot.refusals import refuse
from bot.telling import Telling
from bot.texts import fill
from routing.cells import read_list, read_number
from routing.grid_splitting import Part
from routing.importers import BadCell
from routing.org_changes import MergeGrids, MoveWorker, RetireUnit, SplitGrid, carry_out, make_plan
from store.sheets import read_sheet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.city import City
    from routing.org_changes import Change
    from routing.reorganising import Move, Plan

_COLUMNS = ("code", "name", "kind", "households", "places", "workers", "groups")
_NEEDED = ("code", "name", "places")


def split_grid(
    session: Session, city: City, *, now: datetime, grid: str, name: str, content: str, actor: str, dry_run: bool = True
) -> Json:
    """Split a grid into the parts of a table (`content` is the file in base64)."""
    with as_file(city, name, content) as path:
        parts = _read_parts(path)
    return _change(session, city, SplitGrid(grid=grid, parts=parts), now=now, actor=actor, dry_run=dry_run)


def merge_grids(
    session: Session,
    city: City,
    *,
    now: datetime,
    into: str,
    others: Sequence[str],
    actor: str,
    name: str = "",
    dry_run: bool = True,
) -> Json:
    """Merge grids into one that stays."""
    change = MergeGrids(into=into, others=tuple(others), name=name)
    return _change(session, city, change, now=now, actor=actor, dry_run=dry_run)


def move_worker(
    session: Session,
    city: City,
    *,
    now: datetime,
    worker: str,
    grid: str,
    actor: str,
    unit: str = "",
    successor: str = "",
    dry_run: bool = True,
) -> Json:
    """Move a worker to another grid."""
    change = MoveWorker(worker=worker, to=grid, unit=unit, successor=successor)
    return _change(session, city, change, now=now, actor=actor, dry_run=dry_run)


def retire_unit(
    session: Session, city: City, *, now: datetime, unit: str, successor: str, actor: str, dry_run: bool = True
) -> Json:
    """Retire a unit or desk in favour of another."""
    change = RetireUnit(unit=unit, successor=successor)
    return _change(session, city, change, now=now, actor=actor, dry_run=dry_run)


def _change(session: Session, city: City, change: Change, *, now: datetime, actor: str, dry_run: bool) -> Json:
    """Plan a change and, unless it is only asked for, carry it out; nothing happens while the plan has troubles."""
    context = city.routing_context(tell=Telling(city, now=now))
    plan = make_plan(session, change, context=context)
    applied = not (dry_run or plan.troubles)
    if applied and not plan.is_empty:
        carry_out(session, plan, actor=actor, now=now, context=context)
        note_change(session)
    return _describe(plan, city) | {"applied": applied, "empty": plan.is_empty}


def _describe(plan: Plan, city: City) -> dict[str, Json]:
    names = {code: area.name for code, area in city.org.areas.items()} | {area.code: area.name for area in plan.areas}
    names |= {code: unit.name for code, unit in city.org.units.items()} | {code: one.name for code, one in city.org.staff.items()}
    retired = plan.retired_areas | plan.retired_units
    return {
        "kind": plan.kind,
        "troubles": [fill("org", f"trouble_{trouble.key}", trouble.facts) for trouble in plan.troubles],
        "retired": [
            {"code": code, "name": names.get(code, code), "successor": heir, "successor_name": names.get(heir, heir)}
            for code, heir in sorted(retired.items())
        ],
        "areas": [{"code": area.code, "name": area.name, "households": area.households} for area in plan.areas],
        "places": len(plan.places),
        "moves": [_describe_move(move, names) for move in plan.moves],
    }


def _describe_move(move: Move, names: Mapping[str, str]) -> dict[str, Json]:
    held = move.held
    return {
        "table": held.table,
        "table_name": fill("org", f"table_{held.table}"),
        "key": held.key,
        "name": held.name,
        "column": held.column,
        "from": held.code,
        "to": move.to,
        "to_name": names.get(move.to, move.to),
        "copied": move.copied,
        "by_default": move.by_default,
    }


def _read_parts(path: Path) -> tuple[Part, ...]:
    """Read the table of a split; a refusal says what is wrong with it and where."""
    sheet = read_sheet(path)
    missing = [column for column in _NEEDED if column not in sheet.columns]
    if missing:
        raise refuse("split_columns", columns="、".join(missing))
    parts: list[Part] = []
    for row in sheet.rows:
        cells = dict.fromkeys(_COLUMNS, "") | row.cells
        empty = [column for column in ("code", "name") if not cells[column]]
        if empty:
            raise refuse("split_row", line=row.line, what=fill("import_city", "empty", {"column": empty[0]}))
        try:
            parts.append(_read_part(cells))
        except BadCell as bad:
            raise refuse("split_row", line=row.line, what=fill("import_city", bad.key, bad.facts)) from bad
    return tuple(parts)


def _read_part(cells: Mapping[str, str]) -> Part:
    return Part(
        code=cells["code"],
        name=cells["name"],
        kind=cells["kind"],
        households=read_number("households", cells["households"]) or 0,
        places=tuple(read_list(cells["places"])),
        workers=tuple(read_list(cells["workers"])),
        groups=tuple(read_list(cells["groups"])),
    )


COMMANDS = (
    Command(name="org.split_grid", run=split_grid),
    Command(name="org.merge_grids", run=merge_grids),
    Command(name="org.move_worker", run=move_worker),
    Command(name="org.retire_unit", run=retire_unit),
)
