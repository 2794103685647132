"""The encoder as a cascade in the matcher: asked about questions only, only when the words are not sure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from knowledge_base.encoder import load_encoder
from knowledge_base.entry import Entry
from knowledge_base.matcher import Matcher

if TYPE_CHECKING:
    from pathlib import Path

    from knowledge_base.encoder import Encoder
    from knowledge_base.text import Segmenter

BASE = (
    Entry(code="pipe", question="管道破损找谁", answer="报修"),
    Entry(code="card", question="社保卡丢失怎么补办", phrasings=("医保卡掉了",), answer="到银行网点"),
    Entry(code="lift", kind="policy", question="加装电梯管理办法", answer="三分之二业主同意方可加装电梯。"),
)
UNLIKE = "水管裂了"


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    loaded = load_encoder()
    assert loaded is not None, "make test installs the extra [semantic]"
    return loaded


def build(segmenter: Segmenter, encoder: Encoder | None) -> Matcher:
    matcher = Matcher(encoder=encoder)
    for entry in BASE:
        matcher.put(entry, segmenter)
    return matcher


def test_what_shares_few_words_is_found_by_its_meaning_with_the_encoder_and_not_without(
    segmenter: Segmenter, encoder: Encoder
) -> None:
    on, off = build(segmenter, encoder).match(segmenter.read(UNLIKE)), build(segmenter, None).match(segmenter.read(UNLIKE))

    assert (on[0].code, on[0].meaning > 0.9) == ("pipe", True)
    assert [match.meaning for match in off] == [0.0] * len(off)


def test_a_text_without_a_question_is_never_compared_in_meaning(segmenter: Segmenter, encoder: Encoder) -> None:
    matches = build(segmenter, encoder).match(segmenter.read("加装电梯要多少业主同意"))

    assert [match.meaning for match in matches if match.code == "lift"] == [0.0]


def test_what_the_words_are_sure_of_is_as_without_it(segmenter: Segmenter, encoder: Encoder) -> None:
    asked = segmenter.read("社保卡丢失怎么补办")

    assert build(segmenter, encoder).match(asked) == build(segmenter, None).match(asked)


def test_an_entry_taken_out_is_not_found_by_its_meaning(segmenter: Segmenter, encoder: Encoder) -> None:
    matcher = build(segmenter, encoder)
    matcher.remove("pipe")

    assert "pipe" not in [match.code for match in matcher.match(segmenter.read(UNLIKE))]


def test_what_is_typed_by_sound_is_compared_as_it_was_meant(segmenter: Segmenter, encoder: Encoder) -> None:
    matcher = build(segmenter, encoder)
    typed, meant = (matcher.match(segmenter.read(asked))[0] for asked in ("水官裂乐找谁修里", "水管裂了找谁修理"))

    assert (typed.code, typed.read_as) == ("pipe", "水管裂了找谁修理")
    assert (typed.meaning, meant.read_as) == (pytest.approx(meant.meaning, abs=1e-4), "")


def test_many_at_once_are_found_as_if_put_one_by_one(segmenter: Segmenter, encoder: Encoder, tmp_path: Path) -> None:
    many = [*BASE, *(Entry(code=f"n{number}", question=f"第{number}号通知在哪里看") for number in range(80))]
    at_once, one_by_one = Matcher(encoder=encoder), Matcher(encoder=encoder)
    at_once.take_over(many, segmenter, cache=tmp_path / "knowledge.cache")
    for entry in many:
        one_by_one.put(entry, segmenter)

    first, second = (matcher.match(segmenter.read(UNLIKE)) for matcher in (at_once, one_by_one))

    assert [match.code for match in first][:3] == [match.code for match in second][:3]
    assert first[0].meaning == pytest.approx(second[0].meaning, abs=1e-4)
