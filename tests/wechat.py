"""WeChat's side for the tests: pushes as the platform signs and seals them, an API that remembers, and a receiver that remembers.

Signing and sealing are done by wechatpy itself, so that our envelope is tested against another implementation.
"""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from wechatpy.crypto import WeChatCrypto

from bot.channels import Inbound, Reply
from bot.channels.wechat_mp import WechatMp, WechatMpSettings
from tests.mail_server import PATH as MAIL
from tests.mail_server import Mail, MailServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from store.engine import Store

TOKEN = "jieyingtoken01"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
APP_ID = "wx0000000000000001"
MAIL_PORTS: dict[str, int] = {}
"""Where mail is taken beside each platform that was ever run, by its address."""
TIMESTAMP = "1760000000"
NONCE = "20251009"

SAFE = WechatMpSettings(app_id=APP_ID, token=TOKEN, encoding_aes_key=AES_KEY, app_secret="secret")
PLAIN = msgspec.structs.replace(SAFE, mode="plain")
COMPATIBLE = msgspec.structs.replace(SAFE, mode="compatible")


class NoStore:
    """A database for channels whose ways out are not tested: nobody may ask it anything."""

    dialect = "none"

    async def write(self, fn: Callable[..., Any]) -> Any:
        raise AssertionError(f"nothing may be written here: {fn}")

    async def read(self, fn: Callable[..., Any]) -> Any:
        raise AssertionError(f"nothing may be read here: {fn}")

    async def close(self) -> None:
        raise AssertionError


class RememberingReceiver:
    """Remembers what it was handed; answers with `text`, or raises `broken`."""

    def __init__(self, text: str | None = None, broken: Exception | None = None) -> None:
        self.text = text
        self.broken = broken
        self.received: list[Inbound] = []
        self.quarantined: list[tuple[str, bytes, str]] = []

    async def receive(self, inbound: Inbound) -> Reply:
        if self.broken:
            raise self.broken
        self.received.append(inbound)
        return Reply(text=self.text)

    async def quarantine(self, channel: str, raw: bytes, reason: str) -> None:
        if self.broken:
            raise self.broken
        self.quarantined.append((channel, raw, reason))

    async def recall(self, channel: str, key: str) -> bool:
        raise AssertionError(f"WeChat recalls nothing: {channel} {key}")


def sign(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324 - the platform's protocol


def seal(inner: str | bytes, *, app_id: str = APP_ID) -> tuple[dict[str, str], str]:
    """Give query and body of a push in safe mode."""
    crypto = WeChatCrypto(TOKEN, AES_KEY, app_id)
    encrypt = crypto.encrypt_message(inner, NONCE, TIMESTAMP).split("<![CDATA[", 1)[1].split("]]>", 1)[0]
    return sealed_query(
        encrypt
    ), f"<xml><ToUserName><![CDATA[gh_jieying]]></ToUserName><Encrypt><![CDATA[{encrypt}]]></Encrypt></xml>"


def sealed_query(encrypt: str) -> dict[str, str]:
    return plain_query() | {"encrypt_type": "aes", "msg_signature": sign(TOKEN, TIMESTAMP, NONCE, encrypt)}


def plain_query() -> dict[str, str]:
    return {"signature": sign(TOKEN, TIMESTAMP, NONCE), "timestamp": TIMESTAMP, "nonce": NONCE, "openid": "oResident0001"}


def write_message(fields: str, *, sender: str = "oResident0001", at: str = TIMESTAMP) -> str:
    """Give the inner document of a push: the common fields and these."""
    return (
        f"<xml><ToUserName><![CDATA[gh_jieying]]></ToUserName><FromUserName><![CDATA[{sender}]]></FromUserName>"
        f"<CreateTime>{at}</CreateTime>{fields}</xml>"
    )


def write_text(content: str, number: str = "7500000000000000001") -> str:
    return write_message(f"<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{content}]]></Content><MsgId>{number}</MsgId>")


@asynccontextmanager
async def serve(settings: WechatMpSettings, receiver: RememberingReceiver) -> AsyncIterator[TestClient[Any, Any]]:
    """Serve the channel's way in."""
    channel = WechatMp(settings, store=NoStore())
    app = web.Application()
    app.add_routes(channel.routes(receiver))
    async with TestClient(TestServer(app)) as client:
        yield client
    await channel.close()


class FakePlatform:
    """api.weixin.qq.com on this machine, and a mail server beside it. It remembers what was asked; `answers` of a path are given in turn, the last one stays.

    An answer is a JSON object, bytes (given as a picture), an HTTP status, "slow" (longer than anybody waits) or "reset".
    """

    def __init__(self) -> None:
        self.address = ""
        self.tokens = 0
        self.token_answers: list[dict[str, Any]] = []
        self.asked: list[tuple[str, str, Any]] = []
        self.raw: list[bytes] = []
        self.answers: dict[str, list[Any]] = {}
        self._stop = asyncio.Event()
        self.mail = MailServer(answer=self._answer_mail, password="canary-password-of-the-mailbox")

    @asynccontextmanager
    async def run(self) -> AsyncIterator[FakePlatform]:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        async with TestServer(app) as server, self.mail.run():
            self.address = str(server.make_url("")).rstrip("/")
            MAIL_PORTS[self.address] = self.mail.port
            yield self
            self._stop.set()

    def paths(self) -> list[str]:
        return [path for path, _, _ in self.asked]

    def _answer_mail(self, mail: Mail) -> str:
        self.asked.append((MAIL, "", mail))
        answer = self._choose(MAIL, "250 OK")
        return answer if isinstance(answer, str) else "554 refused"

    def _choose(self, path: str, usual: Any) -> Any:
        answers = self.answers.get(path, [usual])
        return answers.pop(0) if len(answers) > 1 else answers[0]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if request.path == "/cgi-bin/stable_token":
            self.tokens += 1
            await asyncio.sleep(0.02)  # long enough for others to come along
            if self.token_answers:
                return web.json_response(self.token_answers.pop(0))
            return web.json_response({"access_token": f"T{self.tokens}", "expires_in": 7200})
        data = msgspec.json.decode(body) if body else dict(request.query)
        self.asked.append((request.path, request.query.get("access_token", ""), data))
        self.raw.append(body)
        answer = self._choose(request.path, {"errcode": 0, "errmsg": "ok"})
        if answer == "reset" and request.transport is not None:
            request.transport.abort()
        if answer == "slow":
            await self._stop.wait()
        return _make_response(answer)


def _make_response(answer: Any) -> web.Response:
    if isinstance(answer, bytes):
        return web.Response(body=answer, content_type="image/jpeg")
    if isinstance(answer, int):
        return web.Response(status=answer, text="<html>busy</html>", content_type="text/html")
    return web.json_response(answer, content_type="text/plain")


async def run_together(count: int, call: Callable[[], Awaitable[Any]]) -> list[Any]:
    """Call many at once and give the results or the errors."""
    return await asyncio.gather(*(call() for _ in range(count)), return_exceptions=True)


def connect(platform: FakePlatform, store: Store, **changes: Any) -> WechatMp:
    """Make the channel with its ways out leading to the fake platform, and little patience."""
    settings = msgspec.structs.replace(
        SAFE, api_base=platform.address, request_seconds=1.0, media_seconds=1.0, connect_seconds=1.0, **changes
    )
    return WechatMp(settings, store=store)
