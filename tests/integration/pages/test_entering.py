"""A browser becomes known as somebody who wrote elsewhere: by a number of the page and a code from the talk. Nothing but both lets it in."""

from __future__ import annotations

import asyncio
import copy
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from sqlalchemy import func, select

from bot.channels.web import WebSettings
from bot.texts import fill
from console.pages.door import ENTERED_COOKIE, PERSON_COOKIE, WAITS_COOKIE
from intents.lexicon import lexicon
from residents import entering, erasing
from residents.entering import PageEntrance, ResidentSession
from residents.page_settings import PageSettings
from store.outbox import OutboxMessage
from store.shredding import Shredder
from tests.page_door import open_pages
from tests.page_resident import meet

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.city import City
    from store.engine import Store
    from tests.page_door import Pages, Seen
    from tests.page_resident import Neighbour

SETTINGS = PageSettings()


@pytest.fixture
async def pages(demo_store: Store, demo_city: tuple[Path, City]) -> AsyncIterator[Pages]:
    """Serve the pages of a city whose chat page is on."""
    city = copy.copy(demo_city[1])
    city.settings = msgspec.structs.replace(city.settings, channels=city.settings.channels | {"web": WebSettings(enabled=True)})
    async with open_pages(demo_store, city) as opened:
        yield opened


@dataclass(kw_only=True)
class Browser:
    """A browser that keeps the cookies it is given."""

    pages: Pages
    cookies: dict[str, str] = field(default_factory=dict)

    async def visit(self, path: str, form: Mapping[str, str] | None = None, **headers: str) -> Seen:
        seen = await self.pages.visit("", path, form=form, cookies=self.cookies, headers=headers)
        for name, value in re.findall(r"(jieying_\w+)=([^;]*)", " ".join(seen.headers.getall("Set-Cookie", []))):  # type: ignore[attr-defined]
            self.cookies.pop(name, None)
            if value.strip('"'):
                self.cookies[name] = value
        return seen

    async def ask_number(self, **headers: str) -> int:
        """Ask for a number and read it from the page."""
        assert (await self.visit("/my/enter/number", {}, **headers)).status == 303
        return int(re.search(r'id="number">[^<]*?(\d{4})<', (await self.visit("/my/enter")).text)[1])  # type: ignore[index]

    async def try_code(self, code: str) -> int:
        return (await self.visit("/my/enter/code", {"code": code})).status


async def send_number(pages: Pages, me: Neighbour, number: int, *, settings: PageSettings = SETTINGS) -> str:
    """Send a number in somebody's own talk; gives the code, or why there is none."""
    now = pages.api.clock()
    return await pages.api.store.write(
        lambda s: entering.give_code(s, number, resident_id=me.id, channel="wechat_mp", settings=settings, now=now)
    )


async def count(pages: Pages, table: type[PageEntrance | ResidentSession], **where: int) -> int:
    statement = select(func.count()).select_from(table).filter_by(**where)
    return await pages.api.store.read(lambda s: s.execute(statement).scalar_one())


async def test_whoever_sends_the_number_and_brings_the_code_back_sees_their_matters(pages: Pages) -> None:
    me, browser = await meet(pages), Browser(pages=pages)
    opened = await me.open()
    before = await browser.visit("/my")
    code = await send_number(pages, me, await browser.ask_number())
    entered = await browser.visit("/my/enter/code", {"code": f" {code[:3]} {code[3:]} "})
    after = await browser.visit("/my")

    assert opened.ticket.number not in before.text
    assert (entered.status, entered.location) == (303, "/my")
    assert "jieying_in=" in str(entered.headers.getall("Set-Cookie"))  # type: ignore[attr-defined]
    assert opened.ticket.number in after.text
    assert (await browser.visit(f"/my/{opened.ticket.number}/urge", {})).status == 303
    assert WAITS_COOKIE not in browser.cookies


async def test_the_cookie_is_no_script_s_and_lasts_as_long_as_the_city_says(pages: Pages) -> None:
    me, browser = await meet(pages), Browser(pages=pages)
    code = await send_number(pages, me, await browser.ask_number())
    entered = await browser.visit("/my/enter/code", {"code": code})
    [cookie] = [one for one in entered.headers.getall("Set-Cookie") if one.startswith(ENTERED_COOKIE)]  # type: ignore[attr-defined]

    assert {"HttpOnly", "SameSite=Lax", "Max-Age=2592000"} <= {one.strip() for one in cookie.split(";")}


async def test_a_code_opens_only_the_browser_whose_number_was_sent(pages: Pages) -> None:
    me, mine, other = await meet(pages), Browser(pages=pages), Browser(pages=pages)
    code = await send_number(pages, me, await mine.ask_number())
    await other.ask_number()

    assert await other.try_code(code) == 422
    assert await Browser(pages=pages).try_code(code) == 422
    assert ENTERED_COOKIE not in other.cookies
    assert await mine.try_code(code) == 303


async def test_the_talk_that_gave_the_code_hears_at_once_that_it_was_used_and_how_to_undo_it(pages: Pages) -> None:
    """Not of a code that was wrong, and what it says is understood."""
    me, browser = await meet(pages), Browser(pages=pages)
    code = await send_number(pages, me, await browser.ask_number())
    sent = select(OutboxMessage).where(OutboxMessage.notice == "page_entered")
    assert await browser.try_code(f"{(int(code) + 1) % 1_000_000:06}") == 422
    assert await pages.api.store.read(lambda s: s.scalars(sent).all()) == []

    assert await browser.try_code(code) == 303

    told = await pages.api.store.read(lambda s: s.scalars(sent).one())
    assert (told.audience, told.target, told.channel, told.state) == ("resident", str(me.id), "wechat_mp", "pending")
    assert told.due_at <= pages.api.clock()
    [way_out] = re.findall("马上回“(.+?)”", fill("entering", told.notice, told.facts))
    assert lexicon("entering.leave").first(way_out)


async def test_a_code_is_used_once(pages: Pages) -> None:
    me, browser = await meet(pages), Browser(pages=pages)
    code = await send_number(pages, me, await browser.ask_number())
    waits = dict(browser.cookies)

    assert await browser.try_code(code) == 303
    assert await Browser(pages=pages, cookies=waits).try_code(code) == 422


async def test_nobody_has_a_number_for_guessing_for_ever(pages: Pages) -> None:
    """After some wrong ones the number is gone, also for the right code; what was tried before any code was out counts too."""
    me, browser = await meet(pages), Browser(pages=pages)
    number = await browser.ask_number()
    for _ in range(SETTINGS.code_tries - 2):
        assert await browser.try_code("000000") == 422
    code = await send_number(pages, me, number)
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    assert [await browser.try_code(wrong) for _ in range(2)] == [422, 422]

    assert await browser.try_code(code) == 422
    assert await send_number(pages, me, number) == "unknown"
    assert await count(pages, ResidentSession, resident_id=me.id) == 0


async def test_a_hundred_guesses_at_once_count_as_a_hundred(pages: Pages) -> None:
    me, browser = await meet(pages), Browser(pages=pages)
    code = await send_number(pages, me, await browser.ask_number())
    secret, now = browser.cookies[WAITS_COOKIE], pages.api.clock()
    guesses = [f"{(int(code) + number) % 1_000_000:06}" for number in range(1, 100)]
    tried = await asyncio.gather(
        *(
            pages.api.store.write(lambda s, one=one: entering.try_code(s, secret, one, settings=SETTINGS, now=now))
            for one in guesses
        )
    )

    assert sorted(tried) == ["over"] * (100 - SETTINGS.code_tries) + ["wrong"] * (SETTINGS.code_tries - 1)
    assert await browser.try_code(code) == 422


async def test_a_wrong_code_and_one_that_was_never_asked_for_look_the_same(pages: Pages) -> None:
    me, asked, unasked = await meet(pages), Browser(pages=pages), Browser(pages=pages)
    number = await asked.ask_number()
    code = await send_number(pages, me, number)
    other = await unasked.ask_number()
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    said = [(await one.visit("/my/enter/code", {"code": wrong})).text for one in (asked, unasked)]

    assert said[0].replace(str(number), "N") == said[1].replace(str(other), "N")


async def test_a_number_that_somebody_answered_is_nobody_else_s(pages: Pages) -> None:
    me, thief, browser = await meet(pages), await meet(pages), Browser(pages=pages)
    number = await browser.ask_number()
    first = await send_number(pages, me, number)
    again = await send_number(pages, me, number)

    assert await send_number(pages, thief, number) == await send_number(pages, thief, 9999 if number != 9999 else 9998) == "unknown"
    assert first == again or await browser.try_code(first) == 422
    assert await browser.try_code(again) == 303
    assert await count(pages, ResidentSession, resident_id=thief.id) == 0


async def test_a_number_and_a_code_are_over_after_their_minutes(pages: Pages) -> None:
    me, browser = await meet(pages), Browser(pages=pages)
    number, now = await browser.ask_number(), pages.api.clock()
    later = now + timedelta(minutes=SETTINGS.code_minutes)
    code = await send_number(pages, me, number)
    tried = await pages.api.store.write(
        lambda s: entering.try_code(s, browser.cookies[WAITS_COOKIE], code, settings=SETTINGS, now=later)
    )
    late = await pages.api.store.write(
        lambda s: entering.give_code(s, number, resident_id=me.id, channel="web", settings=SETTINGS, now=later)
    )

    assert (tried, late) == ("over", "unknown")


async def test_one_resident_is_given_some_codes_a_day(pages: Pages) -> None:
    me, browser = await meet(pages), Browser(pages=pages)
    few = msgspec.structs.replace(SETTINGS, codes_per_day=2)
    number = await browser.ask_number()
    given = [await send_number(pages, me, number, settings=few) for _ in range(3)]

    assert [len(one) for one in given[:2]] == [6, 6]
    assert given[2] == "often"


async def test_an_address_is_given_some_numbers_an_hour(pages: Pages) -> None:
    few, now = msgspec.structs.replace(SETTINGS, numbers_per_hour=2), pages.api.clock()

    async def ask(address: str, *, hours: int = 0) -> bool:
        at = now + timedelta(hours=hours)
        secret = await pages.api.store.write(lambda s: entering.open_entrance(s, address=address, settings=few, now=at))
        return secret is not None

    asked = [await ask("203.0.113.7/32") for _ in range(3)]

    assert asked == [True, True, False]
    assert await ask("198.51.100.1/32")
    assert await ask("203.0.113.7/32", hours=1)


async def test_matters_of_both_are_listed_and_each_is_acted_on_as_its_own(pages: Pages) -> None:
    """Who wrote on this chat page and in WeChat sees both; a neighbour's matter stays out of it."""
    mine, elsewhere, other = await meet(pages), await meet(pages), await meet(pages)
    here, there, foreign = await mine.open(), await elsewhere.open("公园长椅坏了"), await other.open("小区停水两天了")
    browser = Browser(pages=pages, cookies={PERSON_COOKIE: mine.cookie})
    await browser.try_code(await send_number(pages, elsewhere, await browser.ask_number()))
    seen = (await browser.visit("/my")).text

    assert [one.ticket.number in seen for one in (here, there, foreign)] == [True, True, False]
    assert [(await browser.visit(f"/my/{one.ticket.number}")).status for one in (here, there, foreign)] == [200, 200, 404]
    assert [(await browser.visit(f"/my/{one.ticket.number}/withdraw", {})).status for one in (here, there, foreign)] == [
        303,
        303,
        404,
    ]


@pytest.mark.parametrize("how", ["leave", "chat", "everywhere", "told", "erased", "late"])
async def test_who_leaves_is_known_no_longer_also_to_whoever_copied_the_cookie(pages: Pages, how: str) -> None:
    me, browser = await meet(pages), Browser(pages=pages)
    opened = await me.open()
    await browser.try_code(await send_number(pages, me, await browser.ask_number()))
    copied = Browser(pages=pages, cookies=dict(browser.cookies))
    assert opened.ticket.number in (await copied.visit("/my")).text
    now = pages.api.clock()

    match how:
        case "leave":
            await browser.visit("/my/leave", {})
        case "chat":
            await pages.api.store.write(lambda s: entering.leave(s, browser.cookies[ENTERED_COOKIE]))
        case "everywhere":
            await browser.visit("/me/put-out", {})
        case "told":
            await pages.api.store.write(lambda s: entering.put_out(s, me.id))
        case "erased":
            await browser.visit("/me/erase", {"sure": "yes"})
        case "late":
            ends = now + timedelta(days=SETTINGS.known_days)
            found = await pages.api.store.read(lambda s: entering.find(s, copied.cookies[ENTERED_COOKIE], now=ends))
            assert found is None
            return

    assert opened.ticket.number not in (await copied.visit("/my")).text


async def test_erasing_takes_browsers_and_what_waits_away(pages: Pages) -> None:
    me, browser, waiting = await meet(pages), Browser(pages=pages), Browser(pages=pages)
    await browser.try_code(await send_number(pages, me, await browser.ask_number()))
    await send_number(pages, me, await waiting.ask_number())
    assert [await count(pages, table, resident_id=me.id) for table in (ResidentSession, PageEntrance)] == [1, 1]

    def erase(session: Session) -> None:
        resident = erasing.hold_resident(session, me.id)
        assert resident is not None
        erasing.erase_resident(session, resident=resident, shredder=Shredder(session), now=pages.api.clock())

    await pages.api.store.write(erase)

    assert [await count(pages, table, resident_id=me.id) for table in (ResidentSession, PageEntrance)] == [0, 0]


async def test_what_is_kept_lets_nobody_in(pages: Pages) -> None:
    """A copy of the database holds neither a browser's secret nor a code."""
    me, browser = await meet(pages), Browser(pages=pages)
    waits_code = await send_number(pages, me, await browser.ask_number())
    rows = await pages.api.store.read(lambda s: [(one.hash, one.code_mark) for one in s.scalars(select(PageEntrance))])
    kept = str(rows)

    assert browser.cookies[WAITS_COOKIE] not in kept
    assert waits_code not in kept
