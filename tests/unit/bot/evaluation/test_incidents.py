"""`jieying evaluate incidents`: scores by hand, the threshold chosen without the incident it judges, and the files that it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.evaluation.incidents import GRID, choose_likeness, count_joined, measure_incidents, read_stream, score_known
from bot.refusals import Refusal
from knowledge_base.text import Segmenter
from routing.incidents import IncidentSettings

if TYPE_CHECKING:
    from bot.evaluation.samples import Row

PLANT = "金桂苑小区旁边的搅拌站日夜施工，灰尘满天，噪音大"
LIFT = "海棠公寓三单元电梯坏了半个月，物业一直不修"


@pytest.fixture(scope="module")
def segmenter(tmp_path_factory: pytest.TempPathFactory) -> Segmenter:
    return Segmenter(tmp_path_factory.mktemp("jieba"))


def letter(number: int, user: str, text: str) -> Row:
    return {"id": f"L{number}", "user": user, "title": text[:12], "text": text, "sent_at": f"2026-03-{number:02}T09:00:00"}


STREAM = [letter(3, "丙", PLANT), letter(1, "甲", PLANT), letter(2, "乙", PLANT), letter(4, "丁", LIFT), letter(5, "丁", LIFT)]
KNOWN = [
    {"group": "搅拌站", "id": "L1"},
    {"group": "搅拌站", "id": "L3"},
    {"group": "电梯", "id": "L4"},
    {"group": "电梯", "id": "L5"},
]


def test_the_figures_of_a_small_stream_are_those_worked_out_by_hand(segmenter: Segmenter) -> None:
    figures = measure_incidents(STREAM, KNOWN, segmenter, IncidentSettings())

    assert figures.pop("seconds") >= 0.0
    assert figures.pop("left_out") == {
        "mean_f": pytest.approx(0.9),
        "mean_recall": 1.0,
        "mean_precision": pytest.approx(5 / 6),
        "lowest_threshold": GRID[len(GRID) // 2],
        "highest_threshold": GRID[len(GRID) // 2],
    }
    assert figures == {
        "mean_f": pytest.approx(0.9),
        "mean_recall": 1.0,
        "mean_precision": pytest.approx(5 / 6),
        "groups": 2,
        "largest_group": 3,
        "groups_of_one_user": 1,
        "bursts": 1,
        "slow_burns": 0,
        "joined_known": 0,
        "incidents": {
            "搅拌站": {"recall": 1.0, "precision": pytest.approx(2 / 3), "f": pytest.approx(0.8)},
            "电梯": {"recall": 1.0, "precision": 1.0, "f": 1.0},
        },
    }


def test_the_group_that_fits_best_is_scored() -> None:
    known = {"甲": frozenset("abcd")}
    assert score_known({1: ["a", "b", "x"], 2: ["c"], 3: ["d", "y", "z"]}, known)["甲"] == {
        "recall": 0.5,
        "precision": pytest.approx(2 / 3),
        "f": pytest.approx(4 / 7),
    }
    assert score_known({1: ["x"]}, known)["甲"] == {"recall": 0.0, "precision": 0.0, "f": 0.0}


def test_known_incidents_are_joined_where_one_group_holds_both() -> None:
    known = {"甲": frozenset("ab"), "乙": frozenset("cd"), "丙": frozenset("be")}
    assert count_joined({1: ["a", "b"], 2: ["c", "d"], 3: ["e"]}, known) == 0
    assert count_joined({1: ["a", "c"], 2: ["b", "d", "e"]}, known) == 2
    assert count_joined({1: ["a", "c", "e"]}, known) == 3


def test_a_threshold_is_chosen_on_the_others_alone() -> None:
    def score(f: float) -> dict[str, float]:
        return {"f": f, "recall": f, "precision": f}

    scores = {
        0.1: {"甲": score(1.0), "乙": score(0.2)},
        0.2: {"甲": score(0.3), "乙": score(0.895)},
        0.3: {"甲": score(0.2), "乙": score(0.9)},
    }
    assert choose_likeness(scores, "甲") == 0.3
    assert choose_likeness(scores, "乙") == 0.1


def test_messages_are_read_in_time_order(segmenter: Segmenter) -> None:
    assert [message.id for message in read_stream(STREAM, segmenter)] == ["L1", "L2", "L3", "L4", "L5"]


@pytest.mark.parametrize(
    ("stream", "known", "said"),
    [
        ([*STREAM, STREAM[0]], KNOWN, "L3"),
        (STREAM, [{"group": "搅拌站", "id": "L9"}], "L9"),
        ([{**STREAM[0], "sent_at": "昨天"}], KNOWN, "昨天"),
    ],
)
def test_files_that_cannot_be_measured_are_refused(segmenter: Segmenter, stream: list[Row], known: list[Row], said: str) -> None:
    with pytest.raises(Refusal, match=said):
        measure_incidents(stream, known, segmenter, IncidentSettings())
