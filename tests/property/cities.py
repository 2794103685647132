"""Made-up cities for property tests: two to four levels, desks where chance puts them, units that answer to one another, their people.

Some of them are stationed at another unit; each desk may have a supervisor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from routing.org import OrgChart, StaffMember, build
from routing.roster import RosterRow
from routing.terms import Area, HandlingUnit, Level, UnitKind

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

_LEVELS = ((Level.CITY, "市"), (Level.DISTRICT, "区"), (Level.STREET, "街道"), (Level.COMMUNITY, "社区"))
_PLACES = "东西南北中上下左右前后里外远近高低"
_BOROUGH = {
    Level.CITY: ("综合执法", "执法局"),
    Level.DISTRICT: ("路灯照明", "路灯所"),
    Level.STREET: ("综合执法", "执法队"),
    Level.COMMUNITY: ("社区居委会", "居委会"),
}


@st.composite
def cities(draw: DrawFn) -> OrgChart:
    """Draw a city: the widest area always has a desk, every area below may have one; each lowest area has one grid."""
    levels = _LEVELS[-draw(st.integers(1, 3)) :]
    areas: list[Area] = []
    parents = [""]
    for level, ending in levels:
        here: list[str] = []
        for parent in parents:
            for _ in range(draw(st.integers(1, 2)) if parent else 1):
                code = f"A{len(areas)}"
                name = f"{_PLACES[len(areas) % len(_PLACES)]}{'湾' * (1 + len(areas) // len(_PLACES))}{ending}"
                areas.append(Area(code=code, name=name, level=level, parent=parent))
                here.append(code)
        parents = here
    grids = [Area(code=f"G{number}", name=f"网格{number}", level=Level.GRID, parent=code) for number, code in enumerate(parents)]
    units: list[HandlingUnit] = []
    for area in areas:
        if not area.parent or draw(st.booleans()):
            units.append(HandlingUnit(code=f"{area.code}-desk", name=f"{area.name}指挥室", kind=UnitKind.DESK, area=area.code))
        units.append(_make_unit(area, units, answers=draw(st.booleans())))
        if draw(st.booleans()):
            company = HandlingUnit(
                code=f"{area.code}-wy",
                name=f"{area.name}安心物业公司",
                kind=UnitKind.PROPERTY_COMPANY,
                area=area.code,
                functions=("物业服务",),
            )
            units.append(company)
    staff = [
        StaffMember(code=f"S-{unit.code}-{number}", name=f"{unit.name}某{'甲乙'[number]}", role="clerk", unit=unit.code)
        for unit in units
        for number in range(2)
    ]
    workers = [
        StaffMember(code=f"W-{grid.code}", name=f"{grid.name}巡员", role="grid_worker", unit=f"{grid.parent}-unit", area=grid.code)
        for grid in grids
    ]
    staff += [
        StaffMember(code=f"X-{unit.code}", name=f"{unit.name}派员", role="clerk", unit=unit.code, stationed=place)
        for unit in units
        if (place := draw(st.sampled_from(["", "", *(other.code for other in units if other.code != unit.code)])))
    ]
    staff += [
        StaffMember(code=f"V-{unit.code}", name=f"{unit.name}督员", role="supervisor", unit=unit.code)
        for unit in units
        if draw(st.booleans())
    ]
    roster = [
        RosterRow(desk=unit.code, starts="00:00", ends="00:00", days="1-7", staff=f"S-{unit.code}-0")
        for unit in units
        if unit.kind is UnitKind.DESK
    ]
    return build([*areas, *grids], units, [*staff, *workers], roster)


def _make_unit(area: Area, units: list[HandlingUnit], *, answers: bool) -> HandlingUnit:
    """Make the unit of an area; it may answer to the one above."""
    function, ending = _BOROUGH[area.level]
    above = f"{area.parent}-unit"
    has_above = any(unit.code == above for unit in units)
    kind = UnitKind.COMMUNITY if area.level is Level.COMMUNITY else UnitKind.DEPARTMENT
    return HandlingUnit(
        code=f"{area.code}-unit",
        name=f"{area.name}{ending}",
        kind=kind,
        area=area.code,
        functions=(function, "路灯照明"),
        parent=above if answers and has_above else "",
    )
