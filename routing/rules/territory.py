"""Duty item times place: the unit that carries the item's function where the matter is."""

from __future__ import annotations

from routing.rules import Case, Finding, RuleSpec


def judge(case: Case) -> Finding | None:
    """Name the responsible unit; hold the matter if nobody, or not just one, carries the function there."""
    if case.top is None:
        return None
    item = case.top.item
    unit = case.handler(case.top)
    if unit is None:
        return Finding(key="territory_nobody", facts={"item": item.name, "function": item.lead}, hold=True)
    if unit.code == case.report.property_unit:
        return Finding(key="territory_estate", facts={"item": item.name, "unit": unit.name}, unit=unit.code)
    area = case.org.areas[unit.area].name
    return Finding(
        key="territory_unit", facts={"item": item.name, "function": item.lead, "area": area, "unit": unit.name}, unit=unit.code
    )


RULE = RuleSpec(name="territory", judge=judge)
