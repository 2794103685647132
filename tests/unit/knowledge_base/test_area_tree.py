from __future__ import annotations

import msgspec
import pytest

from knowledge_base.area_tree import AreaTree


class Area(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    name: str
    level: str
    parent: str = ""
    aliases: tuple[str, ...] = ()


ROWS = (
    Area(code="city", name="云州市", level="city"),
    Area(code="S1", name="东街道", level="street", parent="city"),
    Area(code="S2", name="西街道", level="street", parent="city"),
    Area(code="G1", name="第一网格", level="grid", parent="S1"),
    Area(code="G2", name="第二网格", level="grid", parent="S1"),
)


def test_a_chain_climbs_to_the_root() -> None:
    tree = AreaTree(ROWS)

    assert tree.chain("G2") == ("G2", "S1", "city")
    assert tree.chain("city") == ("city",)
    assert tree.chain("nowhere") == ()


def test_an_area_lies_within_itself_and_all_above_it() -> None:
    tree = AreaTree(ROWS)

    assert [tree.within("G1", code) for code in ("G1", "S1", "city", "S2", "G2")] == [True, True, True, False, False]
    assert not tree.within("nowhere", "city")


def test_leaves_are_the_smallest_areas_whatever_their_level() -> None:
    tree = AreaTree(ROWS)

    assert tree.leaves("city") == ("S2", "G1", "G2")
    assert tree.leaves("S1") == ("G1", "G2")
    assert tree.leaves("G1") == ("G1",)
    assert tree.leaves("nowhere") == ()


def test_several_areas_have_the_smallest_one_in_common_that_holds_all() -> None:
    tree = AreaTree(ROWS)

    assert tree.common(["G1"]) == "G1"
    assert tree.common(["G1", "G2"]) == "S1"
    assert tree.common(["G1", "S2"]) == "city"
    assert tree.common(["G1", "nowhere"]) == ""
    assert tree.common([]) == ""


def test_an_area_within_itself_is_refused() -> None:
    circle = [Area(code="a", name="甲", level="street", parent="b"), Area(code="b", name="乙", level="street", parent="a")]

    with pytest.raises(ValueError, match="a lies within itself: a > b"):
        AreaTree(circle)
