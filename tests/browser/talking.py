"""What a resident does on the chat page, and what can be read there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.async_api import expect

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

_NUMBER = re.compile(r"编号〔(\d{8}-\d+)〕")


def lines_of(page: Page, side: str) -> Locator:
    """Find the lines of one side: "me" or "us"; what is on its way and the greeting are none."""
    return page.get_by_role("log").locator(f"li.{side}:not(.waiting, #hello)")


async def write(page: Page, text: str) -> None:
    """Write a message."""
    await page.get_by_label("您想说什么").fill(text)
    await page.get_by_role("button", name="发送").click()


async def ask(page: Page, text: str) -> Locator:
    """Write a message and wait for its answer; gives the line that came last."""
    before = await lines_of(page, "us").count()
    await write(page, text)
    await expect(lines_of(page, "us")).to_have_count(before + 1)
    return lines_of(page, "us").last


async def read_number(page: Page) -> str:
    """Wait until a ticket's number is told; gives it."""
    await expect(page.get_by_role("log")).to_contain_text(_NUMBER)
    found = _NUMBER.search(await page.get_by_role("log").inner_text())
    assert found is not None
    return found[1]
