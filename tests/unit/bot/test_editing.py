"""Trying a question before anything is published: with a draft among the entries, found as the service would find it."""

from __future__ import annotations

import msgspec
import pytest

from bot.city import City
from bot.editing import try_out
from bot.settings import Settings, load
from knowledge_base.entry import Entry

PIPE = Entry(code="pipe", question="管道破损找谁", answer="报修")
CARD = Entry(code="card", question="社保卡丢失怎么补办", answer="到银行网点")
UNLIKE = "水管裂了"


@pytest.fixture
def settings(demo_settings: Settings) -> Settings:
    return msgspec.structs.replace(demo_settings, knowledge=msgspec.structs.replace(load().knowledge, semantic=True))


def test_where_the_encoder_helps_to_find_answers_it_finds_a_draft_too_and_what_is_published_as_before(settings: Settings) -> None:
    city = City(settings)
    for entry in (PIPE, CARD):
        city.matcher.put(entry, city.segmenter)
    asked = city.segmenter.read(UNLIKE)

    tried = try_out(city, [msgspec.structs.replace(CARD, answer="到社区办")])

    before, after = ([(match.code, match.meaning) for match in one.match(asked)] for one in (city.matcher, tried))
    assert after == before
    assert (after[0][0], after[0][1] > 0.9) == ("pipe", True)
    assert [entry.answer for entry in tried.entries.values()] == ["报修", "到社区办"]
    assert [entry.answer for entry in city.matcher.entries.values()] == ["报修", "到银行网点"]
