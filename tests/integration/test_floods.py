"""Too much at once, on both databases: nothing is lost, one matter stays one, and nobody else waits for it."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine, event, select

from bot.app import App
from bot.channels import Group, Inbound
from bot.flood import AT_ONCE
from residents.bursts import Burst, BurstPart
from residents.copies import CopiedWords
from residents.group_drafts import GroupDraft
from residents.ledger import WECHAT_WINDOWS
from residents.tables import Conversation
from routing.tables import Ticket, TicketEvent, TicketFollower
from store import inbox
from store.inbox import InboxMessage
from store.keys import open_key
from tests.dialogue_phone import PhoneChannel

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.channels import Reply
    from bot.city import City
    from bot.settings import Settings
    from store.engine import Store

MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
LAMP = "安泰路12号门口路灯坏了三天，晚上黑漆漆的"
FIRE = "安泰花园3号楼着火了，好大的烟"
CHATTER = "今天天气真好啊"
TOLD = "消息来得太快"

pytestmark = pytest.mark.deep_on_postgres  # floods wait and count; their rows are those of every message


@dataclass
class House:
    """The service with an official account and a group gateway, and a clock that a test turns."""

    app: App
    phone: PhoneChannel
    now: datetime = MORNING
    numbers: count[int] = field(default_factory=count)

    def letter(self, text: str, sender: str = "oA") -> Inbound:
        number = next(self.numbers)
        return Inbound(channel="wechat_mp", key=f"m:{number}", sender=sender, kind="text", sent_at=self.now, text=text)

    def post(self, text: str, sender: str, *, group: str = "wrLT01G1", mentions: bool = True, consent: bool = True) -> Inbound:
        return Inbound(
            channel="gateway",
            key=f"g:{next(self.numbers)}",
            sender=sender,
            kind="text",
            sent_at=self.now,
            text=text,
            scope="group",
            group=Group(id=group, mentions_bot=mentions, consent=consent, can_reply=True),
        )

    async def hear(self, inbound: Inbound, *, seconds: float = 0.5) -> Reply:
        self.now += timedelta(seconds=seconds)
        return await self.app.receiver.receive(inbound)

    async def settle(self) -> list[str]:
        """Let the quiet pass and the worker do what is due; what the phones have heard by themselves."""
        self.now += timedelta(minutes=1)
        await self.app.duties.put_bursts_together()
        while await self.app.duties.send():
            await self.app.duties.drain()
        return [text for _, text in self.phone.arrived]

    async def tickets(self) -> list[Ticket]:
        return list(await self.app.store.read(lambda s: s.execute(select(Ticket).order_by(Ticket.id)).scalars().all()))


def open_house(settings: Settings, store: Store, city: City) -> House:
    phone = PhoneChannel("wechat_mp", reply_limit=2048, windows=WECHAT_WINDOWS)
    gateway = PhoneChannel("gateway", reply_limit=0, windows={})
    found: list[House] = []
    app = App(settings, store, city, {"wechat_mp": phone, "gateway": gateway}, clock=lambda: found[0].now)
    found.append(House(app, phone))
    return found[0]


@pytest.fixture
def house(demo_settings: Settings, demo_store: Store, demo_city: tuple[Path, City]) -> House:
    return open_house(demo_settings, demo_store, demo_city[1])


# --- one resident --------------------------------------------------------------------------------------------------------------------------


async def test_a_hundred_in_a_minute_are_kept_told_once_and_added_to_the_matter_in_one_piece(house: House) -> None:
    number = (await house.hear(house.letter(LAMP))).ticket
    replies, others = [], []
    for at in range(99):
        replies.append(await house.hear(house.letter(f"第{at}遍，快来修")))
        if at % 20 == 19:
            others.append(await house.hear(house.letter("居住证怎么办", sender=f"o{at}")))

    assert [reply.outcome for reply in others] == ["answered"] * 4
    told = [reply.text for reply in replies if reply.text and TOLD in reply.text]
    assert len(told) == 1
    assert [reply.text for reply in replies[20:]] == [None] * 79
    arrived = await house.settle()
    assert len([text for text in arrived if number in text and "80条" in text]) == 1
    assert [ticket.number for ticket in await house.tickets()] == [number]
    counts = await house.app.store.read(inbox.count_by_outcome)
    assert counts.get("", 0) == 0
    assert sum(counts.values()) == 104
    last = await read_last_addition(house)
    assert [f"第{at}遍" in last for at in range(19, 99)] == [True] * 80


async def read_last_addition(house: House) -> str:
    def work(session: Session) -> str:
        event = (
            session.execute(select(TicketEvent).where(TicketEvent.act == "add").order_by(TicketEvent.id.desc())).scalars().first()
        )
        ticket = session.get_one(Ticket, event.ticket_id)
        return open_key(session, ticket.key_id).open(event.text).decode()

    return await house.app.store.read(work)


async def test_a_flood_over_two_groups_counts_together(house: House) -> None:
    groups = ("wrLT01G1", "wrLT01G2")
    for at in range(20):
        await house.hear(house.post(f"第{at}遍，你们管不管", "oLoud", group=groups[at % 2]))
    assert await house.app.store.read(lambda s: s.execute(select(BurstPart.inbox_id)).scalars().all()) == []
    for group in groups:
        await house.hear(house.post(f"还不管，{group}", "oLoud", group=group))
    await house.hear(house.post("图书馆周一开门吗", "oOther", group=groups[0]))

    held = await house.app.store.read(lambda s: s.execute(select(BurstPart.conversation_id)).scalars().all())
    assert len(set(held)) == len(held) == 2, "each group's are put together by themselves, the neighbour's is none of them"


async def test_a_conversation_in_a_group_keeps_no_id_of_it(house: House) -> None:
    for group in ("wrLT01G1", "wrLT01G1", "wrLT01G2"):
        await house.hear(house.post("居住证怎么办", "oA", group=group))
    await house.hear(house.post("居住证怎么办", "oB"))

    statement = select(Conversation.resident_id, Conversation.place).order_by(Conversation.id)
    kept = [tuple(row) for row in await house.app.store.read(lambda s: s.execute(statement).all())]
    here, there = kept[0][1], kept[1][1]
    assert [(resident - kept[0][0], place) for resident, place in kept] == [(0, here), (0, there), (1, here)]
    assert [re.fullmatch("[0-9a-f]{64}", place) is not None for place in (here, there)] == [True, True]


@pytest.mark.parametrize("demo_url", ["sqlite"], indirect=True)
async def test_whom_a_chat_speaks_for_is_looked_up_once_a_message(house: House) -> None:
    await house.hear(house.letter("居住证怎么办"))
    statements: list[str] = []

    def note(*call: Any) -> None:
        statements.append(call[2])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        await house.hear(house.letter("图书馆周一开门吗"))
    finally:
        event.remove(Engine, "before_cursor_execute", note)

    assert len([one for one in statements if "FROM staff_binding" in one]) == 1


async def test_danger_passes_in_the_middle_of_a_flood(house: House) -> None:
    for _ in range(25):
        await house.hear(house.letter("你们管不管"))

    reply = await house.hear(house.letter(FIRE))

    assert reply.outcome == "emergency"
    assert reply.text is not None
    assert "119" in reply.text


async def test_a_minute_later_everything_is_as_before(house: House) -> None:
    for _ in range(30):
        await house.hear(house.letter("你们管不管"))
    await house.settle()

    assert (await house.hear(house.letter("居住证怎么办"))).outcome == "answered"


async def test_what_was_gathered_survives_a_restart_and_what_was_recalled_does_not_come_back(
    house: House, demo_settings: Settings, demo_city: tuple[Path, City]
) -> None:
    await house.hear(house.letter(LAMP))
    letters = [house.letter(f"第{at}遍，快来修") for at in range(40)]
    for letter in letters:
        await house.hear(letter)
    await house.app.receiver.recall("wechat_mp", letters[38].key)

    after = open_house(demo_settings, house.app.store, demo_city[1])
    after.now = house.now
    await after.settle()

    last = await read_last_addition(after)
    assert ("第37遍" in last, "第38遍" in last, "第39遍" in last) == (True, False, True)
    left = await house.app.store.read(lambda s: [len(s.execute(select(table)).scalars().all()) for table in (Burst, BurstPart)])
    assert left == [0, 0]


async def test_a_slow_talker_is_never_told_to_be_slower(house: House) -> None:
    await house.hear(house.letter(LAMP))
    replies = [await house.hear(house.letter("再说一句，快来修"), seconds=6) for _ in range(30)]

    assert [reply.text for reply in replies if reply.text and TOLD in reply.text] == []


async def test_a_group_hears_nothing_of_a_members_flood(house: House) -> None:
    replies = [await house.hear(house.post(f"第{at}个问题：居住证怎么办", "u1")) for at in range(40)]

    assert [reply.text for reply in replies[20:]] == [None] * 20
    assert await house.settle() == []


# --- one group -----------------------------------------------------------------------------------------------------------------------------


async def test_fifty_members_with_the_same_words_are_one_ticket_of_fifty_people(house: House) -> None:
    marks = ("", "！", "！！", " ")
    replies = [await house.hear(house.post(LAMP + marks[at % 4], f"u{at}")) for at in range(50)]
    again = await house.hear(house.post(LAMP, "u7"))

    (ticket,) = await house.tickets()
    assert Counter(reply.text for reply in replies) == {"已收到，请点公众号私聊办理": 1, None: 49}
    assert {reply.ticket for reply in replies} == {ticket.number}
    assert (again.outcome, again.ticket) == ("joined", ticket.number)
    followers = await house.app.store.read(lambda s: s.execute(select(TicketFollower)).scalars().all())
    assert (ticket.followers, len(followers), len({one.resident_id for one in followers} | {ticket.resident_id})) == (49, 49, 50)
    kept = await house.app.store.read(lambda s: s.execute(select(CopiedWords)).scalars().all())
    assert [len(one.mark) for one in kept] == [32]


async def test_fifty_members_who_speak_to_nobody_are_one_draft_of_fifty_people(house: House) -> None:
    for at in range(50):
        reply = await house.hear(house.post(LAMP, f"u{at}", mentions=False))
        assert reply.text is None

    (draft,) = await house.app.store.read(lambda s: s.execute(select(GroupDraft)).scalars().all())
    assert draft.people == 50
    assert await house.tickets() == []


async def test_who_did_not_agree_is_not_counted_and_other_words_are_another_matter(house: House) -> None:
    await house.hear(house.post(FIRE, "u1"))
    unasked = await house.hear(house.post(FIRE, "u2", consent=False))
    elsewhere = await house.hear(house.post(FIRE, "u3", group="wrLT01G2"))

    first, second = await house.tickets()
    assert (unasked.outcome, unasked.text, first.followers) == ("joined", None, 0)
    assert (elsewhere.ticket, elsewhere.text is None) == (second.number, False)


async def test_the_same_words_an_hour_later_or_once_it_is_answered_are_a_matter_of_their_own(house: House) -> None:
    noise = "小区门口的音乐又开始吵了，请派人来"
    await house.hear(house.post(noise, "u1"))
    house.now += timedelta(minutes=61)
    later = await house.hear(house.post(noise, "u2"))

    assert later.text is not None


async def test_a_storm_of_one_group_holds_up_nobody_else(house: House, request: pytest.FixtureRequest) -> None:
    size = 4000 if request.config.getoption("--deep") else 400
    posts = [house.post(CHATTER if at % 10 else LAMP, f"u{at % 200}", mentions=not at % 10) for at in range(size)]
    storm = [asyncio.create_task(house.app.receiver.receive(post)) for post in posts]
    await asyncio.sleep(0)

    done = []
    for sender in range(5):
        reply = await house.app.receiver.receive(house.letter("居住证怎么办", sender=f"o{sender}"))
        done.append(sum(task.done() for task in storm))
        assert reply.outcome == "answered"
    replies = await asyncio.gather(*storm)

    assert done[0] <= 20 * AT_ONCE
    assert done == sorted(done)
    assert done[-1] < size / 2
    assert len(await house.tickets()) == 1
    assert len({reply.outcome for reply in replies}) > 1
    await house.app.receiver.drain()
    await house.settle()
    assert (await house.app.store.read(inbox.count_by_outcome)).get("", 0) == 0


async def test_what_was_left_behind_is_taken_up_in_turns(house: House) -> None:
    store = house.app.store

    async def remember(source: str, number: int) -> int:
        at = MORNING + timedelta(seconds=number)
        kept = await store.write(
            lambda s: inbox.remember(s, channel="wechat_mp", key=f"{source}{number}", body=b"{}", source=source, now=at)
        )
        return kept.id

    flood = [await remember("oA", number) for number in range(30)]
    late = [await remember("oB", 40), await remember("oC", 50)]

    order = await store.read(lambda s: inbox.unfinished(s, before=MORNING + timedelta(minutes=5), limit=6))

    assert list(order) == [flood[0], late[0], late[1], flood[1], flood[2], flood[3]]


async def test_the_mark_of_the_source_goes_with_the_outcome(house: House) -> None:
    await house.hear(house.letter(LAMP))
    await house.hear(house.post(CHATTER, "u1", mentions=False))

    sources = await house.app.store.read(lambda s: s.execute(select(InboxMessage.source)).scalars().all())
    assert sources == [None, None]
