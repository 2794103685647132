"""The watch over the stories: what a page may never do is found, each kind once planted; what is in order is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.planted import PATH, plant
from tests.browser.visitor import SCREENS, enter
from tests.browser.watching import Watch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser

    from tests.browser.site import Site
    from tests.browser.visitor import Visitor

OWN = '<script src="/planted.js"></script>'


@pytest_asyncio.fixture(loop_scope="session")
async def unwatched(site: Site, browser: Browser) -> AsyncIterator[Visitor]:
    """Give a visitor whose findings the test itself reads."""
    visitor = await enter(browser, site, Watch(site.host), DESKTOP)
    yield visitor
    await visitor.leave()


async def find(visitor: Visitor, **page: str) -> list[str]:
    """Open a planted page; gives what the watch wrote down."""
    await plant(visitor.context, **page)
    await visitor.open(PATH)
    await visitor.leave()
    return visitor.watch.findings


@pytest.mark.parametrize(
    ("page", "beginning"),
    [
        ({"body": "<script>document.title = 'x'</script>"}, "console error: Executing inline script violates"),
        ({"body": "<p style='color: red'>x</p>"}, "console error: Applying inline style violates"),
        (
            {"body": "<img alt='' src='/static/icon.svg' onload='alert(1)'>"},
            "console error: Executing inline event handler violates",
        ),
        ({"body": "<img alt='' src='https://example.org/x.png'>"}, "console error: Loading the image"),
        ({"body": OWN, "script": "console.warn('odd')"}, "console warning: odd"),
        ({"body": OWN, "script": "nothing.here()"}, "script broke: "),
        ({"body": OWN, "script": "setTimeout('1', 0)"}, "console error: "),
        ({"body": "<img alt='' src='/static/none.png'>"}, "404 for image "),
        ({"head": '<link rel="stylesheet" href="/static/none.css">'}, "console error: Refused to apply style"),
    ],
)
async def test_what_a_page_may_never_do_is_found(unwatched: Visitor, page: dict[str, str], beginning: str) -> None:
    findings = await find(unwatched, **page)

    assert [one for one in findings if one.startswith(beginning)] != [], findings


async def test_a_request_to_another_host_is_found_even_where_the_content_policy_lets_it_through(unwatched: Visitor) -> None:
    await plant(unwatched.context, body='<h1>x</h1><a href="http://example.org/out">x</a>')
    await unwatched.open(PATH)
    await unwatched.page.get_by_role("link").click()
    await unwatched.page.wait_for_url("chrome-error://**")

    assert unwatched.watch.findings == ["foreign request: http://example.org/out"]


async def test_a_page_in_order_is_not_found_and_a_script_may_be_refused(unwatched: Visitor) -> None:
    await plant(
        unwatched.context, body=OWN, script="fetch('/api/v1/tickets').then(got => { document.title = String(got.status); })"
    )
    await unwatched.open(PATH)
    await expect(unwatched.page).to_have_title("401")

    assert unwatched.watch.findings == []


async def test_axe_finds_what_is_wrong_with_a_page(unwatched: Visitor) -> None:
    await plant(unwatched.context, body="<h1>试</h1><img src='/static/icon.svg'><button></button>")
    await unwatched.open(PATH)

    assert await unwatched.axe() == ["button-name: button", "image-alt: img"]


async def test_a_page_wider_than_a_phone_is_found(site: Site, browser: Browser) -> None:
    visitor = await enter(browser, site, Watch(site.host), PHONE)
    words = "<meta name='viewport' content='width=device-width, initial-scale=1'>"
    await plant(visitor.context, head=words, body=f"<h1>试</h1><p>{'x' * 200}</p>")
    await visitor.open(PATH)

    with pytest.raises(AssertionError, match=r"planted-wide is [0-9]+ pixels wider than a screen of 390"):
        await visitor.look("planted-wide")
    await visitor.leave()
    (SCREENS / "planted-wide-390.png").unlink()
