"""A person in the conversation, on both databases: who gets it, what they see, what the resident is promised, and that a restart forgets nothing."""

from __future__ import annotations

import asyncio
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from sqlalchemy import select, update

from bot.app import App
from bot.channels import Inbound
from bot.commands import seat
from bot.commands.report import read_figures
from bot.refusals import Refusal
from bot.texts import fill
from bot.transcripts import join_lines
from residents import erasing, seats
from residents.ledger import WECHAT_WINDOWS
from residents.seats import SeatLine, SeatTalk
from residents.tables import Resident
from routing.tables import Ticket
from store.audit import AuditEntry
from store.inbox import InboxMessage
from store.keys import drop_key
from store.outbox import OutboxMessage
from store.sealing import is_sealed
from tests.dialogue_phone import PhoneChannel

if TYPE_CHECKING:
    from pathlib import Path

    from bot.channels import Reply
    from bot.city import City
    from bot.settings import Settings
    from store.engine import Store

MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # a Monday, 9 o'clock in the city
LAMP = "安泰路12号门口路灯坏了三天，晚上黑漆漆的"
CANARY = "柳絮飘飞"
PHONE = "13812345678"


@dataclass
class Desk:
    """The service, its clock, and the seats at their command line."""

    app: App
    phone: PhoneChannel
    now: datetime = MORNING
    numbers: count[int] = field(default_factory=count)

    async def write(self, text: str, sender: str = "oA") -> Reply:
        self.now += timedelta(seconds=1)
        number = next(self.numbers)
        inbound = Inbound(channel="wechat_mp", key=f"m:{number}", sender=sender, kind="text", sent_at=self.now, text=text)
        return await self.app.receiver.receive(inbound)

    async def do(self, act: str, **arguments: Any) -> Any:
        command = next(one for one in seat.COMMANDS if one.name == f"seat.{act}")
        city, now = self.app.city, self.now
        return await self.app.store.write(lambda s: command.run(s, city, now=now, **arguments))

    async def wait(self, **span: float) -> None:
        self.now += timedelta(**span)
        await self.app.duties.look_after_seats()
        await self.send()

    async def send(self) -> list[str]:
        while await self.app.duties.send():
            await self.app.duties.drain()
        return [text for _, text in self.phone.arrived]

    async def talk(self) -> SeatTalk:
        return await self.app.store.read(lambda s: s.execute(select(SeatTalk).order_by(SeatTalk.id.desc()).limit(1)).scalar_one())


def open_desk(settings: Settings, store: Store, city: City) -> Desk:
    phone = PhoneChannel("wechat_mp", reply_limit=2048, windows=WECHAT_WINDOWS)
    desk: list[Desk] = []
    app = App(settings, store, copy(city), {"wechat_mp": phone}, clock=lambda: desk[0].now)
    desk.append(Desk(app, phone))
    return desk[0]


@pytest.fixture
def desk(demo_settings: Settings, demo_store: Store, demo_city: tuple[Path, City]) -> Desk:
    return open_desk(demo_settings, demo_store, demo_city[1])


async def count_rows(desk: Desk, table: type[Any]) -> int:
    return len(await desk.app.store.read(lambda s: s.execute(select(table)).scalars().all()))


# --- who gets it ---------------------------------------------------------------------------------------------------------------------------


async def test_of_two_seats_that_claim_at_once_one_has_it_and_the_other_is_told(desk: Desk) -> None:
    await desk.write("转人工")
    talk = (await desk.talk()).id

    results = await asyncio.gather(
        desk.do("claim", talk=talk, actor="ST001"), desk.do("claim", talk=talk, actor="ST002"), return_exceptions=True
    )

    assert sorted(type(one) for one in results if isinstance(one, Exception)) == [seats.TalkTaken]
    winner = (await desk.talk()).claimed_by
    loser = "ST002" if winner == "ST001" else "ST001"
    with pytest.raises(seats.TalkTaken):
        await desk.do("say", talk=talk, text="您好", actor=loser)
    assert len([text for text in await desk.send() if "接上了" in text]) == 1


async def test_only_the_desk_on_duty_and_those_above_it_have_the_queue(desk: Desk) -> None:
    await desk.write(LAMP)
    await desk.write("转人工")
    talk = (await desk.talk()).id

    lists = {staff: await desk.do("list", actor=staff) for staff in ("DK007", "ST001", "DK009", "UC001", "GW001", "nobody")}

    assert {staff: [one["talk"] for one in found] for staff, found in lists.items()} == {
        "DK007": [talk],
        "ST001": [talk],
        "DK009": [],
        "UC001": [],
        "GW001": [],
        "nobody": [],
    }
    for staff in ("DK009", "UC001", "GW001", "nobody"):
        with pytest.raises(seats.NoTalk):
            await desk.do("claim", talk=talk, actor=staff)


async def accuse(desk: Desk, *, units: list[str], staff: list[str]) -> None:
    await desk.app.store.write(lambda s: s.execute(update(Ticket).values(refused=units, refused_staff=staff)))


async def test_a_desk_that_a_matter_of_the_resident_is_about_never_gets_their_conversation(desk: Desk) -> None:
    await desk.write(LAMP)
    await accuse(desk, units=["LT-ZHS"], staff=["ST002"])

    reply = await desk.write("转人工")
    talk = await desk.talk()

    assert talk.desk == "DL-ZHS"
    assert reply.text is not None
    assert "东篱区社会治理指挥室" in reply.text
    assert await desk.do("list", actor="DK007") == []
    assert await desk.do("list", actor="ST002") == []
    for staff in ("DK007", "ST002"):
        with pytest.raises(seats.NoTalk):
            await desk.do("claim", talk=talk.id, actor=staff)
    await desk.do("claim", talk=talk.id, actor="ST001")


async def test_who_becomes_accused_while_they_have_it_sees_and_says_nothing_more(desk: Desk) -> None:
    await desk.write(LAMP)
    await desk.write("转人工")
    talk = (await desk.talk()).id
    await desk.do("claim", talk=talk, actor="DK007")
    await accuse(desk, units=[], staff=["DK007"])

    for act, more in (("show", {}), ("say", {"text": "您好"}), ("hand-back", {})):
        with pytest.raises(seats.NoTalk):
            await desk.do(act, talk=talk, actor="DK007", **more)
    await desk.wait(minutes=6)

    assert (await desk.talk()).state == "waiting"
    assert [one["talk"] for one in await desk.do("list", actor="DK008")] == [talk]


async def test_whoever_only_joined_a_secret_matter_is_kept_from_whom_it_is_about_too(desk: Desk) -> None:
    await desk.write(LAMP, sender="oB")
    await desk.write(LAMP, sender="oA")
    await accuse(desk, units=["LT-ZHS"], staff=[])
    await desk.app.store.write(lambda s: s.execute(update(Ticket).values(confidential=True)))

    await desk.write("安泰路12号路灯的事，转人工", sender="oA")

    assert (await desk.talk()).desk == "DL-ZHS"
    assert await desk.do("list", actor="DK007") == []


async def test_nobody_is_called_back_by_the_desk_their_matter_is_about(desk: Desk) -> None:
    await desk.write(LAMP)
    await accuse(desk, units=["LT-ZHS"], staff=["DK003"])

    await desk.write("安泰路12号的事，给我回个电话，13812345678")

    call = (await desk.app.store.read(lambda s: s.execute(select(Ticket).order_by(Ticket.id)).scalars().all()))[-1]
    assert call.reason == "asked_person"
    assert (call.desk, call.unit) == ("DL-ZHS", "DL-ZHS")
    assert "LT-ZHS" in call.refused
    assert "DK003" in (call.refused_staff or [])
    notices = await desk.app.store.read(
        lambda s: s.execute(
            select(OutboxMessage.notice).where(OutboxMessage.target == "LT-ZHS", OutboxMessage.created_at >= desk.now)
        )
    )
    assert notices.scalars().all() == []


# --- the bot is silent ---------------------------------------------------------------------------------------------------------------------


async def test_while_a_person_has_it_nothing_is_answered_and_nothing_opened(desk: Desk) -> None:
    await desk.write("转人工")
    await desk.do("claim", talk=(await desk.talk()).id, actor="ST001")
    before = await desk.send()

    replies = [await desk.write(text) for text in (LAMP, "居住证怎么办", "1", "谢谢")]

    assert [(reply.text, reply.outcome) for reply in replies] == [(None, "to_desk")] * 4
    assert await count_rows(desk, Ticket) == 0
    assert await desk.send() == before


async def test_somebody_else_is_answered_as_ever(desk: Desk) -> None:
    await desk.write("转人工", sender="oA")
    await desk.do("claim", talk=(await desk.talk()).id, actor="ST001")

    reply = await desk.write(LAMP, sender="oB")

    assert reply.outcome == "ticket"


async def test_a_restart_keeps_the_queue_and_the_claims(desk: Desk, demo_settings: Settings, demo_city: tuple[Path, City]) -> None:
    await desk.write("转人工", sender="oA")
    first = (await desk.talk()).id
    await desk.do("claim", talk=first, actor="ST001")
    await desk.write("转人工", sender="oB")
    await desk.send()

    after = open_desk(demo_settings, desk.app.store, demo_city[1])
    after.now, after.numbers = desk.now, desk.numbers
    listed = await after.do("list", actor="ST001")

    assert [(one["state"], one["claimed_by"]) for one in listed] == [("claimed", "ST001"), ("waiting", "")]
    assert (await after.write("还在吗", sender="oA")).text is None
    await after.do("say", talk=first, text="在的", actor="ST001")
    assert await after.send() == ["〔东篱区社会治理指挥室〕在的"]
    await after.wait(minutes=4)
    assert after.phone.arrived[-1][0] == "oB"


# --- what is seen ---------------------------------------------------------------------------------------------------------------------------


async def test_a_seat_sees_this_conversation_masked_and_no_other(desk: Desk) -> None:
    await desk.write(f"别人的话{CANARY}", sender="oB")
    await desk.write(f"我的电话是{PHONE}，家里漏水", sender="oA")
    await desk.write("转人工", sender="oA")
    talk = (await desk.talk()).id
    with pytest.raises(seats.NotClaimed):
        await desk.do("show", talk=talk, actor="ST001")

    await desk.do("claim", talk=talk, actor="ST001")
    shown = str(await desk.do("show", talk=talk, actor="ST001"))
    opened = str(await desk.do("show", talk=talk, actor="ST001", reason="要打电话问门牌"))

    assert (CANARY in shown, PHONE in shown, "家里漏水" in shown) == (False, False, True)
    assert (CANARY in opened, PHONE in opened) == (False, True)
    audit = await desk.app.store.read(
        lambda s: s.execute(select(AuditEntry).where(AuditEntry.action.like("seat.%"))).scalars().all()
    )
    assert [(one.action, one.actor, one.facts.get("reason")) for one in audit] == [
        ("seat.claim", "ST001", None),
        ("seat.show", "ST001", None),
        ("seat.unseal", "ST001", "要打电话问门牌"),
    ]


async def test_what_is_taken_back_is_not_shown(desk: Desk) -> None:
    await desk.write("转人工")
    await desk.write(CANARY)
    talk = (await desk.talk()).id
    await desk.do("claim", talk=talk, actor="ST001")
    assert CANARY in str(await desk.do("show", talk=talk, actor="ST001"))

    await desk.app.receiver.recall("wechat_mp", "m:1")

    assert CANARY not in str(await desk.do("show", talk=talk, actor="ST001"))


async def test_what_was_wanted_and_said_is_sealed_under_the_residents_key(desk: Desk) -> None:
    await desk.write(f"{CANARY}，转人工")
    talk = await desk.talk()
    await desk.do("claim", talk=talk.id, actor="ST001")
    await desk.do("say", talk=talk.id, text=CANARY, actor="ST001")

    columns = (SeatTalk.wanted, SeatLine.words, OutboxMessage.body)
    rows = [await desk.app.store.read(lambda s, c=column: s.execute(select(c)).scalars().all()) for column in columns]
    assert all(is_sealed(value) and CANARY.encode() not in value for values in rows for value in values if value is not None)
    key = await desk.app.store.read(lambda s: s.execute(select(Resident.key_id)).scalar_one())
    assert {int.from_bytes(value[2:10], "big") for value in (*rows[0], *rows[1])} == {key}
    await desk.app.store.write(lambda s: drop_key(s, key))


async def test_the_seats_name_is_shown_only_where_the_city_wants_it(desk: Desk) -> None:
    await desk.write("转人工")
    talk = (await desk.talk()).id
    await desk.do("claim", talk=talk, actor="ST001")
    await desk.do("say", talk=talk, text="您好", actor="ST001")
    settings = desk.app.city.settings
    desk.app.city.settings = msgspec.structs.replace(settings, seat=msgspec.structs.replace(settings.seat, show_name=True))
    await desk.do("say", talk=talk, text="请说", actor="ST001")

    assert (await desk.send())[-2:] == ["〔东篱区社会治理指挥室〕您好", "〔东篱区社会治理指挥室 吕家乐〕请说"]
    assert "吕家乐" not in (await desk.send())[0]


async def test_what_did_not_arrive_is_seen_by_the_seat(desk: Desk) -> None:
    await desk.write("转人工")
    talk = (await desk.talk()).id
    await desk.do("claim", talk=talk, actor="ST001")
    for number in range(6):
        await desk.do("say", talk=talk, text=f"第{number}句", actor="ST001")
    await desk.send()

    shown = await desk.do("show", talk=talk, actor="ST001")
    states = [line["state"] for line in shown["lines"] if line["who"] == "seat"]

    assert (
        states == ["sent"] * 4 + ["held"] * 2
    )  # the platform lets 5 through for one message, the first said that somebody is there


async def test_a_long_word_of_a_seat_arrives_whole(desk: Desk) -> None:
    await desk.write("转人工")
    talk = (await desk.talk()).id
    await desk.do("claim", talk=talk, actor="ST001")
    long = "您先别着急，我们一步一步来。" * 80
    await desk.do("say", talk=talk, text=long, actor="ST001")

    parts = (await desk.send())[1:]

    assert all(len(part.encode()) <= 2048 for part in parts)
    assert "".join(parts).replace("\n", "") == f"〔东篱区社会治理指挥室〕{long}"


async def test_a_seat_answers_from_the_knowledge_base_and_refuses_what_is_not_there(desk: Desk) -> None:
    await desk.write("转人工")
    talk = (await desk.talk()).id
    await desk.do("claim", talk=talk, actor="ST001")
    entry = next(iter(desk.app.city.matcher.entries.values()))

    await desk.do("answer", talk=talk, entry=entry.code, actor="ST001")
    with pytest.raises(Refusal) as refused:
        await desk.do("answer", talk=talk, entry="NO-SUCH", actor="ST001")

    assert str(refused.value) == fill("cli", "error_seat_no_entry", {"entry": "NO-SUCH"})
    assert entry.question in (await desk.send())[-1]


async def test_a_ticket_from_the_talk_is_the_residents_own(desk: Desk) -> None:
    await desk.write("转人工")
    talk = (await desk.talk()).id
    await desk.do("claim", talk=talk, actor="ST001")

    opened = await desk.do("ticket", talk=talk, text=LAMP, actor="ST001")
    await desk.do("close", talk=talk, actor="ST001")

    assert opened["ticket"] in (await desk.write("进度")).text


# --- what is promised -------------------------------------------------------------------------------------------------------------------------


async def test_nobody_on_duty_is_said_and_a_call_back_with_a_clock_opened(desk: Desk) -> None:
    desk.app.city.org = msgspec.structs.replace(desk.app.city.org, shifts={})

    reply = await desk.write("转人工")
    ticket = await desk.app.store.read(lambda s: s.execute(select(Ticket)).scalar_one())

    assert (reply.outcome, reply.ticket) == ("to_desk", ticket.number)
    assert reply.text is not None
    assert reply.text.startswith(
        f"现在没有人值班。已登记回电，编号〔{ticket.number}〕，{desk.app.city.words.moment(ticket.due_at)}前"
    )
    assert (ticket.reason, ticket.status) == ("asked_person", "accepted")
    assert await desk.do("list", actor="ST001") == []


async def test_a_call_back_has_everything_that_was_said_while_waiting(desk: Desk) -> None:
    await desk.write("转人工")
    await desk.write(f"家里{CANARY}")
    await desk.write("不等了")

    page = await desk.app.store.read(lambda s: s.execute(select(Ticket)).scalar_one())

    assert join_lines([page.summary]).count(CANARY) == 1
    assert (await desk.write("居住证怎么办")).outcome == "answered"


async def test_each_promise_is_kept_once_however_often_it_is_looked_at(desk: Desk) -> None:
    await desk.write(LAMP)
    await desk.send()
    await desk.write("转人工")
    for _ in range(20):
        await desk.wait(minutes=1)

    said = [text for text in await desk.send() if "久等" in text or "白等" in text]
    calls = await desk.app.store.read(
        lambda s: s.execute(select(OutboxMessage.notice, OutboxMessage.target).where(OutboxMessage.notice.like("seat_wait%"))).all()
    )

    assert [text[:6] for text in said] == ["让您久等了，", "抱歉，让您白"]
    assert sorted(tuple(row) for row in calls) == [
        ("seat_waited", str((await desk.talk()).resident_id)),
        ("seat_waiting", "LT-ZHS"),
        ("seat_waits_long", "DL-ZHS"),
    ]
    talk = await desk.talk()
    assert (talk.state, talk.ended_how) == ("ended", "missed")
    assert talk.ticket


async def test_first_answers_are_counted_as_the_document_says(desk: Desk) -> None:
    async def ask(sender: str, *, answered_after: float | None = None) -> int:
        await desk.write("转人工", sender=sender)
        talk = (await desk.talk()).id
        if answered_after is not None:
            await desk.do("claim", talk=talk, actor="ST001")
            desk.now += timedelta(minutes=answered_after)
            await desk.do("say", talk=talk, text="您好", actor="ST001")
            await desk.do("close", talk=talk, actor="ST001")
        return talk

    await ask("in time", answered_after=2)
    await ask("late", answered_after=4)
    await ask("never")
    for _ in range(3):
        await desk.wait(minutes=6)
    await ask("gone")
    await desk.write("算了不用了", sender="gone")
    await ask("waits")
    shifts = desk.app.city.org.shifts
    desk.app.city.org = msgspec.structs.replace(desk.app.city.org, shifts={})
    await ask("night")
    desk.app.city.org = msgspec.structs.replace(desk.app.city.org, shifts=shifts)

    figures = await desk.do("figures", days=1)

    assert figures == {
        "days": 1,
        "minutes": 3,
        "in_time": 1,
        "counted": 3,
        "left_early": 1,
        "still_open": 1,
        "off_hours": 1,
    }
    day, city = f"{desk.now:%Y-%m-%d}", desk.app.city
    shares = []
    for asked in ({}, {"channel": "wechat_mp"}, {"channel": "terminal"}):
        found = await desk.app.store.read(lambda s, asked=asked: read_figures(s, city, now=desk.now, first=day, last=day, **asked))
        (rate,) = (figure for figure in found["figures"] if figure["code"] == "seat_answer_rate")
        shares.append((rate["share"], rate["left_out"]))
    left_out = "没到时限自己不等了 1、还没到期 1、当时没有人值班，登记了回电 1"
    assert shares == [("1/3 = 33.33 %", left_out), ("1/3 = 33.33 %", left_out), ("0/0，无数可算", "")]


async def test_old_words_go_and_the_figures_stay(desk: Desk) -> None:
    await desk.write("转人工")
    talk = (await desk.talk()).id
    await desk.do("claim", talk=talk, actor="ST001")
    await desk.do("say", talk=talk, text="您好", actor="ST001")
    await desk.do("close", talk=talk, actor="ST001")
    await desk.write("转人工")
    second = (await desk.talk()).id
    await desk.do("claim", talk=second, actor="ST001")
    await desk.do("say", talk=second, text="又见面了", actor="ST001")
    later = desk.now + timedelta(days=1)

    ended = select(SeatTalk).where(SeatTalk.ended_at < later)
    emptied = await desk.app.store.write(lambda s: erasing.empty_talks(s, s.execute(ended).scalars().all(), now=later))

    assert emptied == 1
    assert (await desk.do("figures", days=1))["in_time"] == 2
    assert await count_rows(desk, SeatLine) == 1
    assert await count_rows(desk, InboxMessage) == 2
