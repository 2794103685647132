"""Every page that needs no address of its own stands: for who works there, on a phone and on a screen, light and in order, with a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from console.pages.catalogue import PAGES
from console.policy import Actor, Allowed, Role, authorize
from tests.browser.chromium import DEVICES
from tests.browser.visitor import HEAVIEST

if TYPE_CHECKING:
    from console.pages.routes import PageRoute
    from tests.browser.conftest import Meet
    from tests.browser.visitor import Visitor

POSTS = {
    Role.DESK: "DK007",
    Role.GRID_WORKER: "GW001",
    Role.UNIT_CLERK: "UC001",
    Role.SEAT: "ST001",
    Role.SUPERVISOR: "SV003",
    Role.KNOWLEDGE_EDITOR: "KE001",
    Role.OPERATOR: "OP001",
}
"""Who opens a page: the first of these roles that may."""
BESIDE = (("/staff/sign-in", "sign-in"), ("/chat", "chat"))
"""Pages of residents and of nobody that a handler of their own serves, and the names of their pictures."""
NO_PAGES = {
    "figure_incident": "only of an incident that swells, which the seeded city has none of: its rows are those of figure_tickets",
    "me_erase": "only for a browser whose person is known: test_every_page opens pages as nobody",
    "outlines": "what maps are drawn from, no page",
    "staff_home": "sends everybody on to where their work is",
}
"""Name -> why there is nothing to look at."""
STANDING = [route for route in PAGES if route.method == "GET" and "{" not in route.path and route.name not in NO_PAGES]


def find_post(route: PageRoute) -> str:
    """Find who opens a page of the staff; "" for a page that residents open."""
    if not route.staff:
        return ""
    actors = [Actor(kind="staff", code=code, role=role) for role, code in POSTS.items()]
    return next(actor.code for actor in actors if isinstance(authorize(actor, route.action), Allowed))


@pytest.mark.parametrize("device", list(DEVICES))
@pytest.mark.parametrize("post", sorted({find_post(route) for route in STANDING}))
async def test_every_page_stands(meet: Meet, post: str, device: str) -> None:
    somebody = await meet(device, post=post)
    await somebody.keep_nothing()

    for route in STANDING:
        if find_post(route) == post:
            await look_over(somebody, route.path, route.name.replace("_", "-"))


async def look_over(somebody: Visitor, path: str, name: str) -> None:
    assert await somebody.open(path) == 200
    await expect(somebody.page.get_by_role("main")).to_have_count(1)
    await expect(somebody.page.get_by_role("heading", level=1)).to_have_count(1)
    await somebody.look_and_judge(name)
    assert 0 < await somebody.weigh() <= HEAVIEST


@pytest.mark.parametrize("device", list(DEVICES))
@pytest.mark.parametrize(("path", "name"), BESIDE)
async def test_every_page_beside_them_stands(meet: Meet, path: str, name: str, device: str) -> None:
    await look_over(await meet(device), path, name)


def test_what_is_left_out_is_there() -> None:
    assert NO_PAGES.keys() - {route.name for route in PAGES} == set()
