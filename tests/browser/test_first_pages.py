"""The two front doors stand: on a phone and on a screen, with scripts and without, in order for everybody's eyes and fingers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

if TYPE_CHECKING:
    from tests.browser.conftest import Meet
    from tests.browser.visitor import Visitor


async def test_the_front_page_stands_on_a_phone(phone: Visitor) -> None:
    assert await phone.open("/") == 200
    await expect(phone.page.get_by_role("heading", level=1)).to_have_count(1)
    await phone.look_and_judge("front")


async def test_the_front_page_stands_on_a_screen(desktop: Visitor) -> None:
    assert await desktop.open("/") == 200
    await desktop.look_and_judge("front")


async def test_the_front_page_is_the_same_without_scripts(phone: Visitor, plain: Visitor) -> None:
    await phone.open("/")
    await plain.open("/")

    assert await plain.page.get_by_role("main").inner_text() == await phone.page.get_by_role("main").inner_text()


@pytest.mark.parametrize(("post", "home"), [("GW001", "/staff/grid"), ("DK007", "/staff/desk"), ("SV001", "/staff/desk")])
async def test_a_post_that_is_signed_in_comes_to_its_own_work(meet: Meet, post: str, home: str) -> None:
    somebody = await meet("desktop", post=post)
    await somebody.open("/staff/")

    assert somebody.page.url == f"{somebody.site.address}{home}"


@pytest.mark.parametrize("device", ["phone", "desktop"])
async def test_the_list_of_tickets_stands(meet: Meet, device: str) -> None:
    clerk = await meet(device, post="DK007")
    assert await clerk.open("/staff/tickets") == 200
    await clerk.look_and_judge("tickets")


async def test_nobody_sees_a_staff_page_without_signing_in(desktop: Visitor) -> None:
    await desktop.open("/staff/tickets")

    assert desktop.page.url == f"{desktop.site.address}/staff/sign-in?next=/staff/tickets"
