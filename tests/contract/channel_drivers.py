"""The other side of every channel, for the one contract suite: how it writes, forges, reads an answer, and refuses what we send.

A new channel needs one entry in DRIVERS (a channel with several modes one for each); what it cannot do it says there, with the reason.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec
import xmltodict
from wechatpy.crypto import WeChatCrypto

from bot.channels import SendError, SendLater, SendNever, SendUnknown, WindowClosed, discover
from bot.channels.email import EmailSettings
from bot.channels.gateway import GatewaySettings, sign
from bot.channels.terminal import TerminalSettings
from bot.channels.web import WebSettings
from bot.channels.webhook import WebhookSettings
from bot.simulator.api import CUSTOM, MEDIA, ROBOT
from bot.texts import fill
from residents import conversations
from residents.web_lines import read_talk, sender_of
from store.clock import utcnow
from tests.mail_server import PATH as MAIL
from tests.wechat import AES_KEY, APP_ID, MAIL_PORTS, SAFE, TOKEN, FakePlatform, plain_query, seal, write_message, write_text

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.channels import Channel
    from store.engine import Store

SENT_AT = "2026-11-21T10:00:00+08:00"
_nonces = itertools.count(1)


@dataclass(frozen=True, kw_only=True)
class Request:
    """One HTTP request as the other side makes it."""

    body: bytes
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class WayIn:
    """How messages come in. `write` makes a genuine request anew each time: (text, number of the message, length to pad it to)."""

    path: str
    write: Callable[[str, int, int], Request]
    key: str
    """The key of message 7."""
    forge: Callable[[], list[Request]]
    unknown: Callable[[], Request]
    """A genuine message of a type that nobody knows yet."""
    takes_unknown: bool
    """Whether such a one is taken as `other`; else it is refused with a 400 that says what is wrong."""
    differs: int
    """The status for a used key with other content."""
    read: Callable[[str], str]
    """What the writer reads of an answer."""
    cap: int = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class WayOut:
    """How messages leave: `connect` makes the settings of a channel that leads to a platform; `failures` are its answers by what they mean."""

    connect: Callable[[str], Any]
    path: str = ""
    words: Callable[[Channel, FakePlatform], list[str]]
    failures: dict[type[SendError], list[Any]] | str
    no_window: str = ""
    """Why nothing is ever outside a window."""
    meet: Callable[[Store], Awaitable[None]] | None = None
    """Makes ADDRESS known, where nothing can be sent to somebody who never wrote."""
    read: Callable[[Store], Awaitable[list[str]]] | None = None
    """What arrived, where it is kept in the store; then `words` is asked nothing."""


@dataclass(frozen=True, kw_only=True)
class Driver:
    """One channel, set up rightly (`settings`), and what it can do; a text instead of a way says why there is none."""

    channel: str
    settings: Any
    way_in: WayIn | str
    way_out: WayOut | str
    media: str
    """The path at which pictures are fetched, or (no path) why they cannot be."""
    wrong: tuple[dict[str, Any], ...] | str
    """Changes to the settings, each of which is one problem that doctor has to name."""
    off: Any = None
    """Settings that turn it off, where the empty ones do not: `why_on` says why."""
    why_on: str = ""
    mode: str = ""

    @property
    def id(self) -> str:
        """Name it in test reports."""
        return f"{self.channel}-{self.mode}" if self.mode else self.channel

    def make(self, store: Store, settings: Any = None) -> Channel:
        """Make the channel as the service does."""
        return discover()[self.channel].make(settings=self.settings if settings is None else settings, store=store)


# The official account


def write_sealed(text: str, number: int, length: int) -> Request:
    query, body = seal(write_text(text, str(number)))
    return Request(query=query, body=body.encode().ljust(length))


def write_plain(text: str, number: int, length: int) -> Request:
    return Request(query=plain_query(), body=write_text(text, str(number)).encode().ljust(length))


def forge_push() -> list[Request]:
    query, body = seal(write_text("a"))
    _, other = seal(write_text("b"))
    forged = [
        (query | {"msg_signature": "0" * 40}, body),
        (query | {"msg_signature": query["signature"]}, body),  # right for the query, but it covers no byte of the body
        (query, other),
        (query | {"timestamp": "1760000001"}, body),
        (plain_query() | {"signature": "0" * 40}, write_text("a")),
        ({}, write_text("a")),
    ]
    return [Request(query=one, body=data.encode()) for one, data in forged]


def read_sealed(body: str) -> str:
    sealed = xmltodict.parse(body)["xml"]
    plain = WeChatCrypto(TOKEN, AES_KEY, APP_ID).decrypt_message(
        sealed, sealed["MsgSignature"], sealed["TimeStamp"], sealed["Nonce"]
    )
    return read_plain(plain)


def read_plain(body: str) -> str:
    return str(xmltodict.parse(body)["xml"]["Content"])


def hologram(*, sealed: bool) -> Request:
    document = write_message("<MsgType>hologram</MsgType><Title>三维</Title><MsgId>9</MsgId>")
    query, body = seal(document) if sealed else (plain_query(), document)
    return Request(query=query, body=body.encode())


def official_account(mode: str) -> Driver:
    is_sealed = mode != "plain"
    settings = msgspec.structs.replace(SAFE, mode=mode, app_secret="canary-app-secret")
    return Driver(
        channel="wechat_mp",
        mode=mode,
        settings=settings,
        way_in=WayIn(
            path="/wechat",
            write=write_sealed if is_sealed else write_plain,
            key="m:7",
            forge=forge_push,
            unknown=lambda: hologram(sealed=is_sealed),
            takes_unknown=True,
            differs=200,  # asking again would not change it: the first one stands
            read=read_sealed if is_sealed else read_plain,
        ),
        way_out=WayOut(
            connect=lambda address: msgspec.structs.replace(
                settings, api_base=address, connect_seconds=1.0, request_seconds=1.0, media_seconds=1.0, media_limit_bytes=1000
            ),
            path=CUSTOM,
            words=lambda _, platform: [data["text"]["content"] for path, _, data in platform.asked if path == CUSTOM],
            failures={
                SendLater: [{"errcode": -1}, {"errcode": 45009}, {"errcode": 45011}, 404],
                SendNever: [{"errcode": 40003}, {"errcode": 43004}, {"errcode": 48002}, {"errcode": 99999}],
                WindowClosed: [{"errcode": 45015}, {"errcode": 45047}],
                SendUnknown: ["slow", "reset", 502, b"<html>"],
            },
        ),
        media=MEDIA,
        wrong=(
            *({"app_id": "gh_1"}, {"token": "with blank"}, {"app_secret": ""}, {"original_id": "jieying"}, {"path": "wechat"}),
            *({"encoding_aes_key": "too-short"}, {"api_base": "http://api.weixin.qq.com"}),
        ),
    )


# The group gateway

GATEWAY = GatewaySettings(gateway_id="grid-archive", secret="canary-secret-of-the-gateway")


def sign_post(body: bytes, **changes: str) -> Request:
    parts = {"gateway_id": "grid-archive", "timestamp": str(int(utcnow().timestamp())), "nonce": f"nonce-{next(_nonces):06}"}
    secret = changes.pop("secret", GATEWAY.secret)
    parts |= changes
    headers = {"X-Gateway-Id": parts["gateway_id"], "X-Timestamp": parts["timestamp"], "X-Nonce": parts["nonce"]}
    return Request(body=body, headers=headers | {"X-Signature": sign(secret, body=body, **parts)})


def encode_post(text: str, number: int, **fields: Any) -> bytes:
    post = {"message_id": f"g{number}", "sender": {"id": "wmAAA"}, "sent_at": SENT_AT, "type": "text", "text": text}
    return msgspec.json.encode(post | {"can_reply": True} | fields)


def forge_post() -> list[Request]:
    body = encode_post("a", 1)
    genuine = sign_post(body)
    return [
        sign_post(body, secret="another-secret-of-some-size"),
        sign_post(body, gateway_id="other"),
        sign_post(body, timestamp="1760000000"),
        sign_post(body, nonce="short"),
        Request(body=encode_post("b", 1), headers=genuine.headers),
        *(
            Request(body=body, headers={name: value for name, value in genuine.headers.items() if name != gone})
            for gone in genuine.headers
        ),
        Request(body=body),
    ]


GATEWAY_DRIVER = Driver(
    channel="gateway",
    settings=GATEWAY,
    way_in=WayIn(
        path="/gateway/v1/messages",
        write=lambda text, number, length: sign_post(encode_post(text, number).ljust(length)),
        key="g7",
        forge=forge_post,
        unknown=lambda: sign_post(encode_post("三维", 9, type="hologram")),
        takes_unknown=False,
        differs=409,
        read=lambda body: str(msgspec.json.decode(body)["reply"]),
    ),
    way_out="a gateway asks, it cannot be called: what is to be said waits for the next contact",
    media="a gateway keeps its media",
    wrong=({"secret": ""}, {"secret": "short"}, {"prefix": "gateway"}, {"nonce_seconds": 599.0}),
)


# The terminal


def write_said(text: str, number: int, length: int, **changes: Any) -> Request:
    said = {"key": f"t{number}", "sender": "张三", "text": text, "sent_at": SENT_AT}
    return Request(body=msgspec.json.encode(said | changes).ljust(length), headers={"Content-Type": "application/json"})


def forge_said() -> list[Request]:
    """A terminal believes every name, so what is forged is where it comes from: through a proxy, by another host name."""
    genuine = write_said("a", 1, 0)
    strangers = (
        {"X-Forwarded-For": "203.0.113.7"},
        {"Forwarded": "for=203.0.113.7"},
        {"Via": "1.1 proxy"},
        {"Host": "jieying.example"},
    )
    return [Request(body=genuine.body, headers=genuine.headers | stranger) for stranger in strangers]


TERMINAL_DRIVER = Driver(
    channel="terminal",
    settings=TerminalSettings(),
    off=TerminalSettings(enabled=False),
    why_on="only who sits at the machine can reach it, and without it nobody could try the service out",
    way_in=WayIn(
        path="/terminal/messages",
        write=write_said,
        key="t7",
        forge=forge_said,
        unknown=lambda: write_said("三维", 9, 0, type="hologram"),
        takes_unknown=False,
        differs=409,
        read=lambda body: str(msgspec.json.decode(body)["reply"]),
    ),
    way_out=WayOut(
        connect=lambda _: TerminalSettings(),
        words=lambda channel, _: [text for _, text in channel._kept["oResident0001"]],  # type: ignore[attr-defined] # a Terminal
        failures="it is kept in memory until the terminal asks: there is nobody who could refuse it",
    ),
    media="only words are written at a terminal",
    wrong="it has one switch, and nothing can be wrong with that",
)


# The webhook robot

WEBHOOK_DRIVER = Driver(
    channel="webhook",
    settings=WebhookSettings(url="https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=canary-key-of-the-robot"),
    way_in="the platform tells a robot nothing: it only speaks",
    way_out=WayOut(
        connect=lambda address: WebhookSettings(
            url=f"{address}{ROBOT}?key=canary-key-of-the-robot", connect_seconds=1.0, request_seconds=1.0
        ),
        path=ROBOT,
        words=lambda _, platform: [data["text"]["content"] for path, _, data in platform.asked if path == ROBOT],
        failures={
            SendLater: [{"errcode": -1}, {"errcode": 45009}, {"errcode": 130101}, 404],
            SendNever: [{"errcode": 93000}, {"errcode": 40008}, {"errcode": 99999}],
            SendUnknown: ["slow", "reset", 502, b"<html>"],
        },
        no_window="a robot may always speak in its group",
    ),
    media="a robot hears nothing, so nothing comes along",
    wrong=({"url": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send"}, {"url": "http://qyapi.weixin.qq.com/send?key=canary-key"}),
)


# The chat page

PERSON = "c" * 43
ADDRESS = "oResident0001"


def write_form(text: str, number: int, length: int, **changes: str) -> Request:
    form = f"text={quote(text)}&key=mi8n4w00-number{number:04}".encode().ljust(length)
    headers = {"Cookie": f"jieying_me={PERSON}", "Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    return Request(body=form, headers=headers | changes)


def write_hologram() -> Request:
    body = (
        b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nhologram\r\n'
        b'--b\r\nContent-Disposition: form-data; name="key"\r\n\r\nmi8n4w00-number0009\r\n'
        b'--b\r\nContent-Disposition: form-data; name="picture"; filename="a.holo"\r\n\r\nHOLO3D\r\n--b--\r\n'
    )
    return Request(body=body, headers=write_form("", 9, 0).headers | {"Content-Type": "multipart/form-data; boundary=b"})


def forge_form() -> list[Request]:
    """Whoever has the cookie is who writes, so what is forged is a form of another page, and a browser that we do not know."""
    changes = (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://other.example"},
        {"Origin": "null"},
        {"Cookie": ""},
        {"Cookie": "jieying_me=1"},
        {"Cookie": f"jieying_me={PERSON}x"},
    )
    return [write_form("a", 1, 0, **one) for one in changes]


async def meet_address(store: Store) -> None:
    await store.write(lambda s: conversations.open_for(s, channel="web", sender=ADDRESS, place="person", now=utcnow()).resident.id)


async def read_address(store: Store) -> list[str]:
    return [line.text for line in (await store.read(lambda s: read_talk(s, ADDRESS))).lines]


WEB_DRIVER = Driver(
    channel="web",
    settings=WebSettings(enabled=True),
    way_in=WayIn(
        path="/chat",
        write=write_form,
        key=f"{sender_of(PERSON)}:mi8n4w00-number0007",
        forge=forge_form,
        unknown=write_hologram,
        takes_unknown=False,
        differs=409,
        read=lambda body: str(msgspec.json.decode(body)["reply"]),
    ),
    way_out=WayOut(
        connect=lambda _: WebSettings(enabled=True),
        words=lambda *_: [],
        failures="it is kept in our own database: who could refuse it is the store itself, and tests/integration/test_web.py has that",
        meet=meet_address,
        read=read_address,
    ),
    media="a picture comes with its message and is kept before it is answered",
    wrong="it has one switch and limits, and nothing can be wrong with those",
)


# E-mail

EMAIL = EmailSettings(
    host="mail.example.gov.cn",
    user="canary-user",
    password="canary-password-of-the-mailbox",
    sender="接应 <jieying@example.gov.cn>",
    addresses=("oResident0001=works@example.gov.cn",),
)


def connect_mail(address: str) -> EmailSettings:
    """Lead to the mail server beside a platform, or to the port itself where there is none."""
    port = MAIL_PORTS.get(address) or int(address.rpartition(":")[2])
    changes = {"host": "127.0.0.1", "port": port, "security": "none", "answer_seconds": 1.0}
    return msgspec.structs.replace(EMAIL, **changes)


EMAIL_DRIVER = Driver(
    channel="email",
    settings=EMAIL,
    way_in="nobody's mail is read: what residents write comes by the channels that are made for it",
    way_out=WayOut(
        connect=connect_mail,
        path=MAIL,
        words=lambda _, platform: [
            mail.text.removesuffix(f"\n\n{fill('email', 'footer')}") for path, _, mail in platform.asked if path == MAIL
        ],
        failures={
            SendLater: ["421 busy", "450 later", "451 greylisted", "452 full"],
            SendNever: ["550 works@example.gov.cn is unknown", "552 too big", "554 canary refused"],
            SendUnknown: ["slow", "reset"],
        },
        no_window="mail may always be sent",
    ),
    media="no mail is read, so nothing comes along",
    wrong=(
        *({"sender": "jieying"}, {"security": "none"}, {"password": ""}, {"addresses": ()}),
        *({"addresses": ("A=works",)}, {"addresses": ("A=works@example.gov.cn\nBcc: x@y.cn",)}),
    ),
)


DRIVERS = (
    *(official_account(mode) for mode in ("safe", "compatible", "plain")),
    GATEWAY_DRIVER,
    TERMINAL_DRIVER,
    WEBHOOK_DRIVER,
    EMAIL_DRIVER,
    WEB_DRIVER,
)
