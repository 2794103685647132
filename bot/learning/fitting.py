"""Learning a model from labelled samples (extra `[learn]`, scikit-learn): a linear classifier that knows how sure it may be.

What is learned is written in the one format of knowledge_base.linear and answered from there; nothing that serves imports this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import minimize_scalar
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from knowledge_base.linear import LinearModel, pack

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from sklearn.pipeline import Pipeline

_FOLDS = 5


def fit(
    samples: Sequence[Sequence[str]],
    labels: Sequence[str],
    *,
    least: int = 2,
    strength: float = 1.0,
    figures: Mapping[str, Any] | None = None,
    judged: bool = True,
    balanced: bool = False,
) -> LinearModel:
    """Learn from the features of samples (of a text: knowledge_base.linear.cut_features) and their classes.

    A feature has to occur in `least` samples; `strength` is the C of the support vector machine. `sharpness` and the shown accuracy come
    from folds that the weights were not learned from; not `judged`, both are left out, which takes a sixth of the time.
    `balanced` lets each class count alike, however many samples it has.
    ValueError if there are not two classes of five samples each.
    """
    known = np.asarray(labels)
    names, counts = np.unique(known, return_counts=True)
    if len(names) < 2 or counts.min() < _FOLDS:  # noqa: PLR2004 - with one class there is nothing to tell apart
        raise ValueError(f"at least two classes of {_FOLDS} samples: {dict(zip(names.tolist(), counts.tolist(), strict=True))}")
    counted = TfidfVectorizer(analyzer=list, min_df=least, sublinear_tf=True)
    machine = OneVsRestClassifier(LinearSVC(C=strength, class_weight="balanced" if balanced else None, random_state=0))
    line = make_pipeline(counted, machine)
    sharpness, found = _judge(line, samples, np.searchsorted(names, known)) if judged else (1.0, {})
    line.fit(samples, known)
    weights = np.vstack([each.coef_[0] for each in machine.estimators_]).T
    bias = np.asarray([each.intercept_[0] for each in machine.estimators_])
    if len(names) == 2:  # noqa: PLR2004 - of two classes one machine speaks for both
        weights, bias = np.hstack([-weights, weights]), np.asarray([-bias[0], bias[0]])
    steps, scale = pack(weights)
    return LinearModel(
        classes=tuple(names.tolist()),
        features=tuple(map(str, counted.get_feature_names_out())),
        rarity=counted.idf_.astype(np.float32),
        steps=steps,
        scale=scale,
        bias=bias.astype(np.float32),
        sharpness=sharpness,
        figures={"samples": len(samples), **found, **(figures or {})},
    )


def _judge(line: Pipeline, samples: Sequence[Sequence[str]], truth: NDArray[np.intp]) -> tuple[float, dict[str, float]]:
    """Say what sharpens sums into honest shares, and how many samples are told right, both on folds that were not learned from."""
    folds = KFold(_FOLDS, shuffle=True, random_state=0)
    unseen = _as_columns(cross_val_predict(line, samples, truth, cv=folds, method="decision_function"))
    return round(find_sharpness(unseen, truth), 3), {"accuracy": round(float((unseen.argmax(axis=1) == truth).mean()), 4)}


def _as_columns(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give a column per class; of two classes scikit-learn gives one column for both."""
    return np.column_stack([-sums, sums]) if sums.ndim == 1 else sums


def find_sharpness(sums: NDArray[np.float64], truth: NDArray[np.intp]) -> float:
    """Find the factor that makes the shares of the true classes most likely, on texts that were not learned from."""

    def surprise(factor: float) -> float:
        sharp = factor * sums
        top = sharp.max(axis=1)
        whole = top + np.log(np.exp(sharp - top[:, None]).sum(axis=1))
        return float((whole - sharp[np.arange(len(truth)), truth]).mean())

    return float(minimize_scalar(surprise, bounds=(0.1, 30.0), method="bounded").x)
