"""The way in for pushes over HTTP: checked, opened, read, handed to the receiver, and answered in WeChat's own terms.

It keeps nothing that is not signed, answers `success` only for what is durable, and never shows the platform an error page:
400 for a body that breaks off, 403 for what is forged, 408 and 413 for what is too slow or too long, 503 when the message could
not be stored, so that it is sent again. Sources: protocol.md 1.3, 1.4, 2.1, 2.4.
"""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

import structlog
from aiohttp import web

from bot.channels import BodyDiffers
from bot.channels.body import read_body
from bot.channels.envelope import Forged, Unreadable, check_signature
from bot.channels.message import read_message
from bot.channels.xml import MAX_BYTES, XmlError, decode, read_fields, render

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.channels import Receiver
    from bot.channels.envelope import Envelope
    from bot.channels.message import Pushed

log = structlog.get_logger(__name__)

_ECHO = re.compile(r"[0-9A-Za-z_-]{1,64}")
_STALE_SECONDS = 300
"""A push that is further off is noted in the log. It is taken all the same: clocks differ, and a replay meets its own key."""


class Callback:
    """Takes the pushes of one account.

    envelope: None where no EncodingAESKey is set. takes_plain: whether unencrypted pushes are taken. account: the original id
    that they must be written to, or empty. reply_limit: the longest passive text, in UTF-8 bytes. body_seconds: how long a push
    may take to arrive.
    """

    def __init__(
        self,
        *,
        channel: str,
        token: str,
        envelope: Envelope | None,
        takes_plain: bool,
        account: str,
        reply_limit: int,
        body_seconds: float,
        clock: Callable[[], datetime],
    ) -> None:
        self._channel = channel
        self._token = token
        self._envelope = envelope
        self._takes_plain = takes_plain
        self._account = account
        self._reply_limit = reply_limit
        self._body_seconds = body_seconds
        self._clock = clock

    async def verify(self, request: web.Request) -> web.Response:
        """Answer the console's check of the server address: the echo as it came, only after the signature."""
        echo = request.query.get("echostr", "")
        try:
            self._check_plain(request)
        except Forged:
            return self._refuse("verification_forged")
        return web.Response(text=echo) if _ECHO.fullmatch(echo) else self._refuse("verification_odd_echo")

    async def receive(self, request: web.Request, receiver: Receiver) -> web.Response:
        """Take one push to its end: a passive reply, `success`, or a refusal (too long, slow or broken: an HTTPError of read_body)."""
        body = await read_body(request, cap=MAX_BYTES, seconds=self._body_seconds)
        is_sealed = request.query.get("encrypt_type") == "aes"
        try:
            plain = self._open(request, body) if is_sealed else self._take_plain(request, body)
            pushed = self._read(plain)
        except Forged:
            return self._refuse("push_forged")
        except Unreadable as error:
            log.warning("push_unreadable", channel=self._channel, at=error.at, reason=str(error))
            return await self._quarantine(receiver, body, error.at)
        self._note_age(request.query.get("timestamp", ""))
        return await self._hand_over(receiver, pushed, is_sealed=is_sealed)

    async def _hand_over(self, receiver: Receiver, pushed: Pushed, *, is_sealed: bool) -> web.Response:
        try:
            reply = await receiver.receive(pushed.inbound)
        except BodyDiffers:  # two events of one second, or a key used twice: the first one stands, asking again would not change it
            log.warning("push_differs", channel=self._channel)
            return _success()
        except Exception as error:  # noqa: BLE001 - whatever kept it from being stored, the platform has to send it again
            return self._ask_again(error)
        if reply.text is None:
            return _success()
        if len(reply.text.encode("utf-8", "replace")) > self._reply_limit:
            log.error("reply_too_long", channel=self._channel, outcome=reply.outcome)
            return web.Response(status=503)
        return self._answer(reply.text, pushed, is_sealed=is_sealed)

    async def _quarantine(self, receiver: Receiver, body: bytes, reason: str) -> web.Response:
        try:
            await receiver.quarantine(self._channel, body, reason)
        except Exception as error:  # noqa: BLE001 - as above
            return self._ask_again(error)
        return _success()

    def _check_plain(self, request: web.Request) -> None:
        signature, timestamp, nonce = _read_query(request, "signature")
        check_signature(signature, token=self._token, timestamp=timestamp, nonce=nonce)

    def _take_plain(self, request: web.Request, body: bytes) -> bytes:
        """Take an unencrypted push where those are expected: its signature covers no byte of the body."""
        if not self._takes_plain:
            raise Forged
        self._check_plain(request)
        return body

    def _open(self, request: web.Request, body: bytes) -> bytes:
        """Open an encrypted push. In compatible mode the plain fields beside it are ignored: nobody has signed them."""
        try:
            encrypt = read_fields(decode(body)).get("Encrypt", "").strip()
        except XmlError:
            raise Forged from None
        signature, timestamp, nonce = _read_query(request, "msg_signature")
        check_signature(signature, token=self._token, timestamp=timestamp, nonce=nonce, encrypt=encrypt)
        if self._envelope is None:
            raise Unreadable("no EncodingAESKey is set")
        return self._envelope.open(encrypt)

    def _read(self, plain: bytes) -> Pushed:
        pushed = read_message(plain, channel=self._channel)
        if self._account and pushed.account != self._account:
            raise Unreadable("it was written to another account", at="addressee")
        return pushed

    def _answer(self, text: str, pushed: Pushed, *, is_sealed: bool) -> web.Response:
        """Make the passive reply, sealed if the push was."""
        seconds = int(self._clock().timestamp())
        document = render(
            {
                "ToUserName": pushed.writer,
                "FromUserName": pushed.account,
                "CreateTime": seconds,
                "MsgType": "text",
                "Content": text,
            }
        )
        if is_sealed and self._envelope is not None:
            letter = self._envelope.seal(document, timestamp=str(seconds), nonce=secrets.token_hex(8))
            document = render(
                {"Encrypt": letter.encrypt, "MsgSignature": letter.signature, "TimeStamp": seconds, "Nonce": letter.nonce}
            )
        return web.Response(text=document, content_type="application/xml")

    def _note_age(self, timestamp: str) -> None:
        seconds = int(timestamp) if re.fullmatch(r"[0-9]{1,11}", timestamp) else 0
        age = int(self._clock().timestamp()) - seconds
        if abs(age) > _STALE_SECONDS:
            log.info("push_out_of_time", channel=self._channel, age_seconds=age)

    def _refuse(self, action: str) -> web.Response:
        log.warning(action, channel=self._channel)
        return web.Response(status=403)

    def _ask_again(self, error: Exception) -> web.Response:
        log.error("push_not_stored", channel=self._channel, error=type(error).__name__)
        return web.Response(status=503)


def _success() -> web.Response:
    return web.Response(text="success")


def _read_query(request: web.Request, name: str) -> tuple[str, str, str]:
    """Read the signature of this name, the timestamp and the nonce; what is missing is empty."""
    query = request.query
    return query.get(name, ""), query.get("timestamp", ""), query.get("nonce", "")
