"""Photos where they help: a resident sees theirs at once and under their matter, a seat sees what comes in the talk, a worker files with one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.async_api import expect

from tests.browser.test_talks_on_the_page import lines_of, write
from tests.pictures import make_picture

if TYPE_CHECKING:
    from tests.browser.conftest import Meet

PHOTO = {"name": "lamp.jpg", "mimeType": "image/jpeg", "buffer": make_picture(1200, 900)}
MADE = re.compile("^/media/[^/]+/small$")


async def test_a_resident_s_photo_is_there_at_once_and_under_the_matter(meet: Meet) -> None:
    me, stranger = await meet("phone"), await meet("phone", scripts=False)
    await me.open("/chat")
    await me.page.get_by_label("加照片").set_input_files(PHOTO)
    await write(me.page, "柳浪路41号门口井盖松动，走过去会响，看照片")
    mine = lines_of(me.page, "me").get_by_role("img")
    await expect(mine).to_have_count(1)
    await expect(mine).to_have_attribute("src", MADE)
    await me.look_and_judge("chat-photo-made")
    await me.open("/my")
    await me.page.get_by_role("link", name=re.compile("井盖")).click()
    await expect(me.page.get_by_role("heading", name="您发的照片")).to_be_visible()
    await expect(me.page.get_by_role("img", name="您发的照片 1")).to_have_attribute("src", MADE)
    await me.look_and_judge("my-photo")
    href = await me.page.get_by_role("link", name="您发的照片 1").get_attribute("href")
    seen = [await one.context.request.get(f"{me.site.address}{href}") for one in (me, stranger)]
    assert [one.status for one in seen] == [200, 404]


async def test_a_seat_sees_the_photo_that_comes_in_the_talk(meet: Meet) -> None:
    resident, seat = await meet("phone"), await meet("desktop", post="ST001")
    await resident.open("/chat")
    await write(resident.page, "柳浪路43号，转人工")
    await expect(lines_of(resident.page, "us").last).to_be_visible()
    await seat.open("/staff/seat")
    await seat.page.get_by_role("button", name="接入").last.click()
    await expect(seat.page.get_by_role("log", name="说过的话")).to_be_visible()
    await resident.page.get_by_label("加照片").set_input_files(PHOTO)
    await write(resident.page, "您看，就是这个")
    await expect(lines_of(resident.page, "me").get_by_role("img")).to_have_attribute("src", MADE)
    await seat.page.reload()
    shown = seat.page.get_by_role("img", name=re.compile("居民发来的照片"))
    await expect(shown).to_be_visible()
    assert await shown.evaluate("image => image.decode().then(() => image.naturalWidth > 0)")
    await seat.look_and_judge("seat-photo")
    await seat.page.get_by_role("button", name="谈完了").click()


async def test_a_worker_files_for_a_neighbour_with_a_photo(meet: Meet) -> None:
    worker, desk = await meet("phone", post="GW001", scripts=False), await meet("desktop", post="DK001")
    await worker.open("/staff/grid/file")
    await worker.page.get_by_label("什么事").fill("9号楼楼道灯坏了，老人夜里出门看不见")
    await worker.page.get_by_label(re.compile("^照片")).set_input_files([PHOTO, {**PHOTO, "name": "b.jpg"}])
    await worker.page.get_by_label(re.compile("已经跟本人说好")).check()
    await worker.look("grid-file-photo")
    await worker.page.get_by_role("button", name="报上去").click()
    await expect(worker.page.get_by_text("编号")).to_be_visible()
    number = re.search(r"opened=([0-9-]+)", worker.page.url)
    assert number is not None
    await desk.open(f"/staff/tickets/{number[1]}")
    shown = desk.page.get_by_role("img", name=re.compile("居民发来的照片"))
    for _ in range(20):
        if await shown.count() == 2:
            break
        await desk.page.reload()
    await expect(shown).to_have_count(2)
