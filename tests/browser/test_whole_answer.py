"""What residents asked in vain on the chat page becomes an entry, and the next one who asks there is answered with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.async_api import expect

from tests.browser.talking import ask

if TYPE_CHECKING:
    from tests.browser.conftest import Meet
    from tests.browser.visitor import Visitor

ASKED = ("鹦鹉能不能带上公交车", "鹦鹉可以带上公交车吗")
NEXT = "请问鹦鹉能带上公交车吗？"
ANSWER = "装在笼子里、盖上布的鹦鹉可以带上公交车，早晚高峰请错开。"


async def ask_in_vain(meet: Meet) -> None:
    """Have two residents, each on a phone of their own, ask what nobody has an answer to."""
    for asked in ASKED:
        resident = await meet("phone")
        await resident.open("/chat")
        told = await ask(resident.page, asked)
        await expect(told).not_to_contain_text("盖上布")


async def make_entry(editor: Visitor) -> None:
    """Find the cluster that both questions are in, and publish an answer to it."""
    page = editor.page
    assert await editor.open("/staff/knowledge/misses") == 200
    row = page.get_by_role("listitem").filter(has_text=ASKED[0])
    await expect(row).to_contain_text(ASKED[1])
    await expect(row).to_contain_text("2 位居民")
    await editor.look_and_judge("story-misses")
    await row.get_by_role("link", name="做成条目").click()
    await page.get_by_role("textbox", name=re.compile("^答案")).fill(ANSWER)
    await page.get_by_role("textbox", name=re.compile("^来源 ")).fill("公交公司")
    await page.get_by_role("button", name="发布").click()
    await expect(page.get_by_text("已发布，居民现在问就按这一条答。")).to_be_visible()


async def test_what_was_asked_in_vain_answers_the_next_resident(meet: Meet) -> None:
    await ask_in_vain(meet)
    editor = await meet("desktop", post="KE001")

    await make_entry(editor)

    resident = await meet("phone")
    await resident.open("/chat")
    told = await ask(resident.page, NEXT)
    await expect(told).to_contain_text(ANSWER)
    await expect(told).to_contain_text("公交公司")
    await resident.look_and_judge("story-answered-by-entry")
    await resident.open(f"/faq?q={NEXT}")
    await expect(resident.page.get_by_role("main")).to_contain_text(ANSWER)
    await editor.open("/staff/knowledge/misses")
    await expect(editor.page.get_by_text(ASKED[0])).to_have_count(0)
