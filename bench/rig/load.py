"""The platform's side of a bench: encrypted pushes made beforehand, sent over kept connections by a client that costs little itself."""

from __future__ import annotations

import asyncio
import secrets
import time
from itertools import count
from typing import TYPE_CHECKING

import msgspec

from bot.channels.xml import read_fields, render
from bot.simulator.cipher import Cipher
from bot.trial import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.channels.wechat_mp import WechatMpSettings
    from bot.channels.xml import Fields

_RESIDENTS = 1000
_EVERY = 25  # each 25th answer is opened and checked


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """What one round showed: answers a second, their milliseconds, how many were encrypted replies and how many no answer at all."""

    seconds: float
    milliseconds: list[float]
    replies: int
    failed: int

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return len(self.milliseconds) / self.seconds


class Platform:
    """One account's platform: seals pushes and opens what comes back."""

    def __init__(self, account: WechatMpSettings) -> None:
        self._account = account
        self._cipher = Cipher(token=account.token, encoding_aes_key=account.encoding_aes_key, app_id=account.app_id)
        self._numbers = count(6_000_000_000_000_000_000)
        self._residents = [f"o{secrets.token_hex(13)}x" for _ in range(_RESIDENTS)]

    def seal(self, texts: Sequence[str], number: int) -> list[bytes]:
        """Make so many HTTP requests, each a message of its own."""
        return [self._request(texts[at % len(texts)], self._residents[at % _RESIDENTS]) for at in range(number)]

    def open(self, body: bytes) -> str:
        """Open an encrypted reply; raises if it is none."""
        sealed = read_fields(body.decode())
        document = self._cipher.open(
            sealed["Encrypt"], signature=sealed["MsgSignature"], timestamp=sealed["TimeStamp"], nonce=sealed["Nonce"]
        )
        return read_fields(document)["Content"]

    def _request(self, text: str, openid: str) -> bytes:
        now, nonce = int(time.time()), secrets.token_hex(5)  # noqa: TID251 - the platform's clock is not ours
        message: Fields = {
            "ToUserName": self._account.original_id,
            "FromUserName": openid,
            "CreateTime": now,
            "MsgType": "text",
            "Content": text,
            "MsgId": next(self._numbers),
        }
        encrypt = self._cipher.seal(render(message))
        body = render({"ToUserName": self._account.original_id, "Encrypt": encrypt}).encode()
        signature = self._cipher.sign(timestamp=str(now), nonce=nonce, encrypt=encrypt)
        path = f"{self._account.path}?timestamp={now}&nonce={nonce}&openid={openid}&encrypt_type=aes&msg_signature={signature}"
        head = f"POST {path} HTTP/1.1\r\nHost: {LOOPBACK}\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
        return head.encode() + body


async def run_round(platform: Platform, port: int, requests: Sequence[bytes], *, connections: int, seconds: float) -> Round:
    """Send the requests over so many connections, each waiting for its answer, until the time is over or none is left."""
    waiting = iter(requests)
    times: list[float] = []
    seen = {"replies": 0, "failed": 0}
    begun = time.perf_counter()
    streams = [await asyncio.open_connection(LOOPBACK, port) for _ in range(connections)]
    try:
        begun = time.perf_counter()
        until = begun + seconds
        await asyncio.gather(*(_drive(platform, stream, waiting, until=until, times=times, seen=seen) for stream in streams))
        taken = time.perf_counter() - begun
    finally:
        for _, writer in streams:
            writer.close()
    return Round(seconds=taken, milliseconds=times, **seen)


async def _drive(
    platform: Platform,
    stream: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    waiting: Iterator[bytes],
    *,
    until: float,
    times: list[float],
    seen: dict[str, int],
) -> None:
    reader, writer = stream
    for request in waiting:
        begun = time.perf_counter()
        if begun > until:
            return
        writer.write(request)
        status, body = await _read_answer(reader)
        times.append((time.perf_counter() - begun) * 1000)
        if status != 200:
            seen["failed"] += 1
        elif body != b"success":
            seen["replies"] += 1
            if seen["replies"] % _EVERY == 0:
                platform.open(body)


async def _read_answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    at = head.lower().index(b"content-length:") + 15
    length = int(head[at : head.index(b"\r\n", at)])
    return int(head[9:12]), await reader.readexactly(length)
