"""Words that an entry says nowhere: by hand, whatever the order, and what is shipped tells a story from another question."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.confidence import read_regressions
from knowledge_base.elsewhere import cut_grams, read_weights, weigh_elsewhere
from knowledge_base.entry import Entry
from knowledge_base.matcher import Matcher

if TYPE_CHECKING:
    from random import Random

    from knowledge_base.text import Segmenter

WEIGHTS = {"代办": 1.0, "代": 0.5, "妈": -0.5}


def test_the_grams_of_the_words_are_summed_and_many_count_less_each() -> None:
    assert cut_grams(("代办", "妈")) == {"代", "办", "代办", "妈"}
    assert weigh_elsewhere(("代办", "妈"), WEIGHTS) == pytest.approx((1.0 + 0.5 - 0.5) / sqrt(3))
    assert weigh_elsewhere(("没见过",), WEIGHTS) == weigh_elsewhere((), WEIGHTS) == 0.0


@given(st.lists(st.text("代办妈我，x", max_size=4), max_size=5), st.randoms())
def test_neither_order_nor_repetition_matters(words: list[str], dice: Random) -> None:
    shuffled = [*words, *words]
    dice.shuffle(shuffled)

    assert weigh_elsewhere(shuffled, WEIGHTS) == weigh_elsewhere(words, WEIGHTS)


@pytest.mark.parametrize(
    ("story", "other"),
    [("我妈上个月刚搬来，老年卡怎么办", "老年卡怎么注销"), ("我家老妈的老年卡怎么办", "老年卡弄丢了怎么赔")],
)
def test_what_tells_a_story_weighs_less_than_what_asks_for_something_else(segmenter: Segmenter, story: str, other: str) -> None:
    matcher = Matcher()
    matcher.put(Entry(code="card", question="老年卡怎么办理", answer="带身份证到社区。"), segmenter)
    told, asked = (matcher.match(segmenter.read(text))[0] for text in (story, other))

    assert weigh_elsewhere(told.unsaid_words) < weigh_elsewhere(asked.unsaid_words)


def test_it_makes_less_sure_where_there_is_an_answer_to_look_in() -> None:
    shipped = read_regressions()

    assert {kind for kind, one in shipped.items() if one.weights.get("elsewhere", 0.0) < 0.0} == {"meaning", "question"}
    assert len(read_weights()) > 1000
