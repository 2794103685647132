"""WeChat, played: it pushes what residents do, encrypted and signed, repeats what is not answered, and offers the API.

    resident ─ push ─▶ seal, sign, POST ─┬─ `success` or a sealed reply ─▶ acknowledged; the first reply is what the resident sees
                                         └─ nothing in 5 s, an error ───▶ the same MsgId again, up to three times

The real platform was never at hand; what is played is protocol.md 1, 2.1-2.6 and 2.11.
"""

from __future__ import annotations

import asyncio
import secrets
from itertools import count
from typing import TYPE_CHECKING

import aiohttp
import msgspec

from bot.channels.xml import Fields, XmlError, read_fields, render
from bot.simulator.api import PlatformApi
from bot.simulator.cipher import Cipher, CipherError
from bot.simulator.ledger import Delivery, Ledger, Push
from bot.simulator.quota import find_trigger
from store.clock import utcnow

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from aiohttp import web

CUT_SECONDS = 5.0
"""How long the platform waits for an answer, and so also the time from one attempt to the next."""

_OK = 200
_TEXT_BYTES = 2048


class Wave(msgspec.Struct, frozen=True, kw_only=True):
    """Deliveries that leave together: how many copies, how long they may take, and whether their answers are lost on the way.

    The next wave leaves when the time of this one is over and nobody has answered.
    """

    copies: int = 1
    cut_seconds: float = CUT_SECONDS
    is_deaf: bool = False


WAVES = (Wave(), Wave(), Wave(), Wave())
"""A first attempt and three more."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a push: its id, whether the service took it, and the words it answered at once."""

    message_id: str
    acknowledged: bool
    text: str | None


class Simulator:
    """One official account in safe mode, and its residents.

    service_url: the service's server address. app_secret and templates are checked only if given. robot_key: of a group's robot.
    """

    def __init__(
        self,
        service_url: str,
        app_id: str,
        token: str,
        encoding_aes_key: str,
        original_id: str,
        *,
        app_secret: str = "",
        robot_key: str = "simulated-robot",
        templates: frozenset[str] = frozenset(),
        ledger_path: Path | None = None,
        clock: Callable[[], datetime] = utcnow,
    ) -> None:
        self.ledger = Ledger(ledger_path)
        self.api = PlatformApi(
            app_id=app_id, app_secret=app_secret, robot_key=robot_key, templates=templates, ledger=self.ledger, clock=clock
        )
        self.faults = self.api.faults
        self._service_url = service_url
        self._original_id = original_id
        self._cipher = Cipher(token=token, encoding_aes_key=encoding_aes_key, app_id=app_id)
        self._clock = clock
        self._message_ids = count(7_000_000_000_000_000_000 + secrets.randbits(60))
        self._session: aiohttp.ClientSession | None = None

    def api_app(self) -> web.Application:
        """Build the API to be served; the service's api_base is its address."""
        return self.api.app()

    async def verify(self) -> bool:
        """Check the server address as the platform's console does; True if the service gave the echo back."""
        timestamp, nonce, echo = self._stamp(), secrets.token_hex(8), str(secrets.randbits(60))
        query = {"signature": self._cipher.sign_query(timestamp=timestamp, nonce=nonce), "timestamp": timestamp, "nonce": nonce}
        async with self._open_session().get(self._service_url, params=query | {"echostr": echo}) as response:
            return response.status == _OK and await response.text() == echo

    async def push(self, openid: str, fields: Fields, *, waves: tuple[Wave, ...] = WAVES) -> Told:
        """Let a resident do something (bot.simulator.pushes), and hand it over until the service takes it or it is given up."""
        message_id = str(next(self._message_ids))
        now = self._clock()
        self._open_quota(openid, fields, now)
        kind = str(fields["MsgType"])
        message: dict[str, str | int | Fields] = {
            "ToUserName": self._original_id,
            "FromUserName": openid,
            "CreateTime": int(now.timestamp()),
            **fields,
        }
        if kind != "event":
            message["MsgId"] = int(message_id)
        push = Push(message_id=message_id, openid=openid, kind=kind, at=now)
        self.ledger.note_push(push)
        taken = await self._hand_over(push, render(message), waves)
        return Told(message_id=message_id, acknowledged=taken is not None, text=taken.text if taken else None)

    def remember(self, openid: str, *, wrote_at: datetime) -> None:
        """Take somebody for a follower who wrote before this platform was made: an account of some weeks has many."""
        self.api.quotas[openid].open("message", now=wrote_at)

    async def close(self) -> None:
        """Close the connections to the service and the ledger's file."""
        if self._session is not None:
            await self._session.close()
        self.ledger.close()

    def _open_quota(self, openid: str, fields: Fields, now: datetime) -> None:
        quota = self.api.quotas[openid]
        trigger = find_trigger(fields)
        if trigger is not None:
            quota.open(trigger, now=now)
        elif fields.get("Event") == "unsubscribe":
            quota.close()

    async def _hand_over(self, push: Push, document: str, waves: tuple[Wave, ...]) -> Delivery | None:
        """Deliver in waves until one is answered; the delivery that was, the one that the resident sees before others."""
        loop = asyncio.get_running_loop()
        number = 1
        for index, wave in enumerate(waves):
            started = loop.time()
            copies = range(number, number + wave.copies)
            results = await asyncio.gather(*(self._deliver(push, document, copy, wave) for copy in copies))
            number += wave.copies
            taken = [one for one in results if one.result in ("success", "reply")]
            if taken:
                return next((one for one in taken if one.shown), taken[0])
            if index + 1 < len(waves):
                await asyncio.sleep(started + wave.cut_seconds - loop.time())
        return None

    async def _deliver(self, push: Push, document: str, number: int, wave: Wave) -> Delivery:
        """Make one attempt, each with an envelope of its own."""
        timestamp, nonce, encrypt = self._stamp(), secrets.token_hex(5), self._cipher.seal(document)
        query = {
            "signature": self._cipher.sign_query(timestamp=timestamp, nonce=nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            "openid": push.openid,
            "encrypt_type": "aes",
            "msg_signature": self._cipher.sign(timestamp=timestamp, nonce=nonce, encrypt=encrypt),
        }
        body = render({"ToUserName": self._original_id, "Encrypt": encrypt}).encode()
        blank = Delivery(message_id=push.message_id, number=number, at=self._clock(), result="cut")
        try:
            async with asyncio.timeout(wave.cut_seconds):
                headers = {"Content-Type": "text/xml"}
                async with self._open_session().post(self._service_url, params=query, data=body, headers=headers) as response:
                    answer = self._judge(blank, push, response.status, await response.read())
        except TimeoutError:
            answer = blank
        except aiohttp.ClientError as error:
            answer = msgspec.structs.replace(blank, result="broken", error=type(error).__name__)
        if wave.is_deaf and answer.result in ("success", "reply"):
            answer = msgspec.structs.replace(answer, result="lost")
        return self.ledger.note_delivery(answer)

    def _judge(self, blank: Delivery, push: Push, status: int, body: bytes) -> Delivery:
        """Say what an answer is: taken, taken with words, or none that the platform knows."""
        if status != _OK:
            return msgspec.structs.replace(blank, result="refused", status=status)
        if body in (b"", b"success"):
            return msgspec.structs.replace(blank, result="success", status=status)
        try:
            text = self._open_reply(push, body)
        except (CipherError, XmlError, UnicodeDecodeError) as error:
            return msgspec.structs.replace(blank, result="refused", status=status, error=str(error))
        return msgspec.structs.replace(blank, result="reply", status=status, text=text)

    def _open_reply(self, push: Push, body: bytes) -> str:
        """Open a sealed passive reply and give its words; CipherError or XmlError if it is none to this resident."""
        sealed = read_fields(body.decode())
        document = self._cipher.open(
            sealed.get("Encrypt", ""),
            signature=sealed.get("MsgSignature", ""),
            timestamp=sealed.get("TimeStamp", ""),
            nonce=sealed.get("Nonce", ""),
        )
        reply = read_fields(document)
        if (reply.get("ToUserName"), reply.get("FromUserName")) != (push.openid, self._original_id):
            raise XmlError("a reply to somebody else")
        if reply.get("MsgType") != "text" or len(reply.get("Content", "").encode()) not in range(1, _TEXT_BYTES + 1):
            raise XmlError("not a text of 1 to 2048 bytes")
        return reply["Content"]

    def _stamp(self) -> str:
        return str(int(self._clock().timestamp()))

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=0)
            self._session = aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=None))
        return self._session
