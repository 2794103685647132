"""An editor looks at what a word would change, puts it into service and takes it back, on a screen, on a phone and without scripts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from bot import vocabulary
from knowledge_base import uses
from store.clock import utcnow

if TYPE_CHECKING:
    from tests.browser.conftest import Meet
    from tests.browser.site import Site


@pytest.fixture(autouse=True)
def few_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare few texts: those that hold a changed word come first."""
    monkeypatch.setattr(vocabulary, "MOST_TEXTS", 120)


SAID = {("desktop", True): "夕阳红卡", ("phone", True): "长寿金卡", ("desktop", False): "银发通卡"}
"""What residents call the card, by device and scripts: a word each."""


@pytest.mark.parametrize(("device", "scripts"), list(SAID))
async def test_an_editor_teaches_what_residents_call_a_thing_and_takes_it_back(
    meet: Meet, site: Site, device: str, *, scripts: bool
) -> None:
    said = SAID[device, scripts]
    await site.store.write(lambda s: uses.record_use(s, kind="missed", question=f"{said}怎么办", resident_id=985, now=utcnow()))
    editor = await meet(device, post="KE001", scripts=scripts)
    assert await editor.open("/staff/knowledge/words") == 200
    await editor.page.get_by_role("link", name="加同义词").click()
    await editor.page.get_by_role("textbox", name=re.compile("^第一个词")).fill("老年优待证")
    await editor.page.get_by_label("还有这些说法").fill(f"老年证 老人证 {said}")
    if scripts:
        await editor.look_and_judge("word-typed")
    await editor.page.get_by_role("button", name="看看会影响什么").click()
    await expect(editor.page.get_by_text(f"{said}怎么办")).to_be_visible()
    if scripts:
        await editor.look_and_judge("words-preview")
    await editor.page.get_by_role("button", name="放进使用").click()
    await expect(editor.page.get_by_text("已放进使用")).to_be_visible()
    await expect(editor.page.get_by_text(said)).to_be_visible()
    if scripts:
        await editor.look_and_judge("words-put")
    variants = site.app.city.segmenter.variants
    assert variants is not None
    assert variants.forms[said] == "老年优待证"
    await editor.page.get_by_role("link", name="改过什么").click()
    await editor.page.get_by_role("button", name="退回这一次").first.click()
    await expect(editor.page.get_by_text("已退回，和那一次之前一样。")).to_be_visible()
    if scripts:
        await editor.look_and_judge("words-history-undone")
    await editor.open("/staff/knowledge/words?origin=own")
    await expect(editor.page.get_by_text(said)).to_have_count(0)
    assert site.app.city.segmenter.variants is None


@pytest.mark.parametrize("device", ["desktop", "phone"])
async def test_words_that_cannot_stand_and_a_table_with_a_bad_row_are_shown_with_the_reason(meet: Meet, device: str) -> None:
    editor = await meet(device, post="KE001")
    assert await editor.open("/staff/knowledge/words/change?kind=synonym") == 200
    await editor.page.get_by_role("textbox", name=re.compile("^第一个词")).fill("驾驶本子")
    await editor.page.get_by_label("还有这些说法").fill("驾照")
    await editor.page.get_by_role("button", name="看看会影响什么").click()
    await expect(editor.page.get_by_text("已经在“驾驶证”那一组里")).to_be_visible()
    await editor.look_and_judge("word-refused")
    await editor.open("/staff/knowledge/words/import")
    await editor.page.get_by_label("或者粘贴在这里").fill("kind,word\npoem,春眠不觉晓\n")
    await editor.page.get_by_role("button", name="看看会影响什么").click()
    await expect(editor.page.get_by_text("第 2 行：kind 要写")).to_be_visible()
    await editor.look_and_judge("words-import-refused")


@pytest.mark.parametrize("device", ["desktop", "phone"])
async def test_a_supervisor_only_looks(meet: Meet, device: str) -> None:
    supervisor = await meet(device, post="SV003")
    assert await supervisor.open("/staff/knowledge/words") == 200
    await expect(supervisor.page.get_by_text("您的岗位只能查看")).to_be_visible()
    await expect(supervisor.page.get_by_role("link", name="加同义词")).to_have_count(0)
    await supervisor.look_and_judge("words-supervisor")
    assert await supervisor.open("/staff/knowledge/words/change") == 403
