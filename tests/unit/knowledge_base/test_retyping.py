"""What was typed by its sound is read as it was probably meant, and what is right stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.index import Fields, Index
from knowledge_base.pinyin import sound_table
from knowledge_base.retyping import Retyper
from knowledge_base.text import Segmenter
from knowledge_base.wording import read_terms

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def retyper(segmenter: Segmenter) -> Retyper:
    return Retyper(segmenter)


def index_of(segmenter: Segmenter, *questions: str) -> Index:
    index = Index()
    for number, question in enumerate(questions):
        index.put(f"e{number}", Fields(read_terms(segmenter.read(question))))
    return index


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("署假有没有托管班", "暑假有没有托管班"),
        ("物页费最高收多少", "物业费最高收多少"),
        ("电瓶车能冲电吗", "电瓶车能充电吗"),
        ("怎么擦违章", "怎么查违章"),
        ("第一年的驾驶政能扣分吗", "第一年的驾驶证能扣分吗"),
    ],
)
def test_a_slip_is_read_as_the_word_that_sounds_so(retyper: Retyper, segmenter: Segmenter, typed: str, meant: str) -> None:
    read = retyper.read(segmenter.read(typed), Index())

    assert read is not None
    assert (read.text, read.tokens) == (meant, segmenter.read(meant).tokens)


@pytest.mark.parametrize("fine", ["暑假有没有托管班", "物业费最高收多少", "居住证到期了怎么续", "WiFi 5G 怎么办 12345", "证", ""])
def test_what_is_right_is_not_read_again(retyper: Retyper, segmenter: Segmenter, fine: str) -> None:
    assert retyper.read(segmenter.read(fine), Index()) is None


def test_a_word_of_the_entries_is_meant_before_others_that_sound_so(segmenter: Segmenter) -> None:
    typed, retyper = segmenter.read("长户险怎么申请"), Retyper(segmenter)
    guessed = retyper.read(typed, Index())

    read = retyper.read(typed, index_of(segmenter, "长护险 怎么申请"))

    assert guessed is not None
    assert read is not None
    assert (guessed.text, read.text) == ("账户险怎么申请", "长护险怎么申请")


def test_neighbours_that_stand_so_in_an_entry_are_never_changed(retyper: Retyper, segmenter: Segmenter) -> None:
    typed = segmenter.read("署假班")
    assert retyper.read(typed, Index()) is not None

    assert retyper.read(typed, index_of(segmenter, "署假班在哪里报名")) is None


def test_names_of_the_city_count_and_another_dictionary_wants_another_reader(dictionary: Path) -> None:
    segmenter = Segmenter(dictionary)
    before = Retyper(segmenter)
    segmenter.add_words(["柳塘街道"])
    after = Retyper(segmenter)

    assert (before.fits(segmenter), after.fits(segmenter)) == (False, True)


@settings(deadline=None)
@given(text=st.text(alphabet=st.sampled_from("署暑假物页业费冲充电怎么擦查违为章a1 ，。\n居住证"), max_size=30))
def test_every_reading_sounds_as_it_was_typed(retyper: Retyper, segmenter: Segmenter, text: str) -> None:
    typed = segmenter.read(text)
    read = retyper.read(typed, Index())

    if read is not None:
        assert read.text != typed.text
        assert read.text.translate(sound_table()) == typed.text.translate(sound_table())
