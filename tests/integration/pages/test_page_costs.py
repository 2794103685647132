"""A page asks the database no more often because there is more to show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.pages.test_figure_rooms import LOADS, SIGNS, hollow
from tests.integration.pages.test_figures_page import FIGURES, address, fold, opened, rows_of
from tests.integration.test_api import count_queries

if TYPE_CHECKING:
    from tests.page_door import Pages


async def count(pages: Pages, role: str, path: str) -> int:
    """Count the statements of a page."""
    with count_queries() as seen:
        found = await pages.visit(role, path)
    assert found.status == 200, path
    return len([one for one in seen if not one.startswith(("BEGIN", "PRAGMA"))])


@pytest.mark.parametrize("path", [SIGNS, LOADS])
async def test_what_units_wrote_is_opened_for_all_tickets_at_once(pages: Pages, path: str) -> None:
    await hollow(pages, resident=1)
    await pages.visit("supervisor", path)
    before = await count(pages, "supervisor", path)
    numbers = [await hollow(pages, resident=resident) for resident in range(2, 6)]

    assert await count(pages, "supervisor", path) == before
    if path == SIGNS:
        assert set(numbers) < set(rows_of(await pages.visit("supervisor", path)))


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("supervisor", address(FIGURES)),
        ("supervisor", f"{FIGURES}?period=year"),
        ("grid_worker", "/staff/grid"),
        ("operator", "/staff/system/doctor"),
        ("knowledge_editor", "/staff/knowledge/proposals"),
    ],
)
async def test_more_tickets_cost_no_more_queries(pages: Pages, role: str, path: str) -> None:
    await opened(pages, resident=1)
    await fold(pages)
    await pages.visit(role, path)
    before = await count(pages, role, path)
    for resident in range(2, 7):
        await opened(pages, resident=resident)
    await fold(pages)

    assert await count(pages, role, path) == before
