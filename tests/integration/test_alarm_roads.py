"""Every road of a red alarm is a send of its own: the staff's group, and the chat of each on duty who has one, in a rehearsal too."""

from __future__ import annotations

from copy import copy
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from sqlalchemy import select

from bot.channels.webhook import WebhookSettings
from bot.telling import Telling
from knowledge_base.text import skim
from residents import bindings
from routing import desk, supervision
from routing.facts import Origin
from routing.terms import Report
from store.outbox import OutboxMessage

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.city import City
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)  # a Monday: DK007 is on duty at the street's desk, DK008 stands in
FIRE = "安泰花园3号楼着火了，有人在里面"


@pytest.fixture
def rehearsing(demo_city: tuple[Path, City]) -> City:
    """The demo city with a robot in the staff's group, in rehearsal."""
    city = copy(demo_city[1])
    server = msgspec.structs.replace(city.settings.server, rehearsal=True)
    channels = city.settings.channels | {"webhook": WebhookSettings(url="https://example.invalid/?key=k")}
    city.settings = msgspec.structs.replace(city.settings, server=server, channels=channels)
    return city


def read_roads(session: Session) -> list[tuple[str, str, str, str]]:
    rows = session.execute(
        select(OutboxMessage).where(OutboxMessage.cause.startswith("alarm:")).order_by(OutboxMessage.id)
    ).scalars()
    return [(row.audience, row.target, row.channel, row.state) for row in rows]


async def test_each_road_is_a_send_of_its_own(demo_store: Store, rehearsing: City) -> None:
    def start(session: Session) -> None:
        bindings.bind(session, staff="DK007", channel="wechat_mp", sender="o-7", now=NOON)
        desk.open_ticket(
            session,
            report=Report(text=FIRE, tier="red", hazard="fire", areas=("LA-DL-LT-01-G1",), public_place="安泰花园3号楼"),
            resident_id=1,
            origin=Origin(inbox_id=None, channel="terminal"),
            context=rehearsing.routing_context(tell=Telling(rehearsing, now=NOON)),
            now=NOON,
            utterance=skim(FIRE),
        )

    await demo_store.write(start)
    first = await demo_store.read(read_roads)
    assert first == [("roster", "LT-ZHS", "webhook", "pending"), ("staff", "DK007", "wechat_mp", "pending")]

    later = NOON + timedelta(minutes=5)
    context = rehearsing.routing_context(tell=Telling(rehearsing, now=later))
    for one in await demo_store.read(lambda s: supervision.due(s, now=later)):
        await demo_store.write(lambda s, one=one: supervision.warn(s, one, now=later, context=context))
    assert (await demo_store.read(read_roads))[2:] == [
        ("roster", "LT-ZHS", "webhook", "pending"),
        ("staff", "DK007", "wechat_mp", "pending"),
        ("staff", "DK008", "", "shown"),
    ]
