"""Somebody in front of a screen: opens pages as people do, looks at them, has them judged."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console.pages.door import STAFF_COOKIE

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Page

    from tests.browser.site import Site
    from tests.browser.watching import Watch

ROOT = Path(__file__).parents[2]
SCREENS = ROOT / "build" / "screens"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PICTURES = ("echarts.min.js", "leaflet.min.js", "leaflet.css")
HEAVIEST = 150_000
"""Bytes that a page may take to arrive, what draws charts and maps apart: a slow phone waits for each."""
SERIOUS = ("serious", "critical")
_NAME = re.compile(r"[a-z0-9-]+")

_RUN_AXE = """async (kinds) => {
  const found = await axe.run(document, {resultTypes: ["violations"]});
  return found.violations.filter(one => kinds.includes(one.impact)).map(
    one => `${one.id}: ${one.nodes.map(node => node.target.join(" ")).join(", ")}`);
}"""
_TOO_WIDE = "() => Math.max(document.documentElement.scrollWidth - document.documentElement.clientWidth, 0)"


@cache
def axe_source() -> str:
    """Read axe-core, which `make assets` puts in place."""
    return AXE.read_text(encoding="utf-8")


@dataclass
class Visitor:
    """One person's browser: cookies of its own, one page, and everything watched that the page does."""

    site: Site
    context: BrowserContext
    page: Page
    watch: Watch
    width: int

    async def open(self, path: str) -> int:
        """Open a page by its path and wait until it stands; gives its HTTP status."""
        self.watch.loaded.clear()
        response = await self.page.goto(f"{self.site.address}{path}", wait_until="load")
        assert response is not None
        return response.status

    async def sign_in(self, post: str) -> None:
        """Be signed in as somebody of the staff. What the sign-in page promises has stories of its own."""
        token = await self.site.sign_in(post)
        await self.context.add_cookies([{"name": STAFF_COOKIE, "value": token, "url": f"{self.site.address}/staff"}])

    async def look(self, name: str) -> Path:
        """Keep a picture of the whole page as build/screens/<name>-<width>.png; fails if the page is wider than the screen."""
        assert _NAME.fullmatch(name), f"{name}: small letters, digits and hyphens"
        SCREENS.mkdir(parents=True, exist_ok=True)
        path = SCREENS / f"{name}-{self.width}.png"
        await self.page.screenshot(path=path, full_page=True, animations="disabled", caret="hide", scale="css")
        too_wide = await self.page.evaluate(_TOO_WIDE)
        assert too_wide == 0, f"{name} is {too_wide} pixels wider than a screen of {self.width}"
        return path

    async def axe(self) -> list[str]:
        """Have axe judge the page as it stands: the rules broken seriously, each with the places where."""
        await self.page.evaluate(axe_source())
        found: list[str] = await self.page.evaluate(_RUN_AXE, list(SERIOUS))
        return found

    async def look_and_judge(self, name: str) -> None:
        """Keep a picture and have axe judge: nothing serious."""
        await self.look(name)
        found = await self.axe()
        assert found == [], found

    async def weigh(self) -> int:
        """Give the bytes that the page took to arrive, as they travelled, without what draws charts and maps."""
        counted = [one for one in self.watch.loaded if not any(name in one.url for name in PICTURES)]
        return sum([(await one.sizes())["responseBodySize"] for one in counted])

    async def keep_nothing(self) -> None:
        """Load every file anew from now on, as a first visit does: what is weighed is then all that a page needs."""
        await self.context.route("**/*", lambda route: route.continue_())  # playwright keeps no cache where it looks at requests

    async def leave(self) -> None:
        """Close the browser."""
        await self.context.close()


async def enter(browser: Browser, site: Site, watch: Watch, device: dict[str, Any], *, scripts: bool = True) -> Visitor:
    """Open a browser of one's own, in Chinese and in the city's zone."""
    context = await browser.new_context(
        **device, locale="zh-CN", timezone_id="Asia/Shanghai", reduced_motion="reduce", java_script_enabled=scripts
    )
    context.set_default_timeout(10_000)
    watch.over(context)
    return Visitor(site=site, context=context, page=await context.new_page(), watch=watch, width=device["viewport"]["width"])
