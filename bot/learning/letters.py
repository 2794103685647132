"""Learning which department a letter goes to, from a city's own letters: a support vector machine over log-count ratios (NB-SVM).

S. Wang, C. Manning, "Baselines and Bigrams" (2012): each feature is scaled by how much more often a class has it than the others. That scale
is a weight per feature and class, and so is the regression on top that makes shares of what the machines say (fitted on letters they have not
seen), so the learned model is linear like every other and answers from knowledge_base.linear alone. Each letter is learned from twice, whole and by its title, for residents write short where offices write long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from knowledge_base.letters import cut_letter
from knowledge_base.linear import LinearModel, pack

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from knowledge_base.letters import Letter
    from knowledge_base.text import Segmenter

STRENGTH = 2.0
"""The C of the support vector machine; anything from 1 to 5 is within two letters of a thousand."""
SMOOTHING = 0.1
"""What is added to every count before ratios are taken: a tenth of a letter."""
SHORT = 0.3
"""What the title alone counts beside the whole letter: enough to be told right by it, and whole letters lose nothing."""
LEAST = 2
"""In how many letters a feature has to occur."""
_FOLDS = 3
"""Parts of the letters from which, each left out once, it is learned how far each machine can be believed."""
_CALM = 1.0
"""The C of the regression that turns what the machines say into shares: from .3 to 3 makes no difference."""
_SHORT_SURE = 0.5
"""What a title counts beside its letter when shares are fitted."""


class _Weights(NamedTuple):
    """What was fitted: a column per class."""

    rarity: NDArray[np.float64]
    weights: NDArray[np.float64]
    bias: NDArray[np.float64]


def learn_letters(letters: Sequence[Letter], segmenter: Segmenter | None) -> LinearModel:
    """Learn the departments of letters; ValueError if there are not two departments of five letters each."""
    labels = np.asarray([letter.department for letter in letters])
    names, counts = np.unique(labels, return_counts=True)
    if len(names) < 2 or counts.min() < 5:  # noqa: PLR2004 - two classes are the least there is to tell apart
        raise ValueError(", ".join(f"{name}: {count}" for name, count in zip(names.tolist(), counts.tolist(), strict=True)))
    truth = np.searchsorted(names, labels)
    counted = CountVectorizer(analyzer=list, min_df=LEAST, dtype=np.float32)
    whole = counted.fit_transform(_cut(letters, segmenter, with_text=True))
    short = counted.transform(_cut(letters, segmenter, with_text=False))
    unseen = _ask_unseen(whole, short, truth, len(names))
    settled = LogisticRegression(C=_CALM, max_iter=2_000).fit(
        unseen, np.concatenate([truth, truth]), _weigh(len(letters), _SHORT_SURE)
    )
    fitted = _fit(*_join(whole, short, truth), len(names))
    mix, start = _as_columns(settled)
    weights, bias = fitted.weights @ mix, fitted.bias @ mix + start
    steps, scale = pack(weights)
    used = np.flatnonzero(steps.any(axis=1))
    features = counted.get_feature_names_out()
    return LinearModel(
        classes=tuple(names.tolist()),
        features=tuple(map(str, features[used])),
        rarity=fitted.rarity[used].astype(np.float32),
        steps=steps[used],
        scale=scale,
        bias=bias.astype(np.float32),
        figures={"samples": len(letters), "accuracy": round(float((settled.predict(unseen[: len(letters)]) == truth).mean()), 4)},
    )


def split(labels: Sequence[str], *, folds: int, seed: int) -> Iterator[tuple[list[int], list[int]]]:
    """Split letters into folds that have as much of every department: the places of the known ones and of those left out."""
    for known, unknown in StratifiedKFold(folds, shuffle=True, random_state=seed).split(labels, labels):
        yield known.tolist(), unknown.tolist()


def _cut(letters: Sequence[Letter], segmenter: Segmenter | None, *, with_text: bool) -> Iterator[list[str]]:
    """Cut letters one by one; of one without a title the beginning of its text stands for it."""
    for letter in letters:
        if with_text:
            yield cut_letter(letter.title, letter.text, segmenter)
        else:
            yield cut_letter(letter.title, "", segmenter)


def _weigh(count: int, short: float) -> NDArray[np.float64]:
    return np.concatenate([np.ones(count), np.full(count, short)])


def _fit(counts: sparse.csr_matrix, truth: NDArray[np.intp], worth: NDArray[np.float64], classes: int) -> _Weights:
    """Fit one machine per class, each on the ratios of its own class."""
    rarity = TfidfTransformer(sublinear_tf=True)
    values = rarity.fit_transform(counts.astype(np.float64))
    weights, bias = np.empty((values.shape[1], classes)), np.empty(classes)
    for at in range(classes):
        own = truth == at
        inside, outside = (SMOOTHING + np.asarray(values[part].sum(axis=0)).ravel() for part in (own, ~own))
        ratio = np.log(inside / inside.sum()) - np.log(outside / outside.sum())
        machine = LinearSVC(C=STRENGTH, random_state=0).fit(values @ sparse.diags(ratio), own, sample_weight=worth)
        weights[:, at], bias[at] = machine.coef_[0] * ratio, machine.intercept_[0]
    return _Weights(rarity.idf_, weights, bias)


def _join(
    whole: sparse.csr_matrix, short: sparse.csr_matrix, truth: NDArray[np.intp]
) -> tuple[sparse.csr_matrix, NDArray[np.intp], NDArray[np.float64]]:
    """Put whole letters and titles together, with their classes and what each counts."""
    return sparse.vstack([whole, short]).tocsr(), np.concatenate([truth, truth]), _weigh(len(truth), SHORT)


def _ask_unseen(whole: sparse.csr_matrix, short: sparse.csr_matrix, truth: NDArray[np.intp], classes: int) -> NDArray[np.float64]:
    """Give what machines say of letters, and then of titles, that they were not learned from."""
    sums = np.empty((2, len(truth), classes))
    for known, unknown in StratifiedKFold(_FOLDS, shuffle=True, random_state=0).split(truth, truth):
        fitted = _fit(*_join(whole[known], short[known], truth[known]), classes)
        for at, counts in enumerate((whole, short)):
            sums[at, unknown] = _scale(counts[unknown], fitted.rarity) @ fitted.weights + fitted.bias
    return np.concatenate(sums)


def _as_columns(settled: LogisticRegression) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give a column of factors per class, and where each starts; of two classes scikit-learn gives one row for both."""
    mix, start = settled.coef_.T, settled.intercept_
    if mix.shape[1] > 1:
        return mix, start
    return np.hstack([-mix, mix]) / 2, np.concatenate([-start, start]) / 2


def _scale(counts: sparse.csr_matrix, rarity: NDArray[np.float64]) -> sparse.csr_matrix:
    """Weigh counts as LinearModel does: 1 + ln(how often), times rarity, scaled to length 1."""
    values = counts.astype(np.float64)
    values.data = 1 + np.log(values.data)
    values = values @ sparse.diags(rarity)
    length = np.sqrt(np.asarray(values.multiply(values).sum(axis=1)).ravel())
    return sparse.diags(1 / np.maximum(length, 1e-12)) @ values
