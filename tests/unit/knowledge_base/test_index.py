from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.index import Fields, Hit, Index, IndexSettings
from knowledge_base.pinyin import sound_table
from knowledge_base.text import cut_grams
from knowledge_base.wording import Terms

if TYPE_CHECKING:
    from collections.abc import Iterable

EAGER = IndexSettings(merge_at_least=1, merge_share=0.0)
NEVER = IndexSettings(merge_at_least=10**9)


def read(text: str) -> Terms:
    """Read without a dictionary: blanks part the words."""
    return Terms(tuple(text.split()), cut_grams(text), cut_grams(text.translate(sound_table())))


def find(index: Index, text: str, limit: int = 5, bare: str = "") -> list[Hit]:
    return index.search(read(text), read(bare), limit)


def build(entries: Iterable[tuple[str, str]], index_settings: IndexSettings | None = None) -> Index:
    index = Index(index_settings)
    for code, question in entries:
        index.put(code, Fields(read(question)))
    return index


def codes(hits: list[Hit]) -> list[str]:
    return [hit.code for hit in hits]


def check_same(hits: list[Hit], expected: list[Hit]) -> None:
    assert codes(hits) == codes(expected)
    assert [hit[1:] for hit in hits] == [pytest.approx(hit[1:], rel=1e-4) for hit in expected]


def test_an_entry_is_found_from_its_put_on_and_not_after_its_removal() -> None:
    index = build([("a", "公租房 申请")])
    assert codes(find(index, "公租房 怎么 申请", 5)) == ["a"]

    index.remove("a")

    assert find(index, "公租房 怎么 申请", 5) == []
    assert len(index) == 0


def test_putting_a_code_again_replaces_its_words() -> None:
    index = build([("a", "公租房 申请"), ("a", "犬证 办理")])

    assert find(index, "公租房", 5) == []
    assert codes(find(index, "犬证", 5)) == ["a"]
    assert len(index) == 1


def test_removing_what_is_not_there_changes_nothing() -> None:
    index = build([("a", "公租房 申请")])

    index.remove("b")

    assert codes(find(index, "公租房", 5)) == ["a"]


def test_what_shares_nothing_is_not_found() -> None:
    assert find(build([("a", "公租房 申请")]), "天气") == []
    assert find(build([("a", "公租房 申请")]), "") == []
    assert find(Index(), "公租房") == []


def test_equals_come_in_the_order_of_their_codes_also_at_the_limit() -> None:
    index = build([(code, "公租房") for code in "dbca"])

    assert codes(find(index, "公租房", 2)) == ["a", "b"]


def test_the_question_weighs_more_than_a_phrasing_and_that_more_than_the_body() -> None:
    index = Index()
    other, asked = read("一二三四"), read("公租房")
    index.put("body", Fields(other, (other,), asked))
    index.put("phrasing", Fields(other, (asked,), other))
    index.put("question", Fields(asked, (other,), other))

    assert codes(find(index, "公租房", 3)) == ["question", "phrasing", "body"]


def test_coverage_is_the_share_of_rarity_an_entry_holds() -> None:
    index = build([("a", "公租房"), ("b", "犬证")])

    assert {hit.code: hit.coverage for hit in find(index, "公租房")} == {"a": pytest.approx(1.0)}
    assert 0.0 < find(index, "公租房犬")[0].coverage < 1.0


def test_what_only_asks_can_be_left_out() -> None:
    index = build([("a", "公租房"), ("b", "怎么办")])
    hits = {hit.code: hit for hit in find(index, "公租房怎么办", bare="公租房")}

    assert hits["a"].bare_coverage == pytest.approx(1.0)
    assert (hits["b"].bare, hits["b"].bare_coverage) == (0.0, 0.0)
    assert hits["b"].coverage > 0.0


def test_a_homophone_finds_what_sounds_the_same_and_less_surely_than_the_right_character() -> None:
    index = build([("card", "社保卡"), ("dog", "犬证")])
    wrong, right = find(index, "社宝卡"), find(index, "社保卡")

    assert (codes(wrong), codes(right)) == (["card"], ["card"])
    assert wrong[0].score < right[0].score


def test_of_many_only_the_nearest_are_looked_at_and_none_of_them_is_missed() -> None:
    few = IndexSettings(close=4)
    entries = [(f"e{number:02}", f"办事{number % 7} 证件{number}") for number in range(40)]
    all_of_them, near = build(entries), build(entries, few)

    assert find(near, "证件7", 1) == find(all_of_them, "证件7", 1)
    assert len(find(near, "办事3", 4)) == 4
    assert codes(find(near, "7", 4)) == codes(find(near, "7", 4))


CHANGES = st.lists(st.tuples(st.sampled_from("abcdef"), st.none() | st.text("公租房犬证 办", min_size=1, max_size=8)), max_size=25)


@settings(deadline=None)
@given(changes=CHANGES, asked=st.text("公租房犬证 办", min_size=1, max_size=8))
def test_growing_step_by_step_ranks_like_building_afresh(changes: list[tuple[str, str | None]], asked: str) -> None:
    standing: dict[str, str] = {}
    grown, eager = Index(NEVER), Index(EAGER)
    for code, question in changes:
        for index in (grown, eager):
            if question is None:
                index.remove(code)
            else:
                index.put(code, Fields(read(question)))
        standing.pop(code, None)
        if question is not None:
            standing[code] = question
    fresh = find(build(sorted(standing.items()), NEVER), asked, 3)

    check_same(find(grown, asked, 3), fresh)
    check_same(find(eager, asked, 3), fresh)
    grown.merge()
    check_same(find(grown, asked, 3), fresh)
