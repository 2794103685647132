"""A resident who wrote in WeChat, or on another device, comes in to their matters: by WeChat, by a code, and is put out again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.async_api import expect

from bot.simulator.pushes import make_text
from tests.browser.talking import lines_of, write

if TYPE_CHECKING:
    from tests.browser.conftest import Meet
    from tests.browser.site import Site
    from tests.browser.visitor import Visitor


async def read_number(visitor: Visitor) -> str:
    return (await visitor.page.locator("#number").inner_text()).strip()


async def test_a_follower_of_the_account_comes_in_by_one_tap(meet: Meet, site: Site) -> None:
    """Who reports in the account sees it on the page, after one tap; who leaves sees nothing any more."""
    for device, house in (("phone", 31), ("desktop", 33)):
        openid = f"o-comes-in-{device}"
        await site.simulator.push(openid, make_text(f"柳浪路{house}号门口路灯坏了三天，晚上很黑"))
        me = await meet(device)
        await me.open("/my")
        await me.look_and_judge("my-unknown")
        site.simulator.api.logins.holder = openid
        await me.page.get_by_role("link", name="用微信进来").click()
        await expect(me.page.get_by_role("status")).to_have_text("进来了，下面是您的事。")
        me.watch.findings.clear()  # the platform is another host: that is where whoever taps is sent
        await me.look_and_judge("my-entered")
        await me.page.get_by_role("link", name=re.compile("路灯")).click()
        await expect(me.page.get_by_role("heading", level=1)).to_have_text(f"柳浪路{house}号路灯不亮")
        await me.open("/my")
        await me.page.get_by_role("button", name="退出").click()
        await expect(me.page.get_by_role("status")).to_have_text("退出了，这台设备上看不到您的事了。")
        await me.open("/my")
        await expect(me.page.get_by_role("link", name=re.compile("路灯"))).to_have_count(0)


async def test_who_presses_no_in_wechat_reads_how_else_it_goes(phone: Visitor, site: Site) -> None:
    logins = site.simulator.api.logins
    logins.holder, logins.refuses = "o-says-no", True
    await phone.open("/my")
    await phone.page.get_by_role("link", name="用微信进来").click()
    logins.refuses = False
    await expect(phone.page.get_by_role("heading", level=1)).to_have_text("微信没有让我们知道是谁")
    phone.watch.findings.clear()  # the platform is another host, and our answer to a refusal is a 403
    await phone.look_and_judge("enter-refused")
    await phone.page.get_by_role("link", name="用验证码进来").click()
    await expect(phone.page.get_by_role("button", name="用验证码进来")).to_be_visible()


async def test_a_code_from_the_talk_opens_another_device_and_a_word_in_the_talk_shuts_it(meet: Meet) -> None:
    at_home, at_library = await meet("phone"), await meet("desktop", scripts=False)
    await at_home.open("/chat")
    await write(at_home.page, "柳浪路35号井盖松动，走过去会响")
    await expect(lines_of(at_home.page, "us").first).to_contain_text("编号〔")
    await at_library.open("/my")
    await at_library.page.get_by_role("link", name="用验证码进来").click()
    await at_library.look("enter")
    await at_library.page.get_by_role("button", name="用验证码进来").click()
    number = await read_number(at_library)
    await at_library.page.get_by_label("六位数字").fill("000000")
    await at_library.page.get_by_role("button", name="进来", exact=True).click()
    await expect(at_library.page.get_by_role("alert")).to_contain_text("数字不对")
    at_library.watch.findings.clear()  # the refusal itself is an answer of 422, which a browser writes down
    await at_library.look("enter-wrong")
    await write(at_home.page, number)
    told = lines_of(at_home.page, "us").last
    await expect(told).to_contain_text("不要告诉任何人")
    code = re.search(r"验证码：(\d{6})", await told.inner_text())
    assert code is not None
    await at_home.look_and_judge("chat-code")
    await at_library.page.get_by_label("六位数字").fill(code[1])
    await at_library.page.get_by_role("button", name="进来", exact=True).click()
    await expect(at_library.page.get_by_role("status")).to_have_text("进来了，下面是您的事。")
    await expect(at_library.page.get_by_role("link", name=re.compile("井盖"))).to_be_visible()
    await at_home.open("/me")
    await expect(at_home.page.get_by_role("heading", name="在哪里开着")).to_be_visible()
    await at_home.look_and_judge("me-known-elsewhere")
    await at_home.open("/chat")
    await write(at_home.page, "退出网页")
    await expect(lines_of(at_home.page, "us").last).to_contain_text("已经退出了 1 个网页")
    await at_library.open("/my")
    await expect(at_library.page.get_by_role("link", name=re.compile("井盖"))).to_have_count(0)
