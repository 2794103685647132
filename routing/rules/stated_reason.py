"""The conversation already knows that a person is needed: somebody asked for one, spoke a voice message, left the place open."""

from __future__ import annotations

from routing.rules import Case, Finding, RuleSpec

_KNOWN = frozenset(
    {
        "asked_person",
        "voice_only",
        "no_answer",
        "unclear_question",
        "unhelpful_answer",
        "no_place",
        "no_time",
        "no_phone",
        "no_matter",
        "no_ticket",
        "appointment",
        "opinion",
        "legal_aid",
        "mental_health",
        "domestic_violence",
        "child_protection",
        "medical",
        "flood",
        "draft_lapsed",
        "separated",
    }
)
"""The reasons that have a sentence of their own, `stated_<reason>`."""


def judge(case: Case) -> Finding | None:
    """Hold a matter that came with a reason of its own."""
    reason = case.report.reason
    if not reason:
        return None
    if reason in _KNOWN:
        return Finding(key=f"stated_{reason}", hold=True)
    return Finding(key="stated_reason", facts={"reason": reason}, hold=True)


RULE = RuleSpec(name="stated_reason", judge=judge)
