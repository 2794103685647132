"""A page of a test's own at an address of the service, with the very headers that the service's pages carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.pages.headers import HEADERS

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Route

PATH, SCRIPT = "/planted", "/planted.js"
_FRAME = '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>试</title>{head}</head><body><main>{body}</main></body></html>'


async def plant(context: BrowserContext, *, body: str = "<h1>试</h1>", head: str = "", script: str = "") -> None:
    """Answer PATH with a page, and SCRIPT with a script, in this visitor's browser only."""

    async def answer(route: Route) -> None:
        if route.request.url.endswith(SCRIPT):
            await route.fulfill(body=script, content_type="text/javascript", headers=HEADERS)
        else:
            page = _FRAME.format(head=head, body=body)
            await route.fulfill(body=page, content_type="text/html; charset=utf-8", headers=HEADERS)

    await context.route(f"**{PATH}*", answer)
