"""How well danger is heard: the figures of a few texts, worked out by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.evaluation.tiers import measure_tiers, read_tiers
from bot.refusals import Refusal

if TYPE_CHECKING:
    from pathlib import Path

FIRE = "着火了，楼上冒浓烟，快来人"
OUTAGE = "我们整栋楼停水了"
THANKS = "谢谢你们"


def test_what_is_read_as_labelled_is_right_and_nothing_is_missed() -> None:
    assert measure_tiers([(FIRE, "red"), (OUTAGE, "orange"), (THANKS, "none")]) == {
        "accuracy": 1.0,
        "recall": {"red": 1.0, "orange": 1.0, "none": 1.0},
        "false_red": 0,
        "false_red_share": 0.0,
        "count": 3,
        "counts": {"red": 1, "orange": 1, "none": 1},
        "read_as": {
            "red": {"red": 1, "orange": 0, "none": 0},
            "orange": {"red": 0, "orange": 1, "none": 0},
            "none": {"red": 0, "orange": 0, "none": 1},
        },
        "misses": [],
    }


def test_misses_are_counted_by_label_and_shown_masked_and_short() -> None:
    figures = measure_tiers(
        [
            (THANKS, "red"),
            (FIRE, "red"),
            (f"{FIRE}，打我电话13912345678，{THANKS * 20}", "none"),
            (THANKS, "none"),
            (OUTAGE, "none"),
        ]
    )

    assert figures["accuracy"] == 0.4
    assert figures["recall"] == {"red": 0.5, "none": pytest.approx(1 / 3)}
    assert (figures["false_red"], figures["false_red_share"]) == (1, pytest.approx(1 / 3))
    assert figures["counts"] == {"red": 2, "orange": 0, "none": 3}
    assert [(miss["tier"], miss["read"], miss["hazard"]) for miss in figures["misses"]] == [
        ("red", "none", ""),
        ("none", "red", "fire"),
        ("none", "orange", "outage"),
    ]
    assert figures["misses"][1]["text"] == f"{FIRE}，打我电话〔电话〕，{THANKS * 20}"[:40]


def test_where_all_is_red_nothing_can_be_falsely_so() -> None:
    figures = measure_tiers([(FIRE, "red")])

    assert (figures["recall"], figures["false_red"], figures["false_red_share"]) == ({"red": 1.0}, 0, 0.0)


def test_a_file_gives_its_texts_and_tiers_whatever_else_it_holds(tmp_path: Path) -> None:
    file = tmp_path / "tiers.csv"
    file.write_text(f"id,tier,text\n1,red,{FIRE}\n2,none,{THANKS}\n", encoding="utf-8")

    assert read_tiers(file) == [(FIRE, "red"), (THANKS, "none")]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("text,tier\n着火了,rot\n", "“tier”列里有一格写的是“rot”"),
        ("text,tier\n着火了,\n", "“tier”列里有一格写的是“”"),
        ("text\n着火了\n", "tier"),
        ("text,tier\n", "一行数据也没有"),
    ],
)
def test_a_file_without_tiers_is_refused(tmp_path: Path, content: str, told: str) -> None:
    file = tmp_path / "tiers.csv"
    file.write_text(content, encoding="utf-8")

    with pytest.raises(Refusal, match=told):
        read_tiers(file)
