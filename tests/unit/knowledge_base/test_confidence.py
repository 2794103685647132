"""How sure a match is: the regression by hand, what is shipped, and that more evidence never makes a shipped one less sure by much."""

from __future__ import annotations

from math import exp

import pytest

from knowledge_base.confidence import FEATURES, USED, Regression, read_regressions

NOTHING = tuple(0.0 for _ in FEATURES)


def make(bias: float = 0.0, **weights: float) -> Regression:
    return Regression(bias=bias, weights=weights, curve=((0.5, 0.2), (0.9, 0.6), (0.95, 0.8)))


def put(**values: float) -> tuple[float, ...]:
    return tuple(values.get(name, 0.0) for name in FEATURES)


def test_it_is_a_logistic_regression() -> None:
    regression = make(-1.0, share=2.0, coverage=4.0)

    assert regression.judge(NOTHING) == pytest.approx(1 / (1 + exp(1.0)))
    assert regression.judge(put(share=0.5, coverage=0.25)) == pytest.approx(1 / (1 + exp(-1.0)))
    assert regression.judge(put(meaning=5.0)) == regression.judge(NOTHING)
    assert 0.0 < make(share=-1e9).judge(put(share=1.0)) < 1e-9


@pytest.mark.parametrize(
    ("precision", "confidence"), [(0.1, 0.2), (0.5, 0.2), (0.7, 0.4), (0.9, 0.6), (0.925, 0.7), (0.95, 0.8), (0.99, 0.8)]
)
def test_the_confidence_a_precision_takes_lies_on_the_curve(precision: float, confidence: float) -> None:
    assert make().threshold(precision) == pytest.approx(confidence)


def test_what_is_shipped_is_whole_and_rises() -> None:
    shipped = read_regressions()

    assert {kind: set(one.weights) for kind, one in shipped.items()} == {kind: set(used) for kind, used in USED.items()}
    for one in shipped.values():
        precisions, confidences = zip(*one.curve, strict=True)
        assert list(precisions) == sorted(precisions)
        assert list(confidences) == sorted(confidences)
        assert all(0.0 <= confidence <= 1.0 for confidence in confidences)


def test_a_lead_and_a_question_that_is_held_make_surer() -> None:
    for one in read_regressions().values():
        assert one.judge(put(share=0.3, coverage=0.9, meaning=0.9, meaning_lead=0.3)) > one.judge(
            put(share=0.05, coverage=0.3, meaning=0.5)
        )


def test_what_an_entry_does_not_say_makes_less_sure_only_where_it_has_an_answer_to_look_in() -> None:
    shipped = read_regressions()
    said, missing = put(share=0.3, likeness=0.6, length=2.5), put(share=0.3, likeness=0.6, length=2.5, unsaid=0.6)

    assert shipped["question"].judge(missing) < shipped["question"].judge(said)
    assert shipped["wording"].judge(missing) == shipped["wording"].judge(said)
