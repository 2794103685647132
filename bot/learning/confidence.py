"""Learns how sure a match is (knowledge_base.confidence) from questions of our own whose entries are known.

Each base is asked several times: as it is, with less said in its entries, with entries taken out, so that questions lose their answer and
the nearest of its neighbours stands first, and with mistyped questions. A question counts in one fold only, whichever way it was asked.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from bot.learning.mistyping import Homophones
from knowledge_base.confidence import FEATURES, USED, Regression
from knowledge_base.match import find_rivals
from knowledge_base.matcher import Matcher

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from knowledge_base.encoder import Encoder
    from knowledge_base.entry import Entry
    from knowledge_base.match import MatchSettings
    from knowledge_base.text import Segmenter

_STEPS = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99)
"""Precisions for which the confidence it takes is kept."""
_PENALTY = 3.0
_ROUNDS = 30
FOLDS = 5
_KEPT = 0.6
"""Share of entries left in a base that some are taken out of."""
_DIGITS = 4
_ALSO = {"wording": "question", "meaning_wording": "meaning"}
"""What else a kind learns from: an entry with an answer has its wordings too."""


class Query(NamedTuple):
    """A question, and the codes of the entries that answer it: none if nothing does.

    counted: whether it stands for what residents ask. One that was written to be hard only teaches, and moves no threshold.
    """

    question: str
    expected: frozenset[str]
    counted: bool = True


class Example(NamedTuple):
    """The first match of a question: the kind of its regression, its features, whether it is right, the question's number, and its words that the entry says nowhere."""

    kind: str
    features: tuple[float, ...]
    is_right: bool
    question: int
    unsaid: tuple[str, ...] = ()
    counted: bool = True


def gather(
    entries: Sequence[Entry],
    queries: Sequence[Query],
    segmenter: Segmenter,
    *,
    settings: MatchSettings,
    takeouts: Sequence[int] = (0, 1, 2),
    encoder: Encoder | None = None,
) -> list[Example]:
    """Ask a base all questions, whole, with less in its entries, with mistyped questions, and with entries taken out at random."""
    short = [msgspec.structs.replace(entry, phrasings=()) for entry in entries]
    bare = [entry if entry.kind == "policy" else msgspec.structs.replace(entry, answer="") for entry in short]
    reworded = [Query(phrasing, frozenset({entry.code})) for entry in entries for phrasing in entry.phrasings]
    typist, dice = Homophones(segmenter.count_characters()), random.Random(0)  # noqa: S311 - repeatable, no secret
    mistyped = [query._replace(question=typist.replace(query.question, 2, dice)) for query in queries]
    every = [*queries, *reworded]
    rounds = [(list(entries), list(queries)), (list(entries), mistyped)]
    if reworded:
        rounds += [(short, every), (bare, every)]
    for seed in takeouts:
        dice = random.Random(seed)  # noqa: S311 - repeatable, no secret
        rounds.append(
            ([entry for entry in (bare if seed % 2 else entries) if dice.random() < _KEPT], every if seed % 2 else list(queries))
        )
    return [example for base, asked in rounds for example in _ask(base, asked, segmenter, settings, encoder)]


def fit(examples: Sequence[Example]) -> dict[str, Regression]:
    """Fit a regression for each kind there are examples of; the same examples give the same weights."""
    kinds = sorted({each.kind for each in examples})
    return {kind: _fit_kind([each for each in examples if each.kind in {kind, _ALSO.get(kind)}], USED[kind]) for kind in kinds}


def _ask(
    entries: Sequence[Entry], queries: Sequence[Query], segmenter: Segmenter, settings: MatchSettings, encoder: Encoder | None
) -> list[Example]:
    matcher = Matcher(settings, encoder)
    for entry in entries:
        matcher.put(entry, segmenter)
    examples = []
    for number, query in enumerate(queries):
        matches = matcher.match(segmenter.read(query.question))
        if matches:
            top = matches[0]
            kind, features = next(find_rivals(matches, entries=matcher.entries))
            examples.append(Example(kind, features, top.code in query.expected, number, top.unsaid_words, query.counted))
    return examples


def _fit_kind(examples: Sequence[Example], used: Sequence[str]) -> Regression:
    columns = [FEATURES.index(name) for name in used]
    values, right = np.array([each.features for each in examples])[:, columns], np.array([each.is_right for each in examples])
    folds = np.array([each.question % FOLDS for each in examples])
    judged = np.zeros(len(examples))
    for fold in range(FOLDS):
        held = folds == fold
        bias, weights = fit_regression(values[~held], right[~held])
        judged[held] = 1 / (1 + np.exp(-(values[held] @ weights + bias)))
    bias, weights = fit_regression(values, right)
    counted = np.array([each.counted for each in examples])
    return Regression(
        bias=round(bias, _DIGITS),
        weights={name: round(float(weight), _DIGITS) for name, weight in zip(used, weights, strict=True)},
        curve=_draw_curve(judged[counted].tolist(), right[counted].tolist()),
    )


def find_threshold(confidences: Sequence[float], is_right: Sequence[bool], precision: float) -> float:
    """Give the lowest confidence from which on so large a share is right; above every one of them if there is none."""
    best, right = float("inf"), 0
    ranked = sorted(zip(confidences, is_right, strict=True), reverse=True)
    for count, (confidence, true) in enumerate(ranked, start=1):
        right += true
        is_last = count == len(ranked) or ranked[count][0] < confidence
        if is_last and right >= precision * count:
            best = confidence
    return best


def fit_regression(values: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[float, NDArray[np.float64]]:
    """Fit a logistic regression by Newton's method, weights of equally scaled features kept small; a bias and one weight a column."""
    mean, spread = values.mean(axis=0), values.std(axis=0)
    spread[spread < 1e-9] = 1.0  # noqa: PLR2004 - a feature that never varies
    scaled = np.column_stack([(values - mean) / spread, np.ones(len(values))])
    penalty = np.diag([*[_PENALTY] * values.shape[1], 0.0])
    weights = np.zeros(scaled.shape[1])
    for _ in range(_ROUNDS):
        shares = 1 / (1 + np.exp(-scaled @ weights))
        slope = scaled.T @ (shares - right) + penalty @ weights
        curvature = (scaled * (shares * (1 - shares))[:, None]).T @ scaled + penalty + 1e-9 * np.eye(len(weights))
        weights -= np.linalg.solve(curvature, slope)
    own = weights[:-1] / spread
    return float(weights[-1] - own @ mean), own


def _draw_curve(confidences: Sequence[float], right: Sequence[bool]) -> tuple[tuple[float, float], ...]:
    """Find the confidence that each precision takes, never less than for a lower one."""
    curve, least = [], 0.0
    for precision in _STEPS:
        found = find_threshold(confidences, right, precision)
        least = max(least, min(found, 1.0))
        curve.append((precision, round(least, _DIGITS)))
    return tuple(curve)
