"""The simulated API over HTTP: it answers calls as the platform's documentation says, and our own client understands it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import aiohttp
import msgspec
import pytest
from aiohttp.test_utils import TestServer

from bot.channels import Outbound, SendLater, SendNever, SendUnknown, WindowClosed
from bot.channels.api_client import AccountProblem, ApiClient, TokenRefused, fetch_stable_token
from bot.channels.webhook import Webhook, WebhookSettings
from bot.simulator.api import CUSTOM, MEDIA, ROBOT, ROBOT_GROUP, TEMPLATE, TOKEN, PlatformApi
from bot.simulator.faults import Fault
from bot.simulator.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)


class Platform:
    """A served API with one resident who has just written, a clock to move, and our client."""

    def __init__(self) -> None:
        self.now = NOW
        self.ledger = Ledger()
        self.api = PlatformApi(
            app_id="wxA",
            app_secret="right",
            robot_key="KEY",
            templates=frozenset({"TPL"}),
            ledger=self.ledger,
            clock=lambda: self.now,
        )
        self.api.quotas["oA"].open("message", now=NOW)
        self.address = ""
        self.client: ApiClient = ApiClient(hosts=(), connect_seconds=1, request_seconds=1)
        self.token = ""

    @asynccontextmanager
    async def run(self) -> AsyncIterator[Platform]:
        async with TestServer(self.api.app()) as server:
            self.address = str(server.make_url("")).rstrip("/")
            self.client = ApiClient(hosts=(self.address,), connect_seconds=0.2, request_seconds=0.3)
            self.token = (await fetch_stable_token(self.client, app_id="wxA", app_secret="right")).value
            yield self
            await self.client.close()

    async def say(self, content: str = "好了", openid: str = "oA", *, token: str | None = None, **changes: Any) -> dict[str, Any]:
        payload = {"touser": openid, "msgtype": "text", "text": {"content": content}} | changes
        return await self.client.post(CUSTOM, payload, token=self.token if token is None else token, once=True)

    async def notify(self, openid: str = "oA", **changes: Any) -> Any:
        payload = {"touser": openid, "template_id": "TPL", "data": {"thing1": {"value": "路灯"}, "phrase2": {"value": "已办结"}}}
        return (await self.client.post(TEMPLATE, payload | changes, token=self.token, once=True))["msgid"]

    async def code(self, path: str, body: bytes) -> int:
        async with aiohttp.ClientSession() as session:
            answer = await session.post(self.address + path, params={"access_token": self.token}, data=body)
            return int((await answer.json())["errcode"])


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    async with Platform().run() as running:
        yield running


async def test_a_text_reaches_the_resident(platform: Platform) -> None:
    assert await platform.say("您的工单已办结") == {"errcode": 0, "errmsg": "ok"}
    assert platform.ledger.seen("oA") == ["您的工单已办结"]
    assert [(one.path, one.code, one.answered) for one in platform.ledger.calls] == [(TOKEN, 0, True), (CUSTOM, 0, True)]


async def test_the_window_and_its_five(platform: Platform) -> None:
    for number in range(5):
        await platform.say(str(number))
    with pytest.raises(WindowClosed) as used_up:
        await platform.say("5")
    platform.now += timedelta(hours=48)
    platform.token = (await fetch_stable_token(platform.client, app_id="wxA", app_secret="right")).value
    with pytest.raises(WindowClosed) as outside:
        await platform.say("6")
    assert (used_up.value.code, outside.value.code) == (45047, 45015)
    assert platform.ledger.seen("oA") == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"touser": "oStranger"}, 40003),
        ({"msgtype": "image"}, 40008),
        ({"text": {"content": ""}}, 44004),
        ({"text": "a"}, 44004),
        ({"text": {"content": "灯" * 683}}, 45002),
    ],
)
async def test_a_send_that_cannot_be(platform: Platform, changes: dict[str, Any], code: int) -> None:
    with pytest.raises(SendNever) as caught:
        await platform.say(**changes)
    assert (caught.value.code, platform.ledger.seen("oA")) == (code, [])


async def test_the_longest_text_passes(platform: Platform) -> None:
    await platform.say("灯" * 682 + "ab")
    assert platform.ledger.seen("oA") == ["灯" * 682 + "ab"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (rb'{"touser":"oA","msgtype":"text","text":{"content":"\u597d"}}', 40033),
        (rb'{"touser":"oA","msgtype":"text","text":{"content":"a\\\u597d"}}', 40033),
        (b'{"touser":"oA","msgtype":"text","text":{"content":"\xff"}}', 40033),
        (rb'{"touser":"oA","msgtype":"text","text":{"content":"a\\u597d"}}', 0),
        (rb'{"touser":"oA","msgtype":"text","text":{"content":"a\u0007"}}', 0),
        (b'{"touser":', 47001),
        (b"[]", 47001),
    ],
)
async def test_only_plain_utf_8_is_taken(platform: Platform, body: bytes, code: int) -> None:
    assert await platform.code(CUSTOM, body) == code


async def test_tokens_are_checked(platform: Platform) -> None:
    with pytest.raises(TokenRefused) as invalid:
        await platform.say(token="made up")
    with pytest.raises(TokenRefused) as missing:
        await platform.say(token="")
    platform.now += timedelta(seconds=7200)
    with pytest.raises(TokenRefused) as expired:
        await platform.say()
    assert [caught.value.code for caught in (invalid, missing, expired)] == [40001, 41001, 42001]


async def test_accounts_are_checked(platform: Platform) -> None:
    with pytest.raises(AccountProblem) as wrong_account:
        await fetch_stable_token(platform.client, app_id="wxB", app_secret="right")
    with pytest.raises(AccountProblem) as wrong_secret:
        await fetch_stable_token(platform.client, app_id="wxA", app_secret="wrong")
    platform.api.faults.inject_codes(TOKEN, {40164: 1})
    with pytest.raises(AccountProblem) as not_allowed:
        await fetch_stable_token(platform.client, app_id="wxA", app_secret="right")
    assert [caught.value.code for caught in (wrong_account, wrong_secret, not_allowed)] == [40013, 40125, 40164]
    assert await platform.code(TOKEN, b"{") == 47001


async def test_templates(platform: Platform) -> None:
    assert [await platform.notify(), await platform.notify(client_msg_id="c1"), await platform.notify(client_msg_id="c1")] == [
        1,
        2,
        2,
    ]
    platform.now += timedelta(minutes=10)
    assert await platform.notify(client_msg_id="c1") == 3
    assert platform.ledger.seen("oA") == ["路灯 已办结"] * 3


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"template_id": "OTHER"}, 40037),
        ({"data": {}}, 47003),
        ({"data": {"thing1": "路灯"}}, 47003),
        ({"data": {"thing1": {"value": "灯" * 21}}}, 47003),
        ({"openid": "oStranger"}, 40003),
    ],
)
async def test_a_template_message_that_cannot_be(platform: Platform, changes: dict[str, Any], code: int) -> None:
    with pytest.raises(SendNever) as caught:
        await platform.notify(**changes)
    assert (caught.value.code, platform.ledger.seen("oA")) == (code, [])


async def test_who_has_left_gets_nothing(platform: Platform) -> None:
    platform.api.quotas["oA"].close()
    with pytest.raises(WindowClosed):
        await platform.say()
    with pytest.raises(SendNever) as caught:
        await platform.notify()
    assert (caught.value.code, platform.ledger.seen("oA")) == (43004, [])


async def test_media(platform: Platform) -> None:
    platform.api.media["m1"] = b"\xff\xd8picture"

    async def get(media_id: str, token: str) -> bytes:
        query = {"access_token": token, "media_id": media_id}
        return (await platform.client.download(MEDIA, query=query, cap=1000, seconds=1)).body

    assert await get("m1", platform.token) == b"\xff\xd8picture"
    with pytest.raises(SendNever) as unknown:
        await get("m2", platform.token)
    with pytest.raises(TokenRefused):
        await get("m1", "made up")
    assert unknown.value.code == 40007


async def test_the_robot(platform: Platform) -> None:
    robot = Webhook(WebhookSettings(url=f"{platform.address}{ROBOT}?key=KEY", per_minute=100))
    stranger = Webhook(WebhookSettings(url=f"{platform.address}{ROBOT}?key=OTHER"))
    for number in range(20):
        await robot.send(Outbound(address="", text=str(number)))
    with pytest.raises(SendLater) as busy:
        await robot.send(Outbound(address="", text="20"))
    platform.now += timedelta(minutes=1)
    await robot.send(Outbound(address="", text="21"))
    with pytest.raises(SendNever) as unknown:
        await stranger.send(Outbound(address="", text="x"))
    with pytest.raises(SendNever):
        await robot.send(Outbound(address="", text=""))
    assert (busy.value.code, unknown.value.code) == (45009, 93000)
    assert platform.ledger.seen(ROBOT_GROUP) == [*map(str, range(20)), "21"]
    await robot.close()
    await stranger.close()


async def test_injected_codes_do_nothing_and_pass(platform: Platform) -> None:
    platform.api.faults.inject_codes(CUSTOM, {-1: 1, 45009: 1})
    for code in (-1, 45009):
        with pytest.raises(SendLater) as caught:
            await platform.say("未达")
        assert caught.value.code == code
    await platform.say("到了")
    assert platform.ledger.seen("oA") == ["到了"]


@pytest.mark.parametrize("fault", [Fault(slow_seconds=0.7), Fault(drop=True)], ids=["slow", "drop"])
async def test_what_was_done_without_an_answer_is_on_record(platform: Platform, fault: Fault) -> None:
    platform.api.faults.inject(CUSTOM, fault)
    with pytest.raises(SendUnknown):
        await platform.say("也许到了")
    while platform.ledger.in_flight[CUSTOM]:
        await platform.ledger.wait_for_news(0.05)
    assert platform.ledger.seen("oA") == ["也许到了"]
    assert [one.text for one in platform.ledger.unanswered(CUSTOM)] == ["也许到了"]


async def test_a_page_instead_of_json_is_on_record_as_not_done(platform: Platform) -> None:
    platform.api.faults.inject(CUSTOM, Fault(status=502))
    with pytest.raises(SendUnknown):
        await platform.say("未达")
    assert (platform.ledger.seen("oA"), platform.ledger.calls[-1].code) == ([], -502)


async def test_calls_in_flight_are_counted(platform: Platform) -> None:
    platform.api.faults.inject(CUSTOM, Fault(slow_seconds=0.1))
    assert platform.ledger.in_flight[CUSTOM] == 0
    async with aiohttp.ClientSession() as session:
        body = msgspec.json.encode({"touser": "oA", "msgtype": "text", "text": {"content": "a"}})
        async with session.post(platform.address + CUSTOM, params={"access_token": platform.token}, data=body) as answer:
            assert answer.status == 200
    assert platform.ledger.in_flight[CUSTOM] == 0
