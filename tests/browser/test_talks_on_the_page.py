"""A resident without WeChat talks on the page: as it comes, with a photo, by buttons, in two tabs, on a bad line, and without scripts."""

from __future__ import annotations

import re
import struct
import zlib
from typing import TYPE_CHECKING

from playwright.async_api import expect
from sqlalchemy import select

from bot.channels import Outbound
from residents.web_lines import find_resident, sender_of
from residents.web_uploads import WebUpload, read_upload
from tests.browser.talking import lines_of, write

if TYPE_CHECKING:
    from playwright.async_api import Route
    from sqlalchemy.orm import Session

    from tests.browser.visitor import Visitor

HOSTILE = '<img src=x onerror="window.broken=1"><script>window.broken=1</script>'


async def find_sender(visitor: Visitor) -> str:
    return sender_of(next(one["value"] for one in await visitor.context.cookies() if one["name"] == "jieying_me"))


def read_picture(session: Session, sender: str) -> bytes:
    resident = find_resident(session, sender)
    assert resident is not None
    ref = session.execute(select(WebUpload.ref).where(WebUpload.resident_id == resident.id)).scalar_one()
    return read_upload(session, ref) or b""


def make_picture(side: int) -> bytes:
    """Make a PNG of this many pixels a side."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = b"".join(b"\x00" + bytes((x * 7) % 256 for x in range(side)) for _ in range(side))
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 0)) + chunk(b"IEND", b"")


async def test_a_resident_reports_and_answers_by_buttons(phone: Visitor) -> None:
    assert await phone.open("/chat") == 200
    await phone.look_and_judge("chat-empty")
    await write(phone.page, "我家楼道的灯坏了三天，晚上看不见")
    await expect(lines_of(phone.page, "us").last).to_contain_text("在什么地方？")
    await phone.page.get_by_role("button", name="不知道").click()
    await expect(lines_of(phone.page, "us").nth(1)).to_contain_text("编号〔")
    await expect(lines_of(phone.page, "me").nth(1)).to_contain_text("不知道")
    await phone.look_and_judge("chat-reported")
    before = await lines_of(phone.page, "us").count()
    await phone.open("/chat")
    await expect(lines_of(phone.page, "me")).to_have_count(2)
    assert await lines_of(phone.page, "us").count() >= before


async def test_what_is_said_later_comes_by_itself_into_every_tab(phone: Visitor) -> None:
    await phone.open("/chat")
    await write(phone.page, "帮助")
    await expect(lines_of(phone.page, "us")).to_have_count(1)
    second = await phone.context.new_page()
    await second.goto(f"{phone.site.address}/chat")
    cookie = next(one["value"] for one in await phone.context.cookies() if one["name"] == "jieying_me")
    outbound = Outbound(
        address=sender_of(cookie), text="灯修好了，解决了吗？回复 1 已解决，2 部分解决，3 未解决。", reference="story:1"
    )
    await phone.site.app.channels["web"].send(outbound)
    for page in (phone.page, second):
        await expect(lines_of(page, "us").last).to_contain_text("灯修好了")
        await expect(page.get_by_role("button", name="部分解决")).to_be_visible()
    await phone.look_and_judge("chat-choices")


async def test_a_photo_is_made_small_before_it_is_sent(phone: Visitor) -> None:
    await phone.open("/chat")
    big = make_picture(2400)
    await phone.page.get_by_label("加照片").set_input_files({"name": "lamp.png", "mimeType": "image/png", "buffer": big})
    await expect(phone.page.get_by_text("1 张照片")).to_be_visible()
    await write(phone.page, "安泰路18号门口路灯不亮，看照片")
    await expect(lines_of(phone.page, "us").first).to_contain_text("编号〔")
    mine = lines_of(phone.page, "me").get_by_role("img")
    await expect(mine).to_have_attribute("src", re.compile("^(blob:|/media/)"))  # what was just chosen, at once
    await expect(mine).to_have_attribute("src", re.compile("^/media/[^/]+/small$"))  # what was made of it, without a reload
    await expect(lines_of(phone.page, "me").get_by_role("link")).to_have_attribute("href", re.compile("^/media/"))
    await expect(lines_of(phone.page, "me")).not_to_contain_text("[照片]")
    assert await mine.evaluate("image => image.decode().then(() => image.naturalWidth > 0)")
    await phone.look("chat-photo")
    sender = await find_sender(phone)

    assert len(big) > 5_000_000
    assert 0 < await phone.site.store.read(lambda s: len(read_picture(s, sender))) < 1_000_000


async def test_a_line_that_breaks_off_loses_nothing_and_doubles_nothing(phone: Visitor) -> None:
    """The message arrives and its answer is lost on the way back: the page sends it again by itself, and it is there once."""
    await phone.open("/chat")
    tries: list[int] = []

    async def lose_the_first(route: Route) -> None:
        tries.append(1)
        if len(tries) == 1:
            await route.fetch()
            await route.abort()
        else:
            await route.continue_()

    await phone.page.route("**/chat", lambda route: lose_the_first(route) if route.request.method == "POST" else route.continue_())
    await write(phone.page, "和平里6号楼下水道堵了")
    await expect(phone.page.locator("li.waiting")).to_have_count(0)
    await expect(lines_of(phone.page, "me")).to_have_count(1)
    phone.watch.findings.clear()  # the request that we broke off ourselves

    assert len(tries) == 2


async def test_what_is_refused_stays_typed(phone: Visitor) -> None:
    await phone.open("/chat")
    file = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"GIF89a" + b"0" * 100}
    await phone.page.get_by_label("加照片").set_input_files(file)
    await write(phone.page, "安泰路20号门口路灯不亮")
    await expect(phone.page.get_by_role("alert")).to_have_text("这个文件不是照片，没有收下。请选 JPG、PNG 或 WebP 的照片。")
    await expect(phone.page.get_by_label("您想说什么")).to_have_value("安泰路20号门口路灯不亮")
    await expect(phone.page.locator("li.me")).to_have_count(0)
    await phone.look_and_judge("chat-refused")
    phone.watch.findings.clear()  # the refusal itself is an answer of 400, which a browser writes down


async def test_without_scripts_the_same_is_possible(plain: Visitor) -> None:
    await plain.open("/chat")
    await write(plain.page, f"我家楼道的灯坏了，晚上看不见{HOSTILE}")
    await expect(lines_of(plain.page, "us").last).to_contain_text("在什么地方？")
    await expect(lines_of(plain.page, "me").first).to_contain_text(HOSTILE)
    await plain.page.get_by_role("button", name="不知道").click()
    await expect(lines_of(plain.page, "us").nth(1)).to_contain_text("编号〔")
    await plain.look("chat-plain")


async def test_hostile_words_are_only_words(desktop: Visitor) -> None:
    await desktop.open("/chat")
    await write(desktop.page, HOSTILE)
    await expect(lines_of(desktop.page, "us")).not_to_have_count(0)
    await desktop.open("/chat")
    await expect(lines_of(desktop.page, "me").first).to_contain_text(HOSTILE)
    await desktop.look_and_judge("chat")

    assert await desktop.page.evaluate("window.broken === undefined")


async def test_who_leaves_a_shared_computer_leaves_no_talk_behind(desktop: Visitor) -> None:
    await desktop.open("/chat")
    await write(desktop.page, "你好")
    await expect(lines_of(desktop.page, "us")).not_to_have_count(0)
    await desktop.page.get_by_text("这台设备不是您自己的？").click()
    desktop.page.on("dialog", lambda dialog: dialog.accept())
    await desktop.page.get_by_role("button", name="清掉这里的对话").click()
    await expect(desktop.page.get_by_role("status")).to_have_text("这台设备上的对话已经清掉。")
    await desktop.open("/chat")
    await expect(lines_of(desktop.page, "me")).to_have_count(0)
