from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.text import skim
from knowledge_base.wording import (
    Terms,
    drop_asking,
    find_unsaid,
    join_sounds,
    liken,
    make_plain,
    miss,
    read_asked,
    read_terms,
    read_wording,
)

if TYPE_CHECKING:
    from knowledge_base.text import Segmenter

LETTERS = st.text("公租房犬证怎么办在哪，？a1的", max_size=12)


def alike(one: str, other: str) -> tuple[float, float]:
    whole, bare = liken(read_wording(skim(one)), [read_wording(skim(other))])
    return pytest.approx(float(whole[0])), pytest.approx(float(bare[0]))  # type: ignore[return-value]  # compared with floats


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("请问一下犬证咋办", "犬证怎么办"),
        ("如何查询", "怎么查询"),
        ("何处领取啊", "哪里领取"),
        ("可否代办呢", "能不能代办"),
        ("驾照遗失", "驾驶证丢失"),
        ("路灯坏三天", "路灯坏三天"),
        ("", ""),
    ],
)
def test_all_ways_to_say_the_same_come_to_one_form(said: str, plain: str) -> None:
    assert make_plain(said) == plain


@given(text=LETTERS)
def test_a_plain_text_without_asking_words_has_none_of_its_own_added(text: str) -> None:
    left = drop_asking(make_plain(text))

    assert set(left) - {" "} <= set(make_plain(text))


def test_words_that_only_ask_go_and_stay_if_there_are_no_others() -> None:
    assert drop_asking("护士执业注册怎么办理").strip() == "护士执业注册"
    assert drop_asking("怎么办理") == "怎么办理"


def test_what_sounds_the_same_is_the_same_wording_and_other_matters_are_not() -> None:
    assert read_wording(skim("社宝卡丢了怎么补办")) == read_wording(skim("社保卡丢了怎么补办"))
    assert read_wording(skim("身份证补办")) != read_wording(skim("身份证换领"))


def test_a_wording_is_compared_whole_and_without_the_words_that_only_ask() -> None:
    assert alike("犬证怎么办", "犬证怎么办？！") == (1.0, 1.0)
    assert alike("护士执业注册怎么办理", "护士执业注册") == (0.75, 1.0)
    assert alike("犬证", "低保") == (0.0, 0.0)


def test_terms_are_words_characters_and_sounds_that_homophones_share(segmenter: Segmenter) -> None:
    right, wrong = read_terms(segmenter.read("社保")), read_terms(segmenter.read("社宝"))

    assert right == Terms(("社保",), ("社", "保", "社保"), wrong.sounds)
    assert set(right.grams) & set(wrong.grams) == {"社"}


@settings(deadline=None)
@given(text=LETTERS)
def test_what_is_left_without_asking_words_is_part_of_all_that_was_asked(segmenter: Segmenter, text: str) -> None:
    asked = read_asked(segmenter.read(text))

    assert set(asked.bare.grams) <= set(asked.terms.grams)
    assert set(asked.bare.sounds) <= set(asked.terms.sounds)
    assert asked.bare.words == ()


@settings(deadline=None)
@given(one=LETTERS, other=LETTERS)
def test_likeness_lies_between_0_and_1_and_does_not_depend_on_who_is_asked(one: str, other: str) -> None:
    first, second = read_wording(skim(one)), read_wording(skim(other))
    there, back = liken(first, [second]), liken(second, [first])

    assert [each.tolist() for each in there] == [pytest.approx(each.tolist()) for each in back]
    assert all(0.0 <= float(each[0]) <= 1.0 for each in there)


def tell_missing(segmenter: Segmenter, asked: str, wordings: tuple[str, ...], answer: str = "") -> float:
    read = read_asked(segmenter.read(asked))
    return miss(read, find_unsaid(read, join_sounds([read_wording(skim(wording)) for wording in wordings], answer)))


@pytest.mark.parametrize(
    ("asked", "wordings", "answer"),
    [
        ("公租房押金怎么退", ("公租房押金怎么退",), ""),
        ("公租房押金", ("公租房怎么申请", "押金交多少"), ""),  # each word in another wording
        ("公租房押金", ("公租房怎么申请",), "押金退房时退还。"),  # in the answer
        ("公租房压金", ("公租房怎么申请",), "押金退房时退还。"),  # as it sounds
        ("？！", ("公租房怎么申请",), ""),  # nothing was asked
        ("", (), ""),
    ],
)
def test_what_stands_anywhere_in_an_entry_is_not_missing(
    segmenter: Segmenter, asked: str, wordings: tuple[str, ...], answer: str
) -> None:
    assert tell_missing(segmenter, asked, wordings, answer) == 0.0


def test_what_is_missing_counts_by_how_rare_it_is(segmenter: Segmenter) -> None:
    known = ("公租房怎么申请",)

    assert tell_missing(segmenter, "犬证", known) == 1.0
    assert 0.0 < tell_missing(segmenter, "公租房押金", known) < 1.0
    assert tell_missing(segmenter, "公租房蟋蟀", known) > tell_missing(segmenter, "公租房我们", known)


def test_of_a_word_and_the_shorter_ones_inside_it_only_the_longest_counts(segmenter: Segmenter) -> None:
    [word] = read_asked(segmenter.read("公积金")).words

    assert (word.written, word.sound) == ("公积金", read_wording(skim("公积金")).sounds)


def test_the_words_an_entry_says_nowhere_are_found_as_they_were_written(segmenter: Segmenter) -> None:
    asked = read_asked(segmenter.read("公租房压金能不能转让"))
    saying = join_sounds([read_wording(skim("公租房怎么申请"))], "押金退房时退还。")

    assert [word.written for word in find_unsaid(asked, saying)] == ["转让"]


@settings(deadline=None)
@given(asked=LETTERS, known=LETTERS, answer=LETTERS)
def test_more_in_an_entry_never_makes_more_missing(segmenter: Segmenter, asked: str, known: str, answer: str) -> None:
    less, more = tell_missing(segmenter, asked, (known,)), tell_missing(segmenter, asked, (known,), answer)

    assert 0.0 <= more <= less <= 1.0 + 1e-9
