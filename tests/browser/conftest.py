"""Stories in a real browser: one service and one Chromium per test process, a browser of one's own for everybody who takes part.

How to write a story. One file per story, `test_<who does what>.py`; a test is a coroutine and reads as what people do:

    async def test_a_resident_asks_and_the_desk_answers(meet: Meet) -> None:
        resident = await meet("phone")                        # a phone of 390 x 844, touch, nobody signed in
        clerk = await meet("desktop", post="DK007")           # a screen of 1440 x 900, signed in as this post of the made-up city
        assert await resident.open("/chat") == 200
        await resident.page.get_by_label("...").fill("...")   # find things as people do: by label, by role, by what is written there
        await resident.look_and_judge("chat-asked")           # build/screens/chat-asked-390.png, and axe finds nothing serious

`desktop` and `phone` are the two most wanted visitors; `plain` has scripts turned off (the essential acts have to work); `site` is the
service: `site.store.write(...)` prepares rows, `site.simulator.push(...)` lets somebody write on WeChat.

What fails by itself, at the end of the test: an error or a warning in a page's console (what the content policy stops is one), a script
that breaks, a request to any other host, a file of ours that is missing, an answer of 500 and above, a page wider than its screen.

All stories of a process share one city that goes on living: a story names its own resident, place and ticket and asserts on those, never
on totals or on "the first row". A fixture of a story's own says `@pytest_asyncio.fixture(loop_scope="session")`: all live in one loop. Nothing sleeps: wait for what somebody would see (`await expect(page.get_by_text(...)).to_be_visible()`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest
import pytest_asyncio

from tests.browser.chromium import DEVICES, run_chromium
from tests.browser.site import run_site
from tests.browser.visitor import enter
from tests.browser.watching import Watch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser

    from tests.browser.site import Site
    from tests.browser.visitor import Visitor


class Meet(Protocol):
    """Lets somebody in: on a device of DEVICES, signed in as a post or as nobody, with or without scripts."""

    async def __call__(self, device: str, *, post: str = "", scripts: bool = True) -> Visitor:
        """Open a browser for somebody."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run every story in the loop that the shared service and browser live in."""
    for item in items:
        if "/tests/browser/" in item.path.as_posix() and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with run_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with run_chromium() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def meet(site: Site, browser: Browser) -> AsyncIterator[Meet]:
    met: list[Visitor] = []

    async def let_in(device: str, *, post: str = "", scripts: bool = True) -> Visitor:
        visitor = await enter(browser, site, Watch(site.host), DEVICES[device], scripts=scripts)
        met.append(visitor)
        if post:
            await visitor.sign_in(post)
        return visitor

    yield let_in
    findings = []
    for visitor in met:
        await visitor.leave()
        findings += visitor.watch.findings
    assert findings == []


@pytest_asyncio.fixture(loop_scope="session")
async def desktop(meet: Meet) -> Visitor:
    return await meet("desktop")


@pytest_asyncio.fixture(loop_scope="session")
async def phone(meet: Meet) -> Visitor:
    return await meet("phone")


@pytest_asyncio.fixture(loop_scope="session")
async def plain(meet: Meet) -> Visitor:
    return await meet("phone", scripts=False)
