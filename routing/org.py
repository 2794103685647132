"""The organisation tree as one frozen value: which areas, units, people and desks there are, and who of them is near a place.

`build` takes plain rows (routing.tables reads them); nothing here touches a database. Trees may have any depth and may skip levels; a
parent that is missing, or that points back down, ends the way up instead of hanging it.

    OrgError                what the organisation's data does not allow
    └── NoDesk              there is no desk at all
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

from routing.naming import Names, collect
from routing.roster import find_gaps, list_by_turn, list_on_duty, read_shift
from routing.terms import Area, HandlingUnit, Level, UnitKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime, tzinfo

    from routing.roster import Gap, RosterRow, Shift

LEVELS = tuple(Level)
"""From the smallest to the widest."""

ESTATE_KINDS = frozenset({UnitKind.PROPERTY_COMPANY, UnitKind.OWNERS_COMMITTEE})
"""Units that serve the estates that named them, not a territory: two of them may work in one area."""

OFF_LEVELS = ESTATE_KINDS | {UnitKind.UTILITY}
"""Units that stand on no level of government: estates' own, and the companies whose networks end where they end."""

Node = TypeVar("Node", Area, HandlingUnit)
"""What has something above it."""


class OrgError(Exception):
    """The organisation's data does not allow this."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)


class NoDesk(OrgError):
    """The organisation has no desk: import at least one unit of the kind `desk`."""


SUPERVISOR = "supervisor"
"""The role of staff who decide, and look after how others work."""


class StaffMember(msgspec.Struct, frozen=True, kw_only=True):
    """人员: a post held by somebody, as routing needs it. `area` is what a grid worker or liaison looks after."""

    code: str
    name: str
    role: str
    unit: str
    area: str = ""
    stationed: str = ""
    """派驻: the unit or desk of a street to which their own unit has sent them to work; "" for nearly everybody."""
    work_phone: str = ""
    """工作电话: the post's own number, which residents may have; never a private one."""

    @property
    def posts(self) -> tuple[str, ...]:
        """Where they work: their own unit, then the one they are stationed at."""
        return (self.unit, self.stationed) if self.stationed else (self.unit,)


class Former(msgspec.Struct, frozen=True, kw_only=True):
    """An area or unit that is no more: what it was called, and the code of what followed it ("" if nothing did)."""

    code: str
    name: str
    successor: str = ""


class OrgChart(msgspec.Struct, frozen=True, kw_only=True):
    """组织树. Built by `build`; ask it who is near a place. Codes of what is no more lead to what followed it."""

    areas: Mapping[str, Area]
    units: Mapping[str, HandlingUnit]
    staff: Mapping[str, StaffMember]
    shifts: Mapping[str, tuple[Shift, ...]]
    carriers: Mapping[str, tuple[HandlingUnit, ...]]
    """By function, the units that carry it."""
    desks: Mapping[str, HandlingUnit]
    """By area, the desk that belongs to it."""
    names: Names
    """What people call the units."""
    former_areas: Mapping[str, Former] = {}
    former_units: Mapping[str, Former] = {}
    supervisors: Mapping[str, tuple[StaffMember, ...]] = {}
    """The supervisors of units and desks, by code of the unit."""
    lent: tuple[StaffMember, ...] = ()
    """Who is stationed somewhere."""
    chains: Mapping[str, tuple[str, ...]] = {}
    """By area, also by one that is no more: itself and all above it."""
    ways: Mapping[str, tuple[HandlingUnit, ...]] = {}
    """By unit, itself and the desks it goes up to."""
    children: Mapping[str, tuple[Area, ...]] = {}
    """By area, those directly below it, by code; by "" those without one above."""
    superiors: Mapping[str, frozenset[str]] = {}
    """By unit, itself and whoever it answers to: by its parents, and a desk to the desks above it."""

    def standing_area(self, code: str) -> str:
        """Give the area that a code stands for today: its own, or that of whatever followed it; an unknown code stays."""
        return _follow(code, self.areas, self.former_areas)

    def standing_unit(self, code: str) -> str:
        """Give the unit or desk that a code stands for today: its own, or that of whatever followed it; an unknown code stays."""
        return _follow(code, self.units, self.former_units)

    def predecessors(self, unit: str) -> tuple[str, ...]:
        """List the codes of units that are no more and whose work a unit has today, by code."""
        return tuple(code for code in sorted(self.former_units) if self.standing_unit(code) == unit)

    def name_of(self, unit: str) -> str:
        """Give a unit's name, also of one that is no more; its code if it is unknown."""
        found = self.units.get(unit) or self.former_units.get(unit)
        return found.name if found else unit

    def chain(self, area: str) -> tuple[str, ...]:
        """List the area and all above it, up to the root; empty if it is unknown."""
        return self.chains.get(area, ())

    def below(self, area: str) -> tuple[Area, ...]:
        """List the areas directly below one, by code; "" is the whole city: the first areas below its root that are more than one."""
        found = self.children.get(area, ())
        while not area and len(found) == 1 and (deeper := self.children.get(found[0].code, ())):
            found = deeper
        return found

    def list_homes(self) -> tuple[Area, ...]:
        """List where somebody may say that they live, by code: down to communities, for nobody knows the thousands of grids."""
        return tuple(self.areas[code] for code in sorted(self.areas) if self.areas[code].level is not Level.GRID)

    def within(self, area: str, ancestor: str) -> bool:
        """Tell whether `area` is `ancestor` or lies below it."""
        return ancestor in self.chain(area)

    def common_area(self, areas: Iterable[str]) -> str:
        """Find the lowest area that holds all of these; "" if they have none in common or none is given."""
        chains = [self.chain(area) for area in areas]
        if not chains:
            return ""
        return next((area for area in chains[0] if all(area in chain for chain in chains[1:])), "")

    def level(self, unit: HandlingUnit) -> Level | None:
        """Tell the level of a unit: that of its area; None if the area is unknown."""
        area = self.areas.get(unit.area)
        return area.level if area else None

    def unit(self, code: str) -> HandlingUnit | None:
        """Find a unit or desk by its code."""
        return self.units.get(code)

    def units_for(self, function: str, area: str) -> tuple[HandlingUnit, ...]:
        """List the units of a territory that carry a function at a place, lowest first; units of single estates are left out."""
        chain = self.chain(area)
        covering = [unit for unit in self.carriers.get(function, ()) if unit.area in chain and unit.kind not in ESTATE_KINDS]
        return tuple(sorted(covering, key=lambda unit: (chain.index(unit.area), unit.code)))

    def unit_for(self, function: str, area: str, level: Level) -> HandlingUnit | None:
        """Find the unit that carries a function for a place: nearest to the level asked, the narrower territory first.

        None if nobody does, or if two of the same area do: then a person chooses.
        """
        wanted = LEVELS.index(level)
        ranked = sorted(self.units_for(function, area), key=lambda unit: abs(LEVELS.index(self.areas[unit.area].level) - wanted))
        if len(ranked) > 1 and ranked[0].area == ranked[1].area:
            return None
        return ranked[0] if ranked else None

    def desk_for(self, area: str) -> HandlingUnit:
        """Find the lowest desk whose area covers this one; the top desk where none does. NoDesk if there is none at all."""
        for code in self.chain(area):
            if code in self.desks:
                return self.desks[code]
        return self.top_desk()

    def top_desk(self) -> HandlingUnit:
        """Find the desk of the widest area: the last resort. NoDesk if there is none at all."""
        if not self.desks:
            raise NoDesk
        return min(self.desks.values(), key=lambda desk: (len(self.chain(desk.area)) or len(self.areas) + 1, desk.code))

    def above(self, desk: HandlingUnit) -> HandlingUnit | None:
        """Find the next desk up: the parent named, else the desk of the next area up that has one; None at the top."""
        parent = self.units.get(desk.parent)
        if parent is not None and parent.kind is UnitKind.DESK:
            return parent
        return next((self.desks[code] for code in self.chain(desk.area)[1:] if code in self.desks), None)

    def desk_above(self, unit: HandlingUnit) -> HandlingUnit:
        """Find the first desk that stands above a unit, its own level left out; the top desk where none does."""
        if unit.kind is UnitKind.DESK:
            return self.above(unit) or self.top_desk()
        above = self.chain(unit.area)[1:]
        return self.desk_for(above[0]) if above else self.top_desk()

    def ways_up(self, desk: HandlingUnit) -> tuple[HandlingUnit, ...]:
        """List a desk and all that it goes up to, the top one last; of another unit the desks above it."""
        return self.ways[desk.code]

    def staff_of(self, *, unit: str = "", area: str = "", role: str = "") -> tuple[StaffMember, ...]:
        """List the staff of a unit, an area, a role, or all that are given at once, by code; who is stationed at a unit is not of it."""
        return tuple(
            person
            for person in self.staff.values()
            if unit in ("", person.unit) and area in ("", person.area) and role in ("", person.role)
        )

    def supervisors_of(self, unit: str) -> tuple[StaffMember, ...]:
        """List who looks after the work of a unit: its own supervisors, else those of the nearest desk on the way up that has some."""
        here = self.units.get(unit)
        if here is None:
            return ()
        way = (unit, *(desk.code for desk in self.ways_up(self.desk_for(here.area)))) if self.desks else (unit,)
        return next((found for code in way if (found := self.supervisors.get(code))), ())

    def looks_after(self, supervisor: str, person: StaffMember) -> bool:
        """Tell whether somebody looks after the work of a person, at either of their posts; nobody looks after their own."""
        found = (one.code for post in person.posts for one in self.supervisors_of(post))
        return supervisor != person.code and supervisor in found

    def stationed_under(self, supervisor: str) -> tuple[StaffMember, ...]:
        """List the stationed people whose work somebody looks after, at either of their posts, by code."""
        return tuple(person for person in self.lent if self.looks_after(supervisor, person))

    def grid_worker_of(self, area: str) -> StaffMember | None:
        """Find the grid worker of a grid; None if it has none."""
        return next(iter(self.staff_of(area=area, role="grid_worker")), None)

    def on_duty(self, desk: str, now: datetime, tz: tzinfo) -> tuple[str, ...]:
        """List who is on duty at a desk now: first the holders of the shifts, then those who stand in."""
        return list_on_duty(self.shifts.get(desk, ()), now=now, tz=tz)

    def on_duty_by_turn(self, desk: str, now: datetime, tz: tzinfo) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """List who is on duty at a desk now, apart: the holders of the shifts, and those who stand in."""
        return list_by_turn(self.shifts.get(desk, ()), now=now, tz=tz)

    def reach(self, desk: HandlingUnit, now: datetime, tz: tzinfo) -> tuple[HandlingUnit, tuple[str, ...]]:
        """Find the first desk on the way up that has somebody on duty now; the desk itself with nobody, if none has."""
        for here in self.ways_up(desk):
            staff = self.on_duty(here.code, now, tz)
            if staff:
                return here, staff
        return desk, ()

    def gaps(self, desk: HandlingUnit) -> tuple[Gap, ...]:
        """List the hours of the week in which neither this desk nor any above it has somebody on duty."""
        return find_gaps(shift for here in self.ways_up(desk) for shift in self.shifts.get(here.code, ()))


def _follow(code: str, standing: Mapping[str, object], former: Mapping[str, Former]) -> str:
    """Go from one that is no more to what followed it, and on; a circle ends where it began."""
    here, seen = code, set[str]()
    while here not in standing and here in former and here not in seen and former[here].successor:
        seen.add(here)
        here = former[here].successor
    return here if here in standing else code


def build(
    areas: Iterable[Area],
    units: Iterable[HandlingUnit],
    staff: Iterable[StaffMember] = (),
    roster: Iterable[RosterRow] = (),
    *,
    former_areas: Iterable[Former] = (),
    former_units: Iterable[Former] = (),
) -> OrgChart:
    """Build the chart from plain rows; the order of the rows does not matter. BadShift for an unreadable roster row.

    `former_areas` and `former_units` are those that are no more.
    """
    by_code = {unit.code: unit for unit in sorted(units, key=lambda unit: unit.code)}
    carriers: dict[str, list[HandlingUnit]] = {}
    for unit in by_code.values():
        for function in unit.functions:
            carriers.setdefault(function, []).append(unit)
    shifts: dict[str, list[Shift]] = {}
    for row in roster:
        shifts.setdefault(row.desk, []).append(read_shift(row))
    by_area = {area.code: area for area in areas}
    children: dict[str, list[Area]] = {}
    for area in by_area.values():
        children.setdefault(area.parent, []).append(area)
    people = {person.code: person for person in sorted(staff, key=lambda person: person.code)}
    supervisors: dict[str, list[StaffMember]] = {}
    for person in people.values():
        if person.role == SUPERVISOR:
            supervisors.setdefault(person.unit, []).append(person)
    chart = OrgChart(
        areas=by_area,
        units=by_code,
        staff=people,
        shifts={desk: tuple(rows) for desk, rows in shifts.items()},
        carriers={function: tuple(found) for function, found in carriers.items()},
        desks={unit.area: unit for unit in reversed(by_code.values()) if unit.kind is UnitKind.DESK},
        names=collect(by_code.values(), by_area),
        former_areas={each.code: each for each in former_areas},
        former_units={each.code: each for each in former_units},
        supervisors={unit: tuple(found) for unit, found in supervisors.items()},
        lent=tuple(person for person in people.values() if person.stationed),
        children={code: tuple(sorted(found, key=lambda area: area.code)) for code, found in children.items()},
    )
    chains = {code: tuple(_climb_areas(chart, code)) for code in (*chart.areas, *chart.former_areas)}
    chart = msgspec.structs.replace(chart, chains=chains)
    ways = {unit.code: tuple(_climb(unit, chart.above)) for unit in chart.units.values()}
    superiors = {unit.code: _list_superiors(chart, unit, ways[unit.code]) for unit in chart.units.values()}
    return msgspec.structs.replace(chart, ways=ways, superiors=superiors)


def _climb_areas(chart: OrgChart, area: str) -> Iterator[str]:
    here = chart.areas.get(chart.standing_area(area))
    return (each.code for each in _climb(here, lambda area: chart.areas.get(area.parent)))


def _list_superiors(chart: OrgChart, unit: HandlingUnit, way: Iterable[HandlingUnit]) -> frozenset[str]:
    above = _climb(unit, lambda unit: chart.units.get(unit.parent))
    return frozenset(each.code for each in (*above, *(way if unit.kind is UnitKind.DESK else ())))


def _climb(start: Node | None, above: Callable[[Node], Node | None]) -> Iterator[Node]:
    """Walk from something to what is above it, to the end; a circle ends where it began."""
    here, seen = start, set[str]()
    while here is not None and here.code not in seen:
        seen.add(here.code)
        yield here
        here = above(here)
