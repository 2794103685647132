"""A grid worker on the phone: an excerpt of the group becomes two tickets, a round is ticked off, a sentence is copied; all of it without scripts too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect
from sqlalchemy import select

from residents.group_drafts import GroupDraft
from routing import patrols, season_tasks
from routing.grid_tables import PatrolSheetRow, SeasonPlanRow
from routing.tables import Ticket
from store.clock import utcnow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.browser.conftest import Meet
    from tests.browser.site import Site

GRIDS = {"GW003": "LA-DL-LT-01-G3", "GW002": "LA-DL-LT-01-G2"}
EXCERPT = "张三丰 19:03\n小区后门的路灯坏了，黑得看不见路\n王五一 19:06\n明天谁去买青团\n赵六六 19:08\n{building}号楼的垃圾堆了一个礼拜没人清\n"


async def plan_work(site: Site, grid: str) -> None:
    def write(session: Session) -> None:
        items = ["消防通道", "井盖", "飞线充电"]
        session.add(PatrolSheetRow(code=f"S-{grid}", name="日常巡查", area=grid, items=items, rhythm="weekly", days="all"))
        plan = {
            "name": "供暖前检查",
            "areas": [grid],
            "items": ["阀门", "管道保温"],
            "starts": "01-01",
            "ends": "12-31",
            "lead_days": 30,
        }
        session.add(SeasonPlanRow(code=f"P-{grid}", **plan))

    def lay_out(session: Session) -> None:
        now, city = utcnow(), site.app.city
        patrols.make_rounds(session, now=now, org=city.org, calendar=city.calendar)
        season_tasks.give_tasks(session, now=now, org=city.org, calendar=city.calendar)

    await site.store.write(write)
    await site.store.write(lay_out)


@pytest.mark.parametrize(("post", "scripts"), [("GW003", True), ("GW002", False)])
async def test_a_grid_worker_files_two_matters_of_an_excerpt(meet: Meet, site: Site, post: str, scripts: bool) -> None:
    await plan_work(site, GRIDS[post])
    worker = await meet("phone", post=post, scripts=scripts)
    page = worker.page
    await worker.open("/staff/grid")
    await page.get_by_role("link", name="贴群聊记录").click()
    await page.get_by_label("聊天记录").fill(EXCERPT.format(building=7 if scripts else 8))
    await page.get_by_role("button", name="看看有哪些事").click()

    await expect(page.get_by_text("看了 3 条，像有 2 件事")).to_be_visible()
    await expect(page.get_by_text("青团")).to_have_count(0)
    if scripts:
        await worker.look_and_judge("grid-paste-read")
    await page.get_by_role("button", name="建单：").first.click()
    await expect(page.get_by_text("已建单")).to_be_visible()
    await page.get_by_text("改一改再建单").click()
    await page.get_by_label("在哪里").fill("安泰花园")
    await page.get_by_role("button", name="照这样建单").click()
    await expect(page.get_by_text("已建单").or_(page.get_by_text("记到一起了"))).to_be_visible()

    def read(session: Session) -> tuple[int, int]:
        mine = session.scalars(select(Ticket.number).where(Ticket.reporter_staff == post)).all()
        left = session.scalars(select(GroupDraft.id).where(GroupDraft.worker == post, GroupDraft.content.is_not(None))).all()
        return len(mine), len(left)

    assert await site.store.read(read) == (2, 0)


async def test_the_day_of_a_grid_worker_is_done_with_one_thumb(meet: Meet, site: Site) -> None:
    grid = "LA-DL-LT-01-G4"
    await plan_work(site, grid)
    worker, desk = await meet("phone", post="GW004"), await meet("desktop", post="GW004")
    page = worker.page
    for visitor in (worker, desk):
        for path, name in (("", "today"), ("/paste", "paste"), ("/file", "file"), ("/season", "season"), ("/card", "card")):
            assert await visitor.open(f"/staff/grid{path}") == 200
            await visitor.look_and_judge(f"grid-day-{name}")

    await worker.open("/staff/grid")
    await page.get_by_text("发现问题").click()
    await worker.look_and_judge("grid-round-open")
    await page.get_by_role("button", name="看过了，都正常").click()
    await expect(page.get_by_text("这次巡查都正常")).to_be_visible()
    await page.get_by_role("link", name="去打勾").click()
    await page.get_by_label("阀门").check()
    await page.get_by_role("button", name="记下").click()
    await expect(page.get_by_text("还剩 1 项")).to_be_visible()


async def test_a_sentence_for_the_group_is_copied_by_one_press(meet: Meet) -> None:
    worker = await meet("phone", post="GW001")
    await worker.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await worker.open("/staff/grid/replies?q=社保卡")
    await worker.look_and_judge("grid-replies")
    await worker.page.get_by_role("button", name="复制：已收到").click()
    await expect(worker.page.locator("#copied")).to_have_text("已复制")

    assert await worker.page.evaluate("navigator.clipboard.readText()") == "已收到，请点公众号私聊办理"
