"""The two front doors: the residents' works without scripts, the staff's opens to who is signed in and leads to their own work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession

if TYPE_CHECKING:
    from tests.browser.conftest import Meet
    from tests.browser.site import Site
    from tests.browser.visitor import Visitor


async def test_the_front_page_is_the_same_without_scripts(phone: Visitor, plain: Visitor) -> None:
    await phone.open("/")
    await plain.open("/")

    assert await plain.page.get_by_role("main").inner_text() == await phone.page.get_by_role("main").inner_text()


@pytest.mark.parametrize(("post", "home"), [("GW001", "/staff/grid"), ("DK007", "/staff/desk"), ("SV001", "/staff/desk")])
async def test_a_post_that_is_signed_in_comes_to_its_own_work(meet: Meet, post: str, home: str) -> None:
    somebody = await meet("desktop", post=post)
    await somebody.open("/staff/")

    assert somebody.page.url == f"{somebody.site.address}{home}"


async def test_nobody_sees_a_staff_page_without_signing_in(desktop: Visitor) -> None:
    await desktop.open("/staff/tickets")

    assert desktop.page.url == f"{desktop.site.address}/staff/sign-in?next=/staff/tickets"


@pytest.mark.parametrize(("path", "name"), [("/nowhere", "not-found"), ("/staff/nowhere", "staff-not-found")])
async def test_an_address_where_nothing_stands_says_so_and_leads_back(phone: Visitor, path: str, name: str) -> None:
    assert await phone.open(path) == 404
    await phone.look_and_judge(name)
    await phone.page.get_by_role("main").get_by_role("link").click()

    assert phone.page.url != f"{phone.site.address}{path}"


async def test_a_program_that_asks_for_an_address_where_nothing_stands_gets_no_page(site: Site) -> None:
    async with ClientSession() as client, client.get(f"{site.address}/nowhere") as response:
        assert (response.status, response.content_type) == (404, "text/plain")
