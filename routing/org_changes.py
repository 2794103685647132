"""机构调整的办理: a change is planned on what stands in the database, and carried out in one transaction, or refused whole.

    make_plan(…)   what would follow where; reads only
    carry_out(…)   does it: rows, tickets with their events, successors, audit row; ChangeRefused if the plan has troubles

Closed tickets, events and what was sent keep the codes of their time; the organisation leads these to what followed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import delete, select

from knowledge_base import entries
from knowledge_base.places import PlaceRow
from routing import grid_splitting, holdings, lifecycle, org_rows, reorganising, sight
from routing.cells import make_code
from routing.grid_splitting import Part  # noqa: TC001 - msgspec reads the annotation
from routing.grid_tables import PatrolRound, SeasonTask
from routing.history import Step, finish, write_event
from routing.org import ESTATE_KINDS
from routing.reorganising import Plan, StoredPlace
from routing.tables import AreaRow, PlaceTableRow, ShiftRow, StaffRow, Ticket, UnitRow
from routing.terms import Status
from store.audit import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from routing.context import RoutingContext
    from routing.org import OrgChart
    from routing.reorganising import Move
    from routing.terms import HandlingUnit
    from store.base import Base

_PLACE = tuple(PlaceRow.__struct_fields__)
_ALONE: dict[str, tuple[str, ...]] = {
    PatrolRound.__tablename__: ("sheet", "day", "turn"),
    SeasonTask.__tablename__: ("plan", "year"),
}
"""Tables with one row a grid for each of these: where two grids become one, the one that stays there stands for both."""


class ChangeRefused(Exception):
    """The plan of this change has troubles: nothing was done."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(", ".join(trouble.key for trouble in plan.troubles))
        self.plan = plan


class SplitGrid(msgspec.Struct, frozen=True, kw_only=True):
    """分网格: a grid becomes these parts."""

    grid: str
    parts: tuple[Part, ...]


class MergeGrids(msgspec.Struct, frozen=True, kw_only=True):
    """并网格: `others` become part of `into`."""

    into: str
    others: tuple[str, ...]
    name: str = ""


class MoveWorker(msgspec.Struct, frozen=True, kw_only=True):
    """调网格员: a worker goes to another grid; `successor` looks after theirs."""

    worker: str
    to: str
    unit: str = ""
    successor: str = ""


class RetireUnit(msgspec.Struct, frozen=True, kw_only=True):
    """撤单位: a unit or desk is no more, `successor` takes over."""

    unit: str
    successor: str


Change = SplitGrid | MergeGrids | MoveWorker | RetireUnit


def make_plan(session: Session, change: Change, *, context: RoutingContext) -> Plan:
    """Plan a change on the organisation as it stands in the database; nothing is written."""
    org = org_rows.load_org(session)
    match change:
        case SplitGrid():
            held = [*holdings.list_held(session, areas=[change.grid]), *holdings.list_of_grid(session, change.grid)]
            places = _list_places(session, change.grid)
            return grid_splitting.plan_split(org, change.grid, change.parts, places=places, held=held)
        case MergeGrids():
            held = holdings.list_held(session, areas=change.others)
            return reorganising.plan_merge(org, change.into, change.others, held=held, name=change.name)
        case MoveWorker():
            held = holdings.list_held(session, staff=[change.worker, change.successor])
            return reorganising.plan_move(org, change.worker, change.to, held=held, unit=change.unit, successor=change.successor)
        case RetireUnit():
            held = holdings.list_held(session, units=[change.unit])
            barred = _find_barred(session, change, org=org, context=context)
            return reorganising.plan_retirement(org, change.unit, change.successor, held=held, barred=barred)


def carry_out(session: Session, plan: Plan, *, actor: str, now: datetime, context: RoutingContext) -> None:
    """Carry out a plan; ChangeRefused if it has troubles. An empty one changes nothing."""
    if plan.troubles:
        raise ChangeRefused(plan)
    if plan.is_empty:
        return
    _write_org(session, plan, now=now)
    _write_places(session, plan)
    tickets: dict[int, list[Move]] = {}
    for move in plan.moves:
        if move.held.table == Ticket.__tablename__:
            tickets.setdefault(int(move.held.key), []).append(move)
        else:
            _follow(session, move, actor=actor, now=now)
    session.flush()
    after = replace(context, org=org_rows.load_org(session))
    for ticket_id, moves in tickets.items():
        _move_ticket(session, ticket_id, moves, actor=actor, now=now, context=after)
    facts = {"retired": plan.retired_areas | plan.retired_units, "moved": len(plan.moves), "tickets": len(tickets)}
    named = [*plan.retired_areas, *plan.retired_units, *(area.code for area in plan.areas), *_people(plan)]
    record(session, actor=actor, action=f"org.{plan.kind}", subject=named[0] if named else plan.kind, facts=facts)


def _people(plan: Plan) -> list[str]:
    return [str(move.held.key) for move in plan.moves if (move.held.table, move.held.column) == ("staff", "area")]


def _write_org(session: Session, plan: Plan, *, now: datetime) -> None:
    """Write the areas and units as they stand from now on, and what follows those that end."""
    areas = [msgspec.to_builtins(area) for area in plan.areas]
    org_rows.upsert(session, AreaRow, areas)
    for unit in plan.units:
        row = session.get_one(UnitRow, unit.code)
        row.functions, row.parent = list(unit.functions), unit.parent
    ending: tuple[tuple[type[AreaRow | UnitRow], dict[str, str]], ...] = (
        (AreaRow, plan.retired_areas),
        (UnitRow, plan.retired_units),
    )
    for table, retired in ending:
        for code, successor in retired.items():
            ends: Any = session.get_one(table, code)
            ends.successor, ends.retired_at = successor, now
    session.flush()


def _write_places(session: Session, plan: Plan) -> None:
    """Put places where they lie now, in place of the rows they stand for."""
    for code in plan.dropped_places:
        session.execute(delete(PlaceTableRow).where(PlaceTableRow.code == code))
    for place in {_code_of(place): place for place in plan.places}.values():
        if session.get(PlaceTableRow, _code_of(place)) is None:
            session.add(PlaceTableRow(code=_code_of(place), **msgspec.to_builtins(place)))
            session.flush()


def _follow(session: Session, move: Move, *, actor: str, now: datetime) -> None:
    """Let a row follow: its column, or a twin of it; one whose code is made of its content gets a new code."""
    column = holdings.find_column(move.held)
    row: Any = session.get(column.table, move.held.key)
    if row is None:  # it was one with another row that followed before
        return
    if move.held.table == "knowledge_entry":
        _revise_entry(session, row.code, move, actor=actor, now=now)
    elif column.many:
        old = getattr(row, column.column)
        new = [*old, move.to] if move.copied else [move.to if code == move.held.code else code for code in old]
        setattr(row, column.column, list(dict.fromkeys(new)))
    elif move.copied:
        values = _values_of(row) | {column.column: move.to, "code": f"{row.code}@{move.to}"}
        if session.get(column.table, values["code"]) is None:
            session.add(column.table(**values))
    elif column.column == "area" and _stands_already(session, column.table, row, move.to):
        session.delete(row)
    else:
        setattr(row, column.column, move.to)
        if isinstance(row, StaffRow) and row.stationed == row.unit:
            row.stationed = ""  # who was sent to the unit that is theirs now is there for good
        _recode(session, row)
    session.flush()


def _revise_entry(session: Session, code: str, move: Move, *, actor: str, now: datetime) -> None:
    """Publish an entry for its new area or unit, as a version of its own or as a twin."""
    entry = entries.get(session, code)
    if entry is None:
        return
    revised = msgspec.structs.replace(entry, **{move.held.column: move.to})
    if not move.copied:
        entries.revise(session, revised, now=now, by=actor)
    elif entries.get(session, f"{code}@{move.to}") is None:
        entries.publish(session, msgspec.structs.replace(revised, code=f"{code}@{move.to}"), now=now, by=actor)


def _stands_already(session: Session, table: type[Base], row: Any, area: str) -> bool:
    """Tell whether the grid it would go to has this row already."""
    names = _ALONE.get(table.__tablename__)
    if names is None:
        return False
    columns = table.__table__.c
    same = [columns[name] == getattr(row, name) for name in names]
    return session.execute(select(columns.id).where(columns.area == area, *same)).first() is not None


def _recode(session: Session, row: Any) -> None:
    """Give a place or shift the code that its content makes; one that is there already stands for both."""
    if isinstance(row, PlaceTableRow):
        code = make_code(row.name, row.kind, row.area, row.number_from, row.number_to, row.parity, row.parent)
    elif isinstance(row, ShiftRow):
        code = make_code(row.desk, row.starts, row.ends, row.days, row.staff, row.backup)
    else:
        return
    table, values = type(row), _values_of(row) | {"code": code}
    if code == row.code:
        return
    session.delete(row)
    session.flush()
    if session.get(table, code) is None:
        session.add(table(**values))


def _values_of(row: Base) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in row.__table__.columns}


def _code_of(place: PlaceRow) -> str:
    return make_code(place.name, place.kind, place.area, place.number_from, place.number_to, place.parity, place.parent)


def _list_places(session: Session, grid: str) -> list[StoredPlace]:
    rows = session.execute(select(PlaceTableRow).where(PlaceTableRow.area == grid).order_by(PlaceTableRow.code)).scalars()
    return [
        StoredPlace(code=row.code, row=msgspec.convert({name: getattr(row, name) for name in _PLACE}, PlaceRow)) for row in rows
    ]


def _move_ticket(
    session: Session, ticket_id: int, moves: Sequence[Move], *, actor: str, now: datetime, context: RoutingContext
) -> None:
    """Let a ticket follow, with an event that says what went where. Whoever has it from now on is told; no clock is touched."""
    ticket = session.get_one(Ticket, ticket_id, with_for_update=True)
    had, desk = ticket.unit, ticket.desk
    facts: dict[str, Any] = {}
    for move in moves:
        column, code = move.held.column, move.held.code
        value = getattr(ticket, column)
        setattr(ticket, column, _swap(value, code, move.to) if isinstance(value, list) else move.to)
        facts[column] = [code, move.to]
    after = lifecycle.check("move", Status(ticket.status), "system")
    step = Step(ticket=ticket, act="move", actor=actor, after=after, had=had)
    if (ticket.unit, ticket.desk) == (had, desk):
        write_event(session, step, before=ticket.status, now=now, context=context, facts=facts)
    else:
        finish(session, step, now=now, context=context, facts=facts)


def _swap(codes: Iterable[str], old: str, new: str) -> list[str]:
    return list(dict.fromkeys(new if code == old else code for code in codes))


def _find_barred(session: Session, change: RetireUnit, *, org: OrgChart, context: RoutingContext) -> dict[str, str]:
    """Find the open tickets that the successor may not have: of a level it may not be given, or about itself."""
    heir = org.unit(change.successor)
    if heir is None or org.unit(change.unit) is None:
        return {}
    touched = {held.name for held in holdings.list_held(session, units=[change.unit]) if held.table == Ticket.__tablename__}
    barred: dict[str, str] = {}
    for number in sorted(touched):
        ticket = session.execute(select(Ticket).where(Ticket.number == number)).scalar_one()
        if ticket.unit == change.unit and not _is_allowed(ticket, heir, org=org, context=context):
            barred[number] = "wrong_level"
        elif _would_see_itself(ticket, change, org=org):
            barred[number] = "about_successor"
    return barred


def _is_allowed(ticket: Ticket, heir: HandlingUnit, *, org: OrgChart, context: RoutingContext) -> bool:
    item = context.duty_list.item(ticket.item)
    allowed = item.allowed_levels if item else ()
    return not allowed or heir.kind in ESTATE_KINDS or org.level(heir) in allowed


def _would_see_itself(ticket: Ticket, change: RetireUnit, *, org: OrgChart) -> bool:
    """Tell whether a matter would go to whom it is about, now that one stands for the other."""
    refused = _swap(ticket.refused, change.unit, change.successor)
    for code in (ticket.unit, ticket.desk):
        later = change.successor if code == change.unit else code
        if sight.is_kept_from(later, refused, org) and not sight.is_kept_from(code, ticket.refused, org):
            return True
    return False
