"""Places by cues alone: what stands before an ending or after a beginning of place names, and nothing else."""

from __future__ import annotations

import pytest

from knowledge_base.place_cues import cut_place_pairs


@pytest.mark.parametrize(
    ("text", "pairs"),
    [("金桂苑小区没水", {"金桂", "桂苑", "苑小"}), ("某市青石镇没水", {"青石", "石镇"}), ("请到海棠公寓来", {"海棠"})],
)
def test_the_pairs_of_a_name_are_found(text: str, pairs: set[str]) -> None:
    assert pairs <= set(cut_place_pairs(text).narrow)


def test_the_names_of_roads_are_kept_apart() -> None:
    found = cut_place_pairs("青石路8号金桂苑没水")
    assert found.roads == ["青石", "石路"]
    assert {"金桂", "桂苑"} <= set(found.narrow)
    assert not {"青石", "石路"} & set(found.narrow)


@pytest.mark.parametrize("text", ["", "昨晚没水", "谢谢你们", "a"])
def test_a_text_without_cues_names_no_place(text: str) -> None:
    assert cut_place_pairs(text) == ([], [])


def test_pairs_never_reach_over_punctuation() -> None:
    found = cut_place_pairs("金桂苑，青石路没灯")
    assert not {"苑，", "，青", "苑青"} & {*found.narrow, *found.roads}
