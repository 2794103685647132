"""An operator makes codes and prints them; a resident scans one and stands before the doors of the place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect
from sqlalchemy import select

from bot.city import note_change
from routing import codes
from routing.code_tables import PlaceCode
from routing.codes import Target
from routing.tables import StaffRow, Ticket
from store.clock import utcnow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.browser.conftest import Meet
    from tests.browser.site import Site

_PAGE = re.compile(rb"/Type\s*/Page\b")
AREA, GRID, ESTATE = "LA-DL-LT-02", "LA-DL-LT-02-G2", "柳浪新村"


def furnish(session: Session) -> None:
    """Give the estate's workers one phone at work."""
    for row in session.scalars(select(StaffRow).where(StaffRow.area.startswith(AREA))):
        row.work_phone = "0900-6100777"
    note_change(session)


def find_code(session: Session) -> str:
    row = session.scalars(select(PlaceCode).where(PlaceCode.name == ESTATE, PlaceCode.building == "3号楼")).one()
    return codes.sign_code(session, row)


def make_code(session: Session, target: Target, site: Site) -> str:
    """Make a code, or give the one that stands."""
    codes.make(session, [target], by="OP001", now=utcnow(), org=site.app.city.org)
    place = PlaceCode.name == target.name, PlaceCode.building == target.building
    return codes.sign_code(session, session.scalars(select(PlaceCode).where(*place)).one())


async def test_codes_are_made_printed_and_scanned(meet: Meet, site: Site) -> None:
    await site.store.write(furnish)
    await site.store.read(lambda s: site.app.city.refresh(s, now=utcnow()))
    operator = await meet("desktop", post="OP001")
    await operator.open("/staff/system/codes")
    form = operator.page.locator("form").filter(has_text="给一片区域批量做")
    await form.get_by_label("区域").select_option(AREA)
    await form.get_by_role("button").click()
    await expect(operator.page.get_by_text("码已做好")).to_be_visible()
    await expect(operator.page.get_by_role("cell", name=f"{ESTATE}3号楼", exact=True)).to_be_visible()
    await operator.look_and_judge("codes-made")
    await operator.page.get_by_role("link", name="打印这些").click()
    await expect(operator.page.get_by_role("heading", name=f"{ESTATE}3号楼")).to_be_visible()
    await operator.look_and_judge("codes-printed")
    assert len(_PAGE.findall(await operator.page.pdf(format="A4", prefer_css_page_size=True))) == 2

    resident = await meet("phone")
    code = await site.store.read(find_code)
    assert await resident.open(f"/c/{code}") == 200
    await expect(resident.page.get_by_role("heading", level=1, name=f"{ESTATE}3号楼")).to_be_visible()
    await expect(resident.page.get_by_role("link", name="拨打 0900-6100777")).to_be_visible()
    await resident.look_and_judge("code-scanned")
    await resident.page.get_by_role("link", name="服务 这里有的服务和项目").click()
    await expect(resident.page.get_by_text("加装电梯").first).to_be_in_viewport()


@pytest.mark.parametrize("scripts", [True, False])
async def test_who_scanned_is_asked_for_no_place(meet: Meet, site: Site, scripts: bool) -> None:
    target = Target(kind="building", area=GRID, name=ESTATE, building=f"{8 - scripts}号楼")
    code = await site.store.write(lambda s: make_code(s, target, site))
    resident = await meet("phone", scripts=scripts)
    await resident.open(f"/c/{code}")
    await resident.page.get_by_role("link", name="报事").click()
    await expect(resident.page.get_by_text("地点已经知道了")).to_contain_text(f"{target.name}{target.building}")
    if scripts:
        await resident.look_and_judge("chat-by-code")
    await resident.page.get_by_label("您想说什么").fill("楼道灯坏了三天了，晚上上下楼黑漆漆的看不见")
    await resident.page.get_by_role("button", name="发送").click()
    await expect(resident.page.get_by_role("log")).to_contain_text("编号〔")

    place = f"{target.name}{target.building}"
    ticket = select(Ticket.source, Ticket.area).where(Ticket.public_place == place)
    assert await site.store.read(lambda s: [tuple(row) for row in s.execute(ticket)]) == [("scan", GRID)]


async def test_a_code_that_is_none_leads_kindly_on_without_scripts_too(meet: Meet) -> None:
    resident = await meet("phone", scripts=False)

    assert await resident.open("/c/AAAAAAAAAAAAAAAAAAAAAAAA") == 404
    await expect(resident.page.get_by_role("heading", level=1, name="这个码认不出来")).to_be_visible()
    await expect(resident.page.get_by_role("link", name="直接说事")).to_have_attribute("href", "/chat")
    await resident.look("code-unknown")
