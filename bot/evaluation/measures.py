"""The figures that all evaluations share, each defined once: plain sequences in, numbers from 0 to 1 out."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

_BINS = 15
"""Equal bins of confidence: the usual number (C. Guo et al., "On Calibration of Modern Neural Networks", 2017)."""


def accuracy(truth: Sequence[str], guessed: Sequence[str]) -> float:
    """Give the share of guesses that are right; 0 of none."""
    return _mean([guess == true for guess, true in zip(guessed, truth, strict=True)])


def score_classes(truth: Sequence[str], guessed: Sequence[str]) -> dict[str, dict[str, float]]:
    """Give precision, recall, f1 and the count of each class that is true somewhere."""
    both = Counter(true for true, guess in zip(truth, guessed, strict=True) if true == guess)
    true, guess = Counter(truth), Counter(guessed)
    return {
        name: {
            "precision": both[name] / guess[name] if guess[name] else 0.0,
            "recall": both[name] / count,
            "f1": 2 * both[name] / (guess[name] + count),
            "count": count,
        }
        for name, count in sorted(true.items())
    }


def macro_f1(truth: Sequence[str], guessed: Sequence[str]) -> float:
    """Give the mean F1 over the classes that are true somewhere."""
    return _mean([each["f1"] for each in score_classes(truth, guessed).values()])


def share_among(truth: Sequence[str], ranked: Sequence[Sequence[str]], first: int) -> float:
    """Give the share of cases where the truth is among the first so many guesses."""
    return _mean([true in guesses[:first] for true, guesses in zip(truth, ranked, strict=True)])


def calibration_error(confidences: Sequence[float], right: Sequence[bool]) -> float:
    """Give the expected calibration error: how far confidence and accuracy are apart, on average over equal bins."""
    sure, true = np.asarray(confidences, dtype=float), np.asarray(right, dtype=float)
    if not sure.size:
        return 0.0
    bins = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    gaps = np.bincount(bins, sure - true, minlength=_BINS)
    return float(np.abs(gaps).sum() / sure.size)


def accuracy_of_surest(confidences: Sequence[float], right: Sequence[bool], share: float) -> float:
    """Give the accuracy on the share of cases that are the most confident."""
    order = np.argsort(-np.asarray(confidences, dtype=float), kind="stable")
    kept = order[: max(1, round(share * len(order)))]
    return _mean([right[at] for at in kept.tolist()])


def area_under_curve(scores: Sequence[float], positive: Sequence[bool]) -> float:
    """Give the AUROC: how often a positive case scores above a negative one, ties counting half; 0.5 where one kind is missing."""
    values, true = np.asarray(scores, dtype=float), np.asarray(positive, dtype=bool)
    count = int(true.sum())
    if not count or count == len(true):
        return 0.5
    _, places, times = np.unique(values, return_inverse=True, return_counts=True)
    ranks = np.cumsum(times) - (times - 1) / 2  # of equal scores the mean rank
    above = ranks[places][true].sum() - count * (count + 1) / 2
    return float(above / (count * (len(true) - count)))


def recall_at_false_alarms(scores: Sequence[float], positive: Sequence[bool], share: float) -> float:
    """Give the recall at the lowest threshold that lets at most this share of the negative cases through."""
    values, true = np.asarray(scores, dtype=float), np.asarray(positive, dtype=bool)
    negative = np.sort(values[~true])[::-1]
    allowed = int(share * len(negative))
    above = negative[allowed] if allowed < len(negative) else -np.inf
    return _mean((values[true] > above).tolist())


def precision_at_base_rate(recall: float, false_alarms: float, rate: float) -> float:
    """Give the precision where this share of all cases is positive, from the recall and the share of negatives let through."""
    right, wrong = rate * recall, (1 - rate) * false_alarms
    return right / (right + wrong) if right + wrong else 0.0


def percentile(values: Sequence[float], share: float) -> float:
    """Give a percentile (share 0..1); 0 of nothing."""
    return float(np.quantile(np.asarray(values, dtype=float), share)) if len(values) else 0.0


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
