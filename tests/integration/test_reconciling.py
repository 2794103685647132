"""The reconciler sees what should have happened and did not, from the business rows alone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, update

from bot.reconciling import Gap, find_gaps
from routing.tables import Ticket
from store import inbox
from store.outbox import OutboxMessage
from tests.integration.test_privacy import NOW, make_app, say

if TYPE_CHECKING:
    from pathlib import Path

    from bot.city import City
    from bot.settings import Settings
    from store.engine import Store

SOON = NOW + timedelta(minutes=2)


async def test_a_house_in_order_has_no_gaps(demo_store: Store, demo_city: tuple[Path, City], demo_settings: Settings) -> None:
    app = make_app(demo_settings, demo_store, demo_city[1])
    reply = await app.receiver.receive(say("安泰路12号门口路灯不亮"))
    assert reply.outcome == "ticket"
    assert await demo_store.read(lambda s: find_gaps(s, now=SOON)) == []


async def test_a_dispatch_nobody_was_told_of_is_seen(
    demo_store: Store, demo_city: tuple[Path, City], demo_settings: Settings
) -> None:
    app = make_app(demo_settings, demo_store, demo_city[1])
    await app.receiver.receive(say("安泰路12号门口路灯不亮"))
    await demo_store.write(lambda s: s.execute(delete(OutboxMessage)))
    assert await demo_store.read(lambda s: find_gaps(s, now=SOON)) == [Gap("acts_untold", 1)]


async def test_a_ticket_nobody_watches_is_seen(demo_store: Store, demo_city: tuple[Path, City], demo_settings: Settings) -> None:
    app = make_app(demo_settings, demo_store, demo_city[1])
    await app.receiver.receive(say("安泰路12号门口路灯不亮"))
    await demo_store.write(lambda s: s.execute(update(Ticket).values(look_at=None)))
    assert await demo_store.read(lambda s: find_gaps(s, now=SOON)) == [Gap("tickets_without_holder", 1)]


async def test_a_message_left_without_outcome_is_seen(demo_store: Store) -> None:
    await demo_store.write(lambda s: inbox.remember(s, channel="wechat_mp", key="m:9", body=b"x", now=NOW))
    assert await demo_store.read(lambda s: find_gaps(s, now=SOON)) == []
    late = NOW + timedelta(minutes=11)
    assert await demo_store.read(lambda s: find_gaps(s, now=late)) == [Gap("messages_without_outcome", 1)]
