from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.lexicon import read_lexicon
from knowledge_base.variants import read_variants, settle
from knowledge_base.wording import read_terms, read_wording

if TYPE_CHECKING:
    from knowledge_base.text import Segmenter

GROUPS = [line.split() for line in read_lexicon("variants")]


@pytest.mark.parametrize(
    ("said", "settled"),
    [
        ("驾照丢了怎么补办", "驾驶证丢失怎么补办"),
        ("机动车驾驶证遗失补领", "驾驶证丢失补办"),
        ("中华人民共和国残疾人证", "残疾人证"),
        ("煤气费去哪缴", "燃气费去哪交"),
        ("路灯坏了三天", "路灯坏了三天"),
        ("", ""),
    ],
)
def test_each_word_of_a_group_becomes_its_first(said: str, settled: str) -> None:
    assert settle(said) == settled


def test_a_word_stands_in_one_group_which_has_at_least_two() -> None:
    words = list(chain.from_iterable(GROUPS))

    assert sorted(words) == sorted(set(words))
    assert [group for group in GROUPS if len(group) < 2] == []


def test_every_word_of_the_lexicon_alone_becomes_the_first_of_its_group() -> None:
    assert {word: settle(word) for group in GROUPS for word in group} == {word: group[0] for group in GROUPS for word in group}
    assert read_variants() == {word: group[0] for group in GROUPS for word in group}


@given(st.text("路灯坏三天在哪里，？a1"))
def test_a_text_without_such_words_stays_as_it_is(text: str) -> None:
    assert settle(text) == text


def test_two_ways_to_say_the_same_are_the_same_wording_and_the_text_stays_as_written(segmenter: Segmenter) -> None:
    said, written = segmenter.read("驾照遗失"), segmenter.read("驾驶证丢失")

    assert read_wording(said) == read_wording(written)
    assert read_terms(said) == read_terms(written)
    assert (said.tokens, said.grams) == (written.tokens, written.grams)
    assert (said.text, said.folded) == ("驾照遗失", "驾照遗失")


def test_what_differs_in_meaning_stays_apart(segmenter: Segmenter) -> None:
    assert read_wording(segmenter.read("身份证补办")) != read_wording(segmenter.read("身份证换领"))
