"""Which chat speaks for which member of staff."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from residents import bindings, conversations
from residents.unsealing import address_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from residents.bindings import Road
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def bind(session: Session, staff: str, channel: str, sender: str, *, minutes: int = 0) -> Road:
    return bindings.bind(session, staff=staff, channel=channel, sender=sender, now=NOW + timedelta(minutes=minutes))


async def test_a_chat_is_found_by_the_post_and_the_post_by_the_chat(store: Store) -> None:
    road = await store.write(lambda s: bind(s, "GW001", "wechat_mp", "o-worker"))

    assert await store.read(lambda s: bindings.road_to(s, "GW001")) == road
    assert await store.read(lambda s: bindings.staff_of(s, road.resident_id)) == "GW001"
    assert await store.read(lambda s: address_of(s, resident_id=road.resident_id, channel="wechat_mp")) == "o-worker"
    assert await store.read(lambda s: bindings.road_to(s, "GW002")) is None
    assert await store.read(lambda s: bindings.staff_of(s, road.resident_id + 1)) == ""


async def test_who_wrote_before_stays_the_same_person(store: Store) -> None:
    known = {"channel": "wechat_mp", "sender": "o-worker", "place": "person", "now": NOW}
    before = await store.write(lambda s: conversations.open_for(s, **known).resident.id)

    assert (await store.write(lambda s: bind(s, "GW001", "wechat_mp", "o-worker"))).resident_id == before


async def test_one_chat_speaks_for_one_post(store: Store) -> None:
    first = await store.write(lambda s: bind(s, "GW001", "wechat_mp", "o-worker"))
    await store.write(lambda s: bind(s, "GW002", "wechat_mp", "o-worker"))

    assert await store.read(lambda s: bindings.staff_of(s, first.resident_id)) == "GW002"
    assert await store.read(lambda s: bindings.road_to(s, "GW001")) is None


async def test_a_new_chat_replaces_the_old_one_and_the_last_channel_is_told(store: Store) -> None:
    old = await store.write(lambda s: bind(s, "GW001", "wechat_mp", "o-old"))
    new = await store.write(lambda s: bind(s, "GW001", "wechat_mp", "o-new", minutes=1))
    other = await store.write(lambda s: bind(s, "GW001", "terminal", "o-desk", minutes=2))

    assert await store.read(lambda s: bindings.staff_of(s, old.resident_id)) == ""
    assert await store.read(lambda s: bindings.road_to(s, "GW001")) == other
    assert await store.read(lambda s: bindings.road_to(s, "GW001", channel="wechat_mp")) == new


async def test_a_binding_can_be_undone(store: Store) -> None:
    await store.write(lambda s: bind(s, "GW001", "wechat_mp", "o-worker"))

    assert await store.write(lambda s: bindings.unbind(s, staff="GW001", channel="wechat_mp")) is True
    assert await store.write(lambda s: bindings.unbind(s, staff="GW001", channel="wechat_mp")) is False
    assert await store.read(lambda s: bindings.road_to(s, "GW001")) is None
