"""Pictures, voices, videos and places of residents, all the way: pushed by the simulated platform, fetched from it, sealed, and put to a ticket.

The service is the real one over HTTP with its worker running; only its clock can be moved on, so that a second try need not be waited for.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from aiohttp.test_utils import TestServer, unused_port
from aiohttp.web import Application, Request, Response
from sqlalchemy import select

from bot.app import App
from bot.channels.wechat_mp import WechatMp, WechatMpSettings
from bot.simulator.api import MEDIA
from bot.simulator.faults import Fault
from bot.simulator.pushes import make_image, make_video
from bot.simulator.resident import Resident
from bot.simulator.simulator import Simulator
from bot.texts import fill
from residents.attachments import Attachment
from routing.tables import Ticket
from store.clock import utcnow
from store.inbox import InboxMessage
from store.keys import open_key
from store.sealing import KeyGone
from tests.integration.test_privacy import read_everything, read_files
from tests.pictures import make_picture, measure

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.city import City
    from bot.settings import Settings
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

LIMIT = 4096
PICTURE = make_picture(37, 23, text=b"canary of a picture")
VOICE = b"#!AMR canary of a voice"
VIDEO = b"ftypmp42 canary of a video"
PLACE = "安泰路12号"
REPORT = f"{PLACE}门口路灯坏了三天"
ACCOUNT = WechatMpSettings(
    app_id="wx0000000000000001",
    token="jieyingtoken01",
    encoding_aes_key="abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    app_secret="simulated-secret",
    original_id="gh_jieying",
    media_limit_bytes=LIMIT,
)


@dataclass
class Clock:
    """The service's clock: the real one, moved on by `ahead`."""

    ahead: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        return utcnow() + self.ahead


@dataclass
class House:
    """A service that runs, the platform it is turned to, and one resident."""

    app: App
    simulator: Simulator
    clock: Clock
    files: str
    """The address of the platform's file server."""
    asked: list[tuple[str, str]] = field(default_factory=list)
    """What was asked of the platform's file server: path and query."""

    def __post_init__(self) -> None:
        self.resident = Resident(self.simulator, "oResident0001")
        self.store = self.app.store

    async def push_image(self, content: bytes) -> tuple[list[str], str]:
        """Send a picture; gives what is answered and the message's key."""
        media_id = self.resident._keep(content)
        told = await self.simulator.push(self.resident.openid, make_image(media_id))
        return await self.resident.hear(), f"m:{told.message_id}"

    async def find(self, *, until: str, count: int = 1) -> list[Attachment]:
        """Wait until so many attachments are done (of a picture: made or not), lost, or `missed` once; gives all there are."""
        rows: list[Attachment] = []
        for _ in range(200):
            rows = await self.store.read(read_attachments)
            states = [name_state(row) for row in rows]
            if states.count(until) >= count:
                return rows
            await asyncio.sleep(0.05)
        raise AssertionError([(row.kind, row.state, row.error) for row in rows])

    async def open(self, row: Attachment) -> bytes:
        """Open what is kept: of a picture that was made its view, else what was fetched."""
        return await self.store.read(lambda s: open_key(s, row.key_id).open(row.view or row.body or b""))

    async def messages(self) -> list[tuple[str | None, str | None]]:
        """Give each message's outcome and ticket."""
        return await self.store.read(
            lambda s: [(row.outcome, row.ticket) for row in s.execute(select(InboxMessage).order_by(InboxMessage.id)).scalars()]
        )

    async def tickets(self) -> list[Ticket]:
        return await self.store.read(lambda s: list(s.execute(select(Ticket).order_by(Ticket.id)).scalars()))


def name_state(row: Attachment) -> str:
    if row.state == "expected" and row.error:
        return "missed"
    if row.kind == "image" and row.state == "fetched":
        return "being made"
    return "done" if row.state in {"fetched", "made", "unmade"} else row.state


def read_attachments(session: Session) -> list[Attachment]:
    return list(session.execute(select(Attachment).order_by(Attachment.id)).scalars())


@pytest.fixture
async def house(demo_store: Store, demo_city: tuple[Path, City], demo_settings: Settings) -> AsyncIterator[House]:
    clock = Clock()
    async with build_house(demo_store, demo_city[1], demo_settings, clock) as built:
        yield built


@asynccontextmanager
async def build_house(store: Store, city: City, settings: Settings, clock: Clock) -> AsyncIterator[House]:
    ports = unused_port(), unused_port()
    account = msgspec.structs.replace(ACCOUNT, api_base=f"http://127.0.0.1:{ports[1]}")
    channel = WechatMp(account, store=store)
    app = App(settings, store, city, {"wechat_mp": channel}, clock=clock)
    simulator = Simulator(
        f"http://127.0.0.1:{ports[0]}/wechat",
        account.app_id,
        account.token,
        account.encoding_aes_key,
        account.original_id,
        app_secret=account.app_secret,
    )
    built = House(app, simulator, clock, account.api_base)
    servers = TestServer(app.application(), port=ports[0]), TestServer(serve_files(built), port=ports[1])
    async with servers[0], servers[1]:
        await app.worker.start()
        try:
            yield built
        finally:
            await app.receiver.drain()
            await app.worker.stop()
            await channel.close()
            await simulator.close()


def serve_files(house: House) -> Application:
    """Serve the platform's API, and on the same host the file server that videos are handed on to."""

    async def give(request: Request) -> Response:
        house.asked.append((request.path, request.query_string))
        return Response(body=VIDEO, content_type="video/mp4")

    app = house.simulator.api_app()
    app.router.add_get("/files/{name}", give)
    return app


async def test_a_picture_then_words_are_one_ticket_and_the_picture_is_sealed(house: House, tmp_path: Path) -> None:
    asked = await house.resident.send_image(PICTURE)
    before = await house.find(until="done")
    told = await house.resident.say(REPORT)
    (ticket,) = await house.tickets()
    (picture,) = await house.store.read(read_attachments)

    assert [text.splitlines()[0] for text in asked] == [fill("say", "ask_matter")]
    assert told[0] == fill("say", "ticket_opened", {"ticket": ticket.number, "title": ticket.title})
    assert await house.messages() == [("ticket", ticket.number), ("told", ticket.number)]
    assert (before[0].ticket, picture.ticket) == (None, ticket.number)
    assert (picture.kind, picture.state, picture.body, picture.tries, picture.error) == ("image", "made", None, 1, None)
    assert measure(await house.open(picture)) == (37, 23)
    heap = await house.store.read(read_everything) + read_files(tmp_path)
    assert PLACE.encode() in heap
    assert (b"canary of a picture" in heap, house.resident.openid.encode() in heap) == (False, False)


async def test_words_then_a_picture_are_one_ticket_too(house: House) -> None:
    await house.resident.say(REPORT)
    (ticket,) = await house.tickets()
    told = await house.resident.send_image(PICTURE)
    (picture,) = await house.find(until="done")

    assert await house.messages() == [("ticket", ticket.number), ("told", ticket.number)]
    assert (fill("say", "added", {"ticket": ticket.number}) in told, picture.ticket) == (True, ticket.number)


async def test_a_voice_without_words_goes_to_the_desk_to_be_heard(house: House) -> None:
    told = await house.resident.send_voice(VOICE)
    (voice,) = await house.find(until="done")
    (ticket,) = await house.tickets()

    assert await house.messages() == [("to_desk", ticket.number)]
    assert (ticket.unit == ticket.desk, voice.ticket, voice.kind, voice.format) == (True, ticket.number, "voice", "amr")
    assert await house.open(voice) == VOICE
    assert told[0].splitlines()[0] == fill("say", "voice_received", {"ticket": ticket.number})


async def test_a_voice_that_the_platform_put_into_words_is_read(house: House) -> None:
    await house.resident.send_voice(VOICE, recognition=REPORT)
    (voice,) = await house.find(until="done")
    (ticket,) = await house.tickets()

    assert await house.messages() == [("ticket", ticket.number)]
    assert (voice.ticket, PLACE in ticket.public_place) == (ticket.number, True)


async def test_a_video_is_fetched_where_the_platform_says_and_without_our_token(house: House, tmp_path: Path) -> None:
    media_id = house.resident._keep(msgspec.json.encode({"video_url": f"{house.files}/files/v.mp4?key=1"}))
    await house.resident.do(make_video(media_id), patience=5)
    (video,) = await house.find(until="done")

    assert (video.kind, await house.open(video), house.asked) == ("video", VIDEO, [("/files/v.mp4", "key=1")])
    assert b"canary of a video" not in await house.store.read(read_everything) + read_files(tmp_path)


async def test_a_file_on_a_foreign_host_or_beyond_the_cap_is_lost_and_says_so(house: House, tmp_path: Path) -> None:
    for content in (b"\xff\xd8 canary of a flood" + b"x" * LIMIT, b'{"video_url": "http://203.0.113.7/v.mp4"}', b"x" * LIMIT):
        await house.push_image(content)
    rows = await house.find(until="lost", count=2)
    rows = await house.find(until="done")

    assert [(row.state, row.size, row.tries, row.error) for row in rows] == [
        ("lost", None, 1, "SendNever 0"),
        ("lost", None, 1, "SendNever 0"),
        ("unmade", LIMIT, 1, "wrong_type"),
    ]
    assert [row.body is None for row in rows] == [True, True, False]
    assert house.asked == []
    assert b"canary of a flood" not in await house.store.read(read_everything) + read_files(tmp_path)


@pytest.mark.parametrize("fault", [Fault(code=-1), Fault(status=502), Fault(drop=True)], ids=["busy", "502", "broken off"])
async def test_a_fetch_that_failed_is_tried_again_later(house: House, fault: Fault) -> None:
    house.simulator.faults.inject(MEDIA, fault, times=None)
    await house.push_image(PICTURE)
    (failed,) = await house.find(until="missed")
    house.simulator.faults.clear()
    await asyncio.sleep(0.5)
    (still,) = await house.find(until="missed")
    house.clock.ahead += timedelta(seconds=41)
    (picture,) = await house.find(until="done")

    assert (failed.tries, still.tries, still.body, picture.tries) == (1, 1, None, 2)
    assert measure(await house.open(picture)) == (37, 23)


async def test_what_stays_away_until_the_last_try_is_lost(house: House) -> None:
    house.simulator.faults.inject(MEDIA, Fault(code=-1), times=None)
    await house.push_image(PICTURE)
    for _ in range(10):
        await house.app.duties.fetch()
        house.clock.ahead += timedelta(days=1)
    (picture,) = await house.find(until="lost")

    assert (picture.tries, picture.body, picture.error) == (10, None, "SendLater -1")


async def test_a_recalled_messages_picture_cannot_be_opened(house: House) -> None:
    _, key = await house.push_image(PICTURE)
    (picture,) = await house.find(until="done")
    assert measure(await house.open(picture)) == (37, 23)

    assert await house.app.receiver.recall("wechat_mp", key) is True

    with pytest.raises(KeyGone):
        await house.open(picture)


async def test_a_picture_recalled_before_it_was_fetched_never_is(house: House) -> None:
    house.simulator.faults.inject(MEDIA, Fault(code=-1), times=1)
    _, key = await house.push_image(PICTURE)
    await house.find(until="missed")
    await house.app.receiver.recall("wechat_mp", key)
    house.clock.ahead += timedelta(seconds=41)
    (picture,) = await house.find(until="lost")

    assert (picture.body, picture.error) == (None, "recalled")


async def test_a_location_fills_the_place_that_was_asked_for(house: House) -> None:
    asked = await house.resident.say("路灯坏了三天没人修")
    told = await house.resident.send_location(29.87, 121.54, label=PLACE)
    (ticket,) = await house.tickets()

    assert [text.splitlines()[0] for text in asked] == [fill("say", "ask_place")]
    assert told[0] == fill("say", "ticket_opened", {"ticket": ticket.number, "title": ticket.title})
    assert PLACE in ticket.public_place
    assert await house.messages() == [("ticket", ticket.number), ("told", ticket.number)]


async def test_a_location_first_is_kept_for_the_report_that_follows(house: House) -> None:
    kept = await house.resident.send_location(29.87, 121.54, label=PLACE)
    await house.resident.say("路灯坏了三天没人修")
    (ticket,) = await house.tickets()

    assert [text.splitlines()[0] for text in kept] == [fill("say", "place_kept")]
    assert PLACE in ticket.public_place
    assert await house.messages() == [("told", None), ("ticket", ticket.number)]
