"""How sure a match is was fitted on our own questions: fitted again it comes out the same, and the regression itself finds what it must."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from bot.learning.confidence import Example, fit, fit_regression
from bot.learning.elsewhere import judge_unsaid, learn_elsewhere
from knowledge_base.confidence import FEATURES, USED, read_regressions
from knowledge_base.elsewhere import read_weights, weigh_elsewhere

BENCH = Path(__file__).parents[3] / "bench"


@pytest.mark.deep
def test_what_is_shipped_comes_out_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCH))
    fit_confidence = import_module("fit_confidence")

    _, fitted = fit_confidence.fit_words()

    assert fitted.regressions == {kind: one for kind, one in read_regressions().items() if not fit_confidence.is_meant(kind)}
    assert fitted.elsewhere == read_weights()


def test_a_regression_leans_to_what_tells_right_from_wrong_and_not_to_what_does_not() -> None:
    dice = np.random.default_rng(1)
    values = dice.normal(size=(2000, 2))
    right = dice.random(2000) < 1 / (1 + np.exp(-(2.0 * values[:, 0] - 0.5)))

    bias, weights = fit_regression(values, right)

    assert weights.tolist() == pytest.approx([2.0, 0.0], abs=0.25)
    assert bias == pytest.approx(-0.5, abs=0.2)


def test_words_that_an_entry_does_not_say_are_weighed_by_what_became_of_such_questions() -> None:
    """Each question is judged by weights that were learned without it; what stood in fewer than three is nothing learned."""
    asked = [("代办",), ("妈妈",), ("代办", "妈妈"), ("昨天",)]
    examples = [
        Example("question", tuple(0.0 for _ in FEATURES), "代办" not in asked[number % 4], number, asked[number % 4])
        for number in range(80)
    ]
    odd = examples[0]._replace(kind="wording", question=3, unsaid=("代办",))
    learned = learn_elsewhere([*examples, odd, odd._replace(kind="question", unsaid=("独一",), question=4)])
    judged = judge_unsaid([*examples, odd], learned)
    at = FEATURES.index("elsewhere")

    assert learned.weights["代办"] > 0.0 > learned.weights["昨天"]
    assert "独一" not in learned.weights
    assert len(learned.held) == 5
    assert [each.features[at] > 0.0 for each in judged[:4]] == [True, False, True, False]
    assert judged[-1].features[at] == weigh_elsewhere(("代办",), learned.held[3])
    assert [each._replace(features=()) for each in judged] == [each._replace(features=()) for each in [*examples, odd]]


def test_what_only_teaches_weighs_features_and_moves_no_threshold() -> None:
    dice = np.random.default_rng(4)
    rows = [tuple(dice.random(len(FEATURES)).tolist()) for _ in range(300)]
    examples = [Example("question", row, row[0] > 0.4, number) for number, row in enumerate(rows)]
    hard = [Example("question", (0.99, *row[1:]), is_right=False, question=300 + number) for number, row in enumerate(rows[:60])]

    teaching = fit([*examples, *(each._replace(counted=False) for each in hard)])["question"]
    counting = fit([*examples, *hard])["question"]

    assert teaching.weights == counting.weights
    assert teaching.threshold(0.9) < counting.threshold(0.9)


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
