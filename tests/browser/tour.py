"""Makes the pictures of docs/tour.md anew (`make tour`): one matter is walked through the demonstration's city as the page tells it.

What goes wrong in a page on the way (a broken script, a file that is missing, something wider than its screen) fails the walk.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from playwright.async_api import expect

from bot.demo.past_player import PastPlayer
from bot.demo.ways_in import POSTS, make_ways, open_to_newcomers
from bot.logs import set_up_logs
from bot.settings import load
from bot.trial import run_trial
from routing import register
from store.clock import utcnow
from tests.browser.chromium import DEVICES, run_chromium
from tests.browser.site import Site
from tests.browser.talking import ask, lines_of, read_number, write
from tests.browser.visitor import ROOT, enter
from tests.browser.watching import Watch
from tests.installation import make_folder

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from bot.city import City
    from routing.facts import TicketFacts
    from store.engine import Store
    from tests.browser.visitor import Visitor

FOLDER = ROOT / "docs" / "tour"
WIDEST = 900
MATTER = "楼门口有辆车占着盲道停了好几天"
_TO_THE_TOP = """one => {
  const talk = one.closest(".talk");
  talk.scrollTop += one.getBoundingClientRect().top - talk.getBoundingClientRect().top - 8;
}"""
FIRE = "柳浪新村3号楼着火了，楼上有人困住"
REPLY = "车主联系上了，车今天下午已经挪走，盲道通了；旁边加了隔离桩，再有车停，请直接告诉我们。"
ANSWER = "60岁以上的老人可以约上门助浴，一次40元，低保老人免费。请打社区养老服务站电话预约，说清楼号和时间。"


class Tour:
    """One walk; `paths` are where a newcomer goes first, by what they are."""

    def __init__(self, site: Site, browser: Browser, paths: dict[str, str]) -> None:
        self.site = site
        self.browser = browser
        self.paths = paths
        self.visitors: list[Visitor] = []

    async def meet(self, device: str, post: str = "") -> Visitor:
        """Let somebody take part."""
        visitor = await enter(self.browser, self.site, Watch(self.site.host), DEVICES[device])
        self.visitors.append(visitor)
        if post:
            await visitor.sign_in(post)
        return visitor

    async def read(self, number: str) -> TicketFacts:
        """Read the matter as it stands."""
        org = self.site.app.city.org
        shown = await self.site.store.read(lambda s: register.show(s, number, org=org))
        return shown.ticket

    def find_post(self, unit: str) -> str:
        """Find somebody of a unit."""
        return self.site.app.city.org.staff_of(unit=unit)[0].code

    async def walk(self) -> None:
        """Walk from the first word of a resident to the operator's night."""
        resident = await self.meet("phone")
        number = await self.report(resident)
        await self.dispatch(number)
        await self.answer(number)
        await self.rate(resident)
        await self.look_around()
        for visitor in self.visitors:
            assert visitor.watch.findings == []

    async def report(self, resident: Visitor) -> str:
        await show(resident, "/", "front")
        await resident.open("/faq?q=电动车在哪里充电")
        await keep(resident, "faq")
        await resident.open("/faq?kind=service_point")
        await expect(resident.page.locator(".atlas .spot").first).to_be_visible()
        await keep(resident, "points")
        await resident.open(self.paths["place"])
        await keep(resident, "place")
        await resident.page.get_by_role("link", name="报事").click()
        await write(resident.page, MATTER)
        number = await read_number(resident.page)
        await lines_of(resident.page, "me").first.evaluate(_TO_THE_TOP)
        await keep(resident, "chat")
        return number

    async def dispatch(self, number: str) -> None:
        neighbour = await self.meet("phone")
        await neighbour.open("/chat")
        await ask(neighbour.page, FIRE)
        desk = await self.meet("desktop", self.find_post((await self.read(number)).desk))
        await show(desk, "/staff/desk", "desk")
        await show(desk, f"/staff/tickets/{number}", "ticket")
        await desk.open("/staff/desk")
        await desk.page.locator(f'[data-row="{number}"]').get_by_role("button", name="派给").first.click()
        await expect(desk.page.get_by_text("已派出")).to_be_visible()

    async def answer(self, number: str) -> None:
        clerk = await self.meet("desktop", self.find_post((await self.read(number)).unit))
        await clerk.open("/staff/mine")
        await clerk.page.locator(f'[data-row="{number}"]').get_by_role("button", name="签收").click()
        await expect(clerk.page.get_by_role("status").first).to_be_visible()
        await clerk.open(f"/staff/tickets/{number}?do=conclude#acts")
        form = clerk.page.locator("details[open].offer form").first
        await form.get_by_role("textbox").first.fill(REPLY)
        await keep(clerk, "reply")
        await form.get_by_role("button").last.click()
        await expect(clerk.page.get_by_role("status").first).to_be_visible()

    async def rate(self, resident: Visitor) -> None:
        await resident.open("/my")
        await resident.page.get_by_role("link", name=re.compile("盲道")).first.click()
        await keep(resident, "progress")
        await resident.page.get_by_label("解决了", exact=True).check()
        await resident.page.get_by_label("满意", exact=True).check()
        await resident.page.get_by_role("button", name="提交").click()
        await expect(resident.page.get_by_role("status")).to_be_visible()
        await show(resident, "/nearby", "nearby")

    async def look_around(self) -> None:
        grid = await self.meet("phone", POSTS["grid_worker"])
        await show(grid, "/staff/grid", "grid")
        waiting = await self.meet("phone")
        await waiting.open("/chat")
        await ask(waiting.page, "我要找人工，转人工")
        seat = await self.meet("desktop", POSTS["seat"])
        await seat.open("/staff/seat")
        await seat.page.get_by_role("button", name="接入").first.click()
        await keep(seat, "seat")
        supervisor = await self.meet("desktop", POSTS["supervisor"])
        await supervisor.open("/staff/figures")
        await expect(supervisor.page.locator("#trend-chart canvas")).to_be_visible()
        await keep(supervisor, "figures")
        await expect(supervisor.page.locator(".atlas .outline").first).to_be_visible()
        await supervisor.page.evaluate("document.querySelector('#areas').scrollIntoView()")
        await keep(supervisor, "areas")
        await show(supervisor, "/staff/figures/reviews", "reviews")
        editor = await self.meet("desktop", POSTS["knowledge_editor"])
        await show(editor, "/staff/knowledge/misses", "misses")
        await editor.page.get_by_role("link", name="做成条目").first.click()
        await editor.page.get_by_role("textbox", name=re.compile("^答案")).fill(ANSWER)
        await editor.page.get_by_role("textbox", name=re.compile("^来源 ")).fill("养老服务站")
        await editor.page.get_by_role("textbox", name=re.compile("^试一试")).fill("老人洗澡能上门吗")
        await editor.page.get_by_role("button", name="试一试").click()
        await expect(editor.page.get_by_text("按还没发布的内容试的")).to_be_visible()
        await editor.page.get_by_text("按还没发布的内容试的").scroll_into_view_if_needed()
        await keep(editor, "tryout")
        operator = await self.meet("desktop", POSTS["operator"])
        await show(operator, "/staff/system", "system")


async def show(somebody: Visitor, path: str, name: str) -> None:
    """Open a page and keep its picture."""
    assert await somebody.open(path) == 200
    await keep(somebody, name)


async def keep(somebody: Visitor, name: str) -> None:
    """Keep what stands on the screen as docs/tour/<name>.webp: a phone as wide as it is, a screen made smaller."""
    await somebody.look(f"tour-{name}")
    shot = await somebody.page.screenshot(animations="disabled", caret="hide")
    with Image.open(BytesIO(shot)) as picture:
        wide = min(somebody.width, WIDEST)
        small = picture.convert("RGB").resize((wide, round(picture.height * wide / picture.width)), Image.Resampling.LANCZOS)
    small.save(FOLDER / f"{name}.webp", quality=82, method=6)


async def make_tour(parent: Path) -> None:
    """Play the past of the demonstration's city, and walk."""
    played: list[PastPlayer] = []

    async def live(store: Store, city: City) -> None:
        played.append(PastPlayer(store, city, now=utcnow()))
        await played[0].play()

    settings = open_to_newcomers(load(environ={"JIEYING_LOG_LEVEL": "error"}))
    set_up_logs(settings.log)
    FOLDER.mkdir(exist_ok=True)
    async with run_trial(settings, folder=make_folder(parent), tell_staff=False, before=live) as trial, run_chromium() as browser:
        for openid, wrote_at in played[0].writers.items():
            trial.simulator.remember(openid, wrote_at=wrote_at)
        ways = await make_ways(trial.service.app.store, trial.service.app.city, progress=played[0].followed)
        await Tour(Site(trial), browser, {way.kind: way.path for way in ways}).walk()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="jieying-tour-") as folder:
        asyncio.run(make_tour(Path(folder)))
