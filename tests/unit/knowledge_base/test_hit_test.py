"""What a question of a hit test comes to, and how it differs from the last time."""

from __future__ import annotations

import pytest

from knowledge_base.hit_test import OUTCOMES, compare, judge, list_codes
from knowledge_base.match import Answered, Decision, Match, NeedsChoice, NoAnswer


def match(code: str) -> Match:
    return Match(code=code, question=code, phrasing=code, score=1.0, likeness=1.0, coverage=1.0)


ANSWER = Answered(match("K1"))
CHOICE = NeedsChoice((match("K1"), match("K2")))
NOTHING = NoAnswer(match("K1"), "not_sure")


@pytest.mark.parametrize(
    ("decision", "expected", "outcome"),
    [
        (ANSWER, {"K1"}, "right"),
        (ANSWER, {"K3", "K1"}, "right"),
        (ANSWER, {"K2"}, "wrong"),
        (ANSWER, set(), "wrong"),
        (CHOICE, {"K2"}, "choice_holds"),
        (CHOICE, {"K3"}, "choice_misses"),
        (CHOICE, set(), "choice_misses"),
        (NOTHING, {"K1"}, "nothing"),
        (NOTHING, set(), "right"),
    ],
)
def test_what_a_decision_comes_to(decision: Decision, expected: set[str], outcome: str) -> None:
    assert judge(decision, expected) == outcome


def test_what_a_resident_would_see() -> None:
    assert [list_codes(decision) for decision in (ANSWER, CHOICE, NOTHING)] == [("K1",), ("K1", "K2"), ()]


@pytest.mark.parametrize("before", OUTCOMES)
def test_better_and_worse_follow_the_order(before: str) -> None:
    at = OUTCOMES.index(before)

    assert [compare(outcome, before) for outcome in OUTCOMES] == ["better"] * at + ["same"] + ["worse"] * (len(OUTCOMES) - at - 1)


def test_without_a_last_time_there_is_nothing_to_compare_with() -> None:
    assert compare("wrong", None) == "new"
    assert compare("wrong", "what an older version called it") == "new"
