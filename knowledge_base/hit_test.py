"""A hit test: what the entries, as they are, say to questions whose entries an editor has named, and what changed against the last time. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from knowledge_base.match import Answered, NeedsChoice

if TYPE_CHECKING:
    from collections.abc import Collection

    from knowledge_base.match import Decision

Outcome = Literal["right", "choice_holds", "nothing", "choice_misses", "wrong"]
Change = Literal["better", "worse", "same", "new"]

OUTCOMES: tuple[Outcome, ...] = ("right", "choice_holds", "nothing", "choice_misses", "wrong")
"""From the best to the worst: a choice without the entry costs a resident a turn more than none, a wrong answer misleads."""


def list_codes(decision: Decision) -> tuple[str, ...]:
    """List the entries that a resident would see: the one that answers, or those of the choice."""
    match decision:
        case Answered(match=found):
            return (found.code,)
        case NeedsChoice(matches=found):
            return tuple(match.code for match in found)
        case _:
            return ()


def judge(decision: Decision, expected: Collection[str]) -> Outcome:
    """Judge what was decided by the codes of the entries that would be right; none means that nothing should answer."""
    codes = list_codes(decision)
    if not codes:
        return "nothing" if expected else "right"
    holds = bool(set(codes) & set(expected))
    if isinstance(decision, Answered):
        return "right" if holds else "wrong"
    return "choice_holds" if holds else "choice_misses"


def compare(outcome: Outcome, before: str | None) -> Change:
    """Tell how an outcome differs from that of the last version; None and what is no outcome is nothing to compare with."""
    if before not in OUTCOMES:
        return "new"
    now, then = OUTCOMES.index(outcome), OUTCOMES.index(before)
    return "same" if now == then else "better" if now < then else "worse"
