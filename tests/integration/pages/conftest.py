"""The pages on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.page_door import open_pages

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.city import City
    from store.engine import Store
    from tests.page_door import Pages


@pytest.fixture
async def pages(demo_store: Store, demo_city: tuple[Path, City]) -> AsyncIterator[Pages]:
    async with open_pages(demo_store, demo_city[1]) as opened:
        yield opened


def pytest_itemcollected(item: pytest.Item) -> None:
    """Leave the pages' halves on PostgreSQL to `make deep`: what they ask of the database is routing's, which is tested on both each time."""
    item.add_marker(pytest.mark.deep_on_postgres)
