"""物业等社会单位: a private unit gets the summary and the public place, no more; the community watches its clock, and what it refuses comes to the street. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from routing.org import LEVELS
from routing.terms import Level, UnitKind

if TYPE_CHECKING:
    from routing.org import OrgChart
    from routing.terms import HandlingUnit


def is_private(org: OrgChart, code: str) -> bool:
    """Tell whether a unit is a private one."""
    unit = org.unit(code)
    return unit is not None and unit.private


def find_watcher(org: OrgChart, *, unit: str, area: str) -> str:
    """Find the community that watches over a private unit's work at a place; "" for any other unit, or where there is none."""
    if not is_private(org, unit):
        return ""
    chain = org.chain(area)
    communities = [each for each in org.units.values() if each.kind is UnitKind.COMMUNITY and each.area in chain]
    return min(communities, key=lambda each: (chain.index(each.area), each.code)).code if communities else ""


def find_refusal_desk(org: OrgChart, desk: str) -> HandlingUnit | None:
    """Find the desk that takes over what a private unit refuses: the first from its own up that stands at the street or higher."""
    own = org.unit(desk) or org.top_desk()
    street = LEVELS.index(Level.STREET)
    ranked = ((each, org.level(each)) for each in org.ways_up(own))
    return next((each for each, level in ranked if level is not None and LEVELS.index(level) >= street), None)


def find_successor(org: OrgChart, *, function: str, area: str) -> str:
    """Find the unit that is proposed as the lead of what a private unit refuses: whoever carries `function` there, the nearest first; "" for none."""
    units = org.units_for(function, area) if function else ()
    return units[0].code if units else ""
