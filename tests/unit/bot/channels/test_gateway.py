"""The gateway over HTTP: who is let in, what is answered, and what is never kept or said."""

from __future__ import annotations

import hashlib
import re
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.channels import BodyDiffers, Inbound, Media, Outbound, Reply, SendNever, WindowClosed, discover
from bot.channels.gateway import CHANNEL, DECISIONS, Gateway, GatewaySettings, describe, sign
from bot.channels.group_post import Post, read_post
from bot.texts import fill

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SECRET = "example-secret-of-20-chars"
PAGE = Path(__file__).parents[4] / "docs" / "channels" / "gateway.md"
SETTINGS = GatewaySettings(gateway_id="grid-archive", secret=SECRET)
NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)
POST: dict[str, Any] = {
    "message_id": "wrGRID01:7001",
    "group": {"id": "wrGRID01"},
    "sender": {"id": "wmAAA"},
    "sent_at": "2026-11-21T10:00:00+08:00",
    "type": "text",
    "text": "路灯不亮",
}


class RememberingReceiver:
    """Keeps what it is handed by key, and answers a repeat like the first."""

    def __init__(self, reply: Reply | None = None, broken: Exception | None = None) -> None:
        self.reply = reply or Reply(
            text="已收到，请点公众号私聊办理", outcome="ticket", ticket="JY-0001", suggested="已登记 JY-0001"
        )
        self.broken = broken
        self.received: dict[str, Inbound] = {}

    async def receive(self, inbound: Inbound) -> Reply:
        if self.broken:
            raise self.broken
        seen = self.received.setdefault(inbound.key, inbound)
        if seen != inbound:
            raise BodyDiffers
        return msgspec.structs.replace(self.reply, duplicate=seen is not inbound)

    async def quarantine(self, channel: str, raw: bytes, reason: str) -> None:
        raise AssertionError(f"what cannot be read is refused at the gateway: {channel} {raw!r} {reason}")

    async def recall(self, channel: str, key: str) -> bool:
        if self.broken:
            raise self.broken
        return channel == "gateway" and self.received.pop(key, None) is not None


class Clock:
    """A wall clock and a running clock that a test moves."""

    def __init__(self) -> None:
        self.now = NOW
        self.ticks = 0.0

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.ticks += seconds


class GatewaySide:
    """The other side: signs and posts as docs/channels/gateway.md says."""

    def __init__(self, client: TestClient[Any, Any], clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._number = 0

    def headers(self, body: bytes, **changes: str) -> dict[str, str]:
        self._number += 1
        parts = {
            "gateway_id": "grid-archive",
            "timestamp": str(int(self._clock.now.timestamp())),
            "nonce": f"nonce-{self._number:04}",
        }
        parts |= {name: value for name, value in changes.items() if name in parts}
        return {
            "X-Gateway-Id": parts["gateway_id"],
            "X-Timestamp": parts["timestamp"],
            "X-Nonce": parts["nonce"],
            "X-Signature": sign(changes.get("secret", SECRET), body=body, **parts),
        }

    async def post(self, fields: dict[str, Any], **changes: str) -> tuple[int, Any]:
        body = msgspec.json.encode(fields)
        return await self.send(body, self.headers(body, **changes))

    async def send(self, body: bytes, headers: dict[str, str]) -> tuple[int, Any]:
        async with self._client.post("/gateway/v1/messages", data=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async def recall(self, path: str, body: bytes = b"") -> tuple[int, Any]:
        async with self._client.delete(f"/gateway/v1/messages/{path}", data=body, headers=self.headers(body)) as answer:
            return answer.status, await answer.json()


@asynccontextmanager
async def serve(
    receiver: RememberingReceiver, settings: GatewaySettings = SETTINGS, clock: Clock | None = None
) -> AsyncIterator[GatewaySide]:
    clock = clock or Clock()
    channel = Gateway(settings, clock=lambda: clock.now, ticks=lambda: clock.ticks)
    app = web.Application()
    app.add_routes(channel.routes(receiver))
    async with TestClient(TestServer(app)) as client:
        yield GatewaySide(client, clock)


def test_the_examples_and_vectors_of_the_documentation() -> None:
    page = PAGE.read_text(encoding="utf-8")
    body = re.findall(r"^```\n(.*)\n```$", page, flags=re.MULTILINE)[0].encode()
    rows = {cells[0]: cells[1:] for line in page.splitlines() if len(cells := line.strip("| ").split(" | ")) == 3}
    for column, signed in enumerate((body, b"")):
        timestamp, nonce = rows["X-Timestamp"][column], rows["X-Nonce"][column]
        assert rows["sha256(正文)"][column] == hashlib.sha256(signed).hexdigest()
        assert rows["X-Signature"][column] == sign(SECRET, gateway_id="grid-archive", timestamp=timestamp, nonce=nonce, body=signed)
    posts = [text for text in re.findall(r"```json\n(.*?)```", page, flags=re.DOTALL) if "sent_at" in text]
    assert [read_post(text.encode()).message_id for text in [*posts, body.decode()]] == [
        "wrGRID01:7001",
        "wrGRID01:7002",
        "wrGRID01:7001",
    ]


def test_every_field_is_documented() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [name for name in Post.__struct_fields__ if f"\n| {name}" not in page] == []


async def test_a_message_a_repeat_and_a_changed_one() -> None:
    receiver = RememberingReceiver()
    async with serve(receiver) as gateway:
        first = await gateway.post(POST)
        again = await gateway.post(POST)
        changed = await gateway.post(POST | {"text": "路灯亮了"})

    answer = {"accepted": True, "duplicate": False, "decision": "ticket", "ticket": "JY-0001", "suggested_reply": "已登记 JY-0001"}
    assert first == (201, answer)
    assert again == (200, answer | {"duplicate": True})
    assert changed == (409, {"error": "This message id was used before for another content."})
    assert [(one.sender, one.scope, one.text) for one in receiver.received.values()] == [("wmAAA", "group", "路灯不亮")]


async def test_a_group_that_can_be_answered_gets_the_words_for_it() -> None:
    async with serve(RememberingReceiver()) as gateway:
        status, answer = await gateway.post(POST | {"can_reply": True})

    assert (status, answer["reply"]) == (201, "已收到，请点公众号私聊办理")


@pytest.mark.parametrize(
    "forgery",
    [
        {"secret": "another-secret-of-some-size"},
        {"gateway_id": "other"},
        {"timestamp": str(int(NOW.timestamp()) - 301)},
        {"timestamp": str(int(NOW.timestamp()) + 301)},
        {"timestamp": ""},
        {"timestamp": "١٧٦٠"},
        {"timestamp": "1e9"},
        {"timestamp": "-1"},
        {"nonce": "short"},
        {"nonce": "x" * 65},
        {"nonce": ""},
    ],
)
async def test_what_is_not_signed_rightly_and_just_now_is_refused(forgery: dict[str, str]) -> None:
    receiver = RememberingReceiver()
    async with serve(receiver) as gateway:
        status, answer = await gateway.post(POST, **forgery)

    assert (status, list(answer)) == (401, ["error"])
    assert receiver.received == {}


async def test_a_body_that_was_changed_on_the_way_and_missing_headers_are_refused() -> None:
    receiver = RememberingReceiver()
    body = msgspec.json.encode(POST)
    async with serve(receiver) as gateway:
        headers = gateway.headers(body)
        assert await gateway.send(body.replace(b"7001", b"7002"), headers) == (401, {"error": "X-Signature does not match"})
        for missing in headers:
            status, _ = await gateway.send(body, {name: value for name, value in headers.items() if name != missing})
            assert status == 401
    assert receiver.received == {}


async def test_the_edge_of_the_window_is_inside() -> None:
    async with serve(RememberingReceiver()) as gateway:
        assert (await gateway.post(POST, timestamp=str(int(NOW.timestamp()) - 300)))[0] == 201
        assert (await gateway.post(POST, timestamp=str(int(NOW.timestamp()) + 300)))[0] == 200


async def test_a_nonce_serves_once_for_as_long_as_its_timestamp() -> None:
    clock = Clock()
    body = msgspec.json.encode(POST)
    async with serve(RememberingReceiver(), clock=clock) as gateway:
        headers = gateway.headers(body, timestamp=str(int(NOW.timestamp()) + 300))
        assert (await gateway.send(body, headers))[0] == 201
        assert await gateway.send(body, headers) == (401, {"error": "X-Nonce was used before"})
        clock.move(600)
        assert await gateway.send(body, headers) == (401, {"error": "X-Nonce was used before"})
        clock.move(1)
        assert await gateway.send(body, headers) == (401, {"error": "X-Timestamp is more than 300 s off"})
        assert (await gateway.post(POST, nonce=headers["X-Nonce"]))[0] == 200


async def test_too_many_in_a_minute_are_told_when_to_come_back() -> None:
    clock = Clock()
    receiver = RememberingReceiver()
    async with serve(receiver, GatewaySettings(gateway_id="grid-archive", secret=SECRET, per_minute=2), clock) as gateway:
        bodies = [msgspec.json.encode(POST | {"message_id": f"m{number}"}) for number in range(3)]
        headers = [gateway.headers(body) for body in bodies]
        assert [(await gateway.send(body, head))[0] for body, head in zip(bodies, headers, strict=True)] == [201, 201, 429]
        clock.move(59.5)
        async with gateway._client.post("/gateway/v1/messages", data=bodies[2], headers=headers[2]) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (429, "1")
        clock.move(0.5)
        assert (await gateway.send(bodies[2], headers[2]))[0] == 201
    assert list(receiver.received) == ["m0", "m1", "m2"]


async def test_one_groups_storm_leaves_the_others_their_room() -> None:
    clock = Clock()
    receiver = RememberingReceiver()
    settings = GatewaySettings(gateway_id="grid-archive", secret=SECRET, per_minute=4, group_per_minute=2)
    async with serve(receiver, settings, clock) as gateway:
        bodies = [msgspec.json.encode(POST | {"message_id": f"m{number}"}) for number in range(10)]
        headers = [gateway.headers(body) for body in bodies]
        storm = [(await gateway.send(body, head))[0] for body, head in zip(bodies, headers, strict=True)]
        other = [(await gateway.post(POST | {"message_id": f"o{n}", "group": {"id": "wrGRID02"}}))[0] for n in range(2)]
        clock.move(60)
        again = await gateway.send(bodies[2], headers[2])

    assert storm == [201, 201] + [429] * 8
    assert other == [201, 201]
    assert again[0] == 201


async def test_strangers_do_not_use_up_the_pace() -> None:
    async with serve(RememberingReceiver(), GatewaySettings(gateway_id="grid-archive", secret=SECRET, per_minute=1)) as gateway:
        for _ in range(5):
            await gateway.post(POST, secret="another-secret-of-some-size")
        assert (await gateway.post(POST))[0] == 201


async def test_a_body_that_cannot_be_read_says_what_is_wrong() -> None:
    receiver = RememberingReceiver()
    async with serve(receiver) as gateway:
        assert await gateway.post(POST | {"colour": "red"}) == (400, {"error": "Object contains unknown field `colour`"})
        assert (await gateway.send(b"{", gateway.headers(b"{")))[0] == 400
    assert receiver.received == {}


@pytest.mark.parametrize("content_encoding", ["identity", "gzip"])
async def test_a_body_beyond_the_limit_is_not_read(content_encoding: str) -> None:
    import gzip  # noqa: PLC0415 - of this test alone

    body = b" " * (64 * 1024 + 1)
    sent = gzip.compress(body) if content_encoding == "gzip" else body
    async with serve(RememberingReceiver()) as gateway:
        headers = gateway.headers(body) | {"Content-Encoding": content_encoding}
        assert await gateway.send(sent, headers) == (413, {"error": "the body is longer than 65536 bytes"})


async def test_what_could_not_be_stored_is_asked_for_again_and_says_nothing_of_why() -> None:
    async with serve(RememberingReceiver(broken=OSError("disk full at /var/lib/jieying"))) as gateway:
        assert await gateway.post(POST) == (503, {"error": "not stored, send it again"})
        assert await gateway.recall("m1") == (503, {"error": "not stored, send it again"})


async def test_recall_forgets_a_message_once() -> None:
    receiver = RememberingReceiver()
    async with serve(receiver) as gateway:
        await gateway.post(POST)
        await gateway.post(POST | {"message_id": "a/b%c?d:1"})
        assert await gateway.recall("wrGRID01:7001") == (200, {"recalled": True})
        assert await gateway.recall("wrGRID01:7001") == (404, {"recalled": False})
        assert list(receiver.received) == ["a/b%c?d:1"]
        assert await gateway.recall("a%2Fb%25c%3Fd:1") == (200, {"recalled": True})


async def test_a_recall_has_no_body_and_is_signed_too() -> None:
    receiver = RememberingReceiver()
    body = msgspec.json.encode(POST)
    async with serve(receiver) as gateway:
        await gateway.send(body, gateway.headers(body))
        assert (await gateway.recall("wrGRID01:7001", body=body))[0] == 400
        async with gateway._client.delete("/gateway/v1/messages/wrGRID01:7001") as answer:
            assert answer.status == 401
    assert list(receiver.received) == ["wrGRID01:7001"]


@pytest.mark.parametrize(
    ("outcome", "decision"),
    [
        ("answered", "answer"),
        ("told", "answer"),
        ("choice", "choice"),
        ("asked", "ask"),
        ("ticket", "ticket"),
        ("joined", "ticket"),
        ("to_desk", "ticket"),
        ("quarantined", "ticket"),
        ("emergency", "emergency"),
        ("ignored", "ignored"),
        ("", None),
    ],
)
def test_each_outcome_has_its_decision(outcome: str, decision: str | None) -> None:
    assert describe(Reply(text=None, outcome=outcome), can_reply=False)["decision"] == decision
    assert not outcome or outcome in DECISIONS


def test_what_is_for_the_group_and_what_for_the_worker() -> None:
    reply = Reply(text="公开的话", outcome="answered")
    assert describe(reply, can_reply=True) == {
        "accepted": True,
        "duplicate": False,
        "decision": "answer",
        "ticket": None,
        "suggested_reply": None,
        "reply": "公开的话",
    }
    assert describe(reply, can_reply=False) == {
        "accepted": True,
        "duplicate": False,
        "decision": "answer",
        "ticket": None,
        "suggested_reply": "公开的话",
    }


async def test_there_is_no_way_out_and_no_media() -> None:
    gateway = Gateway(SETTINGS)
    with pytest.raises(WindowClosed):
        await gateway.send(Outbound(address="wmAAA", text="好了"))
    with pytest.raises(WindowClosed):
        await gateway.notify(Outbound(address="wmAAA", text="好了"))
    with pytest.raises(SendNever):
        await gateway.fetch(Media(kind="image", ref="file-1"))
    await gateway.close()


def test_it_is_found_off_without_a_name_and_refuses_an_empty_secret() -> None:
    assert discover()["gateway"] is CHANNEL
    assert not CHANNEL.is_on(GatewaySettings())
    assert CHANNEL.is_on(SETTINGS)
    with pytest.raises(ValueError, match="a gateway needs a secret"):
        CHANNEL.make(settings=GatewaySettings(gateway_id="grid-archive"), store=None)


async def test_doctor_says_what_is_wrong() -> None:
    assert await CHANNEL.check(SETTINGS) == []
    assert await CHANNEL.check(GatewaySettings()) == []
    assert await CHANNEL.check(GatewaySettings(gateway_id="g")) == [fill("doctor", "gateway_no_secret")]
    assert await CHANNEL.check(GatewaySettings(gateway_id="g", secret="short", prefix="gateway", nonce_seconds=599)) == [
        fill("doctor", "gateway_short_secret", {"shortest": 20}),
        fill("doctor", "gateway_bad_prefix"),
        fill("doctor", "gateway_short_memory"),
    ]


def test_the_secret_is_not_shown() -> None:
    assert SECRET not in repr(SETTINGS)
    assert CHANNEL.settings.SECRETS == ("secret",)
