"""How the staff come in: by a one-time link, with a password, with a second factor; and how an operator looks after it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pyotp
from playwright.async_api import expect

from console.accounts import links
from store.clock import utcnow

if TYPE_CHECKING:
    from playwright.async_api import Page

    from tests.browser.conftest import Meet
    from tests.browser.site import Site
    from tests.browser.visitor import Visitor

PASSWORD = "柳树街的 17 盏路灯"


async def make_link(site: Site, code: str) -> str:
    """Make a one-time link as `jieying staff link` does; gives its path."""
    now, org = utcnow(), site.app.city.org
    lasts, keep = timedelta(minutes=15), timedelta(days=180)
    made = await site.store.write(lambda s: links.make(s, code, lasts=lasts, keep=keep, by="operator", now=now, org=org))
    return made.path


async def press(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name, exact=True).click()


async def sign_in(visitor: Visitor, code: str, password: str = PASSWORD, *, given: str = "", to: str = "/staff/sign-in") -> None:
    await visitor.open(to)
    await visitor.page.get_by_label("人员编码").fill(code)
    await visitor.page.get_by_label("口令").fill(password)
    await visitor.page.get_by_label("动态验证码").fill(given)
    await press(visitor.page, "登录")


async def choose_password(page: Page, password: str = PASSWORD, *, taken: bool = True) -> None:
    await page.get_by_label("新口令").fill(password)
    await page.get_by_label("再写一遍").fill(password)
    await press(page, "保存")
    if taken:
        await page.wait_for_url(lambda url: not url.endswith("/password"))


async def test_a_new_post_comes_in_by_a_link_chooses_a_password_and_comes_back_with_it(
    site: Site, phone: Visitor, plain: Visitor
) -> None:
    path = await make_link(site, "GW002")
    await phone.open(path)
    await expect(phone.page.get_by_role("heading", level=1)).to_contain_text("您好")
    await phone.look_and_judge("sign-in-link")
    await press(phone.page, "登录")
    await phone.look_and_judge("choose-password")
    await choose_password(phone.page, "太短", taken=False)
    await expect(phone.page.get_by_role("alert")).to_contain_text("太短了")
    await phone.look_and_judge("choose-password-wrong")
    await choose_password(phone.page)
    await phone.open("/staff/account")
    await expect(phone.page.get_by_role("main")).to_contain_text("改口令")

    await plain.open(path)
    await expect(plain.page.get_by_role("heading", level=1)).to_have_text("这个链接已经失效")
    await sign_in(plain, "gw002")
    await plain.open("/staff/account")
    await expect(plain.page.get_by_role("main")).to_contain_text("GW002")
    await press(plain.page, "别处全部退出")
    await phone.open("/staff/account")
    assert phone.page.url == f"{site.address}/staff/sign-in?next=/staff/account"
    await press(plain.page, "退出")
    await plain.open("/staff/account")
    assert plain.page.url == f"{site.address}/staff/sign-in?next=/staff/account"


async def test_a_wrong_password_keeps_the_name_says_nothing_more_and_then_asks_to_wait(desktop: Visitor) -> None:
    for _ in range(5):
        await sign_in(desktop, "NOBODY-17", "geraten geraten")
        await expect(desktop.page.get_by_role("alert")).to_contain_text("有一项不对")
    assert await desktop.page.get_by_label("人员编码").input_value() == "NOBODY-17"
    assert await desktop.page.get_by_label("口令").input_value() == ""
    await desktop.look_and_judge("sign-in-wrong")
    # The service of these stories is reached from this machine itself, whose address is not counted; the name is.
    await sign_in(desktop, "NOBODY-17", "geraten geraten")
    await expect(desktop.page.get_by_role("alert")).to_contain_text("连续输错太多次")


async def test_who_signs_in_comes_to_the_page_they_wanted_and_never_to_a_foreign_one(
    site: Site, phone: Visitor, desktop: Visitor
) -> None:
    await phone.open(await make_link(site, "GW003"))
    await press(phone.page, "登录")
    await choose_password(phone.page)

    await sign_in(desktop, "GW003", to="/staff/account")
    assert desktop.page.url == f"{site.address}/staff/account"
    await press(desktop.page, "退出")
    await sign_in(desktop, "GW003", to="/staff/sign-in?next=//example.org/staff/")
    assert desktop.page.url.startswith(f"{site.address}/staff/")


async def test_an_operator_sets_a_second_factor_up_before_anything_else_and_looks_after_the_others(
    site: Site, desktop: Visitor, phone: Visitor, meet: Meet
) -> None:
    page = desktop.page
    await desktop.open(await make_link(site, "OP001"))
    await press(page, "登录")
    await choose_password(page)
    await expect(page.get_by_role("heading", level=1)).to_have_text("开通动态验证码")
    await desktop.look_and_judge("second-factor")
    assert await desktop.open("/staff/system/users") == 403
    await desktop.open("/staff/account/code")
    totp = pyotp.TOTP((await page.get_by_role("code").inner_text()).replace(" ", ""))
    await page.get_by_label("六位数字").fill(totp.at(utcnow()))
    await press(page, "开通")

    assert await desktop.open("/staff/system/users?words=KE002") == 200
    await desktop.look_and_judge("users")
    await page.get_by_role("link", name="KE002").click()
    await press(page, "发一次性链接")
    await desktop.look_and_judge("user-link")
    path = (await page.get_by_role("status").get_by_role("link").get_attribute("href")) or ""
    editor = await meet("phone")
    await editor.open(path.removeprefix(site.address))
    await press(editor.page, "登录")
    await choose_password(editor.page)
    assert await editor.open("/staff/account") == 200

    page.on("dialog", lambda dialog: dialog.accept())
    await desktop.open("/staff/system/users/KE002")
    await press(page, "停用登录")
    await expect(page.get_by_role("main")).to_contain_text("登不上")
    await editor.open("/staff/account")
    assert editor.page.url == f"{site.address}/staff/sign-in?next=/staff/account"
    await sign_in(editor, "KE002")
    await expect(editor.page.get_by_role("alert")).to_contain_text("有一项不对")
    await press(page, "让他可以登录")
    await sign_in(editor, "KE002")
    assert await editor.open("/staff/account") == 200

    await sign_in(phone, "OP001")
    await expect(phone.page.get_by_role("alert")).to_contain_text("有一项不对")
    await sign_in(phone, "OP001", given=totp.at(utcnow(), counter_offset=1))
    assert await phone.open("/staff/system/users") == 200
