"""删除我的信息: after it nothing of a person is in any table, file, log or copy; the case records, the figures and other people are untouched."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from sqlalchemy import select, text

from bot import erasing
from bot.app import App
from bot.channels import Group, Inbound, Media
from bot.telling import Telling
from console.tables import PartnerCall
from residents import group_drafts
from residents.attachments import Attachment
from residents.erasing import Counts, Erasure
from residents.erasure_list import ErasureList
from residents.group_drafts import Content, GroupDraft, Piece
from residents.tables import Identity, Resident
from routing import desk, supervision
from routing.grid_tables import SpotRecord
from routing.tables import Ticket, TicketEvent, TicketFollower, TicketProxy
from store.base import Base
from store.engine import open_store
from store.inbox import InboxMessage, count_by_outcome
from store.keys import DataKeyRow, new_key
from tests.dialogue_phone import PhoneChannel, make_phones

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from bot.city import City
    from bot.settings import Settings
    from store.engine import Store
    from store.sealing import Vault

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
OPENID = "oCanaryResident42"
PHONE = "13900001234"
NAME = "慕容金雀"
CANARIES = [one.encode() for one in ("金丝雀", OPENID, PHONE, NAME, "灰鹦鹉")]
"""Words of the resident, the id the platform knows them by, their number, their name, words of an answer to them."""

SAID = (
    "安泰路12号门口路灯不亮，就在金丝雀烧烤店旁边，我叫慕容金雀，电话13900001234",
    "金丝雀牌照相机的保修单去哪里盖章",
    "我要举报和平里3号楼金丝雀小卖部卖假烟，别说是我说的",
    "文昌路10号金丝雀门口垃圾好几天没人收了",
    "催一下，金丝雀门口那件",
)


class Town:
    """A city with one resident who says a lot, and a clock that moves."""

    def __init__(self, settings: Settings, store: Store, city: City, folder: Path) -> None:
        privacy = msgspec.structs.replace(settings.privacy, erasure_list=str(folder / "erasures.jsonl"))
        self.city = city
        self.settings = city.settings = msgspec.structs.replace(settings, privacy=privacy)
        self.store = store
        self.now = NOW
        channels = make_phones()
        self.phone: PhoneChannel = channels["wechat_mp"]
        self.app = App(self.settings, store, city, channels, clock=lambda: self.now)
        self.pause = 120
        self._key = 0

    async def say(self, words: str, *, sender: str = OPENID, group: Group | None = None, media: tuple[Media, ...] = ()) -> str:
        """Let somebody write; gives the answer, and lets the worker do what follows."""
        self._key += 1
        self.now += timedelta(seconds=self.pause)
        inbound = Inbound(
            channel="gateway" if group else "wechat_mp",
            key=f"m:{self._key}",
            sender=sender,
            kind="image" if media else "text",
            sent_at=self.now,
            text=words,
            scope="group" if group else "person",
            group=group,
            media=media,
        )
        reply = await self.app.receiver.receive(inbound)
        await self.work()
        return reply.text or ""

    async def work(self) -> None:
        await self.app.duties.time_out()
        while await self.app.duties.send():
            await self.app.duties.drain()
        await self.app.duties.fetch()
        await self.app.duties.erase()

    async def act(self, act: Callable[..., Any], number: str, **given: str) -> None:
        context = self.city.routing_context(tell=Telling(self.city, now=self.now))
        await self.store.write(lambda s: act(s, number, actor="operator", now=self.now, context=context, **given))
        await self.work()

    async def tickets(self) -> list[Ticket]:
        return await self.store.read(lambda s: list(s.execute(select(Ticket).order_by(Ticket.id)).scalars()))

    async def live(self) -> None:
        """Let the resident leave traces everywhere: matters open, done and confidential, a question, a picture, answers, a call for a person."""
        for words in SAID:
            await self.say(words)
        await self.say("", media=(Media(kind="image", ref="金丝雀-media"),))
        lamp = (await self.tickets())[0]
        assert (lamp.status, lamp.resident_id) == ("dispatched", 1)
        await self.act(desk.conclude, lamp.number, text="慕容金雀您好，灰鹦鹉已飞走，灯修好了")
        await self.say("转人工，金丝雀的事我想当面说")
        await self.say("不等了")
        await self.say("垃圾没人清，金丝雀都熏跑了")  # where? stays open

    async def erase(self) -> str:
        """Let the resident ask for it and confirm; gives the receipt."""
        assert "确定请回1" in await self.say("删除我的信息")
        said = await self.say("1")
        receipt = said.partition("〔")[2].partition("〕")[0]
        assert receipt == "E-20261123-001"
        self.now += timedelta(minutes=1)
        await self.work()
        return receipt


@pytest.fixture
def town(demo_store: Store, demo_city: tuple[Path, City], demo_settings: Settings, tmp_path: Path) -> Any:
    city = demo_city[1]
    before = city.settings
    yield Town(demo_settings, demo_store, city, tmp_path)
    city.settings = before


def read_everything(session: Session) -> bytes:
    """Put every value of every row of every table into one heap of bytes; of PostgreSQL its server's log too."""
    heap = bytearray()
    for table in Base.metadata.sorted_tables:
        for row in session.execute(select(table)):
            for value in row:
                heap += value if isinstance(value, bytes) else str(value).encode()
    if session.get_bind().dialect.name == "postgresql":
        heap += session.execute(text("SELECT pg_read_binary_file('log', 0, 100000000, true)")).scalar() or b""
    return bytes(heap)


def read_files(folder: Path) -> bytes:
    """Read every file: database, write-ahead log, shared memory, the erasure list."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def find_canaries(town: Town, folder: Path) -> list[str]:
    heap = await town.store.read(read_everything) + read_files(folder)
    return [one.decode() for one in CANARIES if one in heap]


def read_counts(session: Session) -> dict[str, int]:
    row = session.execute(select(Erasure).where(Erasure.kind == "asked")).scalar_one()
    return {name: count for name, count in row.counts.items() if count}


# --- what is gone ------------------------------------------------------------------------------------------------------------------------


async def test_after_erasing_nothing_of_a_person_is_left_anywhere(town: Town, tmp_path: Path) -> None:
    await town.live()
    assert "金丝雀" in await find_canaries(town, tmp_path)  # there is something that could be left
    await town.erase()

    assert await find_canaries(town, tmp_path) == []
    residents = await town.store.read(lambda s: s.execute(select(Resident.id)).all())
    identities = await town.store.read(lambda s: s.execute(select(Identity.id)).all())
    pictures = await town.store.read(lambda s: s.execute(select(Attachment.id)).all())
    assert (residents, identities, pictures) == ([], [], [])


async def test_the_case_records_and_the_figures_stay_without_the_person(town: Town) -> None:
    await town.live()
    before = {one.number: (one.item, one.area, one.opened_at) for one in await town.tickets()}
    outcomes = await town.store.read(count_by_outcome)
    acts = await town.store.read(lambda s: s.execute(select(TicketEvent.act).order_by(TicketEvent.id)).scalars().all())
    await town.erase()

    after = await town.tickets()
    assert {one.number: (one.item, one.area, one.opened_at) for one in after if one.number in before} == before
    assert {one.resident_id for one in after} == {0}
    lamp = after[0]
    assert (lamp.title, lamp.public_place, lamp.summary) == ("路灯不亮", "安泰路12号", "（诉求人已删除原话）")
    kept = await town.store.read(lambda s: s.execute(select(TicketEvent.act).order_by(TicketEvent.id)).scalars().all())
    assert kept[: len(acts)] == acts
    counted = await town.store.read(count_by_outcome)
    assert sum(counted.values()) == sum(outcomes.values()) + 2  # the wish and the yes


async def test_what_can_go_on_does_and_what_cannot_is_withdrawn(town: Town) -> None:
    await town.say("安泰路12号门口路灯不亮")
    await town.say("我要举报和平里3号楼金丝雀小卖部卖假烟，别说是我说的")
    lamp, report = await town.tickets()
    await town.erase()
    assert [one.status for one in await town.tickets()] == ["dispatched", "withdrawn"]
    assert (lamp.status, report.confidential) == ("dispatched", True)
    await town.act(desk.sign, lamp.number)
    await town.act(desk.conclude, lamp.number, text="修好了")
    assert [one.status for one in await town.tickets()] == ["concluded", "withdrawn"]
    assert [words for _, words in town.phone.arrived if "修好了" in words] == []


async def test_an_alarm_that_rings_is_not_emptied_under_whoever_takes_it_up(town: Town, tmp_path: Path) -> None:
    town.pause = 5
    await town.say("安泰路上着火了，金丝雀困在里面")
    [fire] = await town.tickets()
    place = fire.public_place
    assert (fire.tier, fire.area, bool(place)) == ("red", "", True)
    assert "确定请回1" in await town.say("删除我的信息")
    await town.say("1")
    town.now += timedelta(minutes=1)
    await town.work()

    [fire] = await town.tickets()
    assert "金丝雀" in fire.summary
    await town.act(supervision.acknowledge, fire.number)

    [fire] = await town.tickets()
    assert (fire.status, fire.public_place, fire.resident_id) == ("accepted", place, 0)
    assert await find_canaries(town, tmp_path) == []


async def test_an_alarm_that_nobody_takes_up_does_not_put_off_an_erasure_for_ever(town: Town, tmp_path: Path) -> None:
    town.pause = 5
    await town.say("安泰路上着火了，金丝雀困在里面")
    await town.say("删除我的信息")
    await town.say("1")
    town.now += timedelta(minutes=11)
    await town.work()

    [fire] = await town.tickets()
    assert (fire.status, bool(fire.public_place)) == ("accepted", True)
    assert await find_canaries(town, tmp_path) == []


async def test_neighbours_who_joined_keep_their_matter(town: Town, tmp_path: Path) -> None:
    await town.say("安泰路12号门口路灯不亮，金丝雀旁边")
    await town.say("安泰路12号门口的路灯不亮好几天了，白鹭旁边", sender="oNeighbour")
    (lamp,) = await town.tickets()
    assert lamp.followers == 1
    await town.erase()

    assert await find_canaries(town, tmp_path) == []
    joined = await town.store.read(lambda s: s.execute(select(TicketFollower.resident_id)).scalars().all())
    assert joined == [2]
    await town.act(desk.conclude, lamp.number, text="灯亮了")
    assert [address for address, words in town.phone.arrived if "灯亮了" in words] == ["oNeighbour"]


async def test_whoever_joined_leaves_and_the_other_ones_matter_stays(town: Town, tmp_path: Path) -> None:
    await town.say("安泰路12号门口路灯不亮", sender="oNeighbour")
    await town.say("安泰路12号门口的路灯不亮，金丝雀旁边")
    await town.erase()

    assert await find_canaries(town, tmp_path) == []
    (lamp,) = await town.tickets()
    assert (lamp.followers, lamp.resident_id, lamp.status, lamp.summary) == (0, 1, "dispatched", "安泰路12号门口路灯不亮")


async def test_what_they_said_in_a_group_leaves_the_worker_s_draft(town: Town) -> None:
    await town.say("谢谢")
    await town.say("谢谢", sender="oNeighbour")

    def begin(session: Session) -> None:
        blinds = session.execute(select(Identity.blind).order_by(Identity.id)).scalars().all()
        speakers = tuple(blind.hex() for blind in blinds)
        lines = [Piece(at=NOW, who=0, text="金丝雀门口的灯坏了"), Piece(at=NOW, who=1, text="三号楼的灯也不亮")]
        for pieces in (lines, lines[:1]):
            content = Content(pieces=tuple(pieces), speakers=speakers, last=speakers[0])
            group_drafts.begin(
                session, content, group="wrLT01G1", worker="W", channel="wechat_mp", now=NOW, due_at=NOW + timedelta(days=9)
            )

    await town.store.write(begin)
    await town.erase()

    def read(session: Session) -> list[tuple[str, list[str]]]:
        drafts = session.execute(select(GroupDraft).order_by(GroupDraft.id)).scalars().all()
        return [(draft.state, [piece.text for piece in group_drafts.read(session, draft).pieces]) for draft in drafts]

    assert await town.store.read(read) == [("collecting", ["三号楼的灯也不亮"]), ("withdrawn", [])]


async def test_who_writes_again_is_a_stranger(town: Town) -> None:
    await town.live()
    await town.erase()
    first = await town.say("进度")
    assert ("没有查到您正在办的事" in first, "〔告知〕" in first) == (True, True)
    shown = await town.say("我的信息")
    assert "反映的事" not in shown
    assert "****" not in shown


async def test_an_erasure_waits_for_its_receipt_to_leave_and_is_done_once(town: Town) -> None:
    await town.say("安泰路12号门口路灯不亮")
    town.pause = 5
    await town.say("删除我的信息")
    first = await town.say("1")
    await town.say("删除我的信息")
    second = await town.say("1")
    assert first == second  # asking twice is one erasure
    rows = await town.store.read(lambda s: s.execute(select(Erasure.done_at)).scalars().all())
    assert rows == [None]
    town.now += timedelta(minutes=1)
    await town.work()
    await town.work()
    rows = await town.store.read(lambda s: s.execute(select(Erasure.done_at, Erasure.resident_id, Erasure.log_emptied)).all())
    assert [tuple(row) for row in rows] == [(town.now, None, True)]


async def test_who_told_of_somebody_else_s_matter_takes_their_words_and_leaves_the_matter(town: Town, tmp_path: Path) -> None:
    await town.say("安泰路12号门口路灯不亮，我妈天天从金丝雀店门口走")
    await town.say("谢谢", sender="oMother")

    def represent(session: Session) -> None:
        ticket = session.execute(select(Ticket)).scalar_one()
        ticket.resident_id = 2
        session.add(TicketProxy(ticket_id=ticket.id, proxy_id=1, represented_id=2, allowed="status", asked_at=NOW))

    await town.store.write(represent)
    await town.erase()
    (lamp,) = await town.tickets()
    assert (lamp.resident_id, lamp.status, lamp.item != "") == (2, "dispatched", True)
    assert await town.store.read(lambda s: s.execute(select(TicketProxy.id)).all()) == []
    assert await find_canaries(town, tmp_path) == []


async def test_who_was_spoken_for_leaves_and_the_one_who_spoke_keeps_the_matter(town: Town) -> None:
    await town.say("谢谢")
    await town.say("安泰路12号门口路灯不亮，我妈天天从那里走", sender="oDaughter")

    def represent(session: Session) -> None:
        ticket = session.execute(select(Ticket)).scalar_one()
        session.add(TicketProxy(ticket_id=ticket.id, proxy_id=2, represented_id=1, allowed="all", asked_at=NOW))

    await town.store.write(represent)
    await town.erase()
    rows = await town.store.read(lambda s: s.execute(select(TicketProxy.proxy_id, TicketProxy.represented_id)).all())
    (lamp,) = await town.tickets()
    assert ([tuple(row) for row in rows], lamp.resident_id) == ([(2, None)], 2)


# --- the proof ---------------------------------------------------------------------------------------------------------------------------


async def test_the_receipt_is_signed_and_a_changed_one_is_found(town: Town) -> None:
    await town.live()
    receipt = await town.erase()
    proof = await town.store.read(lambda s: erasing.verify(s, town.city))
    assert (proof.is_sound, proof.receipts, proof.lines) == (True, 1, 1)
    counts = await town.store.read(read_counts)
    assert (counts["residents"], counts["attachments"], counts["conversations"]) == (1, 1, 1)

    def change(session: Session) -> None:
        row = session.execute(select(Erasure)).scalar_one()
        row.counts = row.counts | {"messages": 0}

    await town.store.write(change)
    assert (await town.store.read(lambda s: erasing.verify(s, town.city))).changed_receipts == (receipt,)


async def test_a_changed_or_missing_line_of_the_list_is_found(town: Town, vault: Vault, tmp_path: Path) -> None:
    for sender in ("oA", "oB", "oC"):
        await town.say("删除我的信息", sender=sender)
        await town.say("1", sender=sender)
    town.now += timedelta(minutes=1)
    await town.work()
    path = tmp_path / "erasures.jsonl"
    listed = ErasureList(path)
    first, second, third = path.read_bytes().splitlines(keepends=True)
    assert (listed.find_broken(vault), path.stat().st_mode & 0o777) == ([], 0o600)
    path.write_bytes(first + third)
    assert listed.find_broken(vault) == [2]
    path.write_bytes(first + second.replace(b'"residents":1', b'"residents":9') + third)
    assert listed.find_broken(vault) == [2]
    path.write_bytes(first + second + third[:40])
    assert (listed.find_broken(vault), len(listed.read())) == ([3], 2)


# --- backups -----------------------------------------------------------------------------------------------------------------------------


async def test_a_restored_backup_is_erased_again_and_only_once(
    copy_demo: Callable[[str], str], demo_city: tuple[Path, City], demo_settings: Settings, vault: Vault, tmp_path: Path
) -> None:
    city = demo_city[1]
    before = city.settings
    address = copy_demo("sqlite")
    file = Path(address.removeprefix("sqlite:///"))
    opened = open_store(address, vault)
    town = Town(demo_settings, opened, city, tmp_path)
    await town.live()
    await opened.close()
    backup = tmp_path / "backup"
    shutil.copy(file, backup)
    opened = open_store(address, vault)
    town.store, town.app = opened, App(town.settings, opened, city, {"wechat_mp": town.phone}, clock=lambda: town.now)
    await town.erase()
    await opened.close()

    shutil.move(backup, file)
    opened = open_store(address, vault)
    proof = await opened.read(lambda s: erasing.verify(s, city))
    assert (proof.is_sound, proof.not_erased) == (False, ("E-20261123-001",))
    again = await opened.write(lambda s: erasing.replay(s, city, now=town.now))
    assert again.residents == 1
    assert await opened.write(lambda s: erasing.replay(s, city, now=town.now)) == Counts()
    assert (await opened.read(lambda s: erasing.verify(s, city))).is_sound
    town.store, town.app = opened, App(town.settings, opened, city, {"wechat_mp": town.phone}, clock=lambda: town.now)
    await town.work()
    assert await find_canaries(town, tmp_path) == []
    await opened.close()
    city.settings = before


async def test_a_replay_spares_a_key_that_got_the_number_of_a_dropped_one(town: Town) -> None:
    await town.live()
    await town.erase()
    (line,) = erasing.erasure_list(town.city).read()
    numbers = {number for number, _ in line.keys}

    def reuse(session: Session) -> list[int]:
        made = [new_key(session).id for _ in range(3)]
        free = sorted(numbers - set(made))[:2]
        for number in free:
            session.add(DataKeyRow(id=number, wrapped=session.get_one(DataKeyRow, made[0]).wrapped, created_at=NOW))
        return [*made, *free]

    others = await town.store.write(reuse)
    assert await town.store.write(lambda s: erasing.replay(s, town.city, now=town.now)) == Counts()
    left = await town.store.read(lambda s: s.execute(select(DataKeyRow.id).where(DataKeyRow.id.in_(others))).scalars().all())
    assert sorted(left) == sorted(others)


# --- recall and silence ------------------------------------------------------------------------------------------------------------------


async def test_recall_and_the_silence_of_groups_leave_no_canary_either(town: Town, tmp_path: Path) -> None:
    group = Group(id="wrLT01G1", consent=True, can_reply=True)
    await town.say(f"金丝雀广场舞今晚七点老地方，{NAME}带音响，电话{PHONE}", group=group)
    assert await find_canaries(town, tmp_path) == []
    asked = Group(id="wrLT01G1", consent=True, mentions_bot=True, can_reply=True)
    await town.say(f"安泰路12号门口路灯不亮，金丝雀{NAME}摔了一跤，电话{PHONE}", group=asked)
    assert "金丝雀" in await find_canaries(town, tmp_path)
    assert await town.app.receiver.recall("gateway", "m:2") is True
    await town.work()
    assert await find_canaries(town, tmp_path) == []


# --- the night ---------------------------------------------------------------------------------------------------------------------------


async def test_the_night_takes_away_what_is_over_its_time_and_signs_it(town: Town, tmp_path: Path) -> None:
    await town.live()
    for one in await town.tickets():
        if one.status not in ("closed", "withdrawn"):
            await town.say(f"撤回{one.number}")
    town.now += timedelta(days=8)
    await town.app.duties.supervise()  # what nobody rated is closed
    day = town.settings.privacy
    town.now += timedelta(days=day.message_days + 40)
    due = await town.store.read(lambda s: erasing.count_due(s, town.city, now=town.now))
    assert (due.messages > 0, due.tickets, due.residents) == (True, 0, 0)
    town.now = town.now.replace(hour=20)  # 4 o'clock in the morning
    await town.app.duties.clean_up()
    assert (await town.store.read(lambda s: erasing.count_due(s, town.city, now=town.now))) == Counts()
    assert "金丝雀" in await find_canaries(town, tmp_path)  # the matters' own words have two years
    town.now += timedelta(days=day.ticket_days)
    await town.app.duties.clean_up()
    await town.app.duties.clean_up()
    await town.work()
    runs = await town.store.read(lambda s: s.execute(select(Erasure).where(Erasure.kind == "due")).scalars().all())
    assert await town.store.read(lambda s: s.execute(select(Resident.id)).all()) == []
    assert len(runs) == 2  # one a night, however often it is looked for
    assert (await town.store.read(lambda s: erasing.verify(s, town.city))).is_sound
    assert await find_canaries(town, tmp_path) == []
    assert await town.store.read(lambda s: s.execute(select(InboxMessage.id).where(InboxMessage.key_id.is_not(None))).all()) == []


async def test_the_night_spares_what_is_under_way(town: Town) -> None:
    await town.say("安泰路12号门口路灯不亮")
    town.now = (town.now + timedelta(days=3000)).replace(hour=20)
    await town.app.duties.clean_up()
    (lamp,) = await town.tickets()
    assert (lamp.status, lamp.resident_id, lamp.summary) == ("dispatched", 1, "安泰路12号门口路灯不亮")


def put_spots_and_calls(session: Session, *, days: tuple[int, ...], now: datetime) -> None:
    """Put down what was put right at once, and what a partner asked for, so many days before now."""
    for back in days:
        at = now - timedelta(days=back)
        session.add(SpotRecord(at=at, day=at.date(), area="LA-DL-LT-01-G1", worker="GW001", item="", text=f"扶正了路牌{back}"))
        values = {"partner": "P", "token_id": 1, "action": "tickets.read", "subject": "", "status": 200, "rows": 1}
        session.add(PartnerCall(at=at, **values))


async def test_what_was_put_right_at_once_loses_its_words_and_what_partners_asked_goes(town: Town) -> None:
    day = town.settings.privacy
    town.now = town.now.replace(hour=20)
    days = (1, day.ticket_days - 1, day.ticket_days + 1, day.call_days - 1, day.call_days + 1)
    await town.store.write(lambda s: put_spots_and_calls(s, days=days, now=town.now))
    due = await town.store.read(lambda s: erasing.count_due(s, town.city, now=town.now))
    await town.app.duties.clean_up()

    spots = await town.store.read(lambda s: s.execute(select(SpotRecord.text, SpotRecord.worker).order_by(SpotRecord.id)).all())
    calls = await town.store.read(lambda s: s.execute(select(PartnerCall.at).order_by(PartnerCall.id)).scalars().all())
    assert (due.spots, due.calls) == (3, 1)
    assert [row.text for row in spots] == ["扶正了路牌1", f"扶正了路牌{day.ticket_days - 1}", "", "", ""]
    assert {row.worker for row in spots} == {"GW001"}  # that it was done, and by whom, stays
    assert calls == [town.now - timedelta(days=back) for back in days[:-1]]
    assert (await town.store.read(lambda s: erasing.count_due(s, town.city, now=town.now))) == Counts()
    assert (await town.store.read(lambda s: erasing.verify(s, town.city))).is_sound


async def test_more_than_one_chunk_of_calls_goes_in_a_night(town: Town) -> None:
    town.now = town.now.replace(hour=20)
    days = tuple(range(2000, 2000 + erasing.CHUNK + 5))
    await town.store.write(lambda s: put_spots_and_calls(s, days=days, now=town.now))
    await town.app.duties.clean_up()

    run = await town.store.read(lambda s: s.execute(select(Erasure.counts).where(Erasure.kind == "due")).scalars().one())
    assert (run["spots"], run["calls"]) == (len(days), len(days))
