"""机构调整: what has to follow when grids merge, a worker moves, or a unit is no more. Pure: rows that name a code go in, a plan comes out.

A plan says every single row that follows and where to, and what forbids it (`troubles`): nothing may be left without somebody whose it is.
A change that has been made already has an empty plan. Splitting a grid is planned in routing.grid_splitting, on these same values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from knowledge_base.places import PlaceRow  # noqa: TC001 - msgspec reads the annotation
from routing.terms import Area, HandlingUnit, Level, UnitKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from routing.org import OrgChart, StaffMember

ChangeKind = Literal["split_grid", "merge_grids", "move_worker", "retire_unit"]
"""分网格, 并网格, 调网格员, 撤单位."""
CodeKind = Literal["area", "unit", "staff"]
"""What a column names by its code."""
WORKER = "grid_worker"

TroubleKey = Literal[
    "unknown_area", "unknown_unit", "unknown_staff", "not_a_grid", "other_parent", "code_taken", "same_code", "not_of_kind",
    "no_worker", "no_place_row", "place_twice", "place_left", "unnumbered", "numbers_wrong", "not_the_grids", "no_unit",
    "wrong_level", "about_successor", "not_a_worker", "retired",
]  # fmt: skip


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """One row that names a code in one of its columns; `name` is what people call the row.

    `where` helps to say where it belongs: of what names an area the place in it, of what names a person the grid it is about.
    """

    table: str
    key: str | int
    column: str
    kind: CodeKind
    code: str
    name: str = ""
    where: str = ""


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """A row that follows: its column names `to` from now on. `copied`: the row stays and gets a twin there. `by_default`: nothing said where it is."""

    held: Held
    to: str
    copied: bool = False
    by_default: bool = False


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """What forbids a change, as a key and its facts; the sentences stand in texts.toml."""

    key: TroubleKey
    facts: dict[str, str] = {}


class StoredPlace(msgspec.Struct, frozen=True, kw_only=True):
    """A place as it is stored: the code of its row, and the row."""

    code: str
    row: PlaceRow


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a change does. `areas` and `units` are written as they stand here, `retired` leads from each code that ends to what follows it."""

    kind: ChangeKind
    moves: tuple[Move, ...] = ()
    areas: tuple[Area, ...] = ()
    units: tuple[HandlingUnit, ...] = ()
    places: tuple[PlaceRow, ...] = ()
    dropped_places: tuple[str, ...] = ()
    """Codes of rows that `places` stand for."""
    retired_areas: dict[str, str] = {}
    retired_units: dict[str, str] = {}
    troubles: tuple[Trouble, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do: it was done before."""
        changes = (self.moves, self.areas, self.units, self.places, self.retired_areas, self.retired_units, self.troubles)
        return not any(changes)


def plan_merge(org: OrgChart, into: str, others: Collection[str], *, held: Iterable[Held], name: str = "") -> Plan:
    """Plan to merge grids (`others`) into one that stays, under a new name if one is given; households are added up."""
    done = {code for code in others if code in org.former_areas and org.standing_area(code) == into}
    going = [code for code in dict.fromkeys(others) if code not in done]
    troubles = _check_grids(org, into, going)
    if troubles:
        return Plan(kind="merge_grids", troubles=tuple(troubles))
    stays = org.areas[into]
    merged = msgspec.structs.replace(
        stays,
        name=name or stays.name,
        households=stays.households + sum(org.areas[code].households for code in going),
        aliases=_join(stays.aliases, (alias for code in going for alias in (org.areas[code].name, *org.areas[code].aliases))),
    )
    moves = tuple(Move(held=row, to=into) for row in held if row.kind == "area" and row.code in going)
    areas = (merged,) if merged != stays else ()
    return Plan(kind="merge_grids", moves=moves, areas=areas, retired_areas=dict.fromkeys(going, into))


def plan_move(org: OrgChart, worker: str, to: str, *, held: Iterable[Held], unit: str = "", successor: str = "") -> Plan:
    """Plan to move a worker to another grid. Who looks after the grid they leave is `successor`, or another worker it has.

    A successor of another grid changes place as well; no grid that had a worker is left without one. `unit` is the worker's new one: without
    it that of the workers there, or their own where both grids lie in one area.
    """
    trouble = _check_move(org, worker, to, unit=unit, successor=successor)
    if trouble is not None:
        return Plan(kind="move_worker", troubles=(trouble,))
    person = org.staff[worker]
    if person.area == to:
        return Plan(kind="move_worker")
    posts = {worker: to}
    if successor and org.staff[successor].area != person.area:
        posts[successor] = person.area
    units = {code: _unit_of_grid(org, area, org.staff[code]) for code, area in posts.items()} | ({worker: unit} if unit else {})
    homeless = next((code for code in posts if not units[code]), "")
    if homeless:
        return _refuse("move_worker", "no_unit", name=org.staff[homeless].name)
    moves: list[Move] = []
    for code, area in posts.items():
        leaves = org.staff[code]
        heir = _find_heir(org, leaves.area, posts, wanted=successor)
        if not heir and leaves.role == WORKER and leaves.area in org.areas:
            return _refuse("move_worker", "no_worker", name=org.areas[leaves.area].name)
        moves += _move_post(leaves, area=area, unit=units[code])
        theirs = (row for row in held if heir and row.kind == "staff" and (row.code, row.where) == (code, leaves.area))
        moves += [Move(held=row, to=heir) for row in theirs]
    return Plan(kind="move_worker", moves=tuple(moves))


def plan_retirement(
    org: OrgChart, unit: str, successor: str, *, held: Iterable[Held], barred: Mapping[str, str] | None = None
) -> Plan:
    """Plan that a unit (or desk) is no more and another takes over: its matters, people, shifts, places, and what it was there for.

    `barred` names open tickets that the successor may not have: number -> wrong_level or about_successor. They have to be transferred first.
    """
    if org.former_units.get(unit) and org.standing_unit(unit) == successor:
        return Plan(kind="retire_unit")
    goes, stays = org.unit(unit), org.unit(successor)
    if goes is None or stays is None:
        return Plan(kind="retire_unit", troubles=(name_missing_unit(org, successor if goes is not None else unit),))
    if unit == successor:
        return _refuse("retire_unit", "same_code", code=unit)
    if (goes.kind is UnitKind.DESK) is not (stays.kind is UnitKind.DESK):
        return _refuse("retire_unit", "not_of_kind", one=goes.name, other=stays.name)
    troubles = [
        Trouble(key=key, facts={"numbers": "、".join(numbers), "name": stays.name})
        for key in ("wrong_level", "about_successor")
        if (numbers := sorted(number for number, why in (barred or {}).items() if why == key))
    ]
    if troubles:
        return Plan(kind="retire_unit", troubles=tuple(troubles))
    parent = goes.parent if stays.parent == unit else stays.parent
    heir = msgspec.structs.replace(
        stays, functions=_join(stays.functions, goes.functions), parent="" if parent == stays.code else parent
    )
    moves = [
        Move(held=row, to=successor)
        for row in held
        if row.kind == "unit" and row.code == unit and not (row.table == "unit" and row.key == successor)
    ]
    units = (heir,) if heir != stays else ()
    return Plan(kind="retire_unit", moves=tuple(moves), units=units, retired_units={unit: successor})


def _check_grids(org: OrgChart, into: str, going: Collection[str]) -> list[Trouble]:
    """Check that these are grids of one and the same area."""
    unknown = [code for code in (into, *going) if code not in org.areas]
    if unknown:
        return [name_missing_area(org, code) for code in unknown]
    if into in going:
        return [Trouble(key="same_code", facts={"code": into})]
    stays = org.areas[into]
    found = [Trouble(key="not_a_grid", facts={"name": org.areas[code].name}) for code in (into, *going) if not is_grid(org, code)]
    found += [
        Trouble(key="other_parent", facts={"name": org.areas[code].name, "other": stays.name})
        for code in going
        if org.areas[code].parent != stays.parent
    ]
    return found


def name_missing_area(org: OrgChart, code: str) -> Trouble:
    """Say that there is no area of a code, or what followed the one there was."""
    heir = org.areas.get(org.standing_area(code))
    if heir is None:
        return Trouble(key="unknown_area", facts={"code": code})
    return Trouble(key="retired", facts={"code": code, "name": heir.name, "heir": heir.code})


def name_missing_unit(org: OrgChart, code: str) -> Trouble:
    """Say that there is no unit of a code, or what followed the one there was."""
    heir = org.unit(org.standing_unit(code))
    if heir is None:
        return Trouble(key="unknown_unit", facts={"code": code})
    return Trouble(key="retired", facts={"code": code, "name": heir.name, "heir": heir.code})


def is_grid(org: OrgChart, code: str) -> bool:
    """Tell whether a code is a grid's that stands."""
    area = org.areas.get(code)
    return area is not None and area.level is Level.GRID


def _refuse(kind: ChangeKind, key: TroubleKey, **facts: str) -> Plan:
    return Plan(kind=kind, troubles=(Trouble(key=key, facts=facts),))


def _join(one: Iterable[str], more: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *more)))


def _check_move(org: OrgChart, worker: str, to: str, *, unit: str, successor: str) -> Trouble | None:
    """Check that all who and what are named are there."""
    unknown = next((code for code in (worker, successor) if code and code not in org.staff), "")
    if unknown:
        return Trouble(key="unknown_staff", facts={"code": unknown})
    if to not in org.areas:
        return name_missing_area(org, to)
    if not is_grid(org, to):
        return Trouble(key="not_a_grid", facts={"name": org.areas[to].name})
    if unit and org.unit(unit) is None:
        return name_missing_unit(org, unit)
    if successor and org.staff[worker].role == WORKER and org.staff[successor].role != WORKER:
        return Trouble(key="not_a_worker", facts={"name": org.staff[successor].name})
    return Trouble(key="same_code", facts={"code": worker}) if worker == successor else None


def _find_heir(org: OrgChart, area: str, posts: Mapping[str, str], *, wanted: str) -> str:
    """Find who works in a grid once these have their new posts, whoever is wanted first; "" for nobody."""
    after = {one.code: one.area for one in org.staff.values() if one.role == WORKER} | dict(posts)
    there = [code for code, post in after.items() if post == area]
    return min(there, key=lambda code: (code != wanted, code not in posts, code), default="")


def _unit_of_grid(org: OrgChart, grid: str, person: StaffMember) -> str:
    """Name the unit in which somebody works for a grid: that of its workers, or their own where the grid they leave lies beside it."""
    there = next((one.unit for one in org.staff_of(area=grid, role=WORKER) if one.code != person.code), "")
    is_beside = org.chain(grid)[1:2] == org.chain(person.area)[1:2]
    return there or (person.unit if is_beside else "")


def _move_post(person: StaffMember, *, area: str, unit: str) -> list[Move]:
    """Put somebody into another grid, and into the unit that works there."""
    at = Held(table="staff", key=person.code, column="area", kind="area", code=person.area, name=person.name)
    moves = [Move(held=at, to=area)]
    if unit != person.unit:
        moves.append(Move(held=msgspec.structs.replace(at, column="unit", kind="unit", code=person.unit), to=unit))
    return moves
