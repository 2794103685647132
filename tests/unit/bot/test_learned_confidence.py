"""How sure a match is was fitted on our own questions: fitted again it comes out the same, and the regression itself finds what it must."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from bot.learning.confidence import Example, fit, fit_regression
from knowledge_base.confidence import FEATURES, USED, read_regressions

BENCH = Path(__file__).parents[3] / "bench"


@pytest.mark.deep
def test_what_is_shipped_comes_out_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCH))
    fit_confidence = import_module("fit_confidence")

    assert fit_confidence.fit_own() == {kind: one for kind, one in read_regressions().items() if kind != "meaning"}


def test_a_regression_leans_to_what_tells_right_from_wrong_and_not_to_what_does_not() -> None:
    dice = np.random.default_rng(1)
    values = dice.normal(size=(2000, 2))
    right = dice.random(2000) < 1 / (1 + np.exp(-(2.0 * values[:, 0] - 0.5)))

    bias, weights = fit_regression(values, right)

    assert weights.tolist() == pytest.approx([2.0, 0.0], abs=0.25)
    assert bias == pytest.approx(-0.5, abs=0.2)


def test_each_kind_has_a_regression_of_its_own_over_what_it_uses() -> None:
    dice = np.random.default_rng(2)
    examples = [
        Example(kind, tuple(dice.random(len(FEATURES)).tolist()), bool(number % 2), number)
        for number in range(60)
        for kind in ("policy", "question")
    ]
    fitted = fit(examples)

    assert {kind: tuple(one.weights) for kind, one in fitted.items()} == {kind: USED[kind] for kind in ("policy", "question")}
    assert fit(examples) == fitted


def test_entries_without_an_answer_are_judged_by_what_was_learned_from_the_wordings_of_all() -> None:
    dice = np.random.default_rng(3)
    rows = [tuple(dice.random(len(FEATURES)).tolist()) for _ in range(80)]
    examples = [Example("wording" if number % 2 else "question", row, row[0] > 0.5, number) for number, row in enumerate(rows)]

    apart, together = fit(examples), fit([each._replace(kind="wording") for each in examples])

    assert apart["wording"] == together["wording"]
    assert apart["question"] == fit([each for each in examples if each.kind == "question"])["question"]
