"""One ticket's life on all four roads: who is told what, through which channel, with the real channels against servers on this machine.

The unit reads e-mail, its desk the robot of the staff's group, whoever reported writes to the official account, and their neighbour through
a gateway, which nobody can call: what is told there goes along with the next answer.
"""

from __future__ import annotations

from copy import copy
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from sqlalchemy import select

from bot.app import App
from bot.channels import Inbound
from bot.channels.email import Email
from bot.channels.gateway import Gateway
from bot.channels.webhook import Webhook, WebhookSettings
from bot.simulator.api import CUSTOM, ROBOT
from bot.telling import Telling
from bot.texts import fill
from residents.conversations import open_for
from routing import applying, completing, desk
from store.keys import open_key
from store.outbox import OutboxMessage
from tests.acquaintance import introduce
from tests.contract.channel_drivers import GATEWAY, connect_mail
from tests.mail_server import PATH as MAIL
from tests.wechat import FakePlatform, connect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.channels import Reply
    from bot.city import City
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)  # a Monday
UNIT = "DL-LDZM"
CLERK = "UC008"
ADDRESS = "lamps@example.gov.cn"
LAMP = "安泰路12号路灯不亮"


class Town:
    """The demo city with four roads out, and what has arrived at their ends since somebody last looked."""

    def __init__(self, store: Store, city: City, platform: FakePlatform) -> None:
        self.now = NOON
        self.store = store
        self.platform = platform
        self.city = copy(city)
        webhook = WebhookSettings(url=f"{platform.address}{ROBOT}?key=k")
        email = msgspec.structs.replace(connect_mail(platform.address), addresses=(f"{UNIT}={ADDRESS}",), answer_seconds=5.0)
        channels = city.settings.channels | {"webhook": webhook, "email": email}
        self.city.settings = msgspec.structs.replace(city.settings, channels=channels)
        roads = {
            "wechat_mp": connect(platform, store),
            "gateway": Gateway(GATEWAY),
            "webhook": Webhook(webhook),
            "email": Email(email, clock=lambda: self.now),
        }
        self.app = App(self.city.settings, store, self.city, roads, clock=lambda: self.now)
        self.ticket = ""
        self._done: set[int] = set()
        self._keys = 0
        self._people: dict[str, str] = {}

    async def hear(self, channel: str, sender: str, text: str) -> Reply:
        self._keys += 1
        self.now += timedelta(minutes=1)
        await introduce(self.store, self.city.settings, channel=channel, sender=sender, now=self.now)
        where = {"channel": channel, "sender": sender, "place": "person", "now": self.now}
        known = await self.store.write(lambda s: str(open_for(s, **where).resident.id))
        self._people[known] = sender
        inbound = Inbound(channel=channel, key=f"m:{self._keys}", sender=sender, kind="text", text=text, sent_at=self.now)
        reply = await self.app.receiver.receive(inbound)
        self.ticket = self.ticket or reply.ticket
        return reply

    async def act(self, work: Callable[..., Any], **more: Any) -> None:
        self.now += timedelta(minutes=1)
        context = self.city.routing_context(tell=Telling(self.city, now=self.now))
        await self.store.write(lambda s: work(s, self.ticket, now=self.now, context=context, **more))

    async def send(self) -> list[tuple[str, str, str]]:
        """Let everything leave; give (road, reader, notice) of what was told, after each was found at its end word for word."""
        while await self.app.duties.send():
            await self.app.duties.drain()
        arrived = [(road, *self._read(road, data)) for road, _, data in self.platform.asked]
        self.platform.asked.clear()
        sent = [row for row in await self.store.read(self._read_sends) if row[0] not in self._done and row[1] != "pending"]
        self._done |= {row[0] for row in sent}
        left = [(ends, reader, text) for _, state, ends, reader, _, text in sent if state == "sent"]
        assert sorted(arrived) == sorted(left)
        return [
            (channel, reader, notice if state == "sent" else f"{notice} {state}")
            for _, state, channel, reader, notice, _ in self._names(sent)
        ]

    def _read(self, road: str, data: Any) -> tuple[str, str]:
        if road == MAIL:
            return data.to[0], data.text.removesuffix(f"\n\n{fill('email', 'footer')}")
        return data.get("touser", "group"), data["text"]["content"]

    def _names(self, sent: list[tuple[int, str, str, str, str, str]]) -> list[tuple[int, str, str, str, str, str]]:
        names = {CUSTOM: "wechat_mp", ROBOT: "webhook", MAIL: "email"}
        return [(row[0], row[1], names.get(row[2], row[2]), *row[3:]) for row in sent]

    def _read_sends(self, session: Session) -> list[tuple[int, str, str, str, str, str]]:
        ends = {"wechat_mp": CUSTOM, "webhook": ROBOT, "email": MAIL}
        found = []
        for row in session.execute(select(OutboxMessage).order_by(OutboxMessage.id)).scalars():
            reader = (
                self._people.get(row.target, "") if row.audience == "resident" else ADDRESS if row.channel == "email" else "group"
            )
            text = open_key(session, row.key_id).open(row.body).decode() if row.body and row.key_id else ""
            found.append((row.id, row.state, ends.get(row.channel, row.channel), reader, row.notice, text))
        return found


@pytest.fixture
async def town(demo_store: Store, demo_city: tuple[Path, City]) -> AsyncIterator[Town]:
    async with FakePlatform().run() as platform:
        made = Town(demo_store, demo_city[1], platform)
        yield made
        for channel in made.app.channels.values():
            await channel.close()


def mine(notice: str) -> tuple[str, str, str]:
    return "wechat_mp", "oA", notice


def neighbours(notice: str) -> tuple[str, str, str]:
    return "gateway", "wmB", f"{notice} held"


def units(notice: str) -> tuple[str, str, str]:
    return "email", ADDRESS, notice


def staffs(notice: str) -> tuple[str, str, str]:
    return "webhook", "group", notice


async def test_who_is_told_what_through_which_channel(town: Town) -> None:
    steps: list[list[tuple[str, str, str]]] = []
    await town.hear("wechat_mp", "oA", LAMP)
    steps.append(await town.send())
    joined = await town.hear("gateway", "wmB", LAMP)
    steps.append(await town.send())
    await town.act(completing.ask_more, text="是哪一盏灯", actor=CLERK)
    steps.append(await town.send())
    await town.hear("wechat_mp", "oA", "左边第二盏")
    steps.append(await town.send())
    await town.act(applying.apply_for, kind="extension", until=town.now + timedelta(days=20), text="等配件", actor=CLERK)
    steps.append(await town.send())
    await town.act(applying.decide, granted=True, actor="operator")
    steps.append(await town.send())
    await town.act(desk.conclude, text="已换灯泡", actor=CLERK)
    steps.append(await town.send())
    await town.hear("wechat_mp", "oA", "3")
    steps.append(await town.send())
    await town.act(desk.conclude, text="又换了一次", actor=CLERK)
    steps.append(await town.send())
    await town.hear("wechat_mp", "oA", "联系了，解决了，满意")
    steps.append(await town.send())

    assert (joined.outcome, joined.ticket) == ("joined", town.ticket)
    assert steps == [
        [mine("dispatched"), units("unit_dispatched"), staffs("unit_assist")],
        [],
        [mine("more_asked")],
        [units("unit_added")],
        [staffs("desk_extension_asked")],
        [mine("extended"), neighbours("extended"), units("unit_extended")],
        [mine("concluded"), neighbours("concluded")],
        [neighbours("redo"), units("unit_redo")],
        [mine("concluded"), neighbours("concluded")],
        [neighbours("closed")],
    ]


async def test_who_cannot_be_called_hears_all_of_it_with_the_next_answer_and_only_once(town: Town) -> None:
    await town.hear("wechat_mp", "oA", LAMP)
    await town.hear("gateway", "wmB", LAMP)
    await town.act(desk.conclude, text="已换灯泡", actor=CLERK)
    await town.hear("wechat_mp", "oA", "联系了，解决了，满意")
    before = await town.send()
    held = [text for _, state, *_, text in await town.store.read(town._read_sends) if state == "held"]
    first = await town.hear("gateway", "wmB", "谢谢")
    again = await town.hear("gateway", "wmB", "谢谢")

    assert [one for one in before if one[0] == "gateway"] == [neighbours("concluded"), neighbours("closed")]
    assert [first.text, again.text] == ["\n\n".join([again.text or "", *held]), again.text]
    assert len(held) == 2
    states = [(state, notice) for _, state, road, _, notice, _ in await town.store.read(town._read_sends) if road == "gateway"]
    assert states == [("sent", "concluded"), ("sent", "closed")]


async def test_at_night_a_step_waits_for_the_morning_on_every_road(town: Town) -> None:
    await town.hear("wechat_mp", "oA", LAMP)
    await town.send()
    town.now = NOON + timedelta(hours=12)  # midnight
    await town.act(applying.apply_for, kind="extension", until=town.now + timedelta(days=20), text="等配件", actor=CLERK)
    await town.act(applying.decide, granted=True, actor="operator")
    await town.act(desk.conclude, text="已换灯泡", actor=CLERK)
    at_night = await town.send()
    town.now = NOON + timedelta(hours=19, minutes=29)
    just_before = await town.send()
    town.now += timedelta(minutes=1)
    in_the_morning = await town.send()

    assert (at_night, just_before) == ([], [])
    assert in_the_morning == [staffs("desk_extension_asked"), mine("extended"), units("unit_extended"), mine("concluded")]
