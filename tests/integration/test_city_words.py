"""The city's own words on both databases: one edition after the other, whoever puts them there; the commands do what the pages do."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from sqlalchemy import select

from bot import proposing, vocabulary
from bot.app import App
from bot.channels import Inbound
from bot.city import City, load_city
from bot.commands import discover
from bot.refusals import Refusal, explain_refusal
from knowledge_base import uses, word_rows
from knowledge_base.match import Answered
from knowledge_base.own_words import OwnWord, Wanted
from knowledge_base.word_rows import ChangedSince, NoSuchEdition, WordsChanged, WordsTooMany, WordsWrong
from routing.org import Former
from store.audit import AuditEntry
from tests.dialogue_phone import PhoneChannel

if TYPE_CHECKING:
    from bot.settings import Settings
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
CARD = OwnWord(kind="synonym", word="老年优待证", others=("老年人优待证", "老年证", "老人证", "敬老证", "夕阳红卡"))
SHED = OwnWord(kind="word", word="电瓶车棚")
ASKED = "夕阳红卡怎么办"


async def put(store: Store, *words: OwnWord, edition: int, gone: bool = False) -> word_rows.Edition | None:
    wanted = [Wanted(own=one, gone=gone) for one in words]
    return await store.write(lambda s: word_rows.put(s, wanted, edition=edition, by="EDITOR", now=NOW))


async def test_each_time_words_are_put_into_service_is_an_edition_that_stays(store: Store) -> None:
    first = await put(store, CARD, SHED, edition=0)
    assert (first and first.number, await put(store, CARD, edition=1)) == (1, None)
    changed = OwnWord(kind="synonym", word="老年优待证", off=True)
    await put(store, changed, edition=1)
    await put(store, SHED, edition=2, gone=True)

    assert await store.read(word_rows.load) == [changed]
    listed = await store.read(lambda s: word_rows.list_editions(s, limit=2))
    assert [(one.number, [(each.before, each.after) for each in one.changes]) for one in listed] == [
        (3, [(SHED, None)]),
        (2, [(CARD, changed)]),
    ]
    assert await store.read(lambda s: word_rows.list_editions(s, limit=9, before=2)) == [first]
    assert await store.read(lambda s: word_rows.find_last(s, [("synonym", "老年优待证"), ("word", "电瓶车棚")])) == {
        ("synonym", "老年优待证"): ("EDITOR", NOW)
    }


async def test_an_edition_that_somebody_did_not_look_at_is_not_overwritten(store: Store) -> None:
    await put(store, CARD, edition=0)
    with pytest.raises(WordsChanged):
        await put(store, SHED, edition=0)
    with pytest.raises(WordsChanged):
        await store.write(lambda s: word_rows.undo(s, 1, edition=0, by="EDITOR", now=NOW))

    assert (await store.read(word_rows.load), await store.read(word_rows.current_edition)) == ([CARD], 1)


async def test_taking_back_brings_the_words_back_as_they_stood_and_is_an_edition_itself(store: Store) -> None:
    changed = OwnWord(kind="synonym", word="老年优待证", others=("敬老金卡",))
    await put(store, CARD, SHED, edition=0)
    await put(store, changed, edition=1)
    for number, error in ((1, ChangedSince), (7, NoSuchEdition)):
        with pytest.raises(error):
            await store.write(lambda s, n=number: word_rows.undo(s, n, edition=2, by="EDITOR", now=NOW))
    await store.write(lambda s: word_rows.undo(s, 2, edition=2, by="OTHER", now=NOW))
    assert await store.read(word_rows.load) == [SHED, CARD]
    await store.write(lambda s: word_rows.undo(s, 3, edition=3, by="OTHER", now=NOW))
    assert await store.read(word_rows.load) == [SHED, changed]
    assert [one.undoes for one in await store.read(lambda s: word_rows.list_editions(s, limit=9))] == [3, 2, None, None]


async def test_a_city_has_no_more_words_than_somebody_can_keep_an_eye_on(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_rows, "MOST", 1)
    with pytest.raises(WordsTooMany):
        await put(store, CARD, SHED, edition=0)
    assert (await store.read(word_rows.load), await store.read(word_rows.current_edition)) == ([], 0)


class House:
    """The commands on a city, as the service or the command line runs them."""

    def __init__(self, settings: Settings, store: Store, city: City) -> None:
        self.settings, self.store, self.city = settings, store, city

    async def call(self, name: str, **arguments: Any) -> Any:
        command = discover()[f"knowledge.{name}"]
        run = self.store.write if command.writes else self.store.read
        result = await run(lambda s: command.run(s, self.city, now=NOW, **arguments))
        await self.store.read(lambda s: self.city.refresh(s, now=NOW))
        return result


@pytest.fixture
async def house(demo_store: Store, demo_settings: Settings) -> House:
    return House(demo_settings, demo_store, await demo_store.read(lambda s: load_city(s, demo_settings, now=NOW)))


def answered(city: City) -> str:
    decision = proposing.decide_alone(city, ASKED)
    return decision.match.code if isinstance(decision, Answered) else ""


def want(own: OwnWord, *, gone: bool = False) -> dict[str, Any]:
    return {"own": {"kind": own.kind, "word": own.word, "others": list(own.others), "target": own.target}, "gone": gone}


async def test_the_commands_try_put_list_and_take_back(house: House) -> None:
    await house.store.write(lambda s: uses.record_use(s, kind="missed", question=ASKED, resident_id=7, now=NOW))
    tried = await house.call("words_try", wanted=[want(CARD)])
    assert [(row["text"], row["times"], row["before"]["first"], row["after"]["first"]) for row in tried["rows"]] == [
        (ASKED, 1, "", "ZS-011")
    ]
    assert (answered(house.city), await house.call("words", words="", everything=False)) == ("", [])

    done = await house.call("words_put", wanted=[want(CARD)], actor="EDITOR")
    assert (done["edition"], answered(house.city)) == (1, "ZS-011")
    assert [row["own"]["word"] for row in await house.call("words", words="夕阳", everything=True)] == ["老年优待证"]
    assert (await house.call("words_put", wanted=[want(CARD)], actor="EDITOR"))["edition"] == 0

    assert (await house.call("words_undo", number=1, actor="EDITOR"))["edition"] == 2
    assert (answered(house.city), house.city.segmenter.variants) == ("", None)
    assert [row["edition"] for row in await house.call("words_history", limit=9)] == [2, 1]
    audits = await house.store.read(
        lambda s: s.execute(select(AuditEntry.action, AuditEntry.actor).where(AuditEntry.subject.startswith("words:"))).all()
    )
    assert [tuple(one) for one in audits] == [("knowledge.words", "EDITOR"), ("knowledge.words_undo", "EDITOR")]


async def test_what_the_commands_refuse_is_said_in_words(house: House) -> None:
    with pytest.raises(WordsWrong) as wrong:
        await house.call("words_put", wanted=[want(OwnWord(kind="synonym", word="驾照本", others=("驾照",)))], actor="EDITOR")
    assert explain_refusal(wrong.value) == "这些词还不能放进使用：驾照 已经在“驾驶证”那一组里。"
    with pytest.raises(Refusal, match="没有第 5 次改动"):
        await house.call("words_undo", number=5, actor="EDITOR")
    assert await house.store.read(word_rows.current_edition) == 0


async def test_taking_back_what_no_longer_goes_with_the_rest_changes_nothing(house: House) -> None:
    left_out = OwnWord(kind="synonym", word="驾驶证", off=True)
    own = OwnWord(kind="synonym", word="驾照", others=("开车证",))
    await house.call("words_put", wanted=[want(left_out) | {"own": want(left_out)["own"] | {"off": True}}], actor="EDITOR")
    await house.call("words_put", wanted=[want(own)], actor="EDITOR")
    with pytest.raises(WordsWrong):
        await house.call("words_undo", number=1, actor="EDITOR")
    assert [one.word for one in await house.store.read(word_rows.load)] == ["驾照", "驾驶证"]


async def test_another_process_and_a_start_work_with_the_words_that_are_in_service(house: House) -> None:
    other = await house.store.read(lambda s: load_city(s, house.settings, now=NOW))
    await house.call(
        "words_put", wanted=[want(CARD), want(OwnWord(kind="place", word="老供销社", target="安泰路"))], actor="EDITOR"
    )
    assert (answered(other), other.words_edition) == ("", 0)

    await house.store.read(lambda s: other.refresh(s, now=NOW))
    started = await house.store.read(lambda s: load_city(s, house.settings, now=NOW))
    for city in (house.city, other, started):
        assert (answered(city), city.words_edition) == ("ZS-011", 1)
        assert [one.name for one in city.gazetteer.find("老供销社的路灯")] == ["安泰路"]
        assert city.segmenter.fingerprint == started.segmenter.fingerprint


async def test_the_next_resident_is_answered_in_the_words_that_were_put_into_service(house: House) -> None:
    phone: Any = PhoneChannel("wechat_mp", reply_limit=2048, windows={})
    app = App(house.settings, house.store, house.city, {"wechat_mp": phone}, clock=lambda: NOW)
    numbers = count()

    async def say(words: str) -> str:
        number = next(numbers)
        inbound = Inbound(channel="wechat_mp", key=f"m:{number}", sender=f"o{number}", kind="text", sent_at=NOW, text=words)
        return (await app.receiver.receive(inbound)).text or ""

    entry = house.city.matcher.entry("ZS-011")
    assert entry is not None
    assert entry.answer[:12] not in await say(ASKED)
    await house.call("words_put", wanted=[want(CARD)], actor="EDITOR")
    assert entry.answer[:12] in await say(ASKED)


async def test_an_area_that_was_replaced_leaves_its_names_to_what_followed_it(house: House) -> None:
    await house.call("words_put", wanted=[want(OwnWord(kind="area", word="老菜园", target="LA-DL-LT-01"))], actor="EDITOR")
    org = house.city.org
    assert [one.areas for one in house.city.gazetteer.find("老菜园停水了")] == [house.city.gazetteer.tree.leaves("LA-DL-LT-01")]
    former = Former(code="LA-DL-LT-01", name="旧社区", successor="LA-DL-LT-02")
    left = {code: area for code, area in org.areas.items() if code != "LA-DL-LT-01"}
    house.city.org = msgspec.structs.replace(org, areas=left, former_areas={"LA-DL-LT-01": former})

    changed = house.city.make_gazetteer(house.city.own_words)
    assert [one.areas for one in changed.find("老菜园停水了")] == [changed.tree.leaves("LA-DL-LT-02")]
    assert [one.target_name for one in vocabulary.list_known(house.city) if one.origin == "own"] == [left["LA-DL-LT-02"].name]


@pytest.mark.parametrize("demo_url", ["sqlite"], indirect=True)
async def test_where_the_encoder_helps_to_find_answers_it_helps_before_and_after(
    demo_store: Store, demo_settings: Settings
) -> None:
    knowledge = msgspec.structs.replace(demo_settings.knowledge, semantic=True)
    settings = msgspec.structs.replace(demo_settings, knowledge=knowledge)
    city = await demo_store.read(lambda s: load_city(s, settings, now=NOW))

    impact = await demo_store.read(lambda s: vocabulary.preview(s, city, [Wanted(own=SHED)]))

    assert impact.compared > 500
    assert [row.text for row in impact.rows if {"first", "band"} & set(row.what) and "车棚" not in row.text] == []


async def test_a_word_that_changes_only_whose_matter_it_is_shows_the_duty_item_before_and_after(house: House) -> None:
    text = "路灯巷停水两天了"
    await house.store.write(lambda s: uses.record_use(s, kind="missed", question=text, resident_id=7, now=NOW))

    tried = await house.call("words_try", wanted=[want(OwnWord(kind="place", word="路灯巷", target="杏花巷"))])

    [row] = [row for row in tried["rows"] if row["text"] == text]
    assert (row["before"]["item"], row["after"]["item"]) == ("路灯不亮", "突发停水")
    assert ("item" in row["what"], tried["counts"]["item"]) == (True, 1)
