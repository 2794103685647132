"""The official account (公众号 / 服务号): residents write to it one to one, it answers at once or by a customer-service message.

The way in is bot.channels.callback; here stand the settings and the ways out. Sources: protocol.md 2.5, 2.6, 2.8, 2.11
(developers.weixin.qq.com).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, Literal
from urllib.parse import urlsplit

import msgspec
from aiohttp import web

from bot.channels import ChannelSpec, SendLater, SendNever, WindowClosed
from bot.channels.api_client import ApiClient, call_with_token, fetch_stable_token
from bot.channels.callback import Callback
from bot.channels.envelope import Envelope
from bot.channels.token import TokenSource
from bot.channels.wechat_login import WechatLogin
from bot.texts import fill
from residents.ledger import WECHAT_WINDOWS
from store.clock import utcnow

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.channels import Media, Outbound, Receiver
    from store.engine import Store

NAME = "wechat_mp"
REPLY_LIMIT = 2048
"""UTF-8 bytes of one text, passive or active (errcode 45002 beyond)."""

_PLATFORM = ("https://api.weixin.qq.com", "https://api2.weixin.qq.com")
"""The second is the disaster-recovery host (protocol.md 2.11)."""

_FIELD_LIMITS = {"thing": 20, "phrase": 5, "character_string": 32}
"""Characters of a template field by its kind; longer ones are refused with 47003 (protocol.md 2.6, from memory)."""

_VIDEO_HOST = ".qq.com"
"""The platform answers a video's id with an address; which hosts those may be is documented nowhere, so only its own is asked."""


class WechatMpSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the account's console shows, and how long we wait for the platform."""

    SECRETS: ClassVar[tuple[str, ...]] = ("token", "encoding_aes_key", "app_secret")

    app_id: str = ""
    """The AppID, `wx` and 16 hexadecimal digits; empty: the channel is off."""
    token: str = ""
    """The Token of the server settings: at least 20 random characters are advised."""
    encoding_aes_key: str = ""
    """The EncodingAESKey of the server settings, 43 characters; not needed in plain mode."""
    app_secret: str = ""
    """The AppSecret, for sending and for fetching pictures and voices."""
    original_id: str = ""
    """The account's original id `gh_…`; a push to another account is then set aside. Empty: not checked."""
    mode: Literal["plain", "compatible", "safe"] = "safe"
    """Plain also takes unencrypted pushes; in the other two modes the platform encrypts each, and only those are taken."""
    path: str = "/wechat"
    """The path of the server address."""
    api_base: str = _PLATFORM[0]
    """The platform's API; with the default the disaster-recovery host stands in when it cannot be reached."""
    template_id: str = ""
    """The template for notices outside the conversation window; empty: they wait for the next contact."""
    media_limit_bytes: int = 20 * 1024 * 1024
    """The longest picture, voice or video we fetch; the platform's own limit is 10 MB for what residents send."""
    page_sign_in: bool = False
    """Whether residents come in to their own pages by WeChat; the account has to be verified and to know our domain (网页授权域名)."""
    open_base: str = "https://open.weixin.qq.com"
    """Where a browser is sent for that."""
    connect_seconds: float = 3.0
    request_seconds: float = 5.0
    media_seconds: float = 20.0
    body_seconds: float = 4.0
    """How long a push may take to arrive; the platform itself gives up after 5 s."""

    def __repr__(self) -> str:
        """Show which account this is, and no secret."""
        return f"WechatMpSettings(app_id={self.app_id!r}, mode={self.mode!r}, path={self.path!r})"


class WechatMp:
    """The official account as a Channel."""

    name = NAME
    reply_limit = REPLY_LIMIT
    windows = WECHAT_WINDOWS
    keeps = False

    def __init__(self, settings: WechatMpSettings, *, store: Store, clock: Callable[[], datetime] = utcnow) -> None:
        self._settings = settings
        self._clock = clock
        hosts = _PLATFORM if settings.api_base == _PLATFORM[0] else (settings.api_base.rstrip("/"),)
        self._api = ApiClient(hosts=hosts, connect_seconds=settings.connect_seconds, request_seconds=settings.request_seconds)
        self._tokens = TokenSource(
            store,
            channel=NAME,
            account=settings.app_id,
            fetch=lambda: fetch_stable_token(self._api, app_id=settings.app_id, app_secret=settings.app_secret),
            clock=clock,
        )

    def routes(self, receive: Receiver) -> list[web.RouteDef]:
        """Give the server address: its verification (GET) and the pushes (POST). None if the channel is off.

        ValueError if token or EncodingAESKey cannot be ones: a way in that nobody can sign for is not opened.
        """
        settings = self._settings
        if not settings.app_id:
            return []
        callback = Callback(
            channel=NAME,
            token=settings.token,
            envelope=_make_envelope(settings),
            takes_plain=settings.mode == "plain",
            account=settings.original_id,
            reply_limit=REPLY_LIMIT,
            body_seconds=settings.body_seconds,
            clock=self._clock,
        )

        async def receive_push(request: web.Request) -> web.Response:
            return await callback.receive(request, receive)

        return [web.get(settings.path, callback.verify, allow_head=False), web.post(settings.path, receive_push)]

    async def send(self, outbound: Outbound) -> str:
        """Send a text as a customer-service message; the platform gives it no id, so the answer is empty."""
        if len(outbound.text.encode()) > REPLY_LIMIT:
            raise SendNever(f"longer than {REPLY_LIMIT} bytes: cut it before", code=45002)
        payload = {"touser": outbound.address, "msgtype": "text", "text": {"content": outbound.text}}
        await call_with_token(
            self._tokens, lambda token: self._api.post("/cgi-bin/message/custom/send", payload, token=token, once=True)
        )
        return ""

    async def notify(self, outbound: Outbound) -> str:
        """Send a template message and give its id; WindowClosed without a template or without anything to put into it."""
        if not self._settings.template_id or not outbound.template:
            raise WindowClosed("no template message is set up for this")
        payload = {
            "touser": outbound.address,
            "template_id": self._settings.template_id,
            "data": {name: {"value": fit_field(name, value)} for name, value in outbound.template.items()},
        }
        if outbound.reference:
            payload["client_msg_id"] = outbound.reference
        data = await call_with_token(
            self._tokens, lambda token: self._api.post("/cgi-bin/message/template/send", payload, token=token, once=True)
        )
        return str(data.get("msgid", ""))

    async def fetch(self, media: Media) -> bytes:
        """Fetch a picture, voice or video from the platform's own host; a video may be handed on to its file server."""
        limit, seconds = self._settings.media_limit_bytes, self._settings.media_seconds
        answer = await call_with_token(
            self._tokens,
            lambda token: self._api.download(
                "/cgi-bin/media/get", query={"access_token": token, "media_id": media.ref}, cap=limit, seconds=seconds
            ),
        )
        if answer.data is not None:
            address = str(answer.data.get("video_url", ""))
            if not self._is_file_server(address):
                raise SendNever("the platform names no file, or one on a foreign host")
            answer = await self._api.download(address, query={}, cap=limit, seconds=seconds)
        if not answer.body:
            raise SendLater("an empty file")
        return answer.body

    def login(self) -> WechatLogin | None:
        """Give the way to find out who opens our pages inside WeChat; None where it is not set up."""
        settings = self._settings
        if not (settings.app_id and settings.page_sign_in):
            return None
        return WechatLogin(
            self._api,
            channel=NAME,
            app_id=settings.app_id,
            app_secret=settings.app_secret,
            open_base=settings.open_base,
            seconds=settings.request_seconds,
        )

    async def close(self) -> None:
        """Close the connections to the platform."""
        await self._tokens.close()
        await self._api.close()

    def _is_file_server(self, address: str) -> bool:
        """Tell whether a video may be fetched from there: the platform's own hosts, or the API host we were told to use."""
        try:
            parts, own = urlsplit(address), urlsplit(self._settings.api_base)
        except ValueError:
            return False
        host = parts.hostname or ""
        return parts.scheme in ("http", "https") and (parts.netloc == own.netloc or host.endswith(_VIDEO_HOST))


def fit_field(name: str, value: str) -> str:
    """Fit a value into a template field: one line, as long as the field's kind (its name without the number) allows."""
    line = " ".join(value.split())
    limit = _FIELD_LIMITS.get(name.rstrip("0123456789"), len(line))
    return line if len(line) <= limit else line[: limit - 1] + "…"


async def check(settings: WechatMpSettings) -> list[str]:
    """Find what is wrong in these settings, in words; nothing is asked of the platform."""
    return [fill("doctor", f"wechat_mp_{problem}") for problem in find_problems(settings)] if settings.app_id else []


def find_problems(settings: WechatMpSettings) -> list[str]:
    """Name the problems of the settings of a channel that is on (keys of texts.toml [doctor], without `wechat_mp_`)."""
    is_sealed = settings.mode != "plain" or bool(settings.encoding_aes_key)
    wrong = {
        "bad_app_id": not re.fullmatch(r"wx[0-9a-f]{16}", settings.app_id),
        "bad_token": not re.fullmatch(r"[A-Za-z0-9]{3,32}", settings.token),
        "bad_aes_key": is_sealed and not re.fullmatch(r"[A-Za-z0-9]{43}", settings.encoding_aes_key),
        "no_secret": not settings.app_secret,
        "bad_original_id": bool(settings.original_id) and not settings.original_id.startswith("gh_"),
        "plain_mode": settings.mode == "plain",
        "bad_path": not settings.path.startswith("/"),
        "bad_api_base": not is_safe(settings.api_base),
        "bad_open_base": not is_safe(settings.open_base),
    }
    return [problem for problem, is_wrong in wrong.items() if is_wrong]


def is_safe(address: str) -> bool:
    """Tell whether nobody on the way reads what goes there: by https, or within this machine."""
    return address.startswith("https://") or (urlsplit(address).hostname or "") in ("127.0.0.1", "localhost", "::1")


def _make_envelope(settings: WechatMpSettings) -> Envelope | None:
    if settings.mode == "plain" and not settings.encoding_aes_key:
        return None
    return Envelope(token=settings.token, encoding_aes_key=settings.encoding_aes_key, receiver=settings.app_id)


def _is_on(settings: WechatMpSettings) -> bool:
    return bool(settings.app_id)


def _make(settings: WechatMpSettings, store: Store) -> WechatMp:
    return WechatMp(settings, store=store)


CHANNEL = ChannelSpec(name=NAME, title="official account", settings=WechatMpSettings, is_on=_is_on, make=_make, check=check)
