"""The channel contract: what every file in bot/channels promises, whatever it speaks. One suite, over all that discover() finds."""

from __future__ import annotations

import logging
import re
import shutil
import socket
import traceback
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.channels import BodyDiffers, Inbound, Media, Outbound, Reply, SendError, SendLater, SendNever, WindowClosed, discover
from bot.replies import cut
from bot.settings import Settings, effective, list_secrets
from tests.contract.channel_drivers import DRIVERS, Driver, Request, WayIn, WayOut
from tests.wechat import FakePlatform, NoStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.channels import Channel
    from store.engine import Store

HEARING = [driver for driver in DRIVERS if isinstance(driver.way_in, WayIn)]
DEAF = [driver for driver in DRIVERS if isinstance(driver.way_in, str)]
SPEAKING = [driver for driver in DRIVERS if isinstance(driver.way_out, WayOut) and driver.mode in ("", "safe")]
"""Modes are of the way in; the ways out are the same in each."""
DUMB = [driver for driver in DRIVERS if isinstance(driver.way_out, str)]
REFUSABLE = [driver for driver in SPEAKING if isinstance(driver.way_out.failures, dict)]
FETCHING = [driver for driver in DRIVERS if driver.media.startswith("/")]
LINKS = ('<a href="https://h5.example/t/1?a=b">查看工单</a>', "https://h5.example/ticket/20261121-0042?token=abc")
FAMILY = "👨‍👩‍👧‍👦"
ADDRESS = "oResident0001"

over = pytest.mark.parametrize


def ids(drivers: list[Driver]) -> list[str]:
    return [driver.id for driver in drivers]


class Inbox:
    """Keeps what it is handed by key as the receiver does; answers with `text`, or raises `broken` and keeps nothing."""

    def __init__(self, text: str | None = "收到", broken: Exception | None = None) -> None:
        self.text = text
        self.broken = broken
        self.kept: dict[str, Inbound] = {}
        self.deliveries = 0
        self.aside: list[bytes] = []

    async def receive(self, inbound: Inbound) -> Reply:
        if self.broken:
            raise self.broken
        self.deliveries += 1
        if self.kept.setdefault(inbound.key, inbound) != inbound:
            raise BodyDiffers
        return Reply(text=self.text, outcome="told")

    async def quarantine(self, channel: str, raw: bytes, reason: str) -> None:  # noqa: ARG002 - the protocol's signature
        if self.broken:
            raise self.broken
        self.aside.append(raw)

    async def recall(self, channel: str, key: str) -> bool:
        raise AssertionError(f"nobody took anything back: {channel} {key}")


class OtherSide:
    """Hands requests over to the channel's way in."""

    def __init__(self, client: TestClient[Any, Any], way: WayIn) -> None:
        self._client = client
        self._way = way

    async def say(self, text: str, number: int = 7, *, length: int = 0) -> tuple[int, str]:
        return await self.hand(self._way.write(text, number, length))

    async def hand(self, request: Request) -> tuple[int, str]:
        async with self._client.post(self._way.path, params=request.query, headers=request.headers, data=request.body) as answer:
            return answer.status, await answer.text()


@asynccontextmanager
async def serve(driver: Driver, inbox: Inbox) -> AsyncIterator[OtherSide]:
    channel = driver.make(NoStore())
    app = web.Application(client_max_size=256 * 1024)
    app.add_routes(channel.routes(inbox))
    async with TestClient(TestServer(app)) as client:
        yield OtherSide(client, driver.way_in)  # type: ignore[arg-type] # only drivers with a way in are served
    await channel.close()


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """One kind of database is enough: only tokens are kept in it, and test_token runs on both."""
    shutil.copy(sqlite_template, tmp_path / "jieying.db")
    return f"sqlite:///{tmp_path / 'jieying.db'}"


@pytest.fixture
async def platform() -> AsyncIterator[FakePlatform]:
    async with FakePlatform().run() as running:
        yield running


@asynccontextmanager
async def connect(driver: Driver, address: str, store: Store) -> AsyncIterator[Channel]:
    assert isinstance(driver.way_out, WayOut)
    channel = driver.make(store, driver.way_out.connect(address))
    yield channel
    await channel.close()


def find_closed_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def secrets_of(driver: Driver, settings: Any = None) -> list[str]:
    settings = driver.settings if settings is None else settings
    return [getattr(settings, name) for name in getattr(type(settings), "SECRETS", ())]


# What it declares


def test_every_channel_has_a_driver_and_every_driver_a_channel() -> None:
    assert {driver.channel for driver in DRIVERS} == set(discover())


@over("driver", DRIVERS, ids=ids(list(DRIVERS)))
def test_it_is_what_it_declares_and_off_until_it_is_set_up(driver: Driver) -> None:
    spec = discover()[driver.channel]
    channel = driver.make(NoStore())

    assert (spec.name, channel.name, type(driver.settings)) == (driver.channel, driver.channel, spec.settings)
    assert (bool(spec.title), channel.reply_limit >= 0) == (True, True)
    assert spec.is_on(driver.settings) is True
    assert spec.is_on(driver.off or spec.settings()) is False
    assert spec.is_on(spec.settings()) is bool(driver.why_on)


@over("driver", DRIVERS, ids=ids(list(DRIVERS)))
async def test_doctor_names_what_is_wrong_in_the_readers_words(driver: Driver) -> None:
    spec = discover()[driver.channel]
    right = await spec.check(driver.settings)
    wrongs = driver.wrong if isinstance(driver.wrong, tuple) else ()
    found = [await spec.check(msgspec.structs.replace(driver.settings, **change)) for change in wrongs]
    named = [[problem for problem in problems if problem not in right] for problems in found]

    assert await spec.check(driver.off or spec.settings()) == []
    assert (len(right), driver.mode == "plain") in {(0, False), (1, True)}  # what is unsafe is said even where it is wanted
    assert [len(problems) for problems in named] == [1] * len(wrongs)
    assert bool(wrongs) is not isinstance(driver.wrong, str)
    for problem in [*right, *(one for problems in named for one in problems)]:
        assert re.search(r"[\u4e00-\u9fff]{4}.*[。）]$", problem, re.DOTALL), problem
        assert [secret for secret in secrets_of(driver) if secret in problem] == []


# The way in


@over("driver", DEAF, ids=ids(DEAF))
def test_what_only_speaks_opens_no_way_in(driver: Driver) -> None:
    assert (driver.make(NoStore()).routes(Inbox()), bool(driver.way_in)) == ([], True)


@over("driver", HEARING, ids=ids(HEARING))
async def test_what_is_forged_is_refused_and_reaches_nobody(driver: Driver) -> None:
    inbox = Inbox()
    forged = driver.way_in.forge()
    async with serve(driver, inbox) as other:
        statuses = [(await other.hand(request))[0] for request in forged]
        genuine, _ = await other.say("路灯不亮")

    assert len(forged) > 3
    assert {status for status in statuses if status not in (401, 403)} == set()
    assert (genuine // 100, inbox.deliveries, list(inbox.kept), inbox.aside) == (2, 1, [driver.way_in.key], [])


@over("driver", HEARING, ids=ids(HEARING))
async def test_a_repeat_is_the_same_message_and_gets_the_same_words(driver: Driver) -> None:
    inbox = Inbox()
    async with serve(driver, inbox) as other:
        answers = [await other.say("路灯不亮") for _ in range(3)]

    assert [(status // 100, driver.way_in.read(body)) for status, body in answers] == [(2, "收到")] * 3
    assert (inbox.deliveries, list(inbox.kept)) == (3, [driver.way_in.key])
    assert [(one.channel, one.kind, one.text) for one in inbox.kept.values()] == [(driver.channel, "text", "路灯不亮")]


@over("driver", HEARING, ids=ids(HEARING))
async def test_a_used_key_with_other_words_changes_nothing(driver: Driver) -> None:
    inbox = Inbox()
    async with serve(driver, inbox) as other:
        await other.say("路灯不亮")
        status, _ = await other.say("路灯亮了")

    assert (status, [one.text for one in inbox.kept.values()]) == (driver.way_in.differs, ["路灯不亮"])


@over("driver", HEARING, ids=ids(HEARING))
async def test_a_type_that_nobody_knows_does_no_harm(driver: Driver) -> None:
    inbox = Inbox()
    async with serve(driver, inbox) as other:
        status, body = await other.hand(driver.way_in.unknown())
        after, _ = await other.say("路灯不亮")

    kinds = [(one.kind, one.text) for one in inbox.kept.values()]
    if driver.way_in.takes_unknown:
        assert (status, kinds) == (200, [("other", "三维"), ("text", "路灯不亮")])
    else:
        assert (status, kinds) == (400, [("text", "路灯不亮")])
        assert "type" in msgspec.json.decode(body)["error"]
    assert after // 100 == 2


@over("driver", HEARING, ids=ids(HEARING))
async def test_a_body_beyond_the_cap_is_refused_and_the_longest_is_taken(driver: Driver) -> None:
    inbox = Inbox()
    async with serve(driver, inbox) as other:
        beyond, _ = await other.say("太长了", 1, length=driver.way_in.cap + 1)
        longest, _ = await other.say("正好", 2, length=driver.way_in.cap)

    assert (beyond, longest // 100, [one.text for one in inbox.kept.values()]) == (413, 2, ["正好"])


@over("driver", HEARING, ids=ids(HEARING))
async def test_what_could_not_be_stored_is_not_acknowledged_and_comes_again(driver: Driver) -> None:
    inbox = Inbox(broken=OSError("disk full at /var/lib/jieying"))
    async with serve(driver, inbox) as other:
        status, body = await other.say("路灯不亮")
        inbox.broken = None
        again, _ = await other.say("路灯不亮")

    assert (status, again // 100, list(inbox.kept)) == (503, 2, [driver.way_in.key])
    assert "disk" not in body


@over("driver", HEARING, ids=ids(HEARING))
async def test_what_is_answered_is_read_as_it_was_said(driver: Driver) -> None:
    said = f'{LINKS[0]} ]]> & < > "…" \\ {FAMILY}'
    async with serve(driver, Inbox(said)) as other:
        status, body = await other.say("路灯不亮")

    assert (status // 100, driver.way_in.read(body)) == (2, said)


# The way out


@over("driver", DUMB, ids=ids(DUMB))
async def test_what_cannot_be_called_lets_words_wait_for_the_next_contact(driver: Driver) -> None:
    channel = driver.make(NoStore())

    for way in (channel.send, channel.notify):
        with pytest.raises(WindowClosed):
            await way(Outbound(address=ADDRESS, text="好了"))
    await channel.close()


@over("driver", SPEAKING, ids=ids(SPEAKING))
async def test_a_long_text_arrives_in_parts_that_split_no_character_and_no_link(
    driver: Driver, platform: FakePlatform, store: Store
) -> None:
    text = "".join(f"第{number}件：路灯不亮{FAMILY}{LINKS[number % 2]}，已派单" for number in range(60))
    if driver.way_out.meet is not None:
        await driver.way_out.meet(store)
    async with connect(driver, platform.address, store) as channel:
        parts = cut(text, channel.reply_limit)
        for part in parts:
            await channel.send(Outbound(address=ADDRESS, text=part))
        heard = await driver.way_out.read(store) if driver.way_out.read else driver.way_out.words(channel, platform)
        limit = channel.reply_limit

    assert (heard, "".join(heard)) == (parts, text)
    assert (len(parts) > 1) is (limit > 0)
    for whole in (FAMILY, *LINKS):
        assert sum(part.count(whole) for part in heard) == text.count(whole)


@over("driver", REFUSABLE, ids=ids(REFUSABLE))
async def test_a_text_that_was_not_cut_never_leaves(driver: Driver, platform: FakePlatform, store: Store) -> None:
    async with connect(driver, platform.address, store) as channel:
        with pytest.raises(SendNever):
            await channel.send(Outbound(address=ADDRESS, text="a" * (channel.reply_limit + 1)))
        await channel.send(Outbound(address=ADDRESS, text="a" * channel.reply_limit))

    assert platform.paths() == [driver.way_out.path]


@over(
    ("driver", "kind", "answer"),
    [
        pytest.param(driver, kind, answer, id=f"{driver.id}-{kind.__name__}-{answer}")
        for driver in REFUSABLE
        for kind, answers in driver.way_out.failures.items()
        for answer in answers
    ],
)
async def test_each_failure_is_one_of_four_kinds_and_nothing_is_sent_twice(
    driver: Driver, kind: type[SendError], answer: Any, platform: FakePlatform, store: Store
) -> None:
    platform.answers[driver.way_out.path] = [answer]
    async with connect(driver, platform.address, store) as channel:
        with pytest.raises(kind) as caught:
            await channel.send(Outbound(address=ADDRESS, text="好了"))
        told = "".join(traceback.format_exception(caught.value))

    assert platform.paths() == [driver.way_out.path]
    assert [
        word for word in (ADDRESS, *secrets_of(driver, driver.way_out.connect(platform.address)), "canary") if word in told
    ] == []


@over("driver", REFUSABLE, ids=ids(REFUSABLE))
async def test_what_never_reached_the_platform_is_tried_later(driver: Driver, store: Store) -> None:
    kinds = {kind for kind, answers in driver.way_out.failures.items() if answers}
    async with connect(driver, find_closed_port(), store) as channel:
        with pytest.raises(SendLater):
            await channel.send(Outbound(address=ADDRESS, text="好了"))

    assert kinds | ({WindowClosed} if driver.way_out.no_window else set()) == set(SendError.__subclasses__())


@given(st.lists(st.one_of(st.text(max_size=300), st.sampled_from([*LINKS, FAMILY, "🇨🇳", "\r\n"])), max_size=60).map("".join))
def test_cutting_to_any_channels_limit_loses_nothing(text: str) -> None:
    for limit in {driver.make(NoStore()).reply_limit for driver in DRIVERS}:
        parts = cut(text, limit)
        assert "".join(parts) == text
        assert not limit or max(len(part.encode("utf-8", "surrogatepass")) for part in [*parts, ""]) <= limit


# Pictures, voices, videos


@over("driver", FETCHING, ids=ids(FETCHING))
async def test_a_file_is_fetched_up_to_the_cap_and_never_beyond(driver: Driver, platform: FakePlatform, store: Store) -> None:
    answers = [b"x" * 1000, b"x" * 1001, {"errcode": 40007}, 500, b""]
    kinds = []
    async with connect(driver, platform.address, store) as channel:
        for answer in answers:
            platform.answers[driver.media] = [answer]
            try:
                kinds.append(len(await channel.fetch(Media(kind="image", ref="M1"))))
            except SendError as error:
                kinds.append(type(error))

    assert kinds == [1000, SendNever, SendNever, SendLater, SendLater]


@over("driver", [one for one in DRIVERS if one not in FETCHING], ids=ids([one for one in DRIVERS if one not in FETCHING]))
async def test_where_nothing_can_be_fetched_it_says_so_for_good(driver: Driver) -> None:
    channel = driver.make(NoStore())
    with pytest.raises(SendNever):
        await channel.fetch(Media(kind="image", ref="M1"))
    await channel.close()
    assert driver.media


# Secrets


@over("driver", DRIVERS, ids=ids(list(DRIVERS)))
async def test_no_secret_is_ever_shown(
    driver: Driver, platform: FakePlatform, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    settings = driver.settings
    if isinstance(driver.way_out, WayOut):
        settings = driver.way_out.connect(platform.address)
        platform.answers[driver.way_out.path] = [{"errcode": 40001}]
    secrets = secrets_of(driver, settings)
    channel = driver.make(store, settings)
    with capture_logs() as events, caplog.at_level(logging.DEBUG):
        if isinstance(driver.way_in, WayIn):
            async with serve(driver, Inbox(broken=OSError("disk full"))) as other:
                for request in [*driver.way_in.forge(), driver.way_in.unknown(), driver.way_in.write("路灯不亮", 7, 0)]:
                    await other.hand(request)
        if isinstance(driver.way_out, WayOut) and driver.way_out.path:
            with pytest.raises(SendError):
                await channel.send(Outbound(address=ADDRESS, text="好了"))
    await channel.close()
    whole = Settings(channels={name: spec.settings() for name, spec in discover().items()} | {driver.channel: settings})
    shown = [repr(settings), str(settings), repr(channel), repr(events), caplog.text, repr(effective(whole))]

    assert set(secrets) <= set(list_secrets(whole))
    assert [secret for secret in secrets if any(secret in one for one in shown)] == []
    assert bool(events) is isinstance(driver.way_in, WayIn)  # there was something that could have been shown
