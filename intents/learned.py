"""What was learned from messages speaks beside the cues: word lists know what was thought of, a learned model also what resembles it.

The model (knowledge_base/models/intents.npz, learned by `make models` from bench/own/training.csv, our own data) sees the words alone. What a
message means in its circumstances (a result that was asked about, an alarm that rang) stays with the cues.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from intents.open_question import is_one_more
from knowledge_base.linear import cut_features, shipped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from intents.spec import Turn

WEIGHT = 12.0
"""What a full margin of the model counts beside a cue's weight; found on folds of the training messages (docs/quality.md)."""
_SHORT = 6
"""Texts shorter than this mean little without what was asked before: only what the model is sure of counts."""
_SURE = 0.9
_NAMED = 3
"""Grams that a reason names."""
_HAN = re.compile(r"[\u3400-\u9fff]")
_DECIDED_ELSEWHERE = frozenset({"emergency"})
"""Danger is read by intents.danger, never guessed here: numbers and alarms want a reason."""


def weigh_turn(turn: Turn) -> Mapping[str, float]:
    """Say what the words of a turn speak for, as far as its circumstances allow it: nobody rates what nobody asked about.

    What says from its first word that it is one more thing (还有个井盖也坏了), and is in none of the open tickets, adds to none of them.
    """
    if not _HAN.search(turn.text):
        return {}  # it was learned from Chinese: of "<script>" it would say that somebody wants no more notices
    if turn.places and turn.is_missing("matter"):
        return {}  # a place alone says nothing
    titles = [ticket.title for ticket in turn.open_tickets]
    impossible = {
        "rate": not turn.facts.awaiting_rating,
        "feedback": not turn.last_answer,
        "add_to_ticket": not turn.facts.tickets or is_one_more(turn.text, titles),
        "correct": not turn.facts.tickets,
    }
    return {code: weight for code, weight in weigh_words(turn.utterance.folded).items() if not impossible.get(code, False)}


def explain_words(text: str, code: str) -> str:
    """Name what speaks most for an intent, as it is shown among the reasons of a decision."""
    model = shipped("intents")
    return "+".join(
        feature.strip("^$") or feature for feature, weight in model.explain(cut_features(text), code, limit=_NAMED) if weight > 0
    )


@lru_cache(maxsize=512)
def weigh_words(text: str) -> Mapping[str, float]:
    """Say what the words (normal form, lower case) speak for: 0 where the model is sure that it is not this intent."""
    if not text:
        return {}
    model = shipped("intents")
    sums = model.weigh(cut_features(text))
    shares = model.share(sums)
    return {
        name: max(0.0, WEIGHT * (margin + 1))
        for name, margin in zip(model.classes, sums.tolist(), strict=True)
        if name not in _DECIDED_ELSEWHERE and (len(text) >= _SHORT or shares[name] >= _SURE)
    }
