"""Pushes against services of several kinds: our own channel, and ones that are slow, broken, or answer nonsense."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import xmltodict
from aiohttp import web
from aiohttp.test_utils import TestServer
from wechatpy.crypto import WeChatCrypto

from bot.channels import Inbound, Point, Reply
from bot.channels.wechat_mp import WechatMp
from bot.simulator.ledger import Count
from bot.simulator.pushes import make_event, make_location, make_text, make_video
from bot.simulator.quota import OUTSIDE
from bot.simulator.resident import Resident
from bot.simulator.simulator import Simulator, Wave
from tests.wechat import AES_KEY, APP_ID, SAFE, TOKEN, NoStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Answer = Callable[[dict[str, str], int], Awaitable[web.Response]]

QUICK = (Wave(cut_seconds=0.1),) * 4


class Receiver:
    """Remembers, and echoes what was said."""

    def __init__(self) -> None:
        self.received: list[Inbound] = []

    async def receive(self, inbound: Inbound) -> Reply:
        self.received.append(inbound)
        return Reply(text=f"您说：{inbound.text}" if inbound.text else None)

    async def quarantine(self, channel: str, raw: bytes, reason: str) -> None:
        raise AssertionError(f"the simulator writes what can be read: {channel} {raw!r} {reason}")

    async def recall(self, channel: str, key: str) -> bool:
        raise AssertionError(f"WeChat recalls nothing: {channel} {key}")


def make_simulator(address: str, **settings: Any) -> Simulator:
    return Simulator(address, APP_ID, TOKEN, AES_KEY, "gh_jieying", **settings)


@asynccontextmanager
async def our_channel(receiver: Receiver) -> AsyncIterator[Simulator]:
    channel = WechatMp(SAFE, store=NoStore())
    app = web.Application()
    app.add_routes(channel.routes(receiver))
    async with TestServer(app) as server:
        simulator = make_simulator(str(server.make_url("/wechat")))
        yield simulator
        await simulator.close()
    await channel.close()


@asynccontextmanager
async def a_service(answer: Answer) -> AsyncIterator[tuple[Simulator, list[dict[str, str]]]]:
    """Serve a service that opens pushes with wechatpy, keeps them, and answers the n-th with answer(fields, n)."""
    taken: list[dict[str, str]] = []

    async def take(request: web.Request) -> web.Response:
        query, sealed = request.query, xmltodict.parse(await request.text())["xml"]
        crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
        plain = crypto.decrypt_message(sealed, query["msg_signature"], query["timestamp"], query["nonce"])
        taken.append(xmltodict.parse(plain)["xml"])
        return await answer(taken[-1], len(taken))

    app = web.Application()
    app.router.add_post("/wechat", take)
    async with TestServer(app) as server:
        simulator = make_simulator(str(server.make_url("/wechat")))
        yield simulator, taken
        await simulator.close()


def seal_reply(fields: dict[str, str], content: str, **changes: str) -> web.Response:
    reply = {
        "ToUserName": fields["FromUserName"],
        "FromUserName": fields["ToUserName"],
        "CreateTime": "1",
        "MsgType": "text",
    } | changes
    document = "".join(f"<{name}>{value}</{name}>" for name, value in (reply | {"Content": content}).items())
    return web.Response(text=WeChatCrypto(TOKEN, AES_KEY, APP_ID).encrypt_message(f"<xml>{document}</xml>", "n", "1"))


async def test_our_channel_passes_verification_and_a_wrong_token_does_not() -> None:
    async with our_channel(Receiver()) as simulator:
        wrong = Simulator(simulator._service_url, APP_ID, "another-token", AES_KEY, "gh_jieying")
        assert [await simulator.verify(), await wrong.verify()] == [True, False]
        await wrong.close()


async def test_a_resident_talks_to_our_channel() -> None:
    receiver = Receiver()
    async with our_channel(receiver) as simulator:
        resident = Resident(simulator, "oResident0001")
        assert await resident.say("路灯<b>]]>坏了") == ["您说：路灯<b>]]>坏了"]
        assert await resident.send_location(29.87, 121.54, label="安泰路12号", patience=0) == []
        assert await resident.tap("PROGRESS", patience=0) == []
        assert await resident.send_voice(b"#!AMR", patience=0) == []
        assert await resident.send_image(b"\xff\xd8", patience=0) == []
        assert await resident.subscribe(scene="h.1", patience=0) == []
        assert await resident.unsubscribe() == []

    assert [(one.kind, one.event, one.sender) for one in receiver.received] == [
        ("text", "", "oResident0001"),
        ("location", "", "oResident0001"),
        ("event", "click", "oResident0001"),
        ("voice", "", "oResident0001"),
        ("image", "", "oResident0001"),
        ("event", "subscribe_scan", "oResident0001"),
        ("event", "unsubscribe", "oResident0001"),
    ]
    assert receiver.received[1].point == Point(latitude=29.87, longitude=121.54, label="安泰路12号")
    assert [simulator.api.media[one.media[0].ref] for one in receiver.received[3:5]] == [b"#!AMR", b"\xff\xd8"]
    assert simulator.ledger.unacknowledged() == set()


async def test_an_active_answer_is_heard_too() -> None:
    taken_by_service = asyncio.Event()

    async def answer(_fields: dict[str, str], _number: int) -> web.Response:
        taken_by_service.set()
        return web.Response(text="success")

    async with a_service(answer) as (simulator, _):
        resident = Resident(simulator, "oA")
        said = asyncio.create_task(resident.say("在吗", patience=2))
        await taken_by_service.wait()
        simulator.ledger.note_sent("oA", "在", way="active", at=simulator._clock())
        assert await said == ["在"]
        assert await resident.hear(patience=0.01) == []
        assert list(simulator.ledger.counts().values()) == [Count(0, 1)]


async def test_every_message_has_its_own_id_and_an_event_none() -> None:
    async def answer(_fields: dict[str, str], _number: int) -> web.Response:
        return web.Response()

    async with a_service(answer) as (simulator, taken):
        told = [await simulator.push("oA", fields) for fields in (make_text("a"), make_video("v"), make_event("CLICK", key="k"))]
        await simulator.push("oA", make_location(1, 2, label="x"))
    assert [one.acknowledged for one in told] == [True, True, True]
    assert [fields.get("MsgId") for fields in taken[:3]] == [told[0].message_id, told[1].message_id, None]
    assert len({one.message_id for one in told}) == 3
    assert taken[3]["Location_X"] == "1.000000"


async def test_what_is_cut_comes_again_with_the_same_id_and_another_envelope() -> None:
    nonces: set[str] = set()

    async def answer(fields: dict[str, str], number: int) -> web.Response:
        nonces.add(f"{number}:{fields['MsgId']}")
        await asyncio.sleep(0.3 if number < 3 else 0)
        return seal_reply(fields, "收到")

    async with a_service(answer) as (simulator, taken):
        told = await simulator.push("oA", make_text("a"), waves=QUICK)
    assert (told.acknowledged, told.text, len(taken)) == (True, "收到", 3)
    assert {fields["MsgId"] for fields in taken} == {told.message_id}
    assert [(one.number, one.result, one.shown) for one in simulator.ledger.deliveries] == [
        (1, "cut", False),
        (2, "cut", False),
        (3, "reply", True),
    ]


async def test_after_three_more_it_is_given_up() -> None:
    async def answer(_fields: dict[str, str], _number: int) -> web.Response:
        return web.Response(status=503)

    async with a_service(answer) as (simulator, taken):
        started = asyncio.get_running_loop().time()
        told = await simulator.push("oA", make_text("a"), waves=QUICK)
        took = asyncio.get_running_loop().time() - started
    assert (told.acknowledged, told.text, len(taken)) == (False, None, 4)
    assert 0.3 <= took < 0.6
    assert [(one.result, one.status) for one in simulator.ledger.deliveries] == [("refused", 503)] * 4
    assert simulator.ledger.unacknowledged() == {told.message_id}


async def test_two_at_once_and_only_one_answer_is_seen() -> None:
    both = asyncio.Barrier(2)

    async def answer(fields: dict[str, str], number: int) -> web.Response:
        if number > 1:
            await both.wait()
        return seal_reply(fields, "收到")

    async with a_service(answer) as (simulator, taken):
        told = await simulator.push(
            "oA", make_text("a"), waves=(Wave(cut_seconds=0.05, is_deaf=True), Wave(copies=2, cut_seconds=1))
        )
    assert (told.text, len(taken)) == ("收到", 3)
    assert [one.result for one in simulator.ledger.deliveries] == ["lost", "reply", "reply"]
    assert [one.shown for one in simulator.ledger.deliveries].count(True) == 1
    assert (simulator.ledger.seen("oA"), simulator.ledger.counts()) == (["收到"], {told.message_id: Count(1, 0)})


@pytest.mark.parametrize(
    ("nonsense", "error"),
    [
        (lambda _: web.Response(text="SUCCESS"), "not well-formed: syntax error"),
        (lambda _: web.Response(body=b"\xff"), "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
        (lambda _: web.Response(text="<xml><Content>a</Content></xml>"), "MsgSignature does not match"),
        (lambda fields: seal_reply(fields, "a", ToUserName="oB"), "a reply to somebody else"),
        (lambda fields: seal_reply(fields, "a", FromUserName="gh_other"), "a reply to somebody else"),
        (lambda fields: seal_reply(fields, ""), "not a text of 1 to 2048 bytes"),
        (lambda fields: seal_reply(fields, "灯" * 683), "not a text of 1 to 2048 bytes"),
        (lambda fields: seal_reply(fields, "a", MsgType="image"), "not a text of 1 to 2048 bytes"),
        (lambda fields: seal_reply(fields, "]]>&"), "not well-formed: not well-formed (invalid token)"),
    ],
)
async def test_what_wechat_would_show_as_an_error_is_no_acknowledgement(
    nonsense: Callable[[dict[str, str]], web.Response], error: str
) -> None:
    async def answer(fields: dict[str, str], _number: int) -> web.Response:
        return nonsense(fields)

    async with a_service(answer) as (simulator, _):
        told = await simulator.push("oA", make_text("a"), waves=(Wave(cut_seconds=1),))
    assert (told.acknowledged, told.text, simulator.ledger.seen("oA")) == (False, None, [])
    assert [(one.result, one.error) for one in simulator.ledger.deliveries] == [("refused", error)]


async def test_a_service_that_is_not_there() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        simulator = make_simulator(f"http://127.0.0.1:{unused.getsockname()[1]}/wechat")
        told = await simulator.push("oA", make_text("a"), waves=(Wave(cut_seconds=0.05),) * 2)
        await simulator.close()
    assert not told.acknowledged
    assert [one.result for one in simulator.ledger.deliveries] == ["broken", "broken"]


async def test_what_residents_do_opens_and_closes_their_windows() -> None:
    async def answer(_fields: dict[str, str], _number: int) -> web.Response:
        return web.Response()

    async with a_service(answer) as (simulator, _):
        await simulator.push("oA", make_text("a"))
        await simulator.push("oB", make_event("VIEW", key="http://h5.example"))
        await simulator.push("oC", make_text("a"))
        await simulator.push("oC", make_event("unsubscribe"))
        codes = {openid: simulator.api.quotas[openid].spend(now=simulator._clock()) for openid in ("oA", "oB", "oC")}
    assert codes == {"oA": 0, "oB": 45015, "oC": 45015}


def test_somebody_who_wrote_before_can_be_answered_for_as_long_as_the_platform_lets_us() -> None:
    simulator, wrote_at = make_simulator("http://127.0.0.1:9/wechat"), datetime(2026, 11, 22, tzinfo=UTC)
    simulator.remember("o-known", wrote_at=wrote_at)
    known = simulator.api.quotas["o-known"]

    assert known.is_following
    assert known.spend(now=wrote_at + timedelta(hours=47)) == 0
    assert known.spend(now=wrote_at + timedelta(hours=48)) == OUTSIDE
    assert "o-stranger" not in simulator.api.quotas
