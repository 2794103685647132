"""Tables of the operator's pages by their columns: both ways, page by page without a gap, with the filter, and said to who does not see it."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.page_door import Pages

SYSTEM = "/staff/system"
ROW = re.compile(r'<tr><td[^>]*><a href="[^"]*/([^/"]+)">')


async def walk(pages: Pages, address: str) -> list[str]:
    """Follow a table page by page; gives its rows' codes."""
    path, found = address.partition("?")[0], []
    while address:
        text = (await pages.visit("operator", address)).text
        found += ROW.findall(text)
        following = re.search(r'href="(\?[^"]*after=[^"]*)">下一页', text)
        address = f"{path}{unescape(following[1])}" if following else ""
    return found


@pytest.mark.parametrize("column", ["code", "name", "role", "unit"])
async def test_the_staff_is_sorted_both_ways_without_a_gap(pages: Pages, column: str) -> None:
    every = await walk(pages, f"{SYSTEM}/org?table=staff")
    up = await walk(pages, f"{SYSTEM}/org?table=staff&sort={column}")
    down = await walk(pages, f"{SYSTEM}/org?table=staff&sort=-{column}")

    assert every == sorted(every)
    assert len(every) > 100, "several pages"
    assert (sorted(up), up) == (every, down[::-1])


@pytest.mark.parametrize("column", ["code", "name", "unit", "state", "used"])
async def test_the_sign_ins_are_sorted_both_ways_without_a_gap(pages: Pages, column: str) -> None:
    every = await walk(pages, f"{SYSTEM}/users")

    up = await walk(pages, f"{SYSTEM}/users?sort={column}")

    assert every == sorted(every)
    assert (sorted(up), up) == (every, (await walk(pages, f"{SYSTEM}/users?sort=-{column}"))[::-1])


@pytest.mark.parametrize("path", [f"{SYSTEM}/org?table=staff&words=LT", f"{SYSTEM}/users?role=desk"])
async def test_a_column_says_that_the_table_stands_by_it_and_its_link_turns_it_round_and_keeps_the_filter(
    pages: Pages, path: str
) -> None:
    seen = await pages.visit("operator", f"{path}&sort=name")
    turned = re.search(r'aria-sort="ascending"><a class="sort" href="([^"]*)"', seen.text)

    assert turned is not None
    assert seen.text.count("aria-sort=") == 1
    address = unescape(turned[1])
    assert ("sort=-name" in address, path.partition("?")[2].rpartition("=")[2] in address) == (True, True)
    assert 'aria-sort="descending"' in (await pages.visit("operator", f"{path.partition('?')[0]}{address}")).text


@pytest.mark.parametrize("path", [f"{SYSTEM}/org?table=staff&words=LT", f"{SYSTEM}/users?role=desk"])
async def test_where_a_table_has_no_head_its_columns_can_be_chosen_by_the_same_links(pages: Pages, path: str) -> None:
    """On a phone tables are cards: the head that holds the links is hidden."""
    seen = (await pages.visit("operator", f"{path}&sort=-name")).text
    [choice] = re.findall(r'<details class="sorts no-print">(.*?)</details>', seen, re.DOTALL)
    heads = re.findall(r'<a class="sort" href="([^"]*)">([^<]*)<', seen)

    assert [(one, label.rstrip("↓")) for one, label in re.findall(r'<a href="([^"]*)"[^>]*>([^<]*)<', choice)] == heads
    assert re.findall(r"<summary>排序：(.*?)</summary>", choice) == re.findall(r'aria-current="true">(.*?)<', choice)
    assert choice.count("↓") == len(["summary", "the column"])


@pytest.mark.parametrize("path", [f"{SYSTEM}/org?table=units", f"{SYSTEM}/users?", f"{SYSTEM}/groups?", f"{SYSTEM}/duties?"])
async def test_a_column_that_there_is_not_is_refused(pages: Pages, path: str) -> None:
    assert (await pages.visit("operator", path)).status == 200
    assert (await pages.visit("operator", f"{path}&sort=name")).status == 200
    assert (await pages.visit("operator", f"{path}&sort=password")).status == 422
    assert (await pages.visit("operator", f"{path}&after=nonsense")).status == 422
