"""删除我的信息 leaves the figures of what was done as they were: counts name nobody, and none of them is made of words."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from routing import desk, figure_rows, tally_rows
from routing.figure_rows import Scope
from tests.integration.test_erasing import Town

if TYPE_CHECKING:
    from pathlib import Path

    from bot.city import City
    from bot.settings import Settings
    from routing.figures import Tally
    from store.engine import Store


@pytest.fixture
def town(demo_store: Store, demo_city: tuple[Path, City], demo_settings: Settings, tmp_path: Path) -> Any:
    city = demo_city[1]
    before = city.settings
    yield Town(demo_settings, demo_store, city, tmp_path)
    city.settings = before


async def count(town: Town) -> Tally:
    scope = Scope(since=town.now - timedelta(days=30), until=town.now + timedelta(days=30))
    return await town.store.read(lambda s: figure_rows.count(s, scope, now=town.now))


async def test_what_was_closed_counts_as_before_when_its_resident_is_gone(town: Town) -> None:
    await town.say("安泰路12号门口路灯不亮")
    number = (await town.tickets())[0].number
    await town.act(desk.conclude, number, text="灯修好了")
    await town.say("解决了，很满意，也联系过我")
    before = await count(town)
    await town.erase()
    await town.store.write(lambda s: tally_rows.rebuild(s, now=town.now, zone=town.city.zone))

    assert (before.closed, before.solved, before.satisfied) == (1, 1, 1)
    assert await count(town) == before
    span = tally_rows.Span(first=town.now.date() - timedelta(days=30), last=town.now.date() + timedelta(days=30))
    assert await town.store.read(lambda s: tally_rows.read_sum(s, span)) == before
