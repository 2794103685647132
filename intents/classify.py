"""Which intent is meant: the weights of the cues that speak are summed per intent, the largest sum wins. Nothing is learned here.

A sum can be read: `why` lists every cue that spoke and what it found, so that a wrong decision shows which word to change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from intents.catalog import specs
from intents.spec import Classification

if TYPE_CHECKING:
    from intents.spec import IntentSpec, Turn


def classify(turn: Turn) -> Classification:
    """Weigh all intents; equal sums go to the one that comes first by code, and silence to help."""
    weighed = sorted((_weigh(turn, spec) for spec in specs().values()), key=lambda item: (-item.score, item.code))
    best, second = weighed[0], weighed[1]
    if not best.score:
        return Classification(code="help", score=0.0, why=("silence",))
    return Classification(
        code=best.code,
        score=best.score,
        why=best.why,
        runner_up=second.code if second.score else "",
        margin=best.score - second.score,
    )


def _weigh(turn: Turn, spec: IntentSpec) -> Classification:
    """Sum what speaks for one intent."""
    found = [(cue, words) for cue in spec.cues if (words := cue.read(turn))]
    return Classification(
        code=spec.code,
        score=sum(cue.weight for cue, _ in found),
        why=tuple(f"{cue.name}={words}" for cue, words in found),
    )
