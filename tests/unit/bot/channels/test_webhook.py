"""The robot against a platform that remembers: what arrives, how often, and what each refusal means."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channels import Media, Outbound, SendLater, SendNever, SendUnknown, WindowClosed, discover
from bot.channels.webhook import CHANNEL, Webhook, WebhookSettings
from bot.texts import fill

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

OUTBOUND = Outbound(address="duty", text="超时预警：“路灯”还剩2小时")


class FakePlatform:
    """Takes texts; `answer` is an object, a status, "slow" or "reset"."""

    def __init__(self, answer: Any = None) -> None:
        self.answer: Any = answer or {"errcode": 0, "errmsg": "ok"}
        self.heard: list[tuple[str, bytes]] = []

    async def take(self, request: web.Request) -> web.Response:
        self.heard.append((request.query_string, await request.read()))
        if self.answer == "slow":
            await asyncio.sleep(0.5)
        if self.answer == "reset" and request.transport is not None:
            request.transport.abort()
        if isinstance(self.answer, int):
            return web.Response(status=self.answer, headers={"Location": "/elsewhere"})
        return web.json_response(self.answer if isinstance(self.answer, dict) else {})


@asynccontextmanager
async def robot(platform: FakePlatform, **changes: Any) -> AsyncIterator[Webhook]:
    app = web.Application()
    app.router.add_post("/cgi-bin/webhook/send", platform.take)
    async with TestServer(app) as server:
        url = str(server.make_url("/cgi-bin/webhook/send?key=KEY"))
        channel = Webhook(WebhookSettings(url=url, request_seconds=0.2, connect_seconds=0.2), **changes)
        yield channel
        await channel.close()


async def test_a_text_arrives_as_it_is() -> None:
    platform = FakePlatform()
    async with robot(platform) as channel:
        assert await channel.send(OUTBOUND) == ""
    assert platform.heard == [("key=KEY", '{"msgtype":"text","text":{"content":"超时预警：“路灯”还剩2小时"}}'.encode())]


async def test_the_longest_text_passes_and_a_longer_one_does_not_leave() -> None:
    platform = FakePlatform()
    async with robot(platform) as channel:
        await channel.send(Outbound(address="", text="灯" * 682 + "ab"))
        with pytest.raises(SendNever):
            await channel.send(Outbound(address="", text="灯" * 682 + "abc"))
    assert (len(platform.heard), channel.reply_limit) == (1, 2048)


async def test_twenty_a_minute_and_the_next_one_waits() -> None:
    platform = FakePlatform()
    ticks = iter([*range(20), 20.0, 59.5, 60.0])
    async with robot(platform, ticks=lambda: next(ticks)) as channel:
        for _ in range(20):
            await channel.send(OUTBOUND)
        with pytest.raises(SendLater) as early:
            await channel.send(OUTBOUND)
        with pytest.raises(SendLater) as late:
            await channel.send(OUTBOUND)
        await channel.send(OUTBOUND)
    assert (early.value.after, late.value.after, len(platform.heard)) == (40.0, 0.5, 21)


@pytest.mark.parametrize("code", [45009, 130101])
async def test_a_busy_platform_is_asked_again_after_a_minute(code: int) -> None:
    async with robot(FakePlatform({"errcode": code, "errmsg": "freq"})) as channel:
        with pytest.raises(SendLater) as caught:
            await channel.send(OUTBOUND)
    assert (caught.value.code, caught.value.after) == (code, 60.0)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"errcode": 93000, "errmsg": "invalid webhook url"}, SendNever),
        ({"errcode": 40008, "errmsg": "invalid message type"}, SendNever),
        ({"errcode": -1, "errmsg": "busy"}, SendLater),
        ("slow", SendUnknown),
        ("reset", SendUnknown),
        (502, SendUnknown),
        (404, SendLater),
        (307, SendLater),
    ],
)
async def test_what_each_failure_means(answer: Any, error: type[Exception]) -> None:
    platform = FakePlatform(answer)
    async with robot(platform) as channel:
        with pytest.raises(error) as caught:
            await channel.send(OUTBOUND)
    assert type(caught.value) is error
    assert "KEY" not in f"{caught.value!r}{caught.value.__cause__!r}"
    assert len(platform.heard) == 1


async def test_a_platform_that_cannot_be_reached_is_asked_later() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        channel = Webhook(WebhookSettings(url=f"http://127.0.0.1:{unused.getsockname()[1]}/send?key=KEY"))
        with pytest.raises(SendLater):
            await channel.send(OUTBOUND)
        await channel.close()


async def test_it_only_speaks() -> None:
    channel = Webhook(WebhookSettings(url="https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=KEY"))
    with pytest.raises(WindowClosed):
        await channel.notify(OUTBOUND)
    with pytest.raises(SendNever):
        await channel.fetch(Media(kind="image", ref="x"))
    await channel.close()


async def test_it_is_found_and_off_without_an_address_and_doctor_reads_the_address() -> None:
    good = WebhookSettings(url="https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=KEY")
    assert discover()["webhook"] is CHANNEL
    assert [CHANNEL.is_on(settings) for settings in (WebhookSettings(), good)] == [False, True]
    assert await CHANNEL.check(WebhookSettings()) == []
    assert await CHANNEL.check(good) == []
    assert await CHANNEL.check(WebhookSettings(url="http://127.0.0.1:1/cgi-bin/webhook/send?key=KEY")) == []
    assert await CHANNEL.check(WebhookSettings(url="http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=KEY")) == [
        fill("doctor", "webhook_not_https")
    ]
    assert await CHANNEL.check(WebhookSettings(url="https://qyapi.weixin.qq.com/cgi-bin/webhook/send")) == [
        fill("doctor", "webhook_bad_url")
    ]


def test_the_address_is_a_secret() -> None:
    assert CHANNEL.settings.SECRETS == ("url",)
    assert "KEY" not in repr(WebhookSettings(url="https://example.test/?key=KEY"))
