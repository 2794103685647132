"""An editor makes an entry of what residents asked in vain, tries it, publishes it; a resident asks again and is answered; two editors do not overwrite each other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from knowledge_base import entries, uses
from store.clock import utcnow

if TYPE_CHECKING:
    from tests.browser.conftest import Meet
    from tests.browser.site import Site

ASKED = {
    ("desktop", True): "宠物龟的户口在哪里办呀",
    ("phone", True): "守宫蜥蜴冬眠要不要报备",
    ("desktop", False): "金丝熊仓鼠坐地铁怎么买票",
}
"""What is asked in vain, by device and scripts: other words each, or one group of alike questions would hold them all."""
ANSWER = "宠物龟不用上户口，放生请先问林业站。"
TABLE = "编号,标准问,答案,来源\nLAKE-1,东湖里能不能游泳,不能。,水务局\nZS-002,居住证有什么用？,,水务局\n"


@pytest.mark.parametrize(("device", "scripts"), [("desktop", True), ("phone", True), ("desktop", False)])
async def test_a_question_in_vain_becomes_an_entry_that_answers(meet: Meet, site: Site, device: str, *, scripts: bool) -> None:
    word = f"{device}{scripts}".lower()
    asked = ASKED[device, scripts]
    await site.store.write(
        lambda s: [uses.record_use(s, kind="missed", question=asked, resident_id=one, now=utcnow()) for one in (981, 982)]
    )
    editor = await meet(device, post="KE001", scripts=scripts)
    assert await editor.open("/staff/knowledge/misses") == 200
    await editor.look_and_judge("knowledge-misses") if scripts else None
    row = editor.page.get_by_role("listitem").filter(has=editor.page.get_by_role("heading", name=asked))
    await row.get_by_role("link", name="做成条目").click()
    await expect(editor.page.get_by_label("标准问")).to_have_value(asked)
    await editor.page.get_by_role("textbox", name=re.compile("^答案")).fill(f"{ANSWER}{word}")
    await editor.page.get_by_role("textbox", name=re.compile("^来源 ")).fill("林业站")
    await editor.page.get_by_role("button", name="试一试").click()
    await expect(editor.page.get_by_text("按还没发布的内容试的")).to_be_visible()
    if scripts:
        await editor.look_and_judge("knowledge-tried")
    await editor.page.get_by_role("button", name="发布").click()
    await expect(editor.page.get_by_text("已发布，居民现在问就按这一条答。")).to_be_visible()
    if scripts:
        await editor.look_and_judge("knowledge-published")
    matched = site.app.city.matcher.match(site.app.city.segmenter.read(asked))
    found = site.app.city.matcher.entry(matched[0].code)
    assert found is not None
    assert found.answer == f"{ANSWER}{word}"


@pytest.mark.parametrize("device", ["desktop", "phone"])
async def test_two_editors_see_each_other_and_nothing_is_lost(meet: Meet, site: Site, device: str) -> None:
    code = {"desktop": "ZS-004", "phone": "ZS-005"}[device]
    one, other = await meet(device, post="KE001"), await meet(device, post="OP001")
    for editor in (one, other):
        assert await editor.open(f"/staff/knowledge/entries/{code}") == 200
    await other.page.get_by_role("textbox", name=re.compile("^来源 ")).fill("别人写的来源")
    await other.page.get_by_role("button", name="发布").click()
    await expect(other.page.get_by_text("已发布")).to_be_visible()

    await one.page.get_by_role("textbox", name=re.compile("^来源 ")).fill("我写的来源")
    await one.page.get_by_role("button", name="发布").click()
    await expect(one.page.get_by_text("您打开之后，别人改过这一条")).to_be_visible()
    await one.look_and_judge("knowledge-conflict")
    await one.page.get_by_role("button", name="发布").click()
    await expect(one.page.get_by_text("已发布")).to_be_visible()
    entry = await site.store.read(lambda s: entries.get(s, code))
    assert entry is not None
    assert (entry.source, entry.version) == ("我写的来源", 3)


@pytest.mark.parametrize("device", ["desktop", "phone"])
async def test_a_table_is_previewed_and_many_questions_are_tested(meet: Meet, device: str) -> None:
    editor = await meet(device, post="KE001")
    await editor.open("/staff/knowledge/import")
    await editor.page.get_by_label("文件", exact=True).set_input_files(
        {"name": "湖.csv", "mimeType": "text/csv", "buffer": TABLE.encode()}
    )
    await editor.page.get_by_role("button", name="看看有哪些变化").click()
    await expect(editor.page.get_by_text("有问题的行", exact=True)).to_be_visible()
    await editor.look_and_judge("knowledge-import-shown")
    await editor.open("/staff/knowledge/test")
    await editor.page.get_by_label(re.compile("^问题")).fill("租房住怎么做居住登记？,ZS-001\n月亮上能不能种菜\n")
    await editor.page.get_by_role("button", name="测一测").click()
    await expect(editor.page.get_by_role("heading", name="2 个问题")).to_be_visible()
    await editor.look_and_judge("knowledge-tested")
