"""Two duty items are nearly as likely: if they have different units, a person chooses."""

from __future__ import annotations

from routing.rules import Case, Finding, RuleSpec


def judge(case: Case) -> Finding | None:
    """Hold a matter with a second candidate close behind; note one that the same unit would get."""
    if len(case.candidates) < 2:  # noqa: PLR2004 - a second one
        return None
    first, second = case.candidates[:2]
    if second.confidence < case.settings.near * first.confidence:
        return None
    facts = {"first": first.item.name, "second": second.item.name}
    if first.item.lead == second.item.lead and case.handler(first) == case.handler(second):
        return Finding(key="second_same_unit", facts=facts)
    return Finding(key="second_near", facts=facts, hold=True)


RULE = RuleSpec(name="near_second", judge=judge)
