"""A resident complains of a grid worker on the chat page: on no page of theirs is there anything of it, and those above see it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from console.pages.catalogue import PAGES
from console.policy import Allowed, authorize, staff_actor
from tests.browser.talking import lines_of, read_number, write

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.browser.conftest import Meet
    from tests.browser.site import Site
    from tests.browser.visitor import Visitor

WORKER, COMMUNITY_CLERK = "GW001", "UC080"
ABOVE = ("DK001", "SV001")
CANARY = {"phone": "格外阑珊", "desktop": "分外萧疏"}
HEAPS = {"phone": "安泰路18号楼道里堆满了杂物", "desktop": "安泰巷26号楼道里堆满了杂物"}
FIRST, FORM = "00000000-0000", "csv"
"""The number of no ticket, for pages before there is one; and a form that lists are saved in."""

_READ = """() => {
  const main = document.querySelector("main").cloneNode(true);
  main.querySelectorAll("time, input[type=hidden]").forEach(one => one.remove());
  return main.textContent.replace(/\\s+/g, " ");
}"""
_LISTEN = """() => {
  window.heard = [];
  const source = new EventSource("/staff/live");
  for (const kind of ["message", "changed", "others", "seats"])
    source.addEventListener(kind, one => window.heard.push(`${kind} ${one.data}`));
  return new Promise(done => source.addEventListener("open", () => done(true)));
}"""


def list_paths(site: Site, number: str) -> list[str]:
    """List the addresses of everything that the worker may open or save; where one names a ticket, of this one."""
    actor = staff_actor(WORKER, org=site.app.city.org)
    assert actor is not None
    filled = {"number": number, "form": FORM}
    return [
        re.sub(r"\{(\w+)\}", lambda name: filled.get(name[1], "nothing"), route.path)
        for route in PAGES
        if route.staff and route.method == "GET" and isinstance(authorize(actor, route.action), Allowed)
    ]


async def read_pages(worker: Visitor) -> dict[str, str]:
    """Open every page as the worker does; gives what stands on each, the times apart: a count of what is hidden would show."""
    found = {}
    for path in list_paths(worker.site, FIRST):
        if FIRST not in path and FORM not in path:
            await worker.open(path)
            found[path] = await worker.page.evaluate(_READ)
    return found


async def fetch_all(worker: Visitor, number: str, *words: str) -> AsyncIterator[tuple[str, str]]:
    """Fetch everything the worker may ask for, and what they may search for with these words: (path, what came), the path itself left out of it."""
    searches = [f"/staff/grid/replies?q={word}" for word in words]
    lists = [f"/staff/tickets?{asked}" for asked in ("status=accepted", "kind=report", "kind=complaint", "area=LA-DL-LT-01-G1")]
    for path in (*list_paths(worker.site, number), *searches, *lists):
        answer = await worker.context.request.get(f"{worker.site.address}{path}")
        text = await answer.text()
        yield path, text.replace(path, "").replace(path.partition("=")[2] or path, "")


async def report(meet: Meet, words: str) -> tuple[Visitor, str]:
    """Have somebody say something on the chat page; gives them and the number they are told."""
    resident = await meet("phone")
    await resident.open("/chat")
    await write(resident.page, words)
    return resident, await read_number(resident.page)


async def is_seen_above(meet: Meet, number: str, canary: str) -> None:
    """See that the desk and the supervisor have it on their lists, and that the desk reads its words, for a reason."""
    for post in ABOVE:
        above = await meet("desktop", post=post)
        await above.open("/staff/tickets")
        await expect(above.page.get_by_role("main")).to_contain_text(number)
        await expect(above.page.get_by_role("main")).not_to_contain_text(canary)
    desk = await meet("desktop", post=ABOVE[0])
    await desk.open(f"/staff/tickets/{number}?do=original#acts")
    form = desk.page.locator('form[action$="/original"]')
    await form.get_by_role("textbox").fill("核实举报")
    await form.get_by_role("button").click()
    await expect(desk.page.get_by_role("main")).to_contain_text(canary)
    await desk.look_and_judge("story-original")


@pytest.mark.parametrize("device", list(CANARY))
async def test_a_complaint_about_a_grid_worker_is_on_none_of_their_pages(meet: Meet, site: Site, device: str) -> None:
    canary, name = CANARY[device], site.app.city.org.staff[WORKER].name
    worker = await meet(device, post=WORKER)
    await worker.open("/staff/tickets")
    await worker.page.evaluate(_LISTEN)

    _, number = await report(meet, f"我要举报安泰社区第一网格的网格员{name}收红包，{canary}")

    _, visible = await report(meet, HEAPS[device])
    await worker.page.wait_for_function("number => window.heard.some(one => one.includes(number))", arg=visible)
    heard: list[str] = await worker.page.evaluate("window.heard")
    assert {one for one in heard if visible not in one} == set()
    await worker.open("/staff/tickets")
    await expect(worker.page.get_by_role("main")).to_contain_text(visible)
    async for path, text in fetch_all(worker, number, canary, number):
        assert (path, canary in text, number in text) == (path, False, False)
    assert (await worker.open(f"/staff/tickets/{number}"), await worker.open(f"/staff/tickets/{visible}")) == (404, 200)
    await is_seen_above(meet, number, canary)


async def test_no_number_on_their_pages_counts_it(meet: Meet, site: Site) -> None:
    worker = await meet("phone", post=WORKER)
    before = await read_pages(worker)

    _, number = await report(meet, f"我要举报安泰社区第一网格的网格员{site.app.city.org.staff[WORKER].name}态度恶劣，见人就骂")

    assert await read_pages(worker) == before
    above = await meet("desktop", post=ABOVE[1])
    await above.open("/staff/tickets")
    await expect(above.page.get_by_role("main")).to_contain_text(number)


async def test_what_is_said_of_them_later_does_not_stand_on_the_matter_they_see(meet: Meet, site: Site) -> None:
    resident, number = await report(meet, "安泰路36号楼道里堆满了杂物，两个人过不去")
    await write(resident.page, f"{number} 补充：在二单元")
    await expect(lines_of(resident.page, "us").filter(has_text="补充的内容已经记到").last).to_be_visible()

    await write(resident.page, f"网格员{site.app.city.org.staff[WORKER].name}收了人家的红包，所以不管这事")
    await expect(lines_of(resident.page, "us").filter(has_text="保密").last).to_be_visible()

    for post in (WORKER, COMMUNITY_CLERK):
        somebody = await meet("desktop", post=post)
        assert await somebody.open(f"/staff/tickets/{number}") == 200
        await expect(somebody.page.get_by_role("region", name="后来说的")).to_contain_text("在二单元")
        await expect(somebody.page.get_by_role("main")).not_to_contain_text("红包")
