"""我的网格: what was said in the group becomes tickets one by one or is gone, rounds are ticked off, and nobody else's work is there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from sqlalchemy import func, select, update

from residents.group_drafts import GroupDraft
from routing import patrols, season_tasks
from routing.grid_tables import PatrolRound, PatrolSheetRow, SeasonPlanRow, SeasonTask, SpotRecord
from routing.tables import Ticket
from store.audit import AuditEntry
from store.clock import utcnow
from tests.api_door import POSTS
from tests.integration.test_api import copy_ticket, count_queries

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.city import City
    from tests.page_door import Pages, Seen

TODAY, PASTE = "/staff/grid", "/staff/grid/paste"
WORKER, OTHER, GROUP, GRID = "GW001", "GW002", "wrLT01G1", "LA-DL-LT-01-G1"
EXCERPT = """张三丰 19:03
路灯坏了三天了，晚上出门看不见路
王五一 19:06
明天谁去买青团
赵六六 19:08
3号楼的垃圾堆了一个礼拜没人清，臭死了
"""


def drafts_of(seen: Seen) -> list[str]:
    return re.findall(r'data-draft="(\d+)"', seen.text)


async def test_the_desk_reads_how_much_waits_for_whom_and_not_a_word_of_it(pages: Pages) -> None:
    await paste(pages)

    desk, elsewhere = [(await pages.visit(who, "/staff/desk")).text for who in ("desk", "DK010")]
    shown = desk.partition('id="drafts"')[2].partition("</section>")[0]
    assert re.findall(r"<strong>(\d+)</strong> 件 ([^<]+)</span>", shown) == [("2", "安泰社区第一网格居民群")]
    assert (WORKER in shown, "看不见路" in desk, "臭死了" in desk, 'id="drafts"' in elsewhere) == (True, False, False, False)

    for draft in drafts_of(await pages.visit(WORKER, PASTE)):
        await pages.visit(WORKER, f"{TODAY}/drafts/{draft}/drop", form={})
    assert 'id="drafts"' not in (await pages.visit("desk", "/staff/desk")).text


def looks_of(seen: Seen) -> list[str]:
    return re.findall(r'data-look="([^"]+)"', seen.text)


async def paste(pages: Pages, text: str = EXCERPT, *, worker: str = WORKER, **more: str) -> Seen:
    return await pages.visit(worker, PASTE, form={"text": text, **more})


async def count(pages: Pages, *what: Any) -> int:
    return int(await pages.api.store.read(lambda s: s.scalar(select(func.count()).select_from(what[0]).where(*what[1:])) or 0))


async def plan_work(pages: Pages) -> None:
    def write(session: Session) -> None:
        items = ["消防通道", "井盖"]
        session.add(
            PatrolSheetRow(code="S", name="日常巡查", area=GRID, items=items, rhythm="weekly", days="all", hours="00:00-23:59")
        )
        plan = {
            "name": "供暖前检查",
            "areas": [GRID],
            "items": ["阀门", "管道"],
            "starts": "01-01",
            "ends": "12-31",
            "lead_days": 30,
        }
        session.add(SeasonPlanRow(code="P", **plan))

    def lay_out(session: Session) -> None:
        now, context = pages.api.clock(), pages.api.city.context(now=pages.api.clock())
        patrols.make_rounds(session, now=now, org=context.org, calendar=context.calendar)
        season_tasks.give_tasks(session, now=now, org=context.org, calendar=context.calendar)

    await pages.api.store.write(write)
    await pages.api.store.write(lay_out)


async def test_the_worker_sees_at_what_hours_a_round_is_to_be_gone(pages: Pages) -> None:
    await plan_work(pages)

    assert "00:00-23:59 去" in (await pages.visit(WORKER, TODAY)).text


async def round_of(pages: Pages) -> int:
    return int(await pages.api.store.read(lambda s: s.scalars(select(PatrolRound.id).where(PatrolRound.area == GRID)).one()))


async def ticket_of(pages: Pages) -> tuple[str, str, str, str]:
    def read(session: Session) -> tuple[str, str, str, str]:
        row = session.scalars(select(Ticket)).one()
        return row.source, row.area, row.reporter_staff, row.number

    return await pages.api.store.read(read)


async def answered(pages: Pages, text: str = "柳树街路灯坏了三天", **values: Any) -> str:
    number = (await pages.api.open(text)).ticket.number
    given = {"status": "replied", "replied_at": utcnow(), "area": GRID, **values}
    await pages.api.store.write(lambda s: s.execute(update(Ticket).where(Ticket.number == number).values(**given)))
    return number


async def test_an_excerpt_becomes_drafts_and_the_rest_of_the_talk_is_nowhere(pages: Pages) -> None:
    sent = await paste(pages)
    seen = await pages.visit(WORKER, sent.location)

    assert (sent.status, sent.location) == (303, f"{PASTE}?read=3&drafts=2&red=0")
    assert len(drafts_of(seen)) == 2
    assert [name for name in ("张三丰", "王五一", "赵六六", "青团") if name in seen.text] == []
    assert drafts_of(await pages.visit(WORKER, TODAY)) == drafts_of(seen)


async def test_two_of_an_excerpt_are_filed_one_by_one_and_nothing_is_left(pages: Pages) -> None:
    await paste(pages)
    first, second = drafts_of(await pages.visit(WORKER, PASTE))

    one = await pages.visit(WORKER, f"{TODAY}/drafts/{first}/confirm", form={"back": "paste"})
    two = await pages.visit(WORKER, f"{TODAY}/drafts/{second}/confirm", form={})

    numbers = await pages.api.store.read(lambda s: s.scalars(select(Ticket.number).order_by(Ticket.id)).all())
    assert [one.location, two.location] == [f"{PASTE}?opened={numbers[0]}", f"{TODAY}?opened={numbers[1]}"]
    assert numbers[1] in (await pages.visit(WORKER, two.location)).text
    assert await count(pages, GroupDraft, GroupDraft.content.is_not(None)) == 0


async def test_a_draft_that_is_no_matter_is_dropped_with_its_words(pages: Pages) -> None:
    await paste(pages)
    first, second = drafts_of(await pages.visit(WORKER, PASTE))

    sent = await pages.visit(WORKER, f"{TODAY}/drafts/{first}/drop", form={})

    assert (sent.status, sent.location) == (303, TODAY)
    assert drafts_of(await pages.visit(WORKER, TODAY)) == [second]
    assert await count(pages, Ticket) == 0
    assert await count(pages, GroupDraft, GroupDraft.id == int(first), GroupDraft.key_id.is_not(None)) == 0


async def test_a_draft_is_filed_in_its_workers_own_words(pages: Pages) -> None:
    await paste(pages)
    draft = drafts_of(await pages.visit(WORKER, PASTE))[0]

    await pages.visit(WORKER, f"{TODAY}/drafts/{draft}/confirm", form={"text": "路口的信号灯不亮了", "place": "安泰花园6号楼"})

    def read(session: Session) -> tuple[str, bool, bool]:
        row = session.scalars(select(Ticket)).one()
        return row.public_place, "信号灯" in row.summary, "出门" in row.summary

    assert await pages.api.store.read(read) == ("安泰花园6号楼", True, False)


async def test_what_was_said_to_be_dangerous_stays_so_in_other_words(pages: Pages) -> None:
    await paste(pages, "张三丰 19:03\n安泰路12号门口那个井盖裂了一大块，一踩就翘，昨天晚上有人差点掉下去\n")
    [draft] = drafts_of(await pages.visit(WORKER, PASTE))
    await pages.visit(WORKER, f"{TODAY}/drafts/{draft}/confirm", form={"text": "门口的井盖要换"})

    assert await pages.api.store.read(lambda s: list(s.scalars(select(Ticket.tier)))) == ["orange"]


async def test_a_danger_to_life_in_an_excerpt_waits_for_nobody(pages: Pages) -> None:
    sent = await paste(pages, "张三丰 19:03\n快来人，7号楼三楼着火了，有人困在里面\n")
    seen = await pages.visit(WORKER, sent.location)

    number = await pages.api.store.read(lambda s: s.scalars(select(Ticket.number).where(Ticket.tier == "red")).one())
    assert sent.location == f"{PASTE}?read=1&drafts=0&red=1&opened={number}"
    assert "119" in seen.text
    assert number in seen.text


async def test_what_ended_meanwhile_is_said_to_be_gone_and_opens_nothing(pages: Pages) -> None:
    await paste(pages)
    draft = drafts_of(await pages.visit(WORKER, PASTE))[0]
    await pages.visit(WORKER, f"{TODAY}/drafts/{draft}/drop", form={})

    for act in ("confirm", "drop"):
        sent = await pages.visit(WORKER, f"{TODAY}/drafts/{draft}/{act}", form={})
        assert (sent.status, "grid_draft_gone" in sent.headers["Set-Cookie"]) == (303, True)
    assert await count(pages, Ticket) == 0


async def test_another_workers_draft_is_neither_shown_nor_touched(pages: Pages) -> None:
    await paste(pages)
    draft = drafts_of(await pages.visit(WORKER, PASTE))[0]

    seen = await pages.visit(OTHER, TODAY)
    for act in ("confirm", "drop"):
        await pages.visit(OTHER, f"{TODAY}/drafts/{draft}/{act}", form={})

    assert drafts_of(seen) == []
    assert "路灯坏了三天" not in seen.text
    assert draft in drafts_of(await pages.visit(WORKER, TODAY))
    assert await count(pages, Ticket) == 0


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"text": "今天天气不错"}, "认不出来"),
        ({"text": ""}, "还没有贴"),
        ({"text": "x" * 20_001}, "太长了"),
        ({"text": EXCERPT, "group": "wrLT01G2"}, "请选您的居民群"),
    ],
)
async def test_what_is_no_excerpt_of_ones_own_group_keeps_nothing_and_stays_as_typed(
    pages: Pages, form: dict[str, str], said: str
) -> None:
    sent = await pages.visit(WORKER, PASTE, form=form)

    assert sent.status == 422
    assert said in sent.text
    assert form["text"][:20] in sent.text
    assert await count(pages, GroupDraft) == 0


async def test_every_look_at_drafts_is_kept(pages: Pages) -> None:
    await paste(pages)
    await pages.visit(WORKER, TODAY)
    await pages.visit(OTHER, TODAY)

    looks = await pages.api.store.read(lambda s: s.scalars(select(AuditEntry.actor).where(AuditEntry.action == "draft.look")).all())
    assert list(looks) == [WORKER]


async def test_a_round_where_all_is_well_is_ticked_off_by_one_press(pages: Pages) -> None:
    await plan_work(pages)
    number = await round_of(pages)

    sent = await pages.visit(WORKER, f"{TODAY}/rounds/{number}", form={"what": "well"})

    done = await pages.api.store.read(lambda s: s.scalars(select(PatrolRound.done_by).where(PatrolRound.id == number)).one())
    assert (sent.status, done) == (303, WORKER)
    assert f'data-round="{number}"' not in (await pages.visit(WORKER, TODAY)).text
    assert await count(pages, Ticket) == 0


async def test_what_a_round_finds_is_a_ticket_in_the_grid(pages: Pages) -> None:
    await plan_work(pages)
    number = await round_of(pages)

    form = {"what": "open", "text": "楼道里堆满了杂物", "item": "消防通道"}
    sent = await pages.visit(WORKER, f"{TODAY}/rounds/{number}", form=form)

    source, area, reporter, ticket = await ticket_of(pages)
    assert (source, area, reporter) == ("patrol", GRID, WORKER)
    assert sent.location == f"{TODAY}?opened={ticket}"


async def test_what_was_put_right_at_once_is_a_light_record_and_no_ticket(pages: Pages) -> None:
    await plan_work(pages)
    number = await round_of(pages)

    await pages.visit(WORKER, f"{TODAY}/rounds/{number}", form={"what": "fixed", "text": "挪开了共享单车", "item": "消防通道"})
    await pages.visit(WORKER, f"{TODAY}/solved", form={"text": "给13812345678扶正了垃圾桶"})

    texts = await pages.api.store.read(lambda s: s.scalars(select(SpotRecord.text).order_by(SpotRecord.id)).all())
    assert [texts[0], "13812345678" in texts[1]] == ["挪开了共享单车", False]
    assert await count(pages, Ticket) == 0


async def test_a_finding_without_words_is_asked_for_and_the_place_stays(pages: Pages) -> None:
    await plan_work(pages)
    number = await round_of(pages)

    sent = await pages.visit(WORKER, f"{TODAY}/rounds/{number}", form={"what": "open", "place": "3号楼后面"})

    assert sent.status == 422
    assert 'value="3号楼后面"' in sent.text
    assert await count(pages, PatrolRound, PatrolRound.done_at.is_not(None)) == 0


async def test_a_round_of_another_grid_is_not_there(pages: Pages) -> None:
    await plan_work(pages)
    number = await round_of(pages)

    assert f'data-round="{number}"' not in (await pages.visit(OTHER, TODAY)).text
    for one in (str(number), "999", "nothing"):
        assert (await pages.visit(OTHER, f"{TODAY}/rounds/{one}", form={"what": "well"})).status == 404
    assert await count(pages, PatrolRound, PatrolRound.done_at.is_not(None)) == 0


async def test_a_seasonal_task_is_done_when_all_is_ticked_and_never_by_an_empty_form(pages: Pages) -> None:
    await plan_work(pages)
    await pages.visit(WORKER, f"{TODAY}/season")
    task = await pages.api.store.read(lambda s: s.scalars(select(SeasonTask.id)).one())
    path = f"{TODAY}/season/{task}"

    async def done() -> list[str]:
        return list(await pages.api.store.read(lambda s: s.scalars(select(SeasonTask.done_items)).one()))

    assert ((await pages.visit(WORKER, path, form={})).status, await done()) == (422, [])
    assert ((await pages.visit(WORKER, path, form={"items": "阀门"})).status, await done()) == (303, ["阀门"])
    assert ((await pages.visit(OTHER, path, form={"all": "true"})).status, await done()) == (404, ["阀门"])
    assert ((await pages.visit(WORKER, path, form={"all": "true"})).status, await done()) == (303, ["阀门", "管道"])
    assert "供暖前检查" not in (await pages.visit(WORKER, f"{TODAY}/season")).text


async def test_a_matter_is_filed_for_a_neighbour_only_who_was_told(pages: Pages) -> None:
    form = {"text": "楼道灯坏了，老人看不见", "place": "6号楼"}

    refused = await pages.visit(WORKER, f"{TODAY}/file", form=form)
    assert (refused.status, await count(pages, Ticket)) == (422, 0)
    assert "楼道灯坏了，老人看不见" in refused.text
    sent = await pages.visit(WORKER, f"{TODAY}/file", form={**form, "told": "on"})

    source, area, reporter, number = await ticket_of(pages)
    assert (sent.status, sent.location) == (303, f"{TODAY}?opened={number}")
    assert (source, area, reporter) == ("proxy", GRID, WORKER)


async def test_nobody_files_in_a_grid_that_is_not_theirs(pages: Pages) -> None:
    form = {"text": "楼道灯坏了", "told": "on", "grid": "LA-DL-LT-01-G2"}

    assert (await pages.visit(WORKER, f"{TODAY}/file", form=form)).status == 422
    assert await count(pages, Ticket) == 0


async def test_the_worker_of_the_grid_looks_whether_it_is_done_and_is_asked_once(pages: Pages) -> None:
    number = await answered(pages)
    seen = await pages.visit(WORKER, TODAY)
    form = {"found": "done", "edition": seen.edition}

    sent = await pages.visit(WORKER, f"{TODAY}/looks/{number}/verify", form=form)

    assert number in looks_of(seen)
    assert (sent.status, sent.location) == (303, TODAY)
    assert number not in looks_of(await pages.visit(WORKER, TODAY))
    assert number not in looks_of(await pages.visit(OTHER, TODAY))


@pytest.mark.parametrize("values", [{"confidential": True}, {"refused_staff": [WORKER]}, {"refused": ["LT-01-JWH"]}])
async def test_what_is_confidential_or_about_anybody_is_never_put_before_a_worker(pages: Pages, values: dict[str, Any]) -> None:
    number = await answered(pages, title="格外阑珊", **values)

    seen = await pages.visit(WORKER, TODAY)

    assert number not in looks_of(seen)
    assert "格外阑珊" not in seen.text
    assert (await pages.visit(WORKER, f"{TODAY}/looks/{number}/verify", form={"found": "done", "edition": "*"})).status == 404
    assert number not in (await pages.visit(WORKER, f"{TODAY}?opened={number}")).text.replace(f"opened={number}", "")


async def test_the_card_leads_to_the_worker_once_its_code_is_made(pages: Pages) -> None:
    before = await pages.visit(WORKER, f"{TODAY}/card")
    sent = await pages.visit(WORKER, f"{TODAY}/card/code", form={})
    again = await pages.visit(WORKER, f"{TODAY}/card/code", form={})

    assert 'action="/staff/grid/card/code"' in before.text
    assert (sent.status, again.status) == (303, 303)
    assert 'action="/staff/grid/card/code"' not in (await pages.visit(WORKER, f"{TODAY}/card")).text


async def test_what_is_said_in_the_group_names_nobody_and_no_ticket(pages: Pages) -> None:
    seen = await pages.visit(WORKER, f"{TODAY}/replies")

    assert "已收到，请点公众号私聊办理" in seen.text
    assert re.findall(r"〔|(?<![0-9a-f])1[3-9]\d{9}(?![0-9a-f])", seen.text) == []


async def test_who_reported_a_matter_says_whether_it_is_done_and_what_is_not_goes_back(pages: Pages) -> None:
    number = await answered(pages, area="LA-DL-SL-01-G1", reporter_staff=WORKER)
    seen = await pages.visit(WORKER, TODAY)

    form = {"solved": "no", "text": "还是不亮", "edition": seen.edition}
    sent = await pages.visit(WORKER, f"{TODAY}/looks/{number}/evaluate", form=form)

    status = await pages.api.store.read(lambda s: s.scalars(select(Ticket.status).where(Ticket.number == number)).one())
    assert (looks_of(seen), sent.status, status) == ([number], 303, "accepted")


async def test_a_program_of_the_worker_reads_the_same_list_of_what_they_reported(pages: Pages) -> None:
    number = await answered(pages, reporter_staff=POSTS["grid_worker"].code)
    await answered(pages, "公园长椅断了一条腿", reporter_staff=WORKER)

    status, body, _ = await pages.api.call("grid_worker", "GET", "/me/reported")

    assert (status, [one["number"] for one in body["items"]]) == (200, [number])


async def test_the_printed_card_carries_a_code_that_opens_the_workers_page(pages: Pages, demo_city: tuple[Path, City]) -> None:
    city = demo_city[1]
    before = city.settings
    server = msgspec.structs.replace(city.settings.server, public_url="https://bang.example")
    city.settings = msgspec.structs.replace(city.settings, server=server)
    try:
        await pages.visit(WORKER, f"{TODAY}/card/code", form={})
        seen = await pages.visit(WORKER, f"{TODAY}/card")
    finally:
        city.settings = before
    found = re.findall(r'href="https://bang\.example(/c/[^"]+)"', seen.text)
    place = await pages.visit("", found[0])

    assert (len(found), "<svg" in seen.text, place.status) == (1, True, 200)
    assert "郑育才" in place.text


async def test_the_number_of_queries_does_not_grow_with_drafts(pages: Pages) -> None:
    await paste(pages, EXCERPT.partition("王五一")[0])
    await pages.visit(WORKER, TODAY)
    with count_queries() as few:
        first = await pages.visit(WORKER, TODAY)
    for building in range(3, 9):
        await paste(pages, f"赵六六 19:08\n{building}号楼的垃圾堆了一个礼拜没人清，臭死了\n")
    with count_queries() as many:
        seen = await pages.visit(WORKER, TODAY)

    assert (len(drafts_of(first)), len(drafts_of(seen))) == (1, 7)
    assert len(many) == len(few)


async def test_the_number_of_queries_does_not_grow_with_the_day(pages: Pages) -> None:
    number = await answered(pages)
    await pages.visit(WORKER, TODAY)
    with count_queries() as few:
        await pages.visit(WORKER, TODAY)
    await pages.api.store.write(lambda s: copy_ticket(s, number, 9))
    with count_queries() as many:
        seen = await pages.visit(WORKER, TODAY)

    assert len(looks_of(seen)) == 10
    assert len(many) == len(few)
