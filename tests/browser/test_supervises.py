"""A supervisor reads the figures, finds the tickets behind a number, decides what waits and writes down what the meeting decided; also without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect
from sqlalchemy import select

from bot.city_view import CityView
from routing import desk, tally_rows
from routing.facts import Origin
from routing.tables import Ticket, TicketEvent
from store.clock import utcnow
from tests.browser.chromium import DEVICES

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from knowledge_base.text import Utterance
    from routing.terms import Report
    from tests.browser.conftest import Meet
    from tests.browser.site import Site

POST = "SV001"
LAMP = "路灯坏了三天，晚上很黑"


async def plant(site: Site, *, disputed: bool = False) -> str:
    """Have a resident's matter in the city, in the sums; `disputed`: it waits for the supervisor."""
    city, now = site.app.city, utcnow()
    report, utterance = _read(site)

    def open_it(session: Session) -> str:
        context = CityView(city).context(now=now)
        origin = Origin(inbox_id=None, channel="terminal")
        opened = desk.open_ticket(
            session, report=report, resident_id=907, origin=origin, context=context, now=now, utterance=utterance
        )
        number = opened.ticket.number
        if disputed:
            ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
            ticket.disputed, ticket.status, ticket.desk = ticket.unit, "review", city.org.staff[POST].unit
            ticket.unit = ticket.desk
            session.add(
                TicketEvent(
                    ticket_id=ticket.id,
                    at=now,
                    act="dispute",
                    actor="system",
                    before="accepted",
                    after="review",
                    unit=ticket.unit,
                    facts={},
                )
            )
        return number

    number = await site.store.write(open_it)
    await site.store.write(lambda s: tally_rows.refresh_all(s, now=utcnow(), zone=city.zone))
    return number


def _read(site: Site) -> tuple[Report, Utterance]:
    grid = next(code for code, area in site.app.city.org.areas.items() if area.level == "grid")
    return CityView(site.app.city).read_report(LAMP, place="", area=grid)


@pytest.mark.parametrize("device", list(DEVICES))
async def test_a_number_leads_to_the_tickets_behind_it(meet: Meet, site: Site, device: str) -> None:
    number = await plant(site)
    somebody = await meet(device, post=POST)
    await somebody.open("/staff/figures")
    await somebody.look_and_judge("supervisor-figures")

    tile = somebody.page.locator(".figure", has=somebody.page.get_by_role("heading", name="受理", exact=True))
    await tile.get_by_role("link").first.click()

    await expect(somebody.page.get_by_role("heading", level=1)).to_have_text("受理")
    await expect(somebody.page.get_by_text(number)).to_be_visible()
    await somebody.look_and_judge("supervisor-tickets")


@pytest.mark.parametrize("device", list(DEVICES))
async def test_what_waits_is_decided_on_the_list(meet: Meet, site: Site, device: str) -> None:
    number = await plant(site, disputed=True)
    planted = await site.store.read(lambda s: s.scalars(select(Ticket).where(Ticket.number == number)).one())
    somebody = await meet(device, post=POST)
    await somebody.open("/staff/figures/reviews")
    row = somebody.page.locator(f'[data-row="{number}"]')
    await somebody.look_and_judge("supervisor-reviews")

    await row.get_by_label("单位").select_option(planted.disputed)
    await row.get_by_label("裁定的理由").fill("按属地归这一家")
    await row.get_by_role("button", name="定给这个单位").click()

    await expect(somebody.page.get_by_text("已办好。")).to_be_visible()
    await expect(row).to_have_count(0)


async def test_what_a_meeting_decided_is_written_down_and_settled_without_scripts(meet: Meet) -> None:
    somebody = await meet("phone", post=POST, scripts=False)
    page = somebody.page
    await somebody.open("/staff/figures/month")
    await page.get_by_text("会上定的事", exact=False).last.click()
    await page.get_by_label("定了什么").fill("把广场的三处路灯修好")
    await page.get_by_role("button", name="记下").click()

    row = page.get_by_role("listitem").filter(has_text="把广场的三处路灯修好").last
    await row.get_by_text("怎样了").click()
    await row.get_by_label("结果").fill("都亮了")
    await row.get_by_role("button", name="办成了").click()

    await expect(page.get_by_text("结果：都亮了")).to_be_visible()


@pytest.mark.parametrize("device", list(DEVICES))
async def test_the_pack_of_a_month_stands_on_the_page(meet: Meet, site: Site, device: str) -> None:
    await plant(site)
    somebody = await meet(device, post=POST)

    assert await somebody.open("/staff/figures/month?show=1") == 200
    await expect(somebody.page.get_by_role("heading", name="承办单位（同类同级比）")).to_be_visible()
    await somebody.look_and_judge("supervisor-month")
