from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.index import Fields, Hit, Index, IndexSettings
from knowledge_base.text import Utterance, cut_grams

if TYPE_CHECKING:
    from collections.abc import Iterable

EAGER = IndexSettings(merge_at_least=1, merge_share=0.0)
NEVER = IndexSettings(merge_at_least=10**9)


def read(text: str) -> Utterance:
    """Read without a dictionary: blanks part the words."""
    return Utterance(raw=text, text=text, folded=text, tokens=tuple(text.split()), grams=cut_grams(text))


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
    assert codes(index.search(read("公租房 怎么 申请"), 5)) == ["a"]

    index.remove("a")

    assert index.search(read("公租房 怎么 申请"), 5) == []
    assert len(index) == 0


def test_putting_a_code_again_replaces_its_words() -> None:
    index = build([("a", "公租房 申请"), ("a", "犬证 办理")])

    assert index.search(read("公租房"), 5) == []
    assert codes(index.search(read("犬证"), 5)) == ["a"]
    assert len(index) == 1


def test_removing_what_is_not_there_changes_nothing() -> None:
    index = build([("a", "公租房 申请")])

    index.remove("b")

    assert codes(index.search(read("公租房"), 5)) == ["a"]


def test_what_shares_nothing_is_not_found() -> None:
    assert build([("a", "公租房 申请")]).search(read("天气"), 5) == []
    assert build([("a", "公租房 申请")]).search(read(""), 5) == []
    assert Index().search(read("公租房"), 5) == []


def test_equals_come_in_the_order_of_their_codes_also_at_the_limit() -> None:
    index = build([(code, "公租房") for code in "dbca"])

    assert codes(index.search(read("公租房"), 2)) == ["a", "b"]


def test_the_question_weighs_more_than_a_phrasing_and_that_more_than_the_body() -> None:
    index = Index()
    other, asked = read("一二三四"), read("公租房")
    index.put("body", Fields(other, (other,), asked))
    index.put("phrasing", Fields(other, (asked,), other))
    index.put("question", Fields(asked, (other,), other))

    assert codes(index.search(asked, 3)) == ["question", "phrasing", "body"]


def test_coverage_is_the_share_of_rarity_an_entry_holds() -> None:
    index = build([("a", "公租房"), ("b", "犬证")])

    assert index.coverage("a", cut_grams("公租房")) == pytest.approx(1.0)
    assert index.coverage("b", cut_grams("公租房")) == 0.0
    assert index.coverage("a", ()) == 0.0
    assert 0.0 < index.coverage("a", cut_grams("公租房犬")) < 1.0


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
    fresh = build(sorted(standing.items()), NEVER).search(read(asked), 3)

    check_same(grown.search(read(asked), 3), fresh)
    check_same(eager.search(read(asked), 3), fresh)
    grown.merge()
    check_same(grown.search(read(asked), 3), fresh)
