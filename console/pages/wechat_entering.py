"""Coming in to 我的事 by WeChat: the platform says whose telephone it is, and nothing else is asked of it (snsapi_base: no name, no picture).

    /my/wechat        the browser gets a secret and goes to the platform, with a state that is signed for this secret and this moment
    /my/wechat/back   it comes back with a code; the state has to be ours, this browser's, young, and the first of its kind

The address of this page may be the account's menu item: whoever taps it is in at once. No address, code, state or id is written to a log.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog

from console.login_port import LoginRefused
from console.pages.door import WAITS_COOKIE
from console.pages.entering import welcome
from console.pages.own import LIST
from console.pages.routes import Page, Redirect
from residents import conversations, entering
from store.sealing import vault_of

if TYPE_CHECKING:
    from datetime import datetime

    from aiohttp import web
    from sqlalchemy.orm import Session

    from console.login_port import LoginPlatform
    from console.pages.door import PageDoor
    from residents.entering import LetIn

log = structlog.get_logger(__name__)

PATH = f"{LIST}/wechat"
BACK = f"{PATH}/back"
_SECONDS = 600
"""How long somebody may take at the platform's: it asks nothing, but the line may be slow."""
_STATE = re.compile(r"(?P<signed>(?P<nonce>[0-9a-f]{16})(?P<at>[0-9a-f]{10}))(?P<mac>[0-9a-f]{64})")
_CODE = re.compile(r"[A-Za-z0-9_-]{1,512}")
_DENIED = "authdeny"
_STATUSES = {"denied": 403, "expired": 410, "host": 421, "code": 410, "visitor": 403, "account": 503, "down": 503}


class WechatPages:
    """Serves the two addresses at a door. `public_url` is ours, without a slash at its end."""

    def __init__(self, door: PageDoor, platform: LoginPlatform, *, public_url: str) -> None:
        self._door = door
        self._platform = platform
        self._public_url = public_url
        self._host = urlsplit(public_url).netloc

    def serve(self) -> None:
        """Add the pages."""
        self._door.add("GET", PATH, self.start)
        self._door.add("GET", BACK, self.come_back)

    async def start(self, request: web.Request) -> web.Response:
        """Send a browser to the platform; from our public address, where it will come back to."""
        if request.host != self._host:
            return self._door.redirect(request, Redirect(to=f"{self._public_url}{PATH}"))
        secret, now = entering.make_secret(), self._door.clock()
        state = await self._door.store.read(lambda s: make_state(s, secret, now=now))
        address = self._platform.make_address(back=f"{self._public_url}{BACK}", state=state)
        return self._door.redirect(request, Redirect(to=address, cookies={WAITS_COOKIE: secret}, seconds=_SECONDS))

    async def come_back(self, request: web.Request) -> web.Response:
        """Let a browser in that comes back, or say what to do."""
        code, state = request.query.get("code", ""), request.query.get("state", "")
        now, secret = self._door.clock(), request.cookies.get(WAITS_COOKIE, "")
        if request.host != self._host:
            return self._refuse(request, "host")
        if not await self._door.store.read(lambda s: is_ours(s, state, secret, now=now)):
            return self._refuse(request, "expired")
        if code == _DENIED or not _CODE.fullmatch(code):
            return self._refuse(request, "denied")
        try:
            person = await self._platform.find_person(code)
        except LoginRefused as refused:
            return self._refuse(request, refused.why)
        let_in = await self._door.store.write(lambda s: self._let_in(s, person, state=state, now=now))
        if let_in is None:
            return self._refuse(request, "expired")
        return self._door.redirect(request, welcome(self._door.city.pages.known_days, let_in))

    def _let_in(self, session: Session, person: str, *, state: str, now: datetime) -> LetIn | None:
        """Let the browser in as the resident behind the platform's id, whom we may meet for the first time."""
        channel = self._platform.channel
        speaker = conversations.open_for(session, channel=channel, sender=person, place=conversations.PERSON, now=now)
        cause = f"wechat:{hashlib.sha256(state.encode()).hexdigest()}"
        return entering.let_in(
            session, resident_id=speaker.resident.id, channel=channel, cause=cause, settings=self._door.city.pages, now=now
        )

    def _refuse(self, request: web.Request, why: str) -> web.Response:
        log.warning("wechat entering refused", action="enter_refused", why=why)
        values = {"why": why, "ways": self._door.city.entrances, "address": self._public_url}
        return self._door.show(request, Page(template="resident/enter_refused.html", values=values, status=_STATUSES[why]))


def make_state(session: Session, secret: str, *, now: datetime) -> str:
    """Make a state for a browser's secret: letters and digits, as the platform wants them, 90 of them."""
    signed = f"{secrets.token_hex(8)}{int(now.timestamp()):010x}"
    return signed + _sign(session, signed, secret)


def is_ours(session: Session, state: str, secret: str, *, now: datetime) -> bool:
    """Tell whether a state was made by us for this browser, not too long ago."""
    found = _STATE.fullmatch(state)
    if found is None or not secret:
        return False
    age = now.timestamp() - int(found["at"], 16)
    return hmac.compare_digest(found["mac"], _sign(session, found["signed"], secret)) and 0 <= age + 1 <= _SECONDS + 1


def _sign(session: Session, signed: str, secret: str) -> str:
    return vault_of(session).blind("wechat state", f"{signed}\0{secret}").hex()
