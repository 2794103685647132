"""Danger: life in danger now is led by a person at the desk; a hazard goes its way at once, marked as urgent."""

from __future__ import annotations

from routing.rules import Case, Finding, RuleSpec


def judge(case: Case) -> Finding | None:
    """Hold what is red; note what is orange, by the text or by a duty item that is sure: the ticket's clock goes by the same two."""
    report = case.report
    if report.tier == "red":
        return Finding(key="emergency_red", hold=True)
    if report.tier == "orange":
        return Finding(key="emergency_orange")
    if case.top is not None and case.top.item.tier == "orange" and case.top.confidence >= case.settings.confident:
        return Finding(key="emergency_item", facts={"item": case.top.item.name})
    return None


RULE = RuleSpec(name="emergency", judge=judge)
