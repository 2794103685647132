"""Groups: what is heard is a draft for one grid worker, gone after a day without a word left; and a group hears nothing it may not hear."""

from __future__ import annotations

import asyncio
import string
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy import text as sql
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from bot import drafting, pasting
from bot.app import App
from bot.channels import Group, Inbound
from bot.commands import drafts as commands
from bot.effects.drafts import confirm
from bot.refusals import Refusal
from bot.texts import load_texts
from residents import bindings, group_drafts, ledger
from residents.group_drafts import GroupDraft
from residents.tables import Resident
from routing.tables import Ticket
from store import inbox
from store.engine import postgres_url
from store.keys import drop_key
from store.outbox import OutboxMessage
from tests.dialogue_phone import PhoneChannel
from tests.front_door import read_readable
from tests.integration.test_privacy import read_everything, read_files

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from bot.channels import Reply
    from bot.city import City
    from bot.settings import Settings
    from store.engine import Store
    from store.sealing import Vault

pytestmark = pytest.mark.deep_on_postgres

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
CANARY = "蓝鹊八号"
COVER = f"安泰路12号门口那个井盖裂了一大块，一踩就翘，在{CANARY}灯箱旁边"
CALM = f"{CANARY}灯箱前面路灯全灭了，有三四天了"
WORKER, OTHER = "GW001", "GW002"
GROUP = "wrLT01G1"


class Town:
    """The demo city with a group that can be listened to and a clock that a test moves."""

    def __init__(self, settings: Settings, store: Store, city: City, *, address: str = "") -> None:
        self.now = START
        self.address = address
        self.phone = PhoneChannel("wechat_mp", reply_limit=2048, windows=ledger.WECHAT_WINDOWS)
        gateway = PhoneChannel("gateway", reply_limit=0, windows={})
        self.app = App(settings, store, city, {"wechat_mp": self.phone, "gateway": gateway}, clock=lambda: self.now)
        self.store = store
        self.city = city
        self.said = 0

    async def say(self, text: str, *, who: str = "o-neighbour", group: str = GROUP, **facts: Any) -> Reply:
        """Let somebody speak in a group, a second after the last word."""
        self.said += 1
        self.now += timedelta(seconds=1)
        where = Group(id=group, **({"consent": True, "can_reply": True} | facts))
        key = f"g:{self.said}"
        return await self.app.receiver.receive(
            Inbound(channel="gateway", key=key, sender=who, kind="text", sent_at=self.now, text=text, scope="group", group=where)
        )

    async def write(self, text: str, *, who: str) -> Reply:
        """Let somebody write to us in private."""
        self.said += 1
        self.now += timedelta(seconds=1)
        return await self.app.receiver.receive(
            Inbound(channel="wechat_mp", key=f"p:{self.said}", sender=who, kind="text", sent_at=self.now, text=text)
        )

    async def bind(self, staff: str, sender: str) -> None:
        await self.store.write(lambda s: bindings.bind(s, staff=staff, channel="wechat_mp", sender=sender, now=self.now))
        await self.write("你好", who=sender)
        self.phone.arrived.clear()

    async def wait(self, **span: float) -> None:
        self.now += timedelta(**span)
        await self.work()

    async def work(self) -> None:
        await self.app.duties.look_at_drafts()
        while await self.app.duties.send():
            await self.app.duties.drain()

    async def drafts(self) -> list[tuple[str, str, int]]:
        """List every draft there ever was: state, worker, people."""

        def work(session: Session) -> list[tuple[str, str, int]]:
            rows = session.execute(select(GroupDraft).order_by(GroupDraft.id)).scalars()
            return [(row.state, row.worker, row.people) for row in rows]

        return await self.store.read(work)


@pytest.fixture
def town(demo_store: Store, demo_city: tuple[Path, City], demo_settings: Settings, demo_url: str) -> Town:
    return Town(demo_settings, demo_store, demo_city[1], address=demo_url)


async def test_a_matter_waits_sealed_and_the_inbox_has_marks_alone(town: Town, tmp_path: Path) -> None:
    reply = await town.say(COVER)

    assert (reply.outcome, reply.text, reply.suggested, reply.ticket) == ("ignored", None, "", "")
    assert await town.drafts() == [("collecting", WORKER, 1)]
    assert await town.store.read(inbox.count_by_outcome) == {"ignored": 1}
    raw = await town.store.read(read_everything) + read_files(tmp_path)
    assert CANARY.encode() not in raw
    assert CANARY in await town.store.read(read_readable)


async def read_server_log(store: Store) -> bytes:
    """Read what PostgreSQL has logged; nothing on SQLite, or of a given server whose files cannot be reached."""

    def where(session: Session) -> str:
        on_postgres = session.get_bind().dialect.name == "postgresql"
        return session.execute(sql("SHOW data_directory")).scalar_one() if on_postgres else ""

    folder = await store.read(where)
    log = Path(folder) / "log"
    return log.read_bytes() if folder and log.exists() else b""


@pytest.mark.parametrize("end", ["expired", "dropped", "settled", "withdrawn"])
async def test_no_word_is_left_of_a_draft_that_ended(town: Town, tmp_path: Path, end: str) -> None:
    await town.bind(WORKER, "o-worker")
    await town.say(CALM if end == "expired" else COVER)
    if end == "settled":
        await town.say("看过了，现在已经修好了", who="o-steward")
    elif end == "withdrawn":
        assert await town.app.receiver.recall("gateway", f"g:{town.said}") is True
    else:
        await town.wait(minutes=4)
        assert CANARY in town.phone.arrived[-1][1]
        await town.write("草稿", who="o-worker")
        await (town.write("2", who="o-worker") if end == "dropped" else town.wait(hours=25))
    await town.work()

    assert await town.drafts() == [(end, WORKER, 1)]
    assert CANARY not in await town.store.read(read_readable)
    assert CANARY.encode() not in await town.store.read(read_everything) + read_files(tmp_path)
    assert CANARY.encode() not in await read_server_log(town.store)
    assert await town.store.read(group_drafts.is_log_full) is False


async def test_a_draft_is_told_to_its_worker_alone(town: Town) -> None:
    await town.bind(WORKER, "o-worker")
    await town.bind(OTHER, "o-other")
    await town.say(COVER)
    await town.wait(minutes=2)
    assert town.phone.arrived == []
    await town.wait(minutes=2)

    assert [address for address, _ in town.phone.arrived] == ["o-worker"]
    assert [row.id for row in await town.store.read(lambda s: group_drafts.waiting_for(s, OTHER))] == []
    assert (await town.write("1 建单", who="o-other")).outcome != "told" or await town.drafts() == [("waiting", WORKER, 1)]
    assert await town.store.write(lambda s: confirm(s, town.city, 1, staff=OTHER, now=town.now)) is None
    assert await town.store.write(lambda s: drafting.drop(s, 1, staff=OTHER, now=town.now)) is False
    with pytest.raises(Refusal):
        await town.store.write(lambda s: commands.show(s, town.city, now=town.now, draft=1, actor=OTHER))
    assert await town.drafts() == [("waiting", WORKER, 1)]


async def test_without_a_bound_chat_the_desk_hears_that_something_waits_and_not_what(town: Town) -> None:
    await town.say(COVER)
    await town.wait(minutes=4)

    def work(session: Session) -> list[tuple[str, str, bool]]:
        rows = session.execute(select(OutboxMessage).where(OutboxMessage.cause.like("draft:%"))).scalars()
        return [(row.audience, row.notice, row.words is None) for row in rows]

    assert await town.store.read(work) == [("desk", "draft_waiting_sealed", True)]


async def test_confirming_opens_a_ticket_that_the_worker_reported(town: Town) -> None:
    await town.bind(WORKER, "o-worker")
    await town.say(COVER)
    await town.say("我也看到过，有一个礼拜了", who="o-second")
    people = await town.store.read(lambda s: s.execute(select(func.count()).select_from(Resident)).scalar_one())
    await town.wait(minutes=6)
    reply = await town.write("1", who="o-worker")

    ticket = await town.store.read(lambda s: s.execute(select(Ticket)).scalar_one())
    assert (reply.ticket, ticket.reporter_staff, ticket.resident_id, ticket.area) == (ticket.number, WORKER, 0, "LA-DL-LT-01-G1")
    assert await town.drafts() == [("confirmed", WORKER, 2)]
    assert people == await town.store.read(lambda s: s.execute(select(func.count()).select_from(Resident)).scalar_one())
    assert (await town.write("1", who="o-worker")).ticket != ticket.number
    assert await town.store.read(lambda s: s.execute(select(func.count()).select_from(Ticket)).scalar_one()) == 1


async def test_who_wrote_to_us_before_is_the_one_who_hears_of_it(town: Town) -> None:
    await town.bind(WORKER, "o-worker")
    await town.say("图书馆周一开门吗", mentions_bot=True)
    await town.say(COVER)
    await town.wait(minutes=4)
    await town.write("1", who="o-worker")

    ticket = await town.store.read(lambda s: s.execute(select(Ticket)).scalar_one())
    assert (ticket.resident_id > 0, ticket.reporter_staff) == (True, WORKER)


async def test_two_unknown_neighbours_are_not_one_person(town: Town) -> None:
    await town.bind(WORKER, "o-worker")
    for text, who in ((COVER, "o-one"), ("安泰花园3号楼电梯又坏了，三天没人修", "o-two")):
        await town.say(text, who=who)
        await town.wait(minutes=30)
    await town.write("1 建单", who="o-worker")
    await town.write("2 建单", who="o-worker")

    tickets = await town.store.read(lambda s: s.execute(select(Ticket).order_by(Ticket.id)).scalars().all())
    assert [(ticket.resident_id, ticket.followers) for ticket in tickets] == [(0, 0), (0, 0)]


async def test_pieces_and_neighbours_make_one_draft_and_a_repeated_delivery_none(town: Town) -> None:
    for text, who in (
        ("安泰花园北门那个", "o-a"),
        ("路灯全灭了，有三四天了", "o-a"),
        ("我家楼下也是", "o-b"),
        ("对，天天摸黑", "o-b"),
    ):
        await town.say(text, who=who)
    town.said -= 1
    town.now -= timedelta(seconds=1)
    again = await town.say("对，天天摸黑", who="o-b")

    assert again.duplicate is True
    assert await town.drafts() == [("collecting", WORKER, 2)]


async def test_a_draft_survives_a_restart_and_is_told_once(town: Town, demo_settings: Settings) -> None:
    await town.bind(WORKER, "o-worker")
    await town.say(COVER)
    later = Town(demo_settings, town.store, town.city)
    later.now = town.now
    await later.wait(minutes=4)
    await town.wait(minutes=5)

    assert len(later.phone.arrived) + len(town.phone.arrived) == 1


@pytest.mark.parametrize("demo_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("act", ["neighbour", "worker"])
async def test_a_draft_that_ends_meanwhile_takes_no_word_and_shows_none(town: Town, vault: Vault, act: str) -> None:
    await town.bind(WORKER, "o-worker")
    await town.say(COVER)
    await town.wait(minutes=4)
    other = create_async_engine(postgres_url(town.address))
    async with AsyncSession(other, info={"vault": vault}) as session, session.begin():
        assert await session.run_sync(lambda s: drafting.drop(s, 1, staff=WORKER, now=town.now)) is True
        later = town.say(COVER, who="o-second") if act == "neighbour" else town.write("草稿", who="o-worker")
        task = asyncio.create_task(later)
        await asyncio.sleep(0.3)  # it has come as far as the draft that is about to end
        assert task.done() is False
    reply = await task
    await other.dispose()

    def work(session: Session) -> list[tuple[str, bool]]:
        rows = session.execute(select(GroupDraft).order_by(GroupDraft.id)).scalars()
        return [(row.state, row.content is None) for row in rows]

    ended = [("dropped", True)]
    assert await town.store.read(work) == (ended if act == "worker" else [*ended, ("collecting", False)])
    assert CANARY not in (reply.text or "")


async def test_a_draft_without_its_key_says_nothing(town: Town) -> None:
    await town.say(COVER)

    def work(session: Session) -> group_drafts.Content:
        draft = session.execute(select(GroupDraft)).scalar_one()
        assert draft.key_id is not None
        drop_key(session, draft.key_id)
        return group_drafts.read(session, draft)

    assert await town.store.write(work) == group_drafts.Content()


async def test_a_group_without_a_worker_is_not_listened_to(town: Town) -> None:
    row = town.city.groups[GROUP]
    town.city.groups[GROUP] = type(row)(code=row.code, name=row.name, grid=row.grid, notice_posted=True, worker="")
    try:
        await town.say(COVER)
    finally:
        town.city.groups[GROUP] = row

    assert await town.drafts() == []


@pytest.mark.parametrize(("group", "facts"), [("wrLT02G3", {}), (GROUP, {"consent": False}), ("wrUnknown", {})])
async def test_nobody_is_listened_to_without_notice_and_consent(town: Town, group: str, facts: dict[str, Any]) -> None:
    await town.say(COVER, group=group, **facts)

    assert await town.drafts() == []
    assert len(town.app.handler.listener) == 0
    assert CANARY not in await town.store.read(read_readable)


async def test_the_last_seconds_are_held_in_memory_for_seconds_only(town: Town) -> None:
    await town.say("今晚跳舞七点半老地方")
    assert len(town.app.handler.listener) == 1
    town.now += timedelta(seconds=30)
    await town.say("好的", who="o-second")

    assert len(town.app.handler.listener) == 1


async def test_recalling_one_of_several_pieces_leaves_the_others(town: Town) -> None:
    await town.say(f"{CANARY}灯箱前面那条路")
    await town.say("路灯全灭了，有三四天了")
    assert await town.app.receiver.recall("gateway", "g:1") is True
    assert await town.app.receiver.recall("gateway", "g:9") is False

    words = await town.store.read(read_readable)
    assert (CANARY in words, "路灯全灭了" in words) == (False, True)


async def test_who_asks_to_be_erased_is_taken_out_of_the_drafts(town: Town) -> None:
    await town.say(COVER, who="o-gone")
    mark = await town.store.read(lambda s: s.info["vault"].blind("gateway", "o-gone").hex())
    assert await town.store.write(lambda s: group_drafts.forget_speakers(s, marks={mark}, now=town.now)) == 1

    assert await town.drafts() == [("withdrawn", WORKER, 1)]
    assert CANARY not in await town.store.read(read_readable)


@pytest.mark.parametrize("demo_url", ["sqlite"], indirect=True)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(groups=st.lists(st.sampled_from(["wrLT01G1", "wrLT01G2", "wrLT01G3"]), min_size=1, max_size=6), data=st.data())
async def test_no_worker_ever_sees_or_settles_what_is_anothers(town: Town, groups: list[str], data: st.DataObject) -> None:
    for at, group in enumerate(groups):
        await town.say(f"{COVER}，第{at}回了", who=f"o-{at}-{town.said}", group=group)
        await town.wait(minutes=10)

    def work(session: Session) -> list[tuple[int, str, str]]:
        rows = session.execute(select(GroupDraft).where(GroupDraft.state == "waiting")).scalars()
        return [(row.id, row.worker, row.group_code) for row in rows]

    waiting = await town.store.read(work)
    assert all(town.city.groups[group].worker == worker for _, worker, group in waiting)
    for number, worker, _ in waiting:
        other = data.draw(st.sampled_from(sorted(set(town.city.org.staff) - {worker})))
        listed = await town.store.write(lambda s, who=other: commands.list_drafts(s, town.city, now=town.now, actor=who))
        assert number not in [one["draft"] for one in listed]
        assert await town.store.write(lambda s, who=other, one=number: confirm(s, town.city, one, staff=who, now=town.now)) is None
        assert await town.store.write(lambda s, who=other, one=number: drafting.drop(s, one, staff=who, now=town.now)) is False
    assert await town.store.read(work) == waiting


EXCERPT = f"{CANARY} 2026/11/22 19:03\n安泰花园北门路灯全灭了，有三四天了\n\n小马理发 2026/11/22 19:04\n我家楼下也是 @{CANARY}\n\n老冯 2026/11/22 19:05\n收到"


async def test_a_pasted_excerpt_becomes_drafts_without_names_and_leaves_nothing_else(town: Town, tmp_path: Path) -> None:
    await town.bind(WORKER, "o-worker")
    reply = await town.write(EXCERPT, who="o-worker")

    assert reply.text is not None
    assert ("看了 3 条" in reply.text, CANARY in reply.text, "小马" in reply.text) == (True, False, False)
    assert await town.drafts() == [("waiting", WORKER, 2)]
    assert CANARY not in await town.store.read(read_readable)
    await town.write("2", who="o-worker")
    await town.work()
    assert "路灯全灭" not in await town.store.read(read_readable)
    assert CANARY.encode() not in await town.store.read(read_everything) + read_files(tmp_path)


async def test_an_excerpt_is_pasted_by_its_own_worker_only(town: Town) -> None:
    async def paste(text: str, *, actor: str, group: str) -> Any:
        arguments = {"now": town.now, "text": text, "actor": actor, "group": group}
        return await town.store.write(lambda s: commands.paste(s, town.city, **arguments))

    for refused in ({"actor": OTHER, "group": GROUP}, {"actor": "nobody", "group": GROUP}, {"actor": WORKER, "group": "wrUnknown"}):
        with pytest.raises(Refusal):
            await paste(EXCERPT, **refused)
    with pytest.raises(Refusal):
        await paste("随便一段话，没有名字也没有时间", actor=WORKER, group=GROUP)
    assert await town.drafts() == []
    taken = await paste(EXCERPT, actor=WORKER, group=GROUP)
    assert (taken["messages"], [one["people"] for one in taken["drafts"]]) == (3, [2])


FIRE = "3号楼着火了，窗户往外冒烟，楼上还有人"
DANGER = f"小马理发 2026/11/22 19:03\n今晚跳舞七点半老地方\n\n老冯 2026/11/22 19:05\n{FIRE}\n\n{{more}}"


@pytest.mark.parametrize(
    "more",
    [
        "小李 2026/11/22 19:06\n收到",
        "小李 2026/11/22 19:06\n已经修好了",
        "小李 2026/11/22 19:06\n安泰花园北门路灯全灭了，有三四天了",
    ],
)
async def test_a_danger_to_life_in_an_excerpt_is_an_emergency_at_once(town: Town, more: str) -> None:
    await town.bind(WORKER, "o-worker")
    reply = await town.write(DANGER.format(more=more), who="o-worker")

    tickets = await town.store.read(lambda s: s.execute(select(Ticket.number, Ticket.tier)).all())
    assert [tier for _, tier in tickets] == ["red"]
    assert (reply.text or "").count(tickets[0][0]) == 1
    assert ("confirmed", WORKER, 1) in await town.drafts()
    rung = await town.store.read(lambda s: s.execute(select(OutboxMessage.notice).where(OutboxMessage.urgent)).scalars().all())
    assert rung


ORANGE = f"{COVER}，昨天晚上有人差点掉下去"


async def tell_notices(town: Town) -> list[str]:
    mine = select(OutboxMessage.notice).where(OutboxMessage.cause.like("draft:%")).order_by(OutboxMessage.id)
    return list(await town.store.read(lambda s: s.execute(mine).scalars().all()))


async def test_a_worker_is_told_again_once_before_a_draft_is_gone(town: Town) -> None:
    await town.bind(WORKER, "o-worker")
    await town.say(CALM)
    await town.wait(minutes=4)
    await town.wait(hours=19)
    assert await tell_notices(town) == ["draft_waiting"]
    await town.wait(hours=1, minutes=30)
    await town.wait(minutes=5)
    assert await tell_notices(town) == ["draft_waiting", "draft_waiting_again"]
    assert "还等您回" not in town.phone.arrived[-1][1]  # it is half past five in the morning
    await town.wait(hours=2)
    assert ("还等您回" in town.phone.arrived[-1][1], CALM in town.phone.arrived[-1][1]) == (True, True)
    await town.wait(hours=2)

    assert await town.drafts() == [("expired", WORKER, 1)]
    assert await tell_notices(town) == ["draft_waiting", "draft_waiting_again"]
    assert await town.store.read(lambda s: s.execute(select(func.count()).select_from(Ticket)).scalar_one()) == 0


@pytest.mark.parametrize("bound", [True, False])
async def test_a_hazard_nobody_looked_at_is_a_ticket_at_the_desk_and_the_draft_is_gone(town: Town, *, bound: bool) -> None:
    if bound:
        await town.bind(WORKER, "o-worker")
    await town.say(ORANGE)
    await town.wait(minutes=4)
    await town.wait(hours=20, minutes=10)
    await town.wait(hours=4)

    ticket = await town.store.read(lambda s: s.execute(select(Ticket)).scalar_one())
    assert (ticket.tier, ticket.reason, ticket.status, ticket.resident_id) == ("orange", "draft_lapsed", "accepted", 0)
    assert await town.drafts() == [("expired", WORKER, 1)]
    left = await town.store.read(lambda s: s.execute(select(GroupDraft.content, GroupDraft.key_id)).one())
    assert tuple(left) == (None, None)
    assert ticket.text is not None
    assert CANARY.encode() not in ticket.text
    sealed = ["draft_waiting_sealed"] * 2
    assert await tell_notices(town) == (["draft_waiting", "draft_waiting_again", "draft_lapsed"] if bound else sealed)
    if bound:
        assert (ticket.number in town.phone.arrived[-1][1], "掉下去" in town.phone.arrived[-1][1]) == (True, False)


def test_the_group_of_a_worker_is_found(demo_city: tuple[Path, City]) -> None:
    assert pasting.own_group(demo_city[1], WORKER) == GROUP
    assert pasting.own_group(demo_city[1], "DK001") == ""


PUBLIC = load_texts()["say"]
LINES = st.sampled_from(
    [
        COVER,
        "安泰花园3号楼501漏水，我叫王小丫，电话13900001234",
        "进度",
        "撤回",
        "1",
        "2",
        "不满意",
        "人工",
        "我不想活了",
        "老公又在打我",
        "有人虐待孩子，就在隔壁",
        "安泰花园3号楼着火了，快来人",
        "图书馆周一开门吗",
        "居住证怎么办",
        "我要举报网格员收钱",
        "谢谢",
        "我的信息",
        "删除我的信息",
        "催一下",
        "又坏了",
        "看了 3 条",
        "",
        "楼道堆满杂物，过不去",
        "修好了",
    ]
)
SPOKEN = st.tuples(
    LINES,
    st.sampled_from(["o-a", "o-b", "o-worker"]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.sampled_from([0, 30, 300, 90000]),
)
PRIVATE_HAZARDS = ("我不想活了", "老公又在打我", "有人虐待孩子，就在隔壁")


@pytest.mark.parametrize("demo_url", ["sqlite"], indirect=True)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(spoken=st.lists(SPOKEN, min_size=1, max_size=8))
async def test_whatever_is_said_a_group_hears_only_public_words(town: Town, spoken: list[Any]) -> None:
    for text, who, mentions, quotes, forwarded, pause in spoken:
        town.now += timedelta(seconds=pause)
        reply = await town.say(text, who=who, mentions_bot=mentions, quotes_bot=quotes, forwarded_by_worker=forwarded)
        await town.work()
        heard = reply.text or ""
        assert is_public(town, heard), (text, heard)
        assert not (heard and text in PRIVATE_HAZARDS), (text, heard)
        assert not any(word in heard for word in ("〔", "501", "王小丫", "13900001234", CANARY))


def is_public(town: Town, heard: str) -> bool:
    """Tell whether what was heard is silence, the receipt, the public numbers, or an entry's answer, whole."""
    if not heard:
        return True
    fixed = {town.city.words.fixed("group_receipt"), town.city.words.fixed("emergency_group")}
    head = PUBLIC["answer_group"].split("{", maxsplit=1)[0]
    return heard in fixed or (
        heard.startswith(head) and any(entry.answer[:20] in heard for entry in town.city.matcher.entries.values())
    )


def test_what_a_group_may_not_hear_would_be_noticed(demo_city: tuple[Path, City], demo_settings: Settings) -> None:
    town = Town(demo_settings, None, demo_city[1])  # type: ignore[arg-type]  # no row is read

    assert [is_public(town, heard) for heard in ("", "已受理，编号〔1〕", "已收到，请点公众号私聊办理")] == [True, False, True]


@given(text=st.text(alphabet=string.printable + "群里说的话，路灯坏了。", max_size=60))
@settings(max_examples=50, deadline=None)
def test_no_text_breaks_the_listener(seeded_city: tuple[Path, City], demo_settings: Settings, text: str) -> None:
    town = Town(demo_settings, None, seeded_city[1])  # type: ignore[arg-type]  # no row is read
    where = Group(id=GROUP, consent=True)
    inbound = Inbound(channel="gateway", key="k", sender="o", kind="text", sent_at=START, text=text, scope="group", group=where)

    heard = town.app.handler.listener.overhear(inbound, now=START)
    assert heard is None or heard.line is None or msgspec.json.encode(heard.line)
