"""The terminal over HTTP: what a person at the machine gets, and that nobody else gets anything."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.channels import BodyDiffers, Group, Inbound, Media, Outbound, Reply, SendNever, discover
from bot.channels.terminal import CHANNEL, Terminal, TerminalSettings, is_local

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)
PATH = "/terminal/messages"


class RememberingReceiver:
    """Keeps what it is handed by key."""

    def __init__(self) -> None:
        self.received: dict[str, Inbound] = {}

    async def receive(self, inbound: Inbound) -> Reply:
        seen = self.received.setdefault(inbound.key, inbound)
        if seen != inbound:
            raise BodyDiffers
        return Reply(text="已受理", duplicate=seen is not inbound, outcome="ticket", ticket="JY-0001", suggested="")

    async def quarantine(self, channel: str, raw: bytes, reason: str) -> None:
        raise AssertionError(f"what cannot be read is refused: {channel} {raw!r} {reason}")

    async def recall(self, channel: str, key: str) -> bool:
        raise AssertionError(f"a terminal takes nothing back: {channel} {key}")


@asynccontextmanager
async def serve(receiver: RememberingReceiver, channel: Terminal | None = None) -> AsyncIterator[TestClient[Any, Any]]:
    app = web.Application()
    app.add_routes((channel or Terminal(clock=lambda: NOW)).routes(receiver))
    async with TestClient(TestServer(app)) as client:
        yield client


async def test_what_is_said_is_answered() -> None:
    receiver = RememberingReceiver()
    async with serve(receiver) as client:
        answer = await client.post(PATH, json={"key": "k1", "sender": "张三", "text": "路灯\x00坏了"})
        assert (answer.status, await answer.json()) == (
            200,
            {"reply": "已受理", "outcome": "ticket", "ticket": "JY-0001", "suggested": "", "duplicate": False},
        )
    assert receiver.received == {
        "k1": Inbound(channel="terminal", key="k1", sender="张三", kind="text", sent_at=NOW, text="路灯坏了")
    }


async def test_in_a_group_and_at_a_moment() -> None:
    receiver = RememberingReceiver()
    said = {"key": "k", "sender": "a", "text": "@接应 灯坏了", "sent_at": "2026-11-20T08:00:00+08:00"}
    async with serve(receiver) as client:
        await client.post(PATH, json=said | {"group": {"id": "wrLT01G1", "mentions_bot": True}})
    (inbound,) = receiver.received.values()
    assert (inbound.scope, inbound.group) == ("group", Group(id="wrLT01G1", mentions_bot=True))
    assert inbound.sent_at == datetime(2026, 11, 20, tzinfo=UTC)


async def test_the_same_key_is_the_same_message_and_no_key_a_new_one() -> None:
    receiver = RememberingReceiver()
    said = {"sender": "a", "text": "灯坏了", "sent_at": "2026-11-20T08:00:00+08:00"}
    async with serve(receiver) as client:
        answers = [await (await client.post(PATH, json=said | {"key": "k"})).json() for _ in range(2)]
        other = await client.post(PATH, json=said | {"key": "k", "text": "灯又坏了"})
        for _ in range(2):
            await client.post(PATH, json=said)
        assert [answer["duplicate"] for answer in answers] == [False, True]
        assert other.status == 409
    assert len(receiver.received) == 3


@pytest.mark.parametrize(
    "said",
    [
        {"sender": "a"},
        {"text": "灯坏了"},
        {"sender": "", "text": "灯坏了"},
        {"sender": "a", "text": ""},
        {"sender": "a", "text": "灯" * 4001},
        {"sender": "a", "text": "灯坏了", "colour": 1},
        {"sender": "a", "text": "灯坏了", "key": "a b"},
        {"sender": "a", "text": "灯坏了", "sent_at": "2026-11-20T08:00:00"},
    ],
)
async def test_what_is_wrong_is_refused(said: dict[str, Any]) -> None:
    receiver = RememberingReceiver()
    async with serve(receiver) as client:
        answer = await client.post(PATH, json=said)
        assert (answer.status, list(await answer.json())) == (400, ["error"])
    assert receiver.received == {}


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "203.0.113.7"},
        {"Forwarded": "for=203.0.113.7"},
        {"X-Real-IP": "203.0.113.7"},
        {"Via": "1.1 proxy"},
        {"Host": "jieying.example.cn"},
        {"Host": "127.0.0.1.example.cn"},
    ],
)
async def test_who_comes_through_a_proxy_or_by_another_name_is_refused(headers: dict[str, str]) -> None:
    receiver = RememberingReceiver()
    channel = Terminal()
    await channel.send(Outbound(address="a", text="秘密"))
    async with serve(receiver, channel) as client:
        said = await client.post(PATH, json={"sender": "a", "text": "灯坏了"}, headers=headers)
        asked = await client.get(PATH, params={"sender": "a"}, headers=headers)
        assert [said.status, asked.status] == [403, 403]
        assert "秘密" not in await asked.text()
    assert receiver.received == {}


async def test_a_web_page_cannot_post_a_form() -> None:
    receiver = RememberingReceiver()
    async with serve(receiver) as client:
        answer = await client.post(PATH, data=b'{"sender":"a","text":"b"}', headers={"Content-Type": "text/plain"})
        assert answer.status == 415
    assert receiver.received == {}


@pytest.mark.parametrize(
    ("remote", "host", "expected"),
    [
        ("127.0.0.1", "127.0.0.1:8080", True),
        ("127.0.0.1", "localhost:8080", True),
        ("127.9.9.9", "localhost", True),
        ("::1", "[::1]:8080", True),
        ("::1", "[::1]", True),
        ("10.0.0.5", "127.0.0.1:8080", False),
        ("203.0.113.7", "localhost", False),
        (None, "localhost", False),
        ("127.0.0.1", "10.0.0.5:8080", False),
        ("127.0.0.1", "evil.example", False),
        ("127.0.0.1", "", False),
    ],
)
def test_who_is_local(remote: str | None, host: str, expected: bool) -> None:
    assert is_local(remote, host) is expected


async def test_what_is_sent_later_waits_for_its_reader() -> None:
    channel = Terminal()
    assert [await channel.send(Outbound(address="a", text="一")), await channel.notify(Outbound(address="a", text="二"))] == [
        "1",
        "2",
    ]
    await channel.send(Outbound(address="b", text="三"))
    async with serve(RememberingReceiver(), channel) as client:

        async def ask(**query: str) -> Any:
            return (await (await client.get(PATH, params=query)).json())["messages"]

        assert await ask(sender="a") == [{"number": 1, "text": "一"}, {"number": 2, "text": "二"}]
        assert await ask(sender="a", after="1") == [{"number": 2, "text": "二"}]
        assert await ask(sender="b") == [{"number": 3, "text": "三"}]
        assert await ask(sender="c") == []
        assert await ask() == []
        assert (await client.get(PATH, params={"sender": "a", "after": "x"})).status == 400


async def test_what_is_kept_is_bounded() -> None:
    channel = Terminal()
    for number in range(60):
        await channel.send(Outbound(address="a", text=str(number)))
    for number in range(199):
        await channel.send(Outbound(address=f"s{number}", text="x"))
    assert [text for _, text in channel._kept["a"]] == [str(number) for number in range(10, 60)]
    await channel.send(Outbound(address="one more", text="x"))
    assert ("a" in channel._kept, len(channel._kept)) == (False, 200)


async def test_it_is_found_and_can_be_turned_off() -> None:
    assert discover()["terminal"] is CHANNEL
    assert [CHANNEL.is_on(settings) for settings in (TerminalSettings(), TerminalSettings(enabled=False))] == [True, False]
    channel = CHANNEL.make(settings=TerminalSettings(), store=None)
    with pytest.raises(SendNever):
        await channel.fetch(Media(kind="image", ref="x"))
    await channel.close()
    assert await CHANNEL.check(TerminalSettings()) == []
