"""A morning at the desk and at the unit: the queue by keyboard, what changes appears by itself, an answer is looked at before it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect
from sqlalchemy import update

from bot.city_view import CityView
from bot.simulator.pushes import make_text
from routing import desk
from routing.facts import Origin
from routing.tables import Ticket
from store.clock import utcnow

if TYPE_CHECKING:
    from playwright.async_api import Locator

    from tests.browser.conftest import Meet
    from tests.browser.site import Site
    from tests.browser.visitor import Visitor

GRID = "LA-DL-LT-01-G1"
STREET = "LT-ZHS"
DESK, COLLEAGUE, UNIT_CLERK = "DK007", "DK008", "UC008"
SECOND = 1_000


async def open_ticket(site: Site, text: str, *, resident: int, at_desk: bool = True) -> str:
    """Open a ticket; `at_desk`: it waits there, with what was proposed for it."""
    view, now = CityView(site.app.city), utcnow()
    report, utterance = view.read_report(text, place="", area=GRID)
    opened = await site.store.write(
        lambda s: desk.open_ticket(
            s,
            report=report,
            resident_id=resident,
            origin=Origin(inbox_id=None, channel="terminal"),
            context=view.context(now=now),
            now=now,
            utterance=utterance,
        )
    )
    if at_desk:
        back = {"status": "accepted", "unit": STREET, "desk": STREET, "dispatched_at": None}
        await site.store.write(lambda s: s.execute(update(Ticket).where(Ticket.number == opened.ticket.number).values(**back)))
    return opened.ticket.number


def row_of(visitor: Visitor, number: str) -> Locator:
    return visitor.page.locator(f'[data-row="{number}"]')


async def test_a_ticket_is_found_and_given_to_its_unit_with_the_keyboard_alone(site: Site, meet: Meet) -> None:
    number = await open_ticket(site, "安泰社区东门的路灯坏了三天", resident=901)
    clerk = await meet("desktop", post=DESK)
    await clerk.open("/staff/desk")
    await clerk.look_and_judge("desk")

    await clerk.page.keyboard.press("?")
    await expect(clerk.page.get_by_role("dialog")).to_be_visible()
    await clerk.page.keyboard.press("Escape")
    for _ in range(60):
        await clerk.page.keyboard.press("j")
        if "chosen" in (await row_of(clerk, number).get_attribute("class") or ""):
            break
    await clerk.page.keyboard.press("1")

    await expect(clerk.page.get_by_role("status").filter(has_text="已派出")).to_be_visible()
    await expect(row_of(clerk, number)).to_have_count(0)


async def test_what_comes_in_appears_by_itself(site: Site, meet: Meet) -> None:
    clerk = await meet("desktop", post=DESK)
    await clerk.open("/staff/desk")
    await clerk.page.wait_for_timeout(SECOND)

    number = await open_ticket(site, "安泰社区活动室漏雨，地板泡坏了", resident=902)

    await expect(row_of(clerk, number)).to_be_visible()


async def test_the_same_is_done_on_a_telephone_without_scripts(site: Site, meet: Meet) -> None:
    number = await open_ticket(site, "安泰社区西门的路灯不亮了", resident=903)
    clerk = await meet("phone", post=DESK, scripts=False)
    await clerk.open("/staff/desk")
    await clerk.look("desk-plain")

    await row_of(clerk, number).get_by_role("button", name="派给").first.click()

    await expect(row_of(clerk, number)).to_have_count(0)
    await expect(clerk.page.get_by_text("已派出")).to_be_visible()


@pytest.mark.parametrize("tab", ["back", "decide", "held", "late", "answered"])
async def test_every_queue_is_fit_to_be_looked_at(meet: Meet, tab: str) -> None:
    for device in ("desktop", "phone"):
        clerk = await meet(device, post=DESK)
        await clerk.open(f"/staff/desk?tab={tab}")
        await clerk.look_and_judge(f"desk-{tab}")


async def test_a_unit_signs_and_is_held_back_once_when_its_answer_says_nothing(site: Site, meet: Meet) -> None:
    number = await open_ticket(site, "安泰社区南门的路灯坏了，什么时候能修好", resident=904, at_desk=False)
    await site.store.write(
        lambda s: s.execute(update(Ticket).where(Ticket.number == number).values(unit="DL-LDZM", status="dispatched"))
    )
    clerk = await meet("phone", post=UNIT_CLERK)
    await clerk.open("/staff/mine?tab=sign")
    await clerk.look_and_judge("mine")
    await row_of(clerk, number).get_by_role("button", name="签收").click()
    await clerk.open("/staff/mine?tab=work")
    await row_of(clerk, number).get_by_role("link", name="答复", exact=True).click()
    form = clerk.page.locator('form[action$="/reply"]')
    await form.get_by_role("link", name="已修好").click()
    await expect(form.get_by_role("textbox")).to_have_value(
        "您反映的〔什么坏了〕，原因是〔什么〕，已于〔几月几日〕修好并试过，恢复正常。"
    )

    await form.get_by_role("textbox").fill("您好，问题已收悉，将尽快处理。")
    await form.get_by_role("button", name="答复").click()
    await expect(clerk.page.get_by_role("alert")).to_contain_text("客套话")
    await clerk.look_and_judge("reply-doubted")
    await form.get_by_role("textbox").fill("南门的路灯是线路老化，已于11月20日换线修好，当晚试过。")
    await form.get_by_role("button", name="仍然发出").click()

    await expect(clerk.page.get_by_text("已办好")).to_be_visible()


async def test_two_at_one_ticket_see_each_other_and_that_it_changed(site: Site, meet: Meet) -> None:
    number = await open_ticket(site, "安泰社区北门的路灯坏了", resident=905)
    one, other = await meet("desktop", post=DESK), await meet("desktop", post=COLLEAGUE)
    await one.open(f"/staff/tickets/{number}")
    await other.open(f"/staff/tickets/{number}")

    name = site.app.city.org.staff[COLLEAGUE].name
    await expect(one.page.locator("#others")).to_contain_text(f"{name}也在看")
    await one.look_and_judge("ticket-others")
    await other.open(f"/staff/tickets/{number}?do=note")
    await other.page.locator('form[action$="/note"] textarea').press_sequentially("看过现场")
    await expect(one.page.locator("#others")).to_contain_text(f"{name}正在写")
    await other.page.locator('form[action$="/note"] button').click()

    await expect(one.page.locator("#changed")).to_be_visible()


async def test_a_resident_who_wants_a_person_is_talked_with(site: Site, meet: Meet) -> None:
    await site.simulator.push("oSeatStory", make_text("转人工"))
    seat = await meet("desktop", post="ST001")
    await seat.open("/staff/seat")
    await expect(seat.page.get_by_role("button", name="接入").first).to_be_visible()
    await seat.look_and_judge("seat")
    await seat.page.get_by_role("button", name="接入").first.click()
    await seat.page.get_by_role("button", name="您好，我是值班人员").click()
    await seat.page.get_by_role("button", name="发给居民").click()
    await expect(seat.page.get_by_role("listitem").filter(has_text="您好，我是值班人员，您请说。")).to_be_visible()
    await seat.look_and_judge("seat-talk")

    await site.simulator.push("oSeatStory", make_text("我家楼下的井盖松了"))

    await expect(seat.page.get_by_text("我家楼下的井盖松了")).to_be_visible()
    await seat.page.get_by_role("button", name="谈完了").click()
    await expect(seat.page.get_by_text("这次谈话已结束")).to_be_visible()
