"""A picture that a resident sends: its message is taken at once, it is made safe behind, they see it again, and are told if it cannot be."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from bot.channels import Media
from bot.picture_making import PictureMaking
from bot.texts import fill
from console.media.making import Maker
from residents.attachments import Attachment
from residents.web_uploads import WebUpload
from routing.tables import Ticket
from store.clock import utcnow
from store.inbox import InboxMessage
from store.keys import open_key
from tests.browser_talk import open_site
from tests.integration.test_api import count_queries
from tests.pictures import make_picture, measure, open_picture

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.city import City
    from bot.settings import Settings
    from tests.browser_talk import Browser, Site

pytestmark = pytest.mark.deep_on_postgres

LAMP = "安泰路12号门口路灯不亮三天了"
CANARY = b"Canary's phone"
CUT = make_picture(400, 300)[:700]
NOT_OPENED = f"us: {fill('say', 'picture_unopened')}"


@pytest.fixture
async def site(demo_settings: Settings, demo_store: object, demo_city: tuple[Path, City]) -> AsyncIterator[Site]:
    async with open_site(demo_settings, demo_store, demo_city[1]) as opened:  # type: ignore[arg-type]  # the store fixture
        yield opened


async def rows_of(site: Site) -> list[Attachment]:
    return await site.app.store.read(lambda s: list(s.execute(select(Attachment).order_by(Attachment.id)).scalars()))


async def make(site: Site) -> list[Attachment]:
    """Fetch what was sent, make it safe, and send what there is to say."""
    await site.app.receiver.drain()
    await site.app.duties.fetch()
    while await site.app.duties.make_pictures():
        pass
    await site.work()
    return await rows_of(site)


async def get(browser: Browser, path: str) -> tuple[int, bytes, dict[str, str]]:
    async with browser.client.get(f"{browser.address}{path}") as response:
        return response.status, await response.read(), dict(response.headers)


async def test_who_sent_a_picture_sees_it_again_and_nobody_else_does(site: Site) -> None:
    browser, other = await site.browser(), await site.browser()
    await browser.say(LAMP, pictures=(make_picture(800, 600, text=CANARY),))
    before = await browser.open()
    (row,) = await make(site)
    page = await browser.open()
    view, small = await get(browser, f"/media/{row.token}"), await get(browser, f"/media/{row.token}/small")
    strangers = [(await get(other, f"/media/{row.token}{size}"))[0] for size in ("", "/small")]
    nobodys = (await get(browser, "/media/nothing"))[0]

    assert ("[照片] × 1" in before, "[照片] × 1" in page, f'src="/media/{row.token}/small"' in page) == (True, False, True)
    assert [(status, measure(body)) for status, body, _ in (view, small)] == [(200, (800, 600)), (200, (320, 240))]
    assert (CANARY in view[1], dict(open_picture(view[1]).getexif())) == (False, {})
    assert (strangers, nobodys) == ([404, 404], 404)


async def test_a_picture_is_served_as_a_picture_and_nothing_else(site: Site) -> None:
    browser = await site.browser()
    await browser.say(LAMP, pictures=(make_picture(),))
    (row,) = await make(site)
    _, _, headers = await get(browser, f"/media/{row.token}")

    assert {name: headers[name] for name in ("Content-Type", "X-Content-Type-Options", "Content-Disposition", "Cache-Control")} == {
        "Content-Type": "image/jpeg",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": "inline; filename*=UTF-8''picture.jpg",
        "Cache-Control": "private, max-age=600, immutable",
    }
    assert "sandbox" in headers["Content-Security-Policy"].split("; ")


async def test_what_was_received_is_gone_once_it_was_made_safe(site: Site) -> None:
    browser = await site.browser()
    await browser.say(LAMP, pictures=(make_picture(80, 60, text=CANARY, orientation=6),))
    await site.app.receiver.drain()
    await site.app.duties.fetch()
    (before,) = await rows_of(site)
    received = await site.app.store.read(lambda s: open_key(s, before.key_id).open(before.body or b""))
    (row,) = await make(site)

    assert (CANARY in received, before.token, before.view) == (False, None, None)
    assert (row.state, row.body, row.width, row.height) == ("made", None, 60, 80)


async def test_a_picture_that_cannot_be_opened_is_told_once_and_costs_the_message_nothing(site: Site) -> None:
    browser = await site.browser()
    _, answer = await browser.say(LAMP, pictures=(CUT, CUT, make_picture()))
    rows = await make(site)
    await make(site)
    lines = await browser.lines()

    assert [row.state for row in rows] == ["unmade", "unmade", "made"]
    assert [row.error for row in rows] == ["broken", "broken", None]
    assert lines.count(NOT_OPENED) == 1
    assert (answer["outcome"], [row.ticket for row in rows]) == ("ticket", [answer["ticket"]] * 3)
    kept = await site.app.store.read(lambda s: open_key(s, rows[0].key_id).open(rows[0].body or b""))
    assert CUT.startswith(kept[:2])
    assert "[照片] × 2" in await browser.open()


async def test_an_old_picture_that_cannot_be_opened_is_noted_and_nobody_is_bothered(site: Site) -> None:
    browser = await site.browser()
    await browser.say(LAMP, pictures=(CUT,))
    await site.app.receiver.drain()
    await site.app.duties.fetch()
    await site.app.store.write(lambda s: s.execute(update(InboxMessage).values(received_at=utcnow() - timedelta(days=3))))
    (row,) = await make(site)

    assert (row.state, NOT_OPENED in await browser.lines()) == ("unmade", False)


async def test_a_decoder_that_crashes_gets_one_more_try_then_the_resident_is_told(site: Site, tmp_path: Path) -> None:
    browser = await site.browser()
    await browser.say(LAMP, pictures=(make_picture(),))
    await site.app.receiver.drain()
    await site.app.duties.fetch()
    program = tmp_path / "program.py"
    program.write_text("import os\nos.abort()\n")
    app = site.app
    making = PictureMaking(store=app.store, ways=app.duties._handler.ways, clock=utcnow, maker=Maker(program=program))

    rounds = [await making.run() for _ in range(2)]
    (first,) = await rows_of(site)
    await app.store.write(lambda s: s.execute(update(Attachment).values(due_at=utcnow())))
    rounds += [await making.run() for _ in range(2)]
    (second,) = await rows_of(site)
    await site.work()

    assert rounds == [1, 0, 1, 0]
    assert [(row.state, row.error) for row in (first, second)] == [("fetched", "again:crashed"), ("unmade", "crashed")]
    assert NOT_OPENED in await browser.lines()


async def test_where_no_process_can_be_begun_the_picture_waits(site: Site) -> None:
    class Full(Maker):
        async def make(self, body: bytes) -> object:  # type: ignore[override]
            raise BlockingIOError(len(body))

    browser = await site.browser()
    await browser.say(LAMP, pictures=(make_picture(),))
    await site.app.receiver.drain()
    await site.app.duties.fetch()
    app = site.app
    await PictureMaking(store=app.store, ways=app.duties._handler.ways, clock=utcnow, maker=Full()).run()
    (row,) = await rows_of(site)

    assert (row.state, row.error, row.due_at > utcnow()) == ("fetched", None, True)


async def test_a_picture_whose_message_was_erased_or_recalled_is_not_there_any_more(site: Site) -> None:
    browser = await site.browser()
    key = "mi5abcde-recalled1"
    await browser.say(LAMP, key=key, pictures=(make_picture(),))
    (row,) = await make(site)
    shown = (await get(browser, f"/media/{row.token}"))[0]
    await site.app.receiver.recall("web", f"{browser.sender}:{key}")

    assert (shown, (await get(browser, f"/media/{row.token}"))[0]) == (200, 404)


async def test_what_comes_from_the_page_is_kept_without_what_the_camera_wrote(site: Site) -> None:
    browser = await site.browser()
    await browser.say(LAMP, pictures=(make_picture(text=CANARY),))
    ref = await site.app.store.read(lambda s: s.execute(select(WebUpload.ref)).scalar_one())

    assert CANARY not in await site.channel.fetch(Media(kind="image", ref=ref))


async def test_showing_a_talk_asks_no_more_for_many_pictures_than_for_one(site: Site) -> None:
    browser = await site.browser()
    counts = []
    for number in (1, 5):
        for one in range(number):
            await browser.say(f"{LAMP}，第{one}次说", pictures=(make_picture(), make_picture(20, 20)))
        await make(site)
        with count_queries() as asked:
            await browser.open()
        counts.append(len(asked))

    assert await site.app.store.read(lambda s: len(s.execute(select(Ticket.id)).all())) > 0
    assert counts[0] == counts[1]
