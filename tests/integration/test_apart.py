"""What a resident says badly of whoever has their matter never reaches that unit with the matter, by whatever road it is said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from bot.app import App
from bot.channels import Inbound
from bot.telling import Telling
from residents.ledger import WECHAT_WINDOWS
from routing import desk
from routing.tables import Ticket
from store.keys import open_key
from store.outbox import OutboxMessage
from tests.dialogue_phone import PhoneChannel

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.channels import Reply
    from bot.city import City
    from bot.settings import Settings
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

LIFT = "安泰花园3号楼电梯坏了"
COMPANY = "WY-01"
BAD = "物业的人还骂我"


class Town:
    """The service with an official account and a clock."""

    def __init__(self, settings: Settings, store: Store, city: City) -> None:
        self.now = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
        phone = PhoneChannel("wechat_mp", reply_limit=2048, windows=WECHAT_WINDOWS)
        self.app = App(settings, store, city, {"wechat_mp": phone}, clock=lambda: self.now)
        self.numbers = count()

    async def say(self, text: str, *, seconds: float = 10) -> Reply:
        self.now += timedelta(seconds=seconds)
        key = f"m:{next(self.numbers)}"
        return await self.app.receiver.receive(
            Inbound(channel="wechat_mp", key=key, sender="oA", kind="text", sent_at=self.now, text=text)
        )

    async def conclude(self, number: str) -> None:
        def work(session: Session) -> None:
            context = self.app.city.routing_context(tell=Telling(self.app.city, now=self.now))
            desk.conclude(session, number, text="修好了", actor="operator", now=self.now, context=context)

        await self.app.store.write(work)

    async def told(self, unit: str) -> str:
        """Read all that a unit was told, sealed or not."""

        def work(session: Session) -> str:
            rows = session.execute(select(OutboxMessage).where(OutboxMessage.target == unit)).scalars()
            words = [open_key(session, row.key_id).open(row.words).decode() if row.key_id and row.words else "" for row in rows]
            facts = session.execute(select(OutboxMessage.facts).where(OutboxMessage.target == unit)).scalars()
            return "\n".join([*words, *map(str, facts)])

        return await self.app.store.read(work)

    async def tickets(self) -> list[Ticket]:
        return list(await self.app.store.read(lambda s: s.execute(select(Ticket).order_by(Ticket.id)).scalars().all()))


@pytest.fixture
def town(demo_settings: Settings, demo_store: Store, demo_city: tuple[Path, City]) -> Town:
    return Town(demo_settings, demo_store, demo_city[1])


async def assert_apart(town: Town, words: str) -> None:
    assert words not in await town.told(COMPANY)
    lift, other = await town.tickets()
    assert (lift.unit, lift.refused) == (COMPANY, [])
    assert COMPANY in other.refused
    assert other.unit != COMPANY


async def test_a_piece_that_follows_at_once(town: Town) -> None:
    await town.say(LIFT)
    reply = await town.say(BAD)
    assert "看不到这件事" in (reply.text or "")
    await assert_apart(town, BAD)


async def test_what_is_added_in_a_burst(town: Town) -> None:
    await town.say(LIFT)
    for at in range(19):
        await town.say(f"第{at}遍，快来修", seconds=1)
    for at in range(3):
        await town.say(f"{BAD}，第{at}回", seconds=1)
    town.now += timedelta(minutes=1)
    await town.app.duties.put_bursts_together()
    await assert_apart(town, BAD)


async def test_the_same_matter_told_once_more(town: Town) -> None:
    await town.say(f"{LIFT}三天没人修")
    await town.say(f"{LIFT}三天没人修物业骂人", seconds=600)
    await assert_apart(town, "骂人")


async def test_what_is_said_with_a_rating(town: Town) -> None:
    number = (await town.say(LIFT)).ticket
    await town.conclude(number)
    await town.say(f"不满意，没解决，{BAD}", seconds=60)
    await assert_apart(town, BAD)


async def test_an_addition_without_a_bad_word_is_told_as_before(town: Town) -> None:
    await town.say(LIFT)
    await town.say("补充一下，物业昨天来过一次")
    assert "物业昨天来过一次" in await town.told(COMPANY)
    assert len(await town.tickets()) == 1
