from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.wording import Wording, compare, read_name, read_wording

if TYPE_CHECKING:
    from knowledge_base.text import Segmenter

LETTERS = st.text("公租房犬证怎么办在哪，？a1", max_size=12)


def liken(one: Wording, other: Wording) -> float:
    return compare(one, other, grams=lambda _: 1.0, words=lambda _: 1.0)


def test_the_same_words_are_fully_alike_and_foreign_ones_not_at_all(segmenter: Segmenter) -> None:
    asked = read_wording(segmenter.read("犬证怎么办"))

    assert liken(asked, asked) == pytest.approx(1.0)
    assert liken(asked, read_wording(segmenter.read("犬证怎么办？！"))) == pytest.approx(1.0)
    assert liken(asked, read_wording(segmenter.read("公租房申请"))) == pytest.approx(0.0, abs=0.05)


def test_a_rare_word_shared_says_more_than_a_common_one(segmenter: Segmenter) -> None:
    asked, same_matter, same_form = (read_wording(segmenter.read(text)) for text in ("犬证怎么办", "犬证在哪领", "低保怎么办"))

    def rarity(term: str) -> float:
        return 0.1 if set(term) <= set("怎么办") else 3.0

    assert compare(asked, same_matter, grams=rarity, words=rarity) > compare(asked, same_form, grams=rarity, words=rarity)


def test_a_name_loses_the_words_that_only_ask(segmenter: Segmenter) -> None:
    name = read_name(segmenter.read("请问护士执业注册怎么办理？"))

    assert name.letters == "护士执业注册"
    assert name == read_name(segmenter.read("护士执业注册"))


def test_words_that_only_ask_stay_if_there_are_no_others(segmenter: Segmenter) -> None:
    assert read_name(segmenter.read("怎么办理？")) == read_wording(segmenter.read("怎么办理？"))


@settings(deadline=None)
@given(one=LETTERS, other=LETTERS)
def test_likeness_lies_between_0_and_1_and_does_not_depend_on_who_is_asked(segmenter: Segmenter, one: str, other: str) -> None:
    first, second = read_wording(segmenter.read(one)), read_wording(segmenter.read(other))

    assert 0.0 <= liken(first, second) <= 1.0 + 1e-9
    assert liken(first, second) == pytest.approx(liken(second, first))
