"""The figures, worked out by hand on a few cases."""

from __future__ import annotations

import pytest

from bot.evaluation.measures import (
    accuracy,
    accuracy_of_surest,
    area_under_curve,
    calibration_error,
    macro_f1,
    percentile,
    precision_at_base_rate,
    recall_at_false_alarms,
    score_classes,
    share_among,
)


def test_classes_are_scored_each_for_itself() -> None:
    truth, guessed = ["a", "a", "b", "b"], ["a", "b", "b", "c"]

    assert accuracy(truth, guessed) == 0.5
    assert score_classes(truth, guessed) == {
        "a": {"precision": 1.0, "recall": 0.5, "f1": pytest.approx(2 / 3), "count": 2},
        "b": {"precision": 0.5, "recall": 0.5, "f1": 0.5, "count": 2},
    }
    assert macro_f1(truth, guessed) == pytest.approx((2 / 3 + 1 / 2) / 2)


def test_the_first_few_guesses_may_hold_the_truth() -> None:
    assert share_among(["a", "b"], [["b", "a"], ["c", "a"]], 2) == 0.5
    assert share_among(["a", "b"], [["b", "a"], ["c", "a"]], 1) == 0.0


def test_confidence_that_says_what_is_true_has_no_error() -> None:
    assert calibration_error([0.5, 0.5], [True, False]) == pytest.approx(0.0)
    assert calibration_error([0.9, 0.9], [True, False]) == pytest.approx(0.4)
    assert calibration_error([1.0], [True]) == 0.0


def test_the_surest_are_counted_alone() -> None:
    sure, right = [0.9, 0.8, 0.7, 0.6], [True, True, False, False]

    assert accuracy_of_surest(sure, right, 0.5) == 1.0
    assert accuracy_of_surest(sure, right, 1.0) == 0.5


@pytest.mark.parametrize(
    ("scores", "positive", "area"),
    [
        ([1, 2, 3, 4], [False, False, True, True], 1.0),
        ([1, 1], [True, False], 0.5),
        ([2, 1], [False, True], 0.0),
        ([1], [True], 0.5),
    ],
)
def test_the_area_is_how_often_a_positive_case_stands_above(scores: list[float], positive: list[bool], area: float) -> None:
    assert area_under_curve(scores, positive) == area


def test_recall_keeps_to_the_false_alarms_that_are_allowed() -> None:
    scores = [*range(100), 98.5, 99.5]
    positive = [False] * 100 + [True] * 2

    assert recall_at_false_alarms(scores, positive, 0.01) == 1.0
    assert recall_at_false_alarms(scores, positive, 0.0) == 0.5


def test_precision_follows_the_base_rate() -> None:
    assert precision_at_base_rate(0.9, 0.1, 0.5) == pytest.approx(0.9)
    assert precision_at_base_rate(0.0, 0.0, 0.5) == 0.0


def test_nothing_gives_nothing() -> None:
    assert (accuracy([], []), calibration_error([], []), percentile([], 0.5)) == (0.0, 0.0, 0.0)
