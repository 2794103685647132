"""Too little speaks for the best duty item: below the threshold a person reads it, and nothing is guessed."""

from __future__ import annotations

from routing.rules import Case, Finding, RuleSpec


def judge(case: Case) -> Finding | None:
    """Hold a matter without a candidate that is sure enough; note what speaks for one that is."""
    top = case.top
    if top is None:
        return Finding(key="evidence_none", hold=True)
    found = "、".join(dict.fromkeys(evidence.found for evidence in top.evidence[:3]))
    facts = {"item": top.item.name, "found": found, "percent": round(100 * top.confidence)}
    if top.confidence < case.settings.confident:
        return Finding(key="evidence_weak", facts=facts, hold=True)
    return Finding(key="evidence_strong", facts=facts)


RULE = RuleSpec(name="weak_evidence", judge=judge)
