"""Two duty items are nearly as likely: if they have different units, a person chooses, and is told who could lead and who assist."""

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
    lead, assisting = case.handler(first), case.handler(second)
    if first.item.lead == second.item.lead and lead == assisting:
        return Finding(key="second_same_unit", facts=facts)
    if lead is None or assisting is None or lead == assisting:
        return Finding(key="second_near", facts=facts, hold=True)
    named = {"first": first.item.name, "second": second.item.name, "lead": lead.name, "assisting": assisting.name}
    return Finding(key="second_assists", facts=named, hold=True)


RULE = RuleSpec(name="near_second", judge=judge)
