"""The pages of the city's words: an editor sees what a word would change before it counts, puts it into service without a restart, and takes it back."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from bot import proposing, vocabulary
from bot.city import City, load_city
from knowledge_base import uses, word_rows
from knowledge_base.match import Answered
from knowledge_base.own_words import OwnWord, Wanted
from store.audit import AuditEntry
from store.clock import utcnow
from tests.integration.pages.test_knowledge import HOSTILE, count_queries
from tests.page_door import open_pages

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.settings import Settings
    from store.engine import Store
    from tests.page_door import Pages, Seen

WORDS = "/staff/knowledge/words"
CHANGE, PREVIEW, PUT, UNDO = (f"{WORDS}/{name}" for name in ("change", "preview", "put", "undo"))
HISTORY, IMPORT = f"{WORDS}/history", f"{WORDS}/import"
EDITOR, SUPERVISOR, OPERATOR = "knowledge_editor", "supervisor", "operator"
CARD = {"kind": "synonym", "word": "老年优待证", "others": "老年证 夕阳红卡", "state": "on", "note": "老人都这么叫"}
ESTATE = {"kind": "place", "word": "老供销社", "target": "安泰路", "state": "on"}


@pytest.fixture(autouse=True)
def few_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare few texts: those that hold a changed word come first, and the time goes into the others."""
    monkeypatch.setattr(vocabulary, "MOST_TEXTS", 120)


@pytest.fixture
async def city(demo_store: Store, demo_settings: Settings) -> City:
    """A city in memory of its own: these pages change it."""
    return await demo_store.read(lambda s: load_city(s, demo_settings, now=utcnow()))


@pytest.fixture
async def pages(demo_store: Store, city: City) -> AsyncIterator[Pages]:
    async with open_pages(demo_store, city) as opened:
        yield opened


def field(seen: Seen, name: str) -> str:
    found = re.search(rf'name="{name}"(?: value="([^"]*)"| hidden[^>]*>([^<]*)<)', seen.text)
    assert found is not None, seen.text
    return html.unescape(found[1] if found[1] is not None else found[2])


async def look(pages: Pages, **typed: str) -> Seen:
    """Look at what a word would change."""
    return await pages.visit(EDITOR, PREVIEW, form=typed)


async def put(pages: Pages, **typed: str) -> Seen:
    """Put a word into service, as an editor does: look, then press the button."""
    seen = await look(pages, **typed)
    assert seen.status == 200, seen.text
    return await pages.visit(EDITOR, PUT, form={"lines": field(seen, "lines"), "edition": field(seen, "edition")})


async def test_what_a_place_is_called_is_read_by_its_name_in_the_history_too(pages: Pages) -> None:
    assert (await put(pages, kind="area", word="老菜园", target="LA-DL-LT-01")).status == 303

    shown = (await pages.visit(EDITOR, HISTORY)).text
    assert ("就是安泰社区" in shown, "LA-DL-LT-01" in shown) == (True, False)


def answered(city: City, question: str) -> str:
    decision = proposing.decide_alone(city, question)
    return decision.match.code if isinstance(decision, Answered) else ""


def tiles(seen: Seen) -> dict[str, int]:
    return {name: int(count) for count, name in re.findall(r'<li class="tile"><b>(\d+)</b>([^<]*)</li>', seen.text)}


async def test_a_synonym_answers_after_it_was_put_into_service_survives_a_restart_and_is_taken_back_by_one_click(
    pages: Pages, city: City, demo_store: Store, demo_settings: Settings
) -> None:
    asked = "夕阳红卡怎么办"
    await pages.api.store.write(lambda s: uses.record_use(s, kind="missed", question=asked, resident_id=901, now=utcnow()))
    assert answered(city, asked) == ""

    seen = await look(pages, **CARD)
    assert (seen.status, asked in seen.text, "居民问过 1 次" in seen.text) == (200, True, True)
    assert tiles(seen)["先看到的条目变了"] >= 1
    assert "这一组现在还有：老年人优待证, 老人证, 敬老证，以后就不算了" in seen.text
    assert (answered(city, asked), await pages.api.store.read(word_rows.load)) == ("", [])

    done = await pages.visit(EDITOR, PUT, form={"lines": field(seen, "lines"), "edition": field(seen, "edition")})
    assert (done.status, done.location.split("?")[0]) == (303, WORDS)
    listed = await pages.visit(EDITOR, f"{WORDS}?origin=own")
    assert ("夕阳红卡" in listed.text, "老人都这么叫" in listed.text, "柏舟" in listed.text) == (True, True, True)
    assert answered(city, asked) == "ZS-011"
    again = await demo_store.read(lambda s: load_city(s, demo_settings, now=utcnow()))
    assert (answered(again, asked), again.words_edition) == ("ZS-011", 1)

    back = await pages.visit(EDITOR, UNDO, form={"number": "1", "edition": "1"})
    assert (back.status, back.location) == (303, HISTORY)
    await pages.visit(EDITOR, WORDS)
    assert (answered(city, asked), city.own_words, city.words_edition) == ("", [], 2)
    history = await pages.visit(EDITOR, HISTORY)
    assert [name in history.text for name in ("第 1 次", "第 2 次", "退回了第 1 次")] == [True, True, True]
    audits = await pages.api.store.read(lambda s: s.execute(select(AuditEntry.action, AuditEntry.actor, AuditEntry.subject)).all())
    assert [tuple(one) for one in audits if one.subject.startswith("words:")] == [
        ("knowledge.words", "API-knowledge_editor", "words:1"),
        ("knowledge.words_undo", "API-knowledge_editor", "words:2"),
    ]


async def test_a_place_is_found_by_another_name_from_then_on_and_the_preview_shows_the_place_before_and_after(
    pages: Pages, city: City
) -> None:
    asked = "老供销社什么时候修路灯"
    await pages.api.store.write(lambda s: uses.record_use(s, kind="missed", question=asked, resident_id=901, now=utcnow()))
    assert [one.name for one in city.gazetteer.find(asked)] == []
    seen = await look(pages, **ESTATE)
    assert (tiles(seen)["地名变了"], "安泰路" in seen.text) == (1, True)
    assert (await put(pages, **ESTATE)).status == 303
    await pages.visit(EDITOR, WORDS)
    assert [one.name for one in city.gazetteer.find(asked)] == ["安泰路"]
    assert (await put(pages, **ESTATE | {"state": "gone"})).status == 303
    await pages.visit(EDITOR, WORDS)
    assert [one.name for one in city.gazetteer.find(asked)] == []


async def test_a_name_that_others_bear_is_pointed_out_and_a_name_of_the_table_can_be_left_out(pages: Pages, city: City) -> None:
    seen = await look(pages, kind="place", word="柳塘", target="安泰路", state="on")
    assert "别处也叫这个名字（LA-DL-LT）" in seen.text
    assert [one.kind for one in city.gazetteer.find("安泰大街路灯坏了")] == ["road"]
    assert (await put(pages, kind="place", word="安泰大街", target="安泰路", state="off")).status == 303
    await pages.visit(EDITOR, WORDS)
    assert [one.name for one in city.gazetteer.find("安泰大街路灯坏了")] == []


async def test_a_word_is_cut_as_one_and_a_word_of_the_dictionary_no_longer(pages: Pages, city: City) -> None:
    assert ("电瓶车棚" in city.segmenter.cut("电瓶车棚漏雨"), "路灯" in city.segmenter.cut("路灯坏了")) == (False, True)
    assert (await put(pages, kind="word", word="电瓶车棚", state="on")).status == 303
    assert (await put(pages, kind="word", word="路灯", state="off")).status == 303
    await pages.visit(EDITOR, WORDS)
    assert ("电瓶车棚" in city.segmenter.cut("电瓶车棚漏雨"), "路灯" in city.segmenter.cut("路灯坏了")) == (True, False)


async def test_of_two_editors_the_second_is_shown_what_stands_by_now_and_loses_nothing(pages: Pages) -> None:
    first, second = await look(pages, **CARD), await look(pages, **ESTATE)
    assert (await pages.visit(EDITOR, PUT, form={"lines": field(first, "lines"), "edition": field(first, "edition")})).status == 303
    late = await pages.visit(EDITOR, PUT, form={"lines": field(second, "lines"), "edition": field(second, "edition")})
    assert (late.status, "有人刚放进了别的词" in late.text, field(late, "lines")) == (409, True, field(second, "lines"))
    assert (await pages.visit(EDITOR, PUT, form={"lines": field(late, "lines"), "edition": field(late, "edition")})).status == 303
    assert [one.word for one in await pages.api.store.read(word_rows.load)] == ["老年优待证", "老供销社"]


async def test_what_was_changed_again_is_not_taken_back_over_the_later_change(pages: Pages) -> None:
    await put(pages, **CARD)
    await put(pages, **CARD | {"others": "老年证 敬老金卡"})
    seen = await pages.visit(EDITOR, UNDO, form={"number": "1", "edition": "2"})
    assert (seen.status, "先退后来的那一次" in seen.text) == (409, True)
    stale = await pages.visit(EDITOR, UNDO, form={"number": "2", "edition": "1"})
    assert (stale.status, "刚才又有人" in stale.text) == (409, True)
    assert (await pages.visit(EDITOR, UNDO, form={"number": "9", "edition": "2"})).status == 404
    assert (await pages.visit(EDITOR, UNDO, form={"number": "2", "edition": "2"})).status == 303
    assert [one.others for one in await pages.api.store.read(word_rows.load)] == [("老年证", "夕阳红卡")]


async def test_words_that_cannot_stand_are_refused_with_the_reason_and_what_was_typed_stays(pages: Pages) -> None:
    faulty = [
        (CARD | {"word": "证"}, "至少两个字"),
        (CARD | {"word": "很" * 21}, "最多 20 个字"),
        (CARD | {"others": ""}, "至少再写一个说法"),
        (CARD | {"word": "夕阳卡", "others": "驾照"}, "已经在“驾驶证”那一组里"),
        (CARD | {"others": "a" + "，" + "b"}, "不能有标点"),
        (ESTATE | {"target": "没有这条路"}, "没有这个地方：没有这条路"),
        (ESTATE | {"kind": "area"}, "没有这个地方：安泰路"),
        (ESTATE | {"target": HOSTILE, "note": HOSTILE}, "没有这个地方："),
        ({"kind": "word", "word": HOSTILE, "state": "on"}, "最多 20 个字"),
    ]
    for typed, why in faulty:
        seen = await look(pages, **typed)
        assert (typed, seen.status, why in seen.text) == (typed, 422, True)
        assert "<script>alert" not in seen.text
        assert html.escape(typed["word"], quote=False) in seen.text.replace("&#34;", '"').replace("&#39;", "'")
    assert await pages.api.store.read(word_rows.current_edition) == 0


async def test_a_table_is_exported_changed_and_taken_whole_or_not_at_all(pages: Pages) -> None:
    await put(pages, **CARD)
    saved = await pages.visit(EDITOR, f"{WORDS}/save/csv")
    rows = list(csv.reader(io.StringIO(saved.text.removeprefix("\ufeff"))))
    assert rows[0][:6] == ["kind", "word", "others", "target", "state", "note"]
    assert (rows[1][:6], "API-knowledge_editor" in rows[1][6]) == (
        ["synonym", "老年优待证", "老年证|夕阳红卡", "", "on", "老人都这么叫"],
        True,
    )
    bad = "kind,word,others,target,state,note\nword,电瓶车棚,,,on,\npoem,春眠,,,on,\n"
    refused = await pages.visit(EDITOR, PREVIEW, form={}, files={"file": ("words.csv", bad.encode("gb18030"))})
    assert (refused.status, "第 3 行：kind 要写" in refused.text) == (422, True)
    good = saved.text.replace("夕阳红卡", "敬老金卡") + "word,电瓶车棚,,,on,=1+1,x\n"
    shown = await pages.visit(EDITOR, PREVIEW, form={}, files={"file": ("words.csv", good.encode())})
    assert (shown.status, "要改 2 条" in shown.text) == (200, True)
    done = await pages.visit(EDITOR, PUT, form={"lines": field(shown, "lines"), "edition": field(shown, "edition")})
    assert done.status == 303
    assert [(one.word, one.others, one.note) for one in await pages.api.store.read(word_rows.load)] == [
        ("电瓶车棚", (), "=1+1"),
        ("老年优待证", ("老年证", "敬老金卡"), "老人都这么叫"),
    ]
    assert "'=1+1" in (await pages.visit(EDITOR, f"{WORDS}/save/csv")).text
    for path, form in ((PREVIEW, {"lines": ""}), (PREVIEW, {"lines": "a,b\n1,2\n"})):
        assert (await pages.visit(EDITOR, path, form=form)).status == 422


async def test_supervisors_and_operators_look_and_nobody_but_editors_changes_anything(pages: Pages) -> None:
    await put(pages, **CARD)
    for role in (SUPERVISOR, OPERATOR):
        for path in (WORDS, HISTORY, f"{WORDS}/save/csv"):
            assert (role, path, (await pages.visit(role, path)).status) == (role, path, 200)
        shown = await pages.visit(role, WORDS)
        assert ("夕阳红卡" in shown.text, "加同义词" in shown.text, "只能查看" in shown.text) == (True, False, True)
        for path in (CHANGE, IMPORT):
            assert (role, path, (await pages.visit(role, path)).status) == (role, path, 403)
        for path in (PREVIEW, PUT, UNDO):
            assert (role, path, (await pages.visit(role, path, form=CARD | {"number": "1"})).status) == (role, path, 403)
    for role in ("desk", "unit_clerk", "grid_worker", "liaison", "seat", "auditor"):
        assert (role, (await pages.visit(role, WORDS)).status) == (role, 403)
    assert "/staff/knowledge/words" in (await pages.visit(SUPERVISOR, WORDS)).text
    assert await pages.api.store.read(word_rows.current_edition) == 1


async def test_the_list_is_searched_paged_and_says_where_a_word_comes_from(pages: Pages) -> None:
    await put(pages, **CARD)
    first = await pages.visit(EDITOR, WORDS)
    names = re.findall(r'<span class="tag (?:blue|plain)">([^<]*)</span>', first.text)
    assert (names[0], len(names)) == ("本市的", 50)
    seen, texts = first, []
    while found := re.search(r'href="(\?[^"]*after=[^"]*)">下一页', seen.text):
        seen = await pages.visit(EDITOR, WORDS + html.unescape(found[1]))
        texts.append(seen.text)
    assert [one for one in texts if "安泰大街" in one] != []
    only = await pages.visit(EDITOR, f"{WORDS}?words=驾照&kind=synonym&origin=shipped")
    assert ("1 条；词典里有“驾照”这个词" in only.text, "机动车驾驶证" in only.text) == (True, True)
    assert "没有这样的词" in (await pages.visit(EDITOR, f"{WORDS}?words=没有这种词吧")).text
    assert [(await pages.visit(EDITOR, f"{WORDS}?{query}")).status for query in ("kind=poem", "origin=moon")] == [422, 422]


async def test_the_form_shows_a_word_as_it_stands_and_a_shipped_group_with_all_its_words(pages: Pages) -> None:
    shown = await pages.visit(EDITOR, f"{CHANGE}?kind=synonym&word=驾驶证")
    assert ("机动车驾驶证" in shown.text, "去掉本市的这一条" in shown.text) == (True, False)
    await put(pages, **CARD)
    own = await pages.visit(EDITOR, f"{CHANGE}?kind=synonym&word=老年优待证")
    assert ("夕阳红卡" in own.text, "照随软件的：" in own.text) == (True, True)
    for kind in ("word", "area", "place", "nonsense"):
        assert (await pages.visit(EDITOR, f"{CHANGE}?kind={kind}")).status == 200
    assert (await pages.visit(EDITOR, IMPORT)).status == 200


async def test_how_often_the_database_is_asked_does_not_grow_with_the_words(pages: Pages, city: City) -> None:
    async def count(path: str) -> int:
        await pages.visit(EDITOR, path)
        with count_queries() as asked:
            assert (await pages.visit(EDITOR, path)).status == 200
        return len(asked)

    few = [await count(path) for path in (WORDS, HISTORY)]
    for number in range(15):
        wanted = [Wanted(own=OwnWord(kind="word", word=f"新词{number}号{part}")) for part in range(10)]
        await pages.api.store.write(
            lambda s, n=number, w=wanted: vocabulary.put(s, city, w, edition=n, by="X", now=utcnow() + timedelta(seconds=n))
        )
    assert [await count(path) for path in (WORDS, HISTORY)] == [few[0] + 1, few[1]]
