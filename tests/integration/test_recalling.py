"""Taking a message back, whatever became of it: what it said leaves every ticket it went into, and what others were told of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from bot.app import App
from bot.channels import Inbound
from residents.ledger import WECHAT_WINDOWS
from routing.tables import Ticket, TicketEvent
from store.keys import open_key
from store.outbox import OutboxMessage
from tests.dialogue_phone import PhoneChannel
from tests.integration.test_privacy import read_everything

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.channels import Reply
    from bot.city import City
    from bot.settings import Settings
    from store.engine import Store

CANARY = "蓝鹊"
LAMP = "安泰路12号门口路灯坏了三天"


@dataclass
class Town:
    """The service with an official account and a clock."""

    app: App
    now: datetime = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    numbers: count[int] = field(default_factory=count)
    key: str = ""

    async def say(self, text: str, *, seconds: float = 5) -> Reply:
        self.now += timedelta(seconds=seconds)
        self.key = f"m:{next(self.numbers)}"
        return await self.app.receiver.receive(
            Inbound(channel="wechat_mp", key=self.key, sender="oA", kind="text", sent_at=self.now, text=text)
        )

    async def recall(self, key: str) -> bool:
        self.now += timedelta(seconds=5)
        return await self.app.receiver.recall("wechat_mp", key)

    async def read_words(self) -> str:
        """Read everything of every ticket and notice, sealed or not."""

        def work(session: Session) -> str:
            found = [read_everything(session).decode(errors="ignore")]
            for ticket in session.execute(select(Ticket)).scalars():
                key = open_key(session, ticket.key_id)
                events = session.execute(select(TicketEvent.text).where(TicketEvent.ticket_id == ticket.id)).scalars()
                sealed = [ticket.text, ticket.place_text, ticket.handover, *events]
                found += [key.open(each).decode() for each in sealed if each is not None]
            for row in session.execute(select(OutboxMessage).where(OutboxMessage.words.is_not(None))).scalars():
                found.append(open_key(session, row.key_id or 0).open(row.words or b"").decode())
            return "\n".join(found)

        return await self.app.store.read(work)

    async def statuses(self) -> list[str]:
        return list(await self.app.store.read(lambda s: s.execute(select(Ticket.status).order_by(Ticket.id)).scalars().all()))


@pytest.fixture
def town(demo_settings: Settings, demo_store: Store, demo_city: tuple[Path, City]) -> Town:
    found: list[Town] = []
    phone = PhoneChannel("wechat_mp", reply_limit=2048, windows=WECHAT_WINDOWS)
    found.append(Town(App(demo_settings, demo_store, demo_city[1], {"wechat_mp": phone}, clock=lambda: found[0].now)))
    return found[0]


async def test_a_message_of_several_matters_leaves_all_their_tickets(town: Town) -> None:
    await town.say(f"安泰花园3号楼电梯坏了，在{CANARY}那边，安泰路12号门口路灯也不亮了，{CANARY}旁边")
    assert await town.statuses() == ["dispatched", "dispatched"]
    assert CANARY in await town.read_words()

    assert await town.recall(town.key)

    assert CANARY not in await town.read_words()
    assert "withdrawn" in await town.statuses()


async def test_what_led_to_a_question_leaves_the_ticket_that_the_answer_opened(town: Town) -> None:
    await town.say(f"{CANARY}旁边的路灯坏了三天没人管")
    asked = town.key
    assert (await town.say("安泰路12号")).ticket
    assert CANARY in await town.read_words()

    assert await town.recall(asked)

    assert CANARY not in await town.read_words()
    assert await town.statuses() == ["withdrawn"]


async def test_an_addition_leaves_the_ticket_and_what_the_unit_was_told_and_the_matter_goes_on(town: Town) -> None:
    await town.say(LAMP)
    await town.say(f"补充一下，就在{CANARY}报亭旁边")
    added = town.key
    assert CANARY in await town.read_words()

    assert await town.recall(added)

    words = await town.read_words()
    assert CANARY not in words
    assert LAMP in words
    assert await town.statuses() == ["dispatched"]


async def test_a_burst_that_was_added_in_one_piece_leaves_the_ticket_too(town: Town) -> None:
    await town.say(LAMP)
    for at in range(25):
        await town.say(f"第{at}遍，{CANARY}旁边", seconds=0.5)
    last = town.key
    town.now += timedelta(minutes=1)
    await town.app.duties.put_bursts_together()
    assert "第24遍" in await town.read_words()

    assert await town.recall(last)

    assert "第24遍" not in await town.read_words()


async def test_the_first_of_two_lines_that_were_read_together_leaves_their_ticket(town: Town) -> None:
    await town.say(f"{CANARY}那边")
    first = town.key
    assert (await town.say("安泰路12号门口路灯不亮")).ticket
    assert CANARY in await town.read_words()

    assert await town.recall(first)

    words = await town.read_words()
    assert CANARY not in words
    assert "安泰路12号门口路灯不亮" in words
    assert await town.statuses() == ["dispatched"]


async def test_the_second_of_two_lines_that_were_read_together_takes_the_ticket_back(town: Town) -> None:
    await town.say("我们小区")
    assert (await town.say(f"安泰路12号{CANARY}路灯不亮")).ticket
    assert CANARY in await town.read_words()

    assert await town.recall(town.key)

    assert CANARY not in await town.read_words()
    assert await town.statuses() == ["withdrawn"]


async def test_a_line_that_was_read_together_is_no_matter_of_its_own(town: Town) -> None:
    await town.say(f"{CANARY}那边")
    await town.say("安泰路12号门口路灯不亮")

    assert await town.statuses() == ["dispatched"]


async def test_a_line_that_was_read_together_and_asked_about_leaves_the_ticket_of_the_answer(town: Town) -> None:
    await town.say(f"{CANARY}那边")
    first = town.key
    await town.say("路灯坏了三天了")
    assert (await town.say("安泰路12号")).ticket
    assert CANARY in await town.read_words()

    assert await town.recall(first)

    assert CANARY not in await town.read_words()
