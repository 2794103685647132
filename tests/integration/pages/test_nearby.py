"""身边已办: what desks published and no more; nothing where a city does not publish, or too few told of it."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import msgspec
import pytest
from sqlalchemy import select

from routing import publishing
from routing.tables import Ticket
from tests.page_door import open_pages
from tests.page_resident import conclude

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.city import City
    from store.engine import Store
    from tests.page_door import Pages

SAID = "这一带有路灯不亮，已安排更换。"
WORDS = "柳树街路灯坏了三天，阮清秋说的"


@pytest.fixture
async def publishing_city(demo_store: Store, demo_city: tuple[Path, City]) -> AsyncIterator[Pages]:
    city = copy.copy(demo_city[1])
    open_data = msgspec.structs.replace(city.settings.open311, enabled=True, min_requesters=3)
    city.settings = msgspec.structs.replace(city.settings, open311=open_data)
    async with open_pages(demo_store, city) as opened:
        yield opened


async def publish(pages: Pages, *, people: int = 3) -> str:
    """Let some residents tell of one lamp, and the desk publish its words."""
    api, now = pages.api, pages.api.clock()
    numbers = set()
    for resident in range(1, people + 1):
        opened = await api.open(WORDS, resident=resident)
        numbers.add(opened.joined_to or opened.ticket.number)
    [number] = numbers
    context = api.city.context(now=now)
    await api.store.write(
        lambda s: publishing.publish(s, number, text=SAID, least=people, actor="operator", now=now, context=context)
    )
    return number


async def test_what_a_desk_published_is_there_in_its_words(publishing_city: Pages) -> None:
    pages = publishing_city
    number = await publish(pages)

    seen = await pages.visit("", "/nearby")

    assert (seen.status, SAID in seen.text, "阮清秋" in seen.text, number in seen.text) == (200, True, False, False)
    assert "<b>0</b>已办完" in seen.text
    assert "<b>1</b>正在办" in seen.text


async def test_what_too_few_told_of_or_was_taken_back_is_gone(publishing_city: Pages) -> None:
    pages = publishing_city
    number = await publish(pages, people=2)
    assert SAID not in (await pages.visit("", "/nearby")).text
    for resident in (2, 3, 4):
        await pages.api.open(WORDS, resident=resident)
    assert SAID in (await pages.visit("", "/nearby")).text
    now, context = pages.api.clock(), pages.api.city.context(now=pages.api.clock())

    await pages.api.store.write(lambda s: publishing.unpublish(s, number, actor="operator", now=now, context=context))

    assert SAID not in (await pages.visit("", "/nearby")).text


async def test_what_became_confidential_since_is_gone_at_once(publishing_city: Pages) -> None:
    pages = publishing_city
    number = await publish(pages)

    await pages.api.store.write(
        lambda s: setattr(s.scalars(select(Ticket).where(Ticket.number == number)).one(), "confidential", True)
    )

    assert SAID not in (await pages.visit("", "/nearby")).text


@pytest.mark.parametrize(
    ("query", "home", "there"),
    [
        ("", "", True),
        ("?state=open", "", True),
        ("?state=closed", "", False),
        ("?state=nonsense", "", True),
        ("", "LA-DL-LT-01", True),
        ("", "LA-DL-SL", False),
        ("?all=1", "LA-DL-SL", True),
    ],
)
async def test_one_can_look_at_a_part_of_it(publishing_city: Pages, query: str, home: str, there: bool) -> None:
    await publish(publishing_city)

    seen = await publishing_city.visit("", f"/nearby{query}", cookies={"jieying_home": home})

    assert (seen.status, SAID in seen.text) == (200, there)


async def test_where_a_city_does_not_publish_nothing_is_shown(pages: Pages) -> None:
    number = await publish(pages)
    await conclude(pages, number)

    seen = await pages.visit("", "/nearby")

    assert (seen.status, SAID in seen.text, "本市还没有公开办事情况" in seen.text) == (200, False, True)
