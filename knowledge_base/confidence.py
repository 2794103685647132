"""How sure a match is: a small logistic regression over what is known of it, its weights shipped in models/confidence.json.

They are fitted on text of our own alone (bench/fit_confidence.py, `make models`), and so is the curve that says from which confidence on
answers are as precise as wanted. Several regressions, because entries are meant in different ways: what carries a question or a name is asked
for by it, a policy by what its text holds.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from math import exp
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FEATURES = ("share", "lead", "likeness", "likeness_lead", "coverage", "length", "meaning", "meaning_lead", "unsaid", "elsewhere")
"""What is known of a match, in this order: its lead in score over the next distinct entry as a share of its own score, that lead itself,
how alike the wordings are and the lead in that, how much of the question the entry holds, the logarithm of the question's
length; where the encoder was asked, how alike they are in meaning, and the lead in that, else 0; how much of what was asked the entry
says nowhere, neither in its wordings nor in its answer, and how much these words ask for something else (knowledge_base.elsewhere).
"""
USED = {
    "question": ("share", "likeness", "likeness_lead", "length", "unsaid", "elsewhere"),
    "wording": FEATURES[:6],
    "policy": ("share", "coverage"),
    "meaning": ("share", "meaning", "meaning_lead", "unsaid", "length", "elsewhere"),
    "meaning_wording": ("share", "meaning"),
}
"""What the regression of each kind of entry weighs. What an entry says nowhere tells much where it has an answer to look in, and misleads
where only wordings are known (`wording`): everybody words things differently. Of a policy the others mislead: how alike a title is, how long a question, says
much of who wrote the question and little of whether the text answers it. `meaning` and `meaning_wording` are `question` and `wording` where
the encoder was asked.
"""
_PLACES = {name: place for place, name in enumerate(FEATURES)}


class Regression(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One logistic regression: a weight for each feature it uses, and points (wanted precision, confidence it takes), both ascending."""

    bias: float
    weights: dict[str, float]
    curve: tuple[tuple[float, float], ...]

    def judge(self, features: Sequence[float]) -> float:
        """Give the confidence, 0..1, for the values of FEATURES."""
        total = self.bias
        for name, weight in self.weights.items():
            total += weight * features[_PLACES[name]]
        return 1.0 / (1.0 + exp(-max(-30.0, min(30.0, total))))

    def threshold(self, precision: float) -> float:
        """Give the confidence from which on so large a share of answers (0..1) is right; beyond the curve that of its nearest end."""
        below = self.curve[0]
        for point in self.curve:
            if point[0] >= precision:
                (low, start), (high, end) = below, point
                return end if high == low else start + (end - start) * max(0.0, precision - low) / (high - low)
            below = point
        return below[1]


@cache
def read_regressions() -> Mapping[str, Regression]:
    """Read the shipped regressions: `question` for entries asked for by a wording, `wording` for those without an answer, `policy` for texts; `meaning…` with an encoder."""
    content = files("knowledge_base").joinpath("models", "confidence.json").read_bytes()
    return msgspec.json.decode(content, type=dict[str, Regression])
