"""The chat page's channel: nothing written there is lost or doubled, nobody sees another's talk, and what is said comes by itself."""

from __future__ import annotations

import asyncio
import secrets
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from aiohttp import ClientSession, CookieJar
from sqlalchemy import func, select

from bot import erasing
from bot.channels import Outbound, SendLater, SendNever
from bot.channels.web import WebSettings
from bot.service import run_service
from bot.texts import fill
from residents.tables import Resident
from residents.web_lines import WebLine, read_talk
from residents.web_uploads import WebUpload
from routing.tables import Ticket
from store.clock import utcnow
from store.engine import StoreBroken
from store.inbox import InboxMessage
from store.outbox import OutboxMessage
from tests.browser_talk import JPEG, Browser, make_key, open_site, read_page
from tests.front_door import TroubledStore, read_readable
from tests.installation import make_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.city import City
    from bot.settings import Settings
    from store.engine import Store
    from tests.browser_talk import Site

pytestmark = pytest.mark.deep_on_postgres

LAMP = "安泰路12号门口路灯不亮三天了"


@pytest.fixture
def city(demo_city: tuple[Path, City]) -> City:
    return demo_city[1]


@pytest.fixture
async def site(demo_settings: Settings, demo_store: Store, city: City) -> AsyncIterator[Site]:
    async with open_site(demo_settings, demo_store, city) as opened:
        yield opened


async def count(store: Store, table: type[Any]) -> int:
    return await store.read(lambda s: s.execute(select(func.count()).select_from(table)).scalar_one())


async def states(store: Store) -> list[str]:
    return await store.read(lambda s: list(s.execute(select(OutboxMessage.state).where(OutboxMessage.channel == "web")).scalars()))


# The dialogue


async def test_who_has_no_script_writes_and_reads_the_answer_on_the_page(site: Site) -> None:
    browser = await site.browser()
    async with site.working():
        status, page = await browser.fill_in(LAMP)
        lines = read_page(page)
        again = read_page(await browser.open())

    assert (status, lines[0]) == (303, f"me: {LAMP}")
    assert lines[1].startswith("us: 已受理，编号〔")
    assert again[: len(lines)] == lines
    assert 'name="text" value="进度"' in page


async def test_what_is_said_in_the_page_is_shown_as_words_and_never_runs(site: Site) -> None:
    browser = await site.browser()
    hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&{{7*7}}"
    await browser.say(hostile)
    await site.work()
    page = await browser.open()

    assert read_page(page)[0] == f"me: {hostile}"
    assert "<script>alert" not in page
    assert "<img" not in page


async def test_the_same_dialogue_as_everywhere_by_the_script(site: Site) -> None:
    browser = await site.browser()
    told = []
    for words in ("路灯坏了好几天了", "安泰路12号", "进度"):
        told.append(await browser.say(words))
        await site.work()
    lines = await browser.lines()

    assert [(status, answer["outcome"], answer["reply"]) for status, answer in told] == [
        (200, "asked", None),
        (200, "told", None),
        (200, "told", None),
    ]
    assert [line for line in lines if line.startswith("me")] == ["me: 路灯坏了好几天了", "me: 安泰路12号", "me: 进度"]
    assert await count(site.app.store, Ticket) == 1


# Stored before it is acknowledged


async def test_what_could_not_be_stored_is_not_acknowledged_and_stays_typed(
    demo_settings: Settings, demo_store: Store, city: City
) -> None:
    troubled = TroubledStore(demo_store)
    async with open_site(demo_settings, troubled, city) as site:
        browser = await site.browser()
        troubled.t1_fails = [StoreBroken(), StoreBroken()]
        by_script = await browser.say(LAMP, key="mi8n4w00-the-same-one")
        by_form, page = await browser.fill_in("安泰路12号<b>")
        kept = await count(demo_store, InboxMessage)
        again, answer = await browser.say(LAMP, key="mi8n4w00-the-same-one")

    sentence = fill("web", "not_stored")
    assert by_script == (503, {"error": "not_stored", "sentence": sentence})
    assert (by_form, sentence in page, "安泰路12号&lt;b&gt;</textarea>" in page) == (503, True, True)
    assert (kept, again, answer["duplicate"]) == (0, 200, False)
    assert await count(demo_store, InboxMessage) == 1


async def test_a_message_sent_again_is_the_same_one(site: Site) -> None:
    browser = await site.browser()
    key = make_key()
    answers = await asyncio.gather(*(browser.say(LAMP, key=key) for _ in range(4)))
    await site.work()
    lines = await browser.lines()

    assert [status for status, _ in answers] == [200] * 4
    assert sorted(answer["duplicate"] for _, answer in answers) == [False, True, True, True]
    assert len({answer["ticket"] for _, answer in answers}) == 1
    assert await count(site.app.store, Ticket) == 1
    assert [line for line in lines if line.startswith("me")] == [f"me: {LAMP}"]
    assert len([line for line in lines if "已受理" in line]) == 1


async def test_a_used_key_takes_no_other_words_and_another_person_may_use_it(site: Site) -> None:
    one, other = await site.browser(), await site.browser()
    key = make_key()
    first = await one.say(LAMP, key=key)
    second = await one.say("安泰路12号路灯亮了", key=key)
    third = await other.say("安泰路14号路灯不亮", key=key)
    refused, page = await one.fill_in("改过的话", key=key)

    assert [first[0], second[0], third[0]] == [200, 409, 200]
    assert (refused, "改过的话</textarea>" in page, f'value="{key}"' in page) == (409, True, False)
    assert await count(site.app.store, InboxMessage) == 2


# Delivered when it is stored, once


async def test_a_death_between_keeping_and_marking_leaves_one_line_and_nothing_to_decide(
    demo_settings: Settings, demo_store: Store, city: City
) -> None:
    async with open_site(demo_settings, demo_store, city) as site:
        browser = await site.browser()
        await browser.say("帮助")
        await site.app.receiver.drain()
        [cause] = await demo_store.read(lambda s: s.execute(select(OutboxMessage.cause)).scalars().all())

        def die(session: Session) -> None:
            """As if the process had claimed the row, kept the line and died before it marked it."""
            row = session.execute(select(OutboxMessage)).scalar_one()
            row.state, row.owner, row.attempt, row.lease_until = "sending", "dead", 1, utcnow() - timedelta(seconds=1)

        await site.channel.send(Outbound(address=browser.sender, text="我们能帮您", reference=cause))
        await demo_store.write(die)
        await site.app.duties.reconcile()
        await site.work()
        lines = await browser.lines()

    assert lines == ["me: 帮助", "us: 我们能帮您"]
    assert await states(demo_store) == ["sent"]


async def test_a_send_that_may_have_reached_a_person_elsewhere_is_left_to_a_person(
    demo_settings: Settings, demo_store: Store, city: City
) -> None:
    async with open_site(demo_settings, demo_store, city) as site:
        browser = await site.browser()
        await browser.say(LAMP)

        def lose(session: Session) -> None:
            for row in session.execute(select(OutboxMessage)).scalars():
                row.state, row.channel = "unknown", "webhook"

        await demo_store.write(lose)
        await site.app.duties.reconcile()

    found = await demo_store.read(lambda s: set(s.execute(select(OutboxMessage.state)).scalars()))
    assert found == {"unknown"}


async def test_a_store_in_trouble_lets_it_be_kept_later_and_nobody_known_never(site: Site) -> None:
    browser = await site.browser()
    await browser.say("你好")
    troubled = TroubledStore(site.app.store, t1_fails=[StoreBroken()])
    site.channel._store = troubled

    with pytest.raises(SendLater):
        await site.channel.send(Outbound(address=browser.sender, text="好了", reference="c:1"))
    with pytest.raises(SendNever):
        await site.channel.send(Outbound(address="nobody", text="好了", reference="c:1"))
    assert await site.channel.send(Outbound(address=browser.sender, text="好了", reference="c:1")) == "c:1"


# As it comes


async def test_every_tab_of_a_person_hears_it_at_once_and_nobody_else(site: Site) -> None:
    browser, stranger = await site.browser(), await site.browser()
    await browser.say("你好")
    await stranger.say("您好")
    await site.work()
    async with site.working(), browser.stream() as one, browser.stream() as two, stranger.stream() as other:
        await other.read_until("您好")
        began = time.monotonic()
        await browser.say(LAMP)
        first, second = await asyncio.gather(one.read_until("已受理"), two.read_until("已受理"))
        took = time.monotonic() - began
        with pytest.raises(TimeoutError):
            await other.read_until("路灯", seconds=0.5)

    assert first == second
    assert first[-2] == f"me: {LAMP}"
    assert took < 3  # a second on a machine that does nothing else; bench measures it


async def test_a_stream_opened_before_the_first_word_hears_the_answer(site: Site) -> None:
    browser = await site.browser()
    async with site.working(), browser.stream() as stream:
        await browser.say(LAMP)
        lines = await stream.read_until("已受理")

    assert lines[0] == f"me: {LAMP}"


async def test_after_a_restart_the_page_goes_on_where_it_stopped(demo_settings: Settings, demo_store: Store, city: City) -> None:
    """The message is handled by a node that dies before it is answered; the next node answers, and the page misses and repeats nothing."""
    async with open_site(demo_settings, demo_store, city) as site:
        browser = await site.browser()
        await browser.say("你好")
        await site.work()
        async with browser.stream() as stream:
            await stream.read_until("us: ")
            last_id, before = stream.last_id, len(stream.lines)
        await browser.say(LAMP)
        await site.app.receiver.drain()
        cookies = browser.cookie
    async with open_site(demo_settings, demo_store, city) as site:
        browser = await site.browser(opened=False)
        browser.client.cookie_jar.update_cookies({"jieying_me": cookies})
        async with site.working(), browser.stream(last_id=last_id) as stream:
            lines = await stream.read_until("已受理")
        whole = await browser.lines()

    assert lines[0] == f"me: {LAMP}"
    assert whole == [*whole[:before], *lines]


async def test_what_another_process_says_is_heard(demo_settings: Settings, demo_store: Store, city: City) -> None:
    async with (
        open_site(demo_settings, demo_store, city) as site,
        open_site(demo_settings, demo_store, city) as other,
    ):
        browser = await site.browser()
        await browser.say("你好")
        await site.work()
        async with browser.stream() as stream:
            await stream.read_until("us: ")
            await other.channel.send(Outbound(address=browser.sender, text="修好了", reference="c:2"))
            lines = await stream.read_until("修好了")

    assert lines[-1] == "us: 修好了"


async def test_a_person_and_a_node_have_so_many_open_pages_and_the_rest_ask(
    demo_settings: Settings, demo_store: Store, city: City
) -> None:
    async with open_site(demo_settings, demo_store, city, streams=2) as site:
        browser = await site.browser()
        async with browser.stream(), browser.stream(), browser.client.get(f"{site.address}/chat/events") as refused:
            found = (refused.status, "Retry-After" in refused.headers)
        nobody = await site.browser(opened=False)
        async with nobody.client.get(f"{site.address}/chat/events") as unknown:
            assert (found, unknown.status) == ((503, True), 204)


async def test_a_service_that_stops_waits_for_no_open_page(database_url: str, tmp_path: Path) -> None:
    settings = make_settings(database_url, tmp_path, web=WebSettings(enabled=True))
    async with run_service(settings, pre_drain=0.0) as service:
        client = ClientSession(cookie_jar=CookieJar(unsafe=True))
        browser = Browser(client, service.address)
        await browser.open()
        response = await client.get(f"{service.address}/chat/events")
        assert (await response.content.readline()) == b"retry: 2000\n"
        began = time.monotonic()
    took = time.monotonic() - began
    await client.close()

    assert took < 6  # without it the service waits ten seconds for every open page


# Whose it is


async def test_a_thousand_foreign_cookies_see_nothing(site: Site) -> None:
    browser = await site.browser()
    await browser.say(LAMP)
    await site.work()
    store = site.app.store
    stranger = await site.browser(opened=False)
    hits = 0
    for _ in range(1000):
        stranger.client.cookie_jar.update_cookies({"jieying_me": secrets.token_urlsafe(32)})
        hits += len(await stranger.lines())
    for odd in (
        "",
        "x",
        browser.cookie[:-1],
        browser.cookie + "A",
        browser.sender,
        browser.cookie.swapcase(),
        "../" + browser.cookie,
    ):
        stranger.client.cookie_jar.clear()
        stranger.client.cookie_jar.update_cookies({"jieying_me": odd})
        hits += len(await stranger.lines())
        hits += len(read_page(await stranger.open()))

    assert hits == 0
    assert (await browser.lines())[0] == f"me: {LAMP}"
    assert (await store.read(lambda s: read_talk(s, browser.sender))).lines[0].text == LAMP


async def test_the_cookie_itself_is_kept_nowhere(site: Site) -> None:
    browser = await site.browser()
    await browser.say(LAMP)
    await site.work()
    kept = await site.app.store.read(read_readable)

    assert browser.sender in kept
    assert browser.cookie not in kept


async def test_who_leaves_a_shared_browser_leaves_no_talk_behind(site: Site) -> None:
    browser = await site.browser()
    await browser.say(LAMP)
    before = browser.cookie
    async with browser.client.post(f"{site.address}/chat/leave", allow_redirects=False) as left:
        assert left.status == 303
    async with browser.client.post(f"{site.address}/chat/leave", headers={"Sec-Fetch-Site": "cross-site"}) as foreign:
        assert foreign.status == 403
    assert (browser.cookie, read_page(await browser.open())) == ("", [])
    assert browser.cookie not in ("", before)


async def test_nobody_is_kept_before_they_write(site: Site) -> None:
    before = await count(site.app.store, Resident)
    for _ in range(3):
        await (await site.browser()).lines()

    assert await count(site.app.store, Resident) == before


# Gone


async def test_who_is_erased_leaves_nothing_on_the_page(
    demo_settings: Settings, demo_store: Store, city: City, tmp_path: Path
) -> None:
    privacy = msgspec.structs.replace(demo_settings.privacy, erasure_list=str(tmp_path / "erasures.jsonl"))
    before, now = city.settings, [utcnow()]
    city.settings = msgspec.structs.replace(demo_settings, privacy=privacy)
    try:
        async with open_site(city.settings, demo_store, city, clock=lambda: now[0]) as site:
            browser, other = await site.browser(), await site.browser()
            await other.say("您好")
            await browser.say(LAMP, pictures=(JPEG,))
            await browser.say("删除我的信息")
            await browser.say("1")
            await site.work()
            seen = await browser.lines()
            now[0] += timedelta(minutes=2)
            await site.app.duties.erase()
            left = (await browser.lines(), read_page(await browser.open()), await count(demo_store, WebUpload))
            others = await other.lines()
            anew = await browser.say("你好")
    finally:
        city.settings = before

    assert len(seen) > 4
    assert left == ([], [], 0)
    assert len(others) == 2
    assert (anew[0], anew[1]["duplicate"]) == (200, False)


async def test_what_is_over_its_time_goes_in_the_night(demo_settings: Settings, demo_store: Store, city: City) -> None:
    async with open_site(demo_settings, demo_store, city) as site:
        browser = await site.browser()
        await browser.say(LAMP, pictures=(JPEG,))
        await site.work()
        soon, late = utcnow() + timedelta(days=2), utcnow() + timedelta(days=demo_settings.privacy.message_days + 1)
        first = await demo_store.write(lambda s: erasing.run_due(s, city, now=soon))
        kept = (await count(demo_store, WebLine) > 0, await count(demo_store, WebUpload))
        due = await demo_store.read(lambda s: erasing.count_due(s, city, now=late))
        await demo_store.write(lambda s: erasing.run_due(s, city, now=late))

    assert (first.chats, kept) == (0, (True, 1))
    assert due.chats > 1
    assert (await count(demo_store, WebLine), await count(demo_store, WebUpload)) == (0, 0)
