"""Which intent is meant: the weights of the cues that speak and of what was learned are summed per intent, the largest sum wins.

A sum can be read: `why` lists every cue that spoke and what it found, so that a wrong decision shows which word to change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from intents.catalog import specs
from intents.learned import explain_words, weigh_turn
from intents.spec import Classification

if TYPE_CHECKING:
    from intents.spec import IntentSpec, Turn


def classify(turn: Turn) -> Classification:
    """Weigh all intents; equal sums go to the one that comes first by code, and silence to help."""
    learned = weigh_turn(turn)
    weighed = sorted(
        (_weigh(turn, spec, learned.get(spec.code, 0.0)) for spec in specs().values()), key=lambda item: (-item.score, item.code)
    )
    best, second = weighed[0], weighed[1]
    if not best.score:
        return Classification(code="help", score=0.0, why=("silence",))
    return Classification(
        code=best.code,
        score=best.score,
        why=(*best.why, *([f"learned={explain_words(turn.utterance.folded, best.code)}"] if best.code in learned else [])),
        runner_up=second.code if second.score else "",
        margin=best.score - second.score,
    )


def _weigh(turn: Turn, spec: IntentSpec, learned: float) -> Classification:
    """Sum what speaks for one intent."""
    found = [(cue, words) for cue in spec.cues if (words := cue.read(turn))]
    return Classification(
        code=spec.code,
        score=sum(cue.weight for cue, _ in found) + learned,
        why=tuple(f"{cue.name}={words}" for cue, words in found),
    )
