"""准入: some matters may not be given to some levels (departmental work is not pushed down to a community)."""

from __future__ import annotations

from routing.org import OFF_LEVELS
from routing.rules import Case, Finding, RuleSpec


def judge(case: Case) -> Finding | None:
    """Hold a matter whose unit stands on a level that the duty item does not allow; estates' own units and utilities stand on none."""
    if case.top is None or not case.top.item.allowed_levels:
        return None
    unit = case.handler(case.top)
    if unit is None or unit.kind in OFF_LEVELS or case.org.level(unit) in case.top.item.allowed_levels:
        return None
    return Finding(key="level_not_allowed", facts={"item": case.top.item.name, "unit": unit.name}, hold=True)


RULE = RuleSpec(name="allowed_levels", judge=judge)
