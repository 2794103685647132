"""Sixty ways to smuggle a script into a page, written wherever residents' words are shown: none of them runs, on any page that shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.async_api import expect

from bot.city_view import CityView
from routing import desk, following
from routing.facts import Origin
from store.clock import utcnow
from tests.browser.talking import lines_of, write
from tests.browser.test_every_page import STANDING, find_post

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.browser.conftest import Meet
    from tests.browser.site import Site
    from tests.browser.visitor import Visitor

RUN = "window.broken=1"
_EVENTS = ("onerror", "onload", "onfocus", "onmouseover", "ontoggle", "onanimationstart", "onpointerenter", "oncut")
_TAGS = ("img src=x", "svg", "body", "iframe", "video src=x", "details open", "input autofocus", "marquee")
PAYLOADS = (
    f"<isindex type=image src=1 onerror={RUN}>",
    f"<select autofocus onfocus={RUN}>",
    f"<keygen autofocus onfocus={RUN}>",
    *(f"<{tag} {event}={RUN}>" for tag, event in zip(_TAGS * 3, (*_EVENTS, *_EVENTS[1:], _EVENTS[0], *_EVENTS[::-1]), strict=True)),
    f"<script>{RUN}</script>",
    f"<ScRiPt>{RUN}</sCrIpT>",
    f"<script src=data:text/javascript,{RUN}></script>",
    f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    f"</script><script>{RUN}</script>",
    f"</textarea><script>{RUN}</script>",
    f"</title><script>{RUN}</script>",
    f"</style><script>{RUN}</script>",
    f"--><script>{RUN}</script><!--",
    f"]]><script>{RUN}</script>",
    f'" autofocus onfocus="{RUN}',
    f"' autofocus onfocus='{RUN}",
    f'"><img src=x onerror="{RUN}">',
    f"'><img src=x onerror='{RUN}'>",
    f"`onmouseover={RUN}`",
    f'<a href="javascript:{RUN}">点我</a>',
    f'<a href="jaVa&#x09;script:{RUN}">点我</a>',
    f"javascript:{RUN}//",
    f"data:text/html,<script>{RUN}</script>",
    f'<form action="javascript:{RUN}"><button>提交</button></form>',
    f'<iframe srcdoc="<script>parent.{RUN}</script>"></iframe>',
    f'<object data="javascript:{RUN}"></object>',
    f'<embed src="javascript:{RUN}">',
    f"<math><mtext></mtext><script>{RUN}</script></math>",
    f'<svg><script href="data:text/javascript,{RUN}"/></svg>',
    f'<svg><animate onbegin="{RUN}" attributeName=x dur=1s>',
    f'<meta http-equiv="refresh" content="0;url=javascript:{RUN}">',
    '<base href="https://elsewhere.example/">',
    '<link rel="stylesheet" href="https://elsewhere.example/x.css">',
    f"<style>@import 'javascript:{RUN}';</style>",
    "{{7*7}}{% include '/etc/passwd' %}{{ config }}",
    f"${{{RUN}}}",
    f"<div hx-get=/static/jieying.js hx-trigger=load hx-on::load={RUN}>",
    f"<div data-hx-on--load={RUN} hx-vals='js:{{x:{RUN}}}' hx-trigger=load hx-get=/>",
    f"&lt;script&gt;{RUN}&lt;/script&gt;",
    f"\u202e<script>{RUN}</script>",
)
"""Each would set `window.broken`, or fetch from elsewhere, where words became markup."""


async def plant(site: Site, payload: str, number: int) -> tuple[str, str]:
    """Open a matter whose words and place are a payload; gives its number and its link."""
    view, now = CityView(site.app.city), utcnow()
    area = next(code for code, area in site.app.city.org.areas.items() if area.level == "grid")
    report, utterance = view.read_report(f"路灯坏了{payload}", place=f"幸福里{payload}", area=area)

    def open_one(session: Session) -> tuple[str, str]:
        opened = desk.open_ticket(
            session,
            report=report,
            resident_id=900_000 + number,
            origin=Origin(inbox_id=None, channel="terminal"),
            context=view.context(now=now),
            now=now,
            utterance=utterance,
        )
        words = f"补充{payload}"
        added = {"resident_id": 900_000 + number, "text": words, "now": now, "context": view.context(now=now)}
        following.add(session, opened.ticket.number, **added)
        desk.note(session, opened.ticket.number, text=words, actor="operator", now=now, context=view.context(now=now))
        desk.reply(session, opened.ticket.number, text=f"已看过{payload}", actor="operator", now=now, context=view.context(now=now))
        return opened.ticket.number, opened.token

    return await site.store.write(open_one)


async def is_whole(somebody: Visitor) -> bool:
    """Tell whether no script of anybody else's has run in the page."""
    return bool(await somebody.page.evaluate("() => window.broken === undefined"))


def test_there_are_sixty_of_them() -> None:
    assert len(set(PAYLOADS)) >= 60


async def test_no_hostile_words_run_on_any_page(meet: Meet, site: Site) -> None:
    planted = [await plant(site, payload, number) for number, payload in enumerate(PAYLOADS)]
    clerk, resident = await meet("desktop", post="DK001"), await meet("phone")

    for number, token in planted:
        assert await clerk.open(f"/staff/tickets/{number}") == 200
        await expect(clerk.page.get_by_role("region", name="后来说的")).to_contain_text("补充")
        assert (number, await is_whole(clerk)) == (number, True)
        assert await resident.open(f"/t/{token}") == 200
        assert (number, await is_whole(resident)) == (number, True)
    for post in {find_post(route) for route in STANDING}:
        somebody = await meet("desktop", post=post)
        for route in STANDING:
            if find_post(route) == post:
                await somebody.open(route.path)
                assert (route.path, await is_whole(somebody)) == (route.path, True)


async def test_no_hostile_words_run_in_the_chat(phone: Visitor) -> None:
    await phone.open("/chat")
    for count, payload in enumerate(PAYLOADS[:12], start=1):
        await write(phone.page, f"居住证怎么办{payload}")
        await lines_of(phone.page, "us").nth(count - 1).wait_for()

    assert await is_whole(phone)
    await phone.open("/chat")
    assert await is_whole(phone)
