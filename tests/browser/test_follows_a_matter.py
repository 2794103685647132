"""A resident looks something up, follows what they reported, says how it was done, and has themselves erased; with and without scripts."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
from playwright.async_api import expect

from bot.city_view import CityView
from console.pages.door import PERSON_COOKIE
from residents import conversations
from residents.web_lines import CHANNEL, make_cookie, sender_of
from routing import desk
from routing.facts import Origin
from store.clock import utcnow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from routing.facts import Opened
    from tests.browser.conftest import Meet
    from tests.browser.site import Site
    from tests.browser.visitor import Visitor

GRID = "LA-DL-LT-02-G1"
LIGHT = 60_000
"""Bytes that a resident's page may take to arrive: two seconds on a slow line."""


async def know(visitor: Visitor) -> str:
    """Give a browser the cookie of somebody who wrote on the chat page."""
    cookie = make_cookie()
    await visitor.context.add_cookies([{"name": PERSON_COOKIE, "value": cookie, "url": visitor.site.address}])
    return cookie


async def report(site: Site, cookie: str, text: str, *, days: int = 2, secret: bool = False) -> Opened:
    """Have somebody report a matter some days ago."""
    view, now = CityView(site.app.city), utcnow() - timedelta(days=days)

    def write(session: Session) -> Opened:
        speaker = conversations.open_for(session, channel=CHANNEL, sender=sender_of(cookie), place=conversations.PERSON, now=now)
        found, utterance = view.read_report(text, place="", area=GRID)
        return desk.open_ticket(
            session,
            report=msgspec.structs.replace(found, confidential=secret),
            resident_id=speaker.resident.id,
            origin=Origin(inbox_id=None, channel=CHANNEL),
            context=view.context(now=now),
            now=now,
            utterance=utterance,
        )

    return await site.store.write(write)


async def conclude(site: Site, number: str, text: str) -> None:
    now = utcnow()
    context = CityView(site.app.city).context(now=now)
    await site.store.write(lambda s: desk.conclude(s, number, text=text, actor="operator", now=now, context=context))


async def test_a_resident_looks_something_up(meet: Meet) -> None:
    for device in ("phone", "desktop"):
        somebody = await meet(device)
        assert await somebody.open("/") == 200
        await somebody.page.get_by_label("您想问什么、办什么").fill("居住证怎么办")
        await somebody.page.get_by_role("button", name="查一查").click()
        await expect(somebody.page.get_by_role("heading", level=1)).to_have_text("查办事")
        await somebody.look_and_judge("faq-answered")
        await somebody.page.get_by_label("您想问什么、办什么").fill("三体星人什么时候来地球")
        await expect(somebody.page.get_by_role("heading", name="没有把握，不乱答")).to_be_visible()
        await somebody.look_and_judge("faq-nothing")
        await somebody.page.get_by_role("link", name="直接说事").click()
        await expect(somebody.page.get_by_label("您想说什么")).to_have_value("三体星人什么时候来地球")
        await somebody.open("/faq/ZS-108?q=居住证")
        await somebody.look_and_judge("faq-entry")
        await somebody.page.get_by_role("button", name="有用").click()
        await expect(somebody.page.get_by_text("谢谢，记下了。")).to_be_visible()


async def test_residents_pages_are_light(meet: Meet) -> None:
    for path in ("/", "/faq", "/faq?q=居住证怎么办", "/faq/ZS-108", "/my", "/me", "/privacy", "/nearby", "/area"):
        somebody = await meet("phone")
        assert await somebody.open(path) == 200
        assert await somebody.weigh() <= LIGHT, path


async def test_a_resident_says_where_they_live(phone: Visitor) -> None:
    await phone.open("/area?back=/")
    await phone.page.get_by_role("link", name="柳塘街道").click()
    await phone.look_and_judge("areas")
    await phone.page.get_by_role("button", name="安泰社区").click()
    await expect(phone.page.get_by_role("status")).to_have_text("记住了，先给您看这里的。")
    await expect(phone.page.get_by_role("link", name="柳塘街道便民服务中心")).to_be_visible()
    await phone.look_and_judge("front-home")


async def test_a_resident_follows_a_matter_to_its_end(meet: Meet, site: Site) -> None:
    for device in ("phone", "desktop"):
        me = await meet(device)
        cookie = await know(me)
        opened = await report(site, cookie, f"柳浪路{3 if device == 'phone' else 5}号门口路灯坏了三天，晚上很黑")
        await report(site, cookie, "我要举报网格员收红包", secret=True)
        await me.open("/my")
        await me.look_and_judge("my-list")
        await me.page.get_by_role("link", name=re.compile("路灯")).click()
        await me.page.get_by_text("补充情况").click()
        await me.page.get_by_label("补充什么").fill("旁边那盏也不亮")
        await me.page.get_by_role("button", name="补充上").click()
        await expect(me.page.get_by_role("status")).to_have_text("已经补充上，办的人会看到。")
        await me.look_and_judge("my-under-way")
        await conclude(site, opened.ticket.number, "灯泡已换好")
        await me.open("/")
        await expect(me.page.get_by_text("您有 1 件事等您说一句。")).to_be_visible()
        await me.page.get_by_role("link", name="去看看").click()
        await me.page.get_by_role("link", name=re.compile("路灯")).click()
        await me.look_and_judge("my-answered")
        await me.page.get_by_label("解决了", exact=True).check()
        await me.page.get_by_label("满意", exact=True).check()
        await me.page.get_by_label("联系过").check()
        await me.page.get_by_role("button", name="提交").click()
        await expect(me.page.get_by_role("status")).to_have_text("谢谢您，这件事结了。")
        await me.look_and_judge("my-closed")


async def test_without_scripts_a_link_is_enough_to_send_it_back(plain: Visitor, site: Site) -> None:
    opened = await report(site, make_cookie(), "柳浪路8号井盖松动，走过去会响")
    await conclude(site, opened.ticket.number, "已经处理")
    await plain.open(f"/t/{opened.token}")
    await plain.page.get_by_role("button", name="提交").click()
    await expect(plain.page.get_by_role("alert")).to_have_text("请选一项或写一句。")
    plain.watch.findings.clear()  # the refusal itself is an answer of 422, which a browser writes down
    await plain.page.get_by_label("没解决", exact=True).check()
    await plain.page.get_by_label("还有哪里没解决、想说什么").fill("还是松的")
    await plain.page.get_by_role("button", name="提交").click()
    await expect(plain.page.get_by_role("status")).to_have_text("记下了，已经退回去重办。")
    await plain.look("link-sent-back")


async def test_a_resident_has_themselves_erased(meet: Meet, site: Site) -> None:
    for device in ("phone", "desktop"):
        me = await meet(device)
        cookie = await know(me)
        await report(site, cookie, "柳浪新村的长椅坏了，想修一修", days=1)
        await me.open("/me")
        await me.look_and_judge("me")
        await me.page.get_by_role("link", name="删除我的信息").click()
        await me.look_and_judge("me-erase")
        await me.page.get_by_label("我是本人，确定要删").check()
        await me.page.get_by_role("button", name="删除").click()
        await expect(me.page.get_by_text(re.compile(r"凭证号：E-\d{8}-\d{3}"))).to_be_visible()
        await me.look_and_judge("me-erased")
        await me.open("/my")
        await expect(me.page.get_by_text("这个浏览器里还没有您的事")).to_be_visible()
