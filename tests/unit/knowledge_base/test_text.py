from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.text import Segmenter, cut_grams, normalize, skim
from knowledge_base.variants import settle

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("安泰路１２号，Ａ座", "安泰路12号,A座"),
        ("  路灯\r\n\t坏了　三天 ", "路灯 坏了 三天"),
        ("路\u200b灯\ufeff坏\u200d了\u2060", "路灯坏了"),
        ("坏了\x00\x07！", "坏了!"),
        ("\ud83d坏了", "坏了"),
        ("", ""),
    ],
)
def test_normalize_gives_what_a_reader_sees(written: str, normal: str) -> None:
    assert normalize(written) == normal


@given(st.text())
def test_normalizing_again_changes_nothing(text: str) -> None:
    assert normalize(normalize(text)) == normalize(text)


@given(st.text())
def test_a_normal_text_can_be_stored_and_sent(text: str) -> None:
    assert normalize(text).encode().decode() == normalize(text)


def test_grams_stay_within_runs() -> None:
    assert cut_grams("路灯, c1") == ("路", "灯", "c", "1", "路灯", "c1")


def test_reading_gives_long_words_the_short_ones_inside_and_folded_latin(segmenter: Segmenter) -> None:
    utterance = segmenter.read("居住证明 在哪办ＡＰＰ？")

    assert utterance.raw == "居住证明 在哪办ＡＰＰ？"
    assert utterance.text == "居住证明 在哪办APP?"
    assert utterance.folded == "居住证明 在哪办app?"
    assert "居住" in utterance.tokens
    assert utterance.tokens[-1] == "app"
    assert "?" not in utterance.tokens


def test_nothing_can_be_read_in_nothing(segmenter: Segmenter) -> None:
    utterance = segmenter.read("？！… \u200b")

    assert (utterance.tokens, utterance.grams) == ((), ())


@given(text=st.text())
def test_any_text_can_be_read(segmenter: Segmenter, text: str) -> None:
    utterance = segmenter.read(text)

    assert all(token.isalnum() and token == token.lower() for token in utterance.tokens)
    assert utterance.grams == cut_grams(settle(utterance.folded))


def test_a_segmenter_learns_for_itself(segmenter: Segmenter, dictionary: Path) -> None:
    taught = Segmenter(dictionary, ["柳浪新村"])

    assert taught.read("柳浪新村停水").tokens == ("新村", "柳浪新村", "停水")
    assert "柳浪新村" not in segmenter.read("柳浪新村停水").tokens


def test_a_word_that_is_taught_twice_is_taught_once_and_both_change_the_fingerprint(dictionary: Path) -> None:
    segmenter = Segmenter(dictionary)
    untaught = segmenter.fingerprint
    segmenter.add_words(["柳浪新村", "柳浪新村 "])
    taught = segmenter.fingerprint
    segmenter.add_words(["柳浪新村"])

    assert untaught != taught == segmenter.fingerprint == Segmenter(dictionary, ["柳浪新村"]).fingerprint


def test_skimming_reads_all_but_the_words(segmenter: Segmenter) -> None:
    read, skimmed = segmenter.read("加装ＡＢ电梯？"), skim("加装ＡＢ电梯？")

    assert (skimmed.raw, skimmed.text, skimmed.folded, skimmed.grams) == (read.raw, read.text, read.folded, read.grams)
    assert skimmed.tokens == ()
