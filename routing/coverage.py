"""管辖: which areas somebody's desk covers, and so of which areas they may read figures. Pure.

A desk covers its own area and all below it; the desk at the top covers the whole city, which is written as the area "".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from routing.terms import UnitKind

if TYPE_CHECKING:
    from routing.org import OrgChart
    from routing.terms import HandlingUnit


def covers(org: OrgChart, staff: str, area: str) -> bool:
    """Tell whether one of the staff, by code, works at a desk that covers an area ("" the whole city)."""
    return any(org.above(desk) is None or (bool(area) and org.within(area, desk.area)) for desk in _list_desks(org, staff))


def find_covered(org: OrgChart, staff: str) -> str | None:
    """Find the area that somebody's desk covers, "" for the whole city; None for whoever works at no desk."""
    desks = _list_desks(org, staff)
    if any(org.above(desk) is None for desk in desks):
        return ""
    return desks[0].area if desks else None


def list_within(org: OrgChart, area: str) -> tuple[str, ...] | None:
    """List the codes of an area and of all below it, those that are no more too; None for the whole city."""
    return tuple(sorted(code for code in {*org.areas, *org.former_areas} if org.within(code, area))) if area else None


def _list_desks(org: OrgChart, staff: str) -> list[HandlingUnit]:
    person = org.staff.get(staff)
    units = [org.unit(post) for post in (person.posts if person is not None else ())]
    return [unit for unit in units if unit is not None and unit.kind is UnitKind.DESK]
