"""Files of entries: nothing is taken before it was shown, nothing is taken that somebody changed since, and no file harms the service."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING

import openpyxl
import pytest

from bot import import_drafts
from bot.city import City, load_city
from knowledge_base import entries
from knowledge_base.entry import Entry
from store.clock import utcnow
from tests.page_door import open_pages

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.settings import Settings
    from store.engine import Store
    from tests.page_door import Pages, Seen

IMPORT = "/staff/knowledge/import"
EDITOR = "knowledge_editor"
TABLE = "编号,标准问,答案,来源\nH-1,湖里能不能游泳,不能。,水务局\nH-2,湖里能不能钓鱼,可以。,水务局\n"


@pytest.fixture
async def city(demo_store: Store, demo_settings: Settings) -> City:
    """A city in memory of its own: these pages change it."""
    return await demo_store.read(lambda s: load_city(s, demo_settings, now=utcnow()))


@pytest.fixture
async def pages(demo_store: Store, city: City) -> AsyncIterator[Pages]:
    async with open_pages(demo_store, city) as opened:
        yield opened


async def send(pages: Pages, name: str, body: str | bytes, *, role: str = EDITOR, **form: str) -> Seen:
    content = body.encode() if isinstance(body, str) else body
    return await pages.visit(role, IMPORT, form=form, files={"file": (name, content)})


def key_of(seen: Seen) -> str:
    found = re.search(r'name="key" value="([^"]+)"', seen.text)
    return found[1] if found else ""


def counts_of(seen: Seen) -> list[int]:
    return [int(number) for number in re.findall(r'<li class="tile"><b>(\d+)</b>', seen.text)]


async def find(pages: Pages, code: str) -> Entry | None:
    return await pages.api.store.read(lambda s: entries.get(s, code))


async def test_a_table_is_shown_first_and_taken_when_somebody_says_so(pages: Pages, city: City) -> None:
    shown = await send(pages, "湖.csv", TABLE)

    assert (shown.status, counts_of(shown)) == (200, [2, 0, 0, 0])
    assert await find(pages, "H-1") is None
    taken = await pages.visit(EDITOR, f"{IMPORT}/take", form={"key": key_of(shown)})
    assert (taken.status, taken.location) == (303, "/staff/knowledge")
    entry = await find(pages, "H-2")
    assert entry is not None
    assert (entry.question, entry.answer, entry.source) == ("湖里能不能钓鱼", "可以。", "水务局")
    await pages.visit(EDITOR, "/staff/knowledge/entries/H-2")
    assert city.matcher.entry("H-2") == entry
    again = await send(pages, "湖.csv", TABLE.replace("可以。", "不可以。"))
    assert (counts_of(again), "<ins>不</ins>" in again.text) == ([0, 1, 1, 0], True)
    assert (await pages.visit(EDITOR, f"{IMPORT}/take", form={"key": key_of(shown)})).status == 409  # once is enough


async def test_what_is_saved_as_a_table_changes_nothing_when_it_is_imported_again(pages: Pages) -> None:
    formula = Entry(code="F-1", question="公式", answer="=1+1", source="x", phrasings=("甲", "-乙"))
    await pages.api.store.write(lambda s: entries.publish(s, formula, now=utcnow()))
    saved = await pages.visit(EDITOR, "/staff/knowledge/save/csv")
    shown = await send(pages, "saved.csv", saved.text)

    total = await pages.api.store.read(entries.count_published)
    assert counts_of(shown) == [0, 0, total, 0]


async def test_rows_that_are_wrong_are_named_and_left_out_only_when_somebody_says_so(pages: Pages) -> None:
    shown = await send(pages, "湖.csv", TABLE + "H-3,湖里能不能划船,,水务局\n")
    refused = await pages.visit(EDITOR, f"{IMPORT}/take", form={"key": key_of(shown)})
    before = await find(pages, "H-1")
    taken = await pages.visit(EDITOR, f"{IMPORT}/take", form={"key": key_of(shown), "skip_bad": "on"})

    assert (counts_of(shown), "第 4 行：“答案”是空的。" in shown.text, refused.status, before, taken.status) == (
        [2, 0, 0, 1],
        True,
        422,
        None,
        303,
    )
    assert [await find(pages, code) is not None for code in ("H-1", "H-2", "H-3")] == [True, True, False]


async def test_what_somebody_changed_since_it_was_shown_is_shown_again_and_not_overwritten(pages: Pages) -> None:
    shown = await send(pages, "湖.csv", TABLE)
    theirs = Entry(code="H-1", question="湖里能不能游泳", answer="夏天可以。", source="别人")
    await pages.api.store.write(lambda s: entries.publish(s, theirs, now=utcnow()))
    late = await pages.visit(EDITOR, f"{IMPORT}/take", form={"key": key_of(shown)})

    assert (late.status, counts_of(late), await find(pages, "H-1")) == (409, [1, 1, 0, 0], theirs)
    again = await pages.visit(EDITOR, f"{IMPORT}/take", form={"key": key_of(late)})
    entry = await find(pages, "H-1")
    assert entry is not None
    assert (again.status, entry.answer, entry.version) == (303, "不能。", 2)


async def test_nobody_takes_what_somebody_else_had_read_and_no_key_leads_out_of_the_folder(pages: Pages, city: City) -> None:
    key = key_of(await send(pages, "湖.csv", TABLE))

    for role, given in (("operator", key), (EDITOR, "../jieying.db"), (EDITOR, ""), (EDITOR, "A" * 22)):
        assert (await pages.visit(role, f"{IMPORT}/take", form={"key": given})).status == 409
    assert import_drafts.find(city.settings.folder, "../config.toml", now=utcnow()) is None
    kept = city.settings.folder / "imports" / key
    assert (oct(kept.stat().st_mode & 0o777), oct(kept.parent.stat().st_mode & 0o777)) == ("0o600", "0o700")


async def test_a_workbook_a_markdown_file_and_one_without_codes_are_read(pages: Pages) -> None:
    buffer = io.BytesIO()
    book = openpyxl.Workbook()
    for row in (["标准问", "答案"], ["湖里能不能滑冰", "不能。"]):
        book.active.append(row)
    book.save(buffer)

    assert counts_of(await send(pages, "湖.xlsx", buffer.getvalue(), source="水务局")) == [1, 0, 0, 0]
    assert counts_of(await send(pages, "湖.md", "## 湖深吗\n来源：水务局\n\n三米。\n")) == [1, 0, 0, 0]
    nowhere = await send(pages, "湖.xlsx", buffer.getvalue())
    assert (counts_of(nowhere), key_of(nowhere)) == ([0, 0, 0, 1], "")
    assert ("缺少“来源”这一列" in nowhere.text, "--" in nowhere.text.partition("<main")[2]) == (True, False)


def bomb() -> bytes:
    """Pack 200 MB of nothing into a workbook."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for number in range(20):
            packed.writestr(f"xl/worksheets/sheet{number}.xml", b"\0" * 10_000_000)
    return buffer.getvalue()


async def test_what_is_no_file_of_entries_is_refused_with_what_to_do(pages: Pages) -> None:
    refused = {
        "none": await pages.visit(EDITOR, IMPORT, form={}),
        "empty": await send(pages, "a.csv", b""),
        "kind": await send(pages, "a.exe", b"MZ"),
        "options": await send(pages, "a.csv", TABLE, kind="poem"),
    }
    unread = {
        "bomb": await send(pages, "a.xlsx", bomb()),
        "broken": await send(pages, "a.xlsx", b"PK\x03\x04 no more"),
        "page": await send(pages, "a.pdf", b"<html><script>alert(1)</script>"),
        "words": await send(pages, "a.docx", TABLE),
        "binary": await send(pages, "a.csv", bytes(range(256))),
        "name": await send(pages, "../../<script>alert(1)</script>.md", "no heading"),
    }
    long = await send(pages, "a.csv", b"x" * (10 * 1024 * 1024 + 1))

    assert {name: seen.status for name, seen in refused.items()} == dict.fromkeys(refused, 422)
    assert {name: (seen.status, key_of(seen), "读不了这个文件" in seen.text) for name, seen in unread.items()} == dict.fromkeys(
        unread, (200, "", True)
    )
    assert "太大了" in unread["bomb"].text
    assert all("<script>alert" not in seen.text for seen in unread.values())
    assert long.status == 413


@pytest.mark.parametrize("role", ["desk", "grid_worker", "auditor"])
async def test_who_is_no_editor_has_no_file_read(pages: Pages, role: str) -> None:
    assert (await send(pages, "a.csv", TABLE, role=role)).status == 403
