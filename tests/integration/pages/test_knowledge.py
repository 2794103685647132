"""The pages of the knowledge editors: what is published answers at once, nothing that somebody wrote in between is lost, and questions in vain become entries."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine, event, select

from bot.city import City, load_city
from bot.proposal_round import Proposing
from console.pages import knowledge_use
from knowledge_base import browsing, entries, uses
from knowledge_base.encoder import load_encoder
from knowledge_base.entry import Entry
from knowledge_base.matcher import Matcher
from store.audit import AuditEntry
from store.clock import utcnow
from tests.page_door import open_pages

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from bot.settings import Settings
    from store.engine import Store
    from tests.page_door import Pages, Seen

LIST = "/staff/knowledge"
NEW = f"{LIST}/new"
EDITOR = "knowledge_editor"
HOSTILE = "<script>alert(1)</script>\"'{{7*7}}"
FORM = {
    "question": "宠物龟的户口在哪里办",
    "phrasings": "乌龟上户口\n给乌龟办证去哪",
    "answer": "宠物龟不用上户口，放生请先问林业站。",
    "source": "林业站答复",
    "kind": "question",
}


@pytest.fixture
async def city(demo_store: Store, demo_settings: Settings) -> City:
    """A city in memory of its own: these pages change it."""
    return await demo_store.read(lambda s: load_city(s, demo_settings, now=utcnow()))


@pytest.fixture
async def pages(demo_store: Store, city: City) -> AsyncIterator[Pages]:
    async with open_pages(demo_store, city) as opened:
        yield opened


async def publish(pages: Pages, **changed: str) -> str:
    """Publish an entry on its page; gives the address of the page that follows."""
    seen = await pages.visit(EDITOR, NEW, form=FORM | changed)
    assert seen.status == 303, seen.text
    return seen.location


async def propose(pages: Pages, city: City, *, ago: timedelta = timedelta()) -> None:
    """Let the worker have done a round so long ago."""
    await Proposing(store=pages.api.store, city=city, clock=utcnow).make(now=utcnow() - ago)


async def read_entry(pages: Pages, code: str) -> Entry:
    entry = await pages.api.store.read(lambda s: entries.get(s, code))
    assert entry is not None
    return entry


async def ask_in_vain(pages: Pages, question: str, *, residents: int = 1) -> None:
    for number in range(residents):
        await pages.api.store.write(
            lambda s, who=number: uses.record_use(s, kind="missed", question=question, resident_id=900 + who, now=utcnow())
        )


@contextmanager
def count_queries() -> Iterator[list[str]]:
    """Count what is asked of the database while inside."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def cells(seen: Seen) -> list[str]:
    return re.findall(r'<span class="tag [a-z]+">([^<]*)</span>', seen.text)


async def test_what_is_published_on_a_page_answers_residents_as_soon_as_the_page_is_shown(pages: Pages, city: City) -> None:
    where = await publish(pages)
    code = where.rpartition("/")[2]
    shown = await pages.visit(EDITOR, where)

    assert (shown.status, f"<h1>{FORM['question']}</h1>" in shown.text, shown.edition) == (200, True, "1")
    entry = await read_entry(pages, code)
    assert (entry.question, entry.phrasings, entry.answer, entry.source) == (
        FORM["question"],
        ("乌龟上户口", "给乌龟办证去哪"),
        FORM["answer"],
        FORM["source"],
    )
    assert city.matcher.entry(code) == entry
    tried = await pages.visit(EDITOR, f"{where}?asked=乌龟上户口")
    assert "<b>直接答</b>" in tried.text
    other = await pages.visit(EDITOR, f"{where}?asked=乌龟弄丢了怎么赔")
    assert ("丢失、赔（像在问别的）" in other.text, "<b>直接答</b>" in other.text) == (True, False)
    audits = await pages.api.store.read(lambda s: s.execute(select(AuditEntry.action, AuditEntry.subject)).all())
    assert [tuple(one) for one in audits if one.subject == f"entry:{code}"] == [("knowledge.publish", f"entry:{code}")]


async def test_what_looks_mistyped_is_shown_as_it_was_taken_where_the_encoder_helps(
    pages: Pages, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_encoder = Matcher(city.settings.knowledge, load_encoder())
    for code in ("ZS-001", "ZS-108"):
        with_encoder.put(city.matcher.entries[code], city.segmenter)
    address = f"{LIST}/entries/ZS-001?asked=居柱证办李要多久"

    without = await pages.visit(EDITOR, address)
    monkeypatch.setattr(city, "matcher", with_encoder)
    tried = await pages.visit(EDITOR, address)

    assert ("当作“居住证办理要多久”" in tried.text, "当作" in without.text) == (True, False)


async def test_where_a_place_is_is_tidied_and_what_is_none_is_said_so(pages: Pages) -> None:
    where = await publish(pages, kind="service_point")
    form = FORM | {"kind": "service_point", "edition": "1"}

    refused = await pages.visit(EDITOR, where, form=form | {"coordinates": "30.28,120.15"})
    taken = await pages.visit(EDITOR, where, form=form | {"coordinates": "120.150，30.280"})

    assert (refused.status, 'id="coordinates-wrong"' in refused.text, 'value="30.28,120.15"' in refused.text) == (422, True, True)
    assert (taken.status, (await read_entry(pages, where.rpartition("/")[2])).coordinates) == (303, "120.15,30.28")
    assert "<dt>坐标</dt>" in (await pages.visit(EDITOR, where)).text


async def test_an_entry_without_an_answer_a_source_or_with_crossed_days_is_not_published_and_what_was_typed_stays(
    pages: Pages,
) -> None:
    before = await pages.api.store.read(entries.count_published)
    faulty = [
        ({"answer": ""}, "answer-wrong"),
        ({"source": " "}, "source-wrong"),
        ({"valid_from": "2026-05-01", "valid_to": "2026-04-30"}, "valid_to-wrong"),
        ({"valid_to": "2026-02-31"}, "valid_to-wrong"),
        ({"area": "nowhere"}, "area-wrong"),
        ({"kind": "poem"}, "kind-wrong"),
        ({"code": "ZS-001"}, "code-wrong"),
        ({"question": "长" * 201}, "question-wrong"),
        ({"code": "X" * 61}, "code-wrong"),
    ]
    for changed, mark in faulty:
        seen = await pages.visit(EDITOR, NEW, form=FORM | changed)
        assert (changed, seen.status, f'id="{mark}"' in seen.text) == (changed, 422, True)
        assert ("乌龟上户口" in seen.text, seen.text.count("aria-invalid")) == (True, 1)
    assert await pages.api.store.read(entries.count_published) == before


async def test_who_edits_an_older_version_is_shown_both_and_nothing_is_overwritten(pages: Pages) -> None:
    where = await publish(pages)
    code = where.rpartition("/")[2]
    mine = FORM | {"answer": "宠物龟不用上户口，我写的。", "edition": "1"}
    theirs = await pages.visit("operator", where, form=FORM | {"answer": "宠物龟不用上户口，别人写的。", "edition": "1"})
    late = await pages.visit(EDITOR, where, form=mine)

    assert (theirs.status, late.status) == (303, 409)
    assert (await read_entry(pages, code)).answer == "宠物龟不用上户口，别人写的。"
    assert ("<del>别人</del><ins>我</ins>" in late.text, "我写的。</textarea>" in late.text, late.edition) == (True, True, "2")
    again = await pages.visit(EDITOR, where, form=mine | {"edition": late.edition})
    assert again.status == 303
    assert [(await read_entry(pages, code)).version, (await read_entry(pages, code)).answer] == [3, "宠物龟不用上户口，我写的。"]
    for edition in ("", "1", "*", "9"):
        assert (await pages.visit(EDITOR, where, form=mine | {"edition": edition})).status == 409


async def test_the_same_again_makes_no_version(pages: Pages) -> None:
    where = await publish(pages)
    seen = await pages.visit(EDITOR, where, form=FORM | {"edition": "1"})

    assert (seen.status, (await read_entry(pages, where.rpartition("/")[2])).version) == (303, 1)


async def test_an_entry_is_withdrawn_and_any_version_of_it_is_put_back(pages: Pages, city: City) -> None:
    where = await publish(pages)
    code = where.rpartition("/")[2]
    await pages.visit(EDITOR, where, form=FORM | {"answer": "改过的答案。", "edition": "1"})
    stale = await pages.visit(EDITOR, f"{where}/retire", form={"edition": "1"})
    withdrawn = await pages.visit(EDITOR, f"{where}/retire", form={"edition": "2"})
    shown = await pages.visit(EDITOR, where)

    assert (stale.status, withdrawn.status, (await read_entry(pages, code)).status) == (409, 303, "retired")
    assert city.matcher.entry(code) is None
    assert "已下架" in cells(shown)
    for version in ("", "9", "1 OR 1", "-1", "1" * 20):
        assert (await pages.visit(EDITOR, f"{where}/restore", form={"edition": "3", "version": version})).status == 404
    back = await pages.visit(EDITOR, f"{where}/restore", form={"edition": "3", "version": "1"})
    await pages.visit(EDITOR, where)

    assert back.status == 303
    entry = await read_entry(pages, code)
    assert (entry.answer, entry.version, entry.status) == (FORM["answer"], 4, "published")
    assert city.matcher.entry(code) == entry
    versions = await pages.api.store.read(lambda s: browsing.list_versions(s, code, limit=9))
    assert [(one.entry.version, one.entry.status) for one in versions] == [
        (4, "published"),
        (3, "retired"),
        (2, "published"),
        (1, "published"),
    ]


async def test_a_question_is_tried_with_what_is_typed_and_nobody_is_answered_with_it(pages: Pages, city: City) -> None:
    seen = await pages.visit(EDITOR, f"{NEW}/try", form=FORM | {"asked": "乌龟上户口"})

    assert ("<b>直接答</b>" in seen.text, "按还没发布的内容试的" in seen.text, "居民看得到" in seen.text) == (True, True, True)
    assert 'value="乌龟上户口"' in seen.text
    assert city.matcher.entry("new") is None
    assert await pages.api.store.read(lambda s: entries.get(s, "new")) is None
    without = await pages.visit(EDITOR, f"{LIST}/entries/ZS-001?asked=乌龟上户口的钱")
    assert "<b>直接答</b>" not in without.text
    for odd in ({"asked": ""}, {"asked": "？"}, {"asked": "x", "valid_to": "2026-02-31"}, {"asked": "x", "answer": ""}):
        assert (await pages.visit(EDITOR, f"{NEW}/try", form=FORM | odd)).status == 200


async def test_questions_in_vain_become_an_entry_and_are_listed_no_more(pages: Pages, city: City) -> None:
    await ask_in_vain(pages, "宠物龟的户口在哪里办", residents=3)
    await propose(pages, city)
    listed = await pages.visit(EDITOR, f"{LIST}/misses")
    [key] = re.findall(r"new\?miss=([0-9a-f]{8})", listed.text)
    form = await pages.visit(EDITOR, f"{NEW}?miss={key}")

    assert ("宠物龟的户口在哪里办</h2>" in listed.text, "3 位居民" in listed.text) == (True, True)
    assert 'name="question" value="宠物龟的户口在哪里办"' in form.text
    where = await publish(pages, miss=key)
    assert (await pages.visit(EDITOR, where)).status == 200
    assert "宠物龟" not in (await pages.visit(EDITOR, f"{LIST}/misses")).text
    assert "宠物龟" not in (await pages.visit(EDITOR, f"{LIST}/proposals")).text


async def test_a_question_that_needs_no_entry_is_dismissed_once_and_not_proposed_either(pages: Pages, city: City) -> None:
    await ask_in_vain(pages, "月亮上能不能种菜呀", residents=3)
    await propose(pages, city)
    [key] = re.findall(r"new\?miss=([0-9a-f]{8})", (await pages.visit(EDITOR, f"{LIST}/misses")).text)
    assert "月亮" in (await pages.visit(EDITOR, f"{LIST}/proposals")).text

    first = await pages.visit(EDITOR, f"{LIST}/misses/dismiss", form={"key": key})
    second = await pages.visit(EDITOR, f"{LIST}/misses/dismiss", form={"key": key})

    assert (first.status, second.status) == (303, 303)
    assert ["月亮" in (await pages.visit(EDITOR, f"{LIST}/{room}")).text for room in ("misses", "proposals")] == [False, False]
    audits = await pages.api.store.read(lambda s: s.execute(select(AuditEntry.actor, AuditEntry.facts, AuditEntry.action)).all())
    kept = [(one.actor, one.facts) for one in audits if one.action == "knowledge.dismiss"]
    assert kept == [("API-knowledge_editor", {"answered": False, "questions": 1})]


async def test_a_wording_that_residents_picked_is_accepted_in_the_editors_words_and_what_is_refused_stays_away(
    pages: Pages, city: City
) -> None:
    for resident in (1, 2):
        for code, words in (("ZS-001", "外乡人落脚登记咋弄"), ("ZS-002", "绿本本派啥用场")):
            await pages.api.store.write(
                lambda s, who=resident, entry=code, said=words: uses.record_use(
                    s, kind="picked", question=said, resident_id=who, now=utcnow(), entry=entry
                )
            )
    await propose(pages, city)
    listed = await pages.visit(EDITOR, f"{LIST}/proposals")
    keys = dict(
        re.findall(r'<label class="hidden" for="text-([0-9a-f]{8})">[^<]*</label><input [^>]* value="([^"]*)"', listed.text)
    )
    named = {words: key for key, words in keys.items()}
    accepted = {"key": named["外乡人落脚登记咋弄"], "text": "外地人落脚怎么登记"}
    before = await read_entry(pages, "ZS-001")
    done = [
        (await pages.visit(EDITOR, f"{LIST}/proposals/accept", form=accepted)).status,
        (await pages.visit(EDITOR, f"{LIST}/proposals/refuse", form={"key": named["绿本本派啥用场"]})).status,
        (await pages.visit(EDITOR, f"{LIST}/proposals/accept", form={"key": "00000000"})).status,
    ]

    assert done == [303, 303, 303]
    assert (await read_entry(pages, "ZS-001")).phrasings == (*before.phrasings, "外地人落脚怎么登记")
    assert (await read_entry(pages, "ZS-002")).version == 1
    left = (await pages.visit(EDITOR, f"{LIST}/proposals")).text
    assert ["外乡人" in left, "绿本本" in left] == [False, False]


async def test_the_page_says_as_of_when_its_proposals_are_and_who_makes_them(pages: Pages, city: City) -> None:
    fresh = await pages.visit(EDITOR, f"{LIST}/proposals")
    assert ("后台还没有整理过建议" in fresh.text, "以后每10分钟一遍" in fresh.text, "现在没有建议" in fresh.text) == (
        True,
        True,
        False,
    )

    await propose(pages, city, ago=timedelta(minutes=29))
    made = await pages.visit(EDITOR, f"{LIST}/proposals")
    said = re.search(
        r'截至 <time datetime="[^"]*" title="(\d{4}-\d\d-\d\d \d\d:\d\d)">29分钟前</time>，后台每10分钟整理一遍', made.text
    )
    assert (said is not None, "现在没有建议" in made.text, "可能旧了" in made.text) == (True, True, False)

    await propose(pages, city, ago=timedelta(minutes=31))
    assert "可能旧了" in (await pages.visit(EDITOR, f"{LIST}/proposals")).text


async def test_more_proposals_than_a_page_shows_come_up_as_they_are_decided_with_no_more_queries(
    pages: Pages, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(knowledge_use, "_PROPOSED", 2)
    await pages.sign_in(EDITOR)

    async def look() -> tuple[list[str], bool, int]:
        with count_queries() as asked:
            seen = await pages.visit(EDITOR, f"{LIST}/proposals")
        return re.findall(r"<h2>(.*?)</h2>", seen.text), "先列这 2 条" in seen.text, len(asked)

    await ask_in_vain(pages, "月亮上能不能种菜呀", residents=3)
    await propose(pages, city)
    first = await look()
    for resident_count, question in ((5, "宠物龟的户口在哪里办"), (4, "龙舟怎么租一天")):
        await ask_in_vain(pages, question, residents=resident_count)
    await propose(pages, city)
    all_three = await look()
    key = re.search(r'name="key" value="([0-9a-f]{8})"', (await pages.visit(EDITOR, f"{LIST}/proposals")).text)
    assert key is not None
    await pages.visit(EDITOR, f"{LIST}/proposals/refuse", form={"key": key[1]})

    assert first[:2] == (["月亮上能不能种菜呀"], False)
    assert all_three == (["宠物龟的户口在哪里办", "龙舟怎么租一天"], True, first[2])
    assert await look() == (["龙舟怎么租一天", "月亮上能不能种菜呀"], False, first[2])


async def test_the_list_is_filtered_and_paged_and_its_queries_do_not_grow(pages: Pages) -> None:
    soon = utcnow().date() + timedelta(days=2)
    made = [
        Entry(
            code=f"Q-{number:03}",
            question=f"第{number}个湖能不能游泳",
            answer="不能。",
            source="水务局",
            unit="水务局",
            valid_to=soon,
        )
        for number in range(60)
    ]
    for entry in made:
        await pages.api.store.write(lambda s, one=entry: entries.publish(s, one, now=utcnow()))
    await pages.sign_in(EDITOR)
    with count_queries() as many:
        first = await pages.visit(EDITOR, f"{LIST}?unit=水务局")
    [after] = re.findall(r"after=([^\"]+)\"", first.text)
    with count_queries() as few:
        second = await pages.visit(EDITOR, f"{LIST}?unit=水务局&after={after}")
    assert 0 < len(many) == len(few)

    assert [first.text.count("能不能游泳</b>"), second.text.count("能不能游泳</b>")] == [50, 10]
    ending = await pages.visit(EDITOR, f"{LIST}?unit=水务局&state=ending")
    assert ("60 条</p>" in ending.text, "条在 30 天内到期" in ending.text) == (True, True)
    found = {
        query: (await pages.visit(EDITOR, f"{LIST}?{query}")).text.count("</b></a>")
        for query in (
            "words=第7个湖",
            "words=q-007",
            "words=第7个湖 不能",
            "words=第7个湖 可以",
            "state=retired",
            "words=100%",
            "words=乌龟_",
        )
    }
    assert found == {
        "words=第7个湖": 1,
        "words=q-007": 1,
        "words=第7个湖 不能": 1,
        "words=第7个湖 可以": 0,
        "state=retired": 0,
        "words=100%": 0,
        "words=乌龟_": 0,
    }
    assert (await pages.visit(EDITOR, f"{LIST}?state=palace")).status == 422


async def test_words_are_found_in_phrasings_too(pages: Pages) -> None:
    await publish(pages)

    assert "宠物龟" in (await pages.visit(EDITOR, f"{LIST}?words=给乌龟办证")).text


async def test_what_an_editor_wrote_runs_nothing_and_is_no_formula_in_a_table(pages: Pages) -> None:
    where = await publish(pages, question=HOSTILE, answer=f"=cmd|' /C calc'!A0 {HOSTILE}", phrasings=HOSTILE)
    for path in (where, f"{where}?asked={HOSTILE}", LIST, f"{LIST}?words={HOSTILE}"):
        seen = await pages.visit(EDITOR, path)
        assert (path, seen.status, "<script>alert" in seen.text, "49" in seen.text.partition("<main")[2][:400]) == (
            path,
            200,
            False,
            False,
        )
    saved = await pages.visit(EDITOR, f"{LIST}/save/csv?words=calc")

    assert (saved.status, saved.text.splitlines()[1].count(",'=cmd") + saved.text.splitlines()[1].count("\"'=cmd")) == (200, 1)
    assert "API-knowledge_editor 于" in saved.text
    assert [(await pages.visit(EDITOR, f"{LIST}/save/{form}")).status for form in ("xlsx", "exe")] == [200, 404]


async def test_an_entry_that_is_not_there_is_not_found(pages: Pages) -> None:
    paths: dict[str, Any] = {
        f"{LIST}/entries/NONE": None,
        f"{LIST}/entries/NONE/retire": {"edition": "1"},
        f"{LIST}/entries/NONE/try": {},
    }

    assert [(await pages.visit(EDITOR, path, form=form)).status for path, form in paths.items()] == [404, 404, 404]


async def test_many_questions_are_tested_at_once_and_compared_with_the_last_time(pages: Pages) -> None:
    lines = "question,expected\n租房住怎么做居住登记？,ZS-001\n居住证有什么用？\tZS-001;NONE\n月亮上能不能种菜,\n"
    first = await pages.visit(EDITOR, f"{LIST}/test", form={"lines": lines})
    kept = await pages.visit(EDITOR, f"{LIST}/test/keep", form={"lines": lines})
    await pages.visit(EDITOR, f"{LIST}/entries/ZS-001/retire", form={"edition": "1"})
    later = await pages.visit(EDITOR, f"{LIST}/test", form={}, files={"file": ("q.csv", lines.encode("gb18030"))})

    def count(seen: Seen) -> list[int]:
        return [int(number) for number in re.findall(r'<li class="tile"><b>(\d+)</b>', seen.text)]

    assert (first.status, kept.status, later.status) == (200, 303, 200)
    assert (sum(count(first)), count(first)[0], count(first)[4], "没有这些编号的条目：NONE" in first.text) == (3, 2, 1, True)
    assert ("新的 3" in first.text, "变坏 1，没变 2" in later.text) == (True, True)


async def test_a_test_without_questions_or_with_too_many_is_refused_with_what_to_do(pages: Pages) -> None:
    for given, words in (({"lines": " \n"}, "请写上要测的问题"), ({"lines": "问\n" * 1001}, "一次最多 1000 个问题")):
        seen = await pages.visit(EDITOR, f"{LIST}/test", form=given)
        assert (seen.status, words in seen.text) == (422, True)
    picture = await pages.visit(EDITOR, f"{LIST}/test", form={}, files={"file": ("q.csv", b"PK\x03\x04")})
    assert (picture.status, "这个文件读不了" in picture.text) == (422, True)
