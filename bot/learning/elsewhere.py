"""Learns how much words that an entry says nowhere ask for something else (knowledge_base.elsewhere), with scikit-learn (extra `[learn]`).

It stands apart from bot.learning.confidence because measuring answers (bot.evaluation) takes from there and must not need the extra.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize

from bot.learning.confidence import FOLDS
from knowledge_base.confidence import FEATURES
from knowledge_base.elsewhere import cut_grams, weigh_elsewhere

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.learning.confidence import Example

_ELSEWHERE = FEATURES.index("elsewhere")
_ANSWERED = ("question", "meaning")
"""The kinds of the entries with an answer."""
_LEAST = 3
"""A gram that stands in fewer examples is chance."""
_STRENGTH = 0.5
"""How far the weights of grams may go (C of the logistic regression); from 0.1 to 2 it makes little difference (docs/quality.md)."""
_DIGITS = 4


class Elsewhere(NamedTuple):
    """The weights of grams (knowledge_base.elsewhere), and for each fold those that were learned without its questions."""

    weights: dict[str, float]
    held: tuple[dict[str, float], ...]


def learn_elsewhere(examples: Sequence[Example]) -> Elsewhere:
    """Learn how much words that an entry says nowhere ask for something else (knowledge_base.elsewhere), from the entries with an answer."""
    known = [each for each in examples if each.unsaid and each.kind in _ANSWERED]
    held = [_weigh_grams([each for each in known if each.question % FOLDS != fold]) for fold in range(FOLDS)]
    return Elsewhere(_weigh_grams(known), tuple(held))


def judge_unsaid(examples: Sequence[Example], learned: Elsewhere) -> list[Example]:
    """Judge what each example's entry says nowhere by weights that were learned from other questions."""
    judged = []
    for each in examples:
        features = [*each.features]
        features[_ELSEWHERE] = weigh_elsewhere(each.unsaid, learned.held[each.question % FOLDS])
        judged.append(each._replace(features=tuple(features)))
    return judged


def _weigh_grams(examples: Sequence[Example]) -> dict[str, float]:
    counted = CountVectorizer(analyzer=cut_grams, binary=True, min_df=_LEAST)
    rows = normalize(counted.fit_transform([each.unsaid for each in examples]))
    machine = LogisticRegression(C=_STRENGTH, max_iter=3000).fit(rows, [not each.is_right for each in examples])
    names = counted.get_feature_names_out().tolist()
    return {name: round(weight, _DIGITS) for name, weight in zip(names, machine.coef_[0].tolist(), strict=True)}
