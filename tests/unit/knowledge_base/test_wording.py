from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz

from knowledge_base.postings import Postings
from knowledge_base.wording import KnownWording, Wording, compare, keep_wording, read_name, read_wording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from knowledge_base.text import Segmenter

LETTERS = st.text("公租房犬证怎么办在哪，？a1", max_size=12)


class Terms:
    """A vocabulary that knows every term, each as rare as it is told."""

    def __init__(self, rarity: Callable[[str], float] = lambda _: 1.0) -> None:
        self.rarity = rarity
        self._postings = Postings(saturation=1.2, length=0.75)
        self._terms: list[str] = []

    def __len__(self) -> int:
        return len(self._postings)

    def number(self, terms: Iterable[str]) -> NDArray[np.int32]:
        wanted = list(terms)
        self._postings.make_row(dict.fromkeys(wanted, 1.0))
        self._terms = list(self._postings.vocabulary)
        return self._postings.number(wanted)

    def rarities(self, numbers: NDArray[np.int32]) -> NDArray[np.float64]:
        return np.array([self.rarity(self._terms[number]) for number in numbers])


def liken(one: Wording, other: Wording, terms: Terms | None = None) -> float:
    terms = Terms() if terms is None else terms
    known = keep_wording(other, grams=terms, words=terms)
    return compare(one, [known], grams=terms, words=terms)[0]


def liken_by_definition(one: Wording, other: Wording, rarity: Callable[[str], float]) -> float:
    def overlap(first: frozenset[str], second: frozenset[str]) -> float:
        total = sum(map(rarity, first)) + sum(map(rarity, second))
        return 2 * sum(map(rarity, first & second)) / total if total else 0.0

    letters = fuzz.ratio(one.letters, other.letters) + fuzz.token_set_ratio(" ".join(one.words), " ".join(other.words))
    return 0.4 * overlap(one.grams, other.grams) + 0.4 * overlap(one.words, other.words) + 0.2 * letters / 200


def test_the_same_words_are_fully_alike_and_foreign_ones_not_at_all(segmenter: Segmenter) -> None:
    asked = read_wording(segmenter.read("犬证怎么办"))

    assert liken(asked, asked) == pytest.approx(1.0)
    assert liken(asked, read_wording(segmenter.read("犬证怎么办？！"))) == pytest.approx(1.0)
    assert liken(asked, read_wording(segmenter.read("公租房申请"))) == pytest.approx(0.0, abs=0.05)


def test_a_rare_word_shared_says_more_than_a_common_one(segmenter: Segmenter) -> None:
    asked, same_matter, same_form = (read_wording(segmenter.read(text)) for text in ("犬证怎么办", "犬证在哪领", "低保怎么办"))
    terms = Terms(lambda term: 0.1 if set(term) <= set("怎么办") else 3.0)

    assert liken(asked, same_matter, terms) > liken(asked, same_form, terms)


def test_nothing_is_like_no_wording(segmenter: Segmenter) -> None:
    assert compare(read_wording(segmenter.read("犬证")), [], grams=Terms(), words=Terms()) == []


@settings(deadline=None)
@given(asked=LETTERS, known=st.lists(LETTERS, min_size=1, max_size=4))
def test_many_are_compared_at_once_as_each_would_be_alone(segmenter: Segmenter, asked: str, known: list[str]) -> None:
    def rarity(term: str) -> float:
        return 1.0 + ord(term[0]) % 7

    one, others = read_wording(segmenter.read(asked)), [read_wording(segmenter.read(text)) for text in known]
    terms = Terms(rarity)
    kept: list[KnownWording] = [keep_wording(other, grams=terms, words=terms) for other in others]

    expected = [pytest.approx(liken_by_definition(one, other, rarity)) for other in others]
    assert compare(one, kept, grams=terms, words=terms) == expected


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
