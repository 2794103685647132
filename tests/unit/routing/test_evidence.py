"""What in a text speaks for which item."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from routing.evidence import GramIndex, PhrasingIndex, WordIndex, compile_evidence, cut_pairs, fold
from tests.town import ITEMS, LAMP, NOISE

WORDS = WordIndex(ITEMS)
GRAMS = GramIndex(ITEMS)
PHRASINGS = PhrasingIndex(ITEMS)
LAMP_AT, NOISE_AT = ITEMS.index(LAMP), ITEMS.index(NOISE)


def test_texts_are_compared_in_one_form() -> None:
    assert fold("ＫＴＶ　太吵") == "ktv 太吵"
    assert cut_pairs("路灯坏，没亮") == ["路灯", "灯坏", "没亮"]


def test_words_are_found_as_written() -> None:
    found = WORDS.find("门口路灯坏了三天")

    assert {at: sorted(piece.found for piece in pieces) for at, pieces in found.items()} == {LAMP_AT: ["路灯", "路灯坏"]}
    assert WORDS.find("今天天气不错") == {}
    assert WORDS.find("路") == {}


def test_a_word_said_again_weighs_more_but_not_twice() -> None:
    once = WORDS.find("路灯")[LAMP_AT][0].weight
    thrice = WORDS.find("路灯，路灯，路灯")[LAMP_AT][0].weight

    assert once < thrice < 3 * once


def test_a_word_after_a_negation_does_not_count() -> None:
    assert WORDS.find("不是噪声", ("不是",)) == {}
    assert list(WORDS.find("不是噪声，就是噪声", ("不是",))) == [NOISE_AT]
    assert list(WORDS.find("不是噪声")) == [NOISE_AT]


def test_grams_see_what_is_said_otherwise() -> None:
    scores = GRAMS.score(dict.fromkeys(cut_pairs("灯都不亮了"), 1.0))

    assert int(scores.argmax()) == LAMP_AT
    assert GRAMS.score({}).tolist() == [0.0] * len(ITEMS)
    assert [piece.found for piece in GRAMS.find_pieces("门口灯不亮，路灯", LAMP_AT, limit=2)] == ["灯不亮", "路灯"]


def test_a_phrasing_is_recognised_inside_a_letter() -> None:
    letter = fold("您好。楼下的灯黑了好几天了，老人晚上出门都怕摔。")

    found = PHRASINGS.find_best(letter, frozenset(cut_pairs(letter)), LAMP_AT, floor=0.6)

    assert found is not None
    assert found.found == "楼下的灯黑了好几天"
    assert found.weight == 1.0
    assert PHRASINGS.find_best(letter, frozenset(cut_pairs(letter)), NOISE_AT, floor=0.6) is None


def test_items_without_a_single_pair_are_no_error() -> None:
    short = msgspec.structs.replace(LAMP, name="灯", words=("灯",), phrasings=())

    assert GramIndex((short,)).score({"路灯": 1.0}).tolist() == [0.0]
    assert PhrasingIndex((short,)).find_best("灯", frozenset(), 0, floor=0.6) is None


def test_an_empty_list_is_no_error() -> None:
    assert WordIndex(()).find("路灯") == {}
    assert GramIndex(()).score({"路灯": 1.0}).tolist() == []


@given(st.text(max_size=200))
def test_what_is_found_stands_in_the_text(text: str) -> None:
    folded = fold(text)

    pieces = [piece for found in WORDS.find(folded).values() for piece in found]
    pieces += [piece for at in range(len(ITEMS)) for piece in GRAMS.find_pieces(folded, at, limit=3)]

    assert all(piece.found in folded and piece.weight > 0 for piece in pieces)


def test_a_list_is_compiled_once_and_another_one_anew() -> None:
    fewer = tuple(item for item in ITEMS if item != NOISE)
    renamed = tuple(msgspec.structs.replace(item, words=(*item.words, "黑灯")) if item == LAMP else item for item in ITEMS)

    assert compile_evidence((*ITEMS,)) is compile_evidence(tuple(ITEMS))
    assert NOISE_AT in compile_evidence(tuple(ITEMS)).words.find("噪声")
    assert compile_evidence(fewer).words.find("噪声") == {}
    assert (compile_evidence(tuple(ITEMS)).words.find("黑灯"), len(compile_evidence(renamed).words.find("黑灯"))) == ({}, 1)
