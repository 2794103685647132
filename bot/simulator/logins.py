"""The platform's sign-in on web pages (protocol.md 2.9): a browser is sent back with a code, the code is changed once for whose it is.

Which telephone it is the simulator is told: `holder`, whoever holds the browser that comes. One page of words stands for what people see of the
platform where it sends nobody back.
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

AUTHORIZE = "/connect/oauth2/authorize"
ACCESS_TOKEN = "/sns/oauth2/access_token"  # noqa: S105 - a path
INVALID, USED, WRONG_APP, WRONG_SECRET = 40029, 40163, 40013, 40125

_LASTS = timedelta(minutes=5)
_STATE = re.compile(r"[a-zA-Z0-9]{1,128}")


class _Code(msgspec.Struct):
    openid: str
    until: datetime
    is_used: bool = False


class SentOn(msgspec.Struct, frozen=True, kw_only=True):
    """Where a browser is sent; `error` is what the platform's own page says where it is not."""

    address: str = ""
    error: str = ""


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """What a code was changed for: an errcode, or the fields of the answer."""

    code: int = 0
    fields: dict[str, Any] = {}


class Logins:
    """The sign-in of one account. `page_host`: the domain that its console knows ("": any)."""

    def __init__(self, *, app_id: str, app_secret: str) -> None:
        self.holder = ""
        """The openid of whoever holds the browser that comes next; "" for a browser outside WeChat."""
        self.refuses = False
        """Whether they press no."""
        self.previews = False
        """Whether it is a preview of the page, behind which there is nobody."""
        self.page_host = ""
        self.last_code = ""
        self._app_id = app_id
        self._app_secret = app_secret
        self._codes: dict[str, _Code] = {}

    def authorize(self, query: Mapping[str, str], *, now: datetime) -> SentOn:
        """Send a browser back to where it came from, with a code."""
        back, state = urlsplit(query.get("redirect_uri", "")), query.get("state", "")
        if list(query)[:5] != ["appid", "redirect_uri", "response_type", "scope", "state"] or not _STATE.fullmatch(state):
            return SentOn(error="10016 the fields are not as they have to be")
        if query["appid"] != self._app_id:
            return SentOn(error="10012 no such account")
        if not back.netloc or (self.page_host and back.netloc != self.page_host):
            return SentOn(error="10003 redirect_uri is on another domain than the console knows")
        if query["scope"] != "snsapi_base" or query["response_type"] != "code":
            return SentOn(error="10005 the account may not do this")
        if not self.holder:
            return SentOn(error="please open this in WeChat")
        code = "authdeny" if self.refuses else secrets.token_hex(16)
        if not self.refuses:
            self._codes[code] = _Code(openid=self.holder, until=now + _LASTS)
            self.last_code = code
        return SentOn(address=f"{back.geturl()}?{urlencode({'code': code, 'state': state})}")

    def change(self, query: Mapping[str, str], *, now: datetime) -> Changed:
        """Change a code for whose it is, once and within five minutes."""
        if query.get("appid") != self._app_id:
            return Changed(code=WRONG_APP)
        if self._app_secret and query.get("secret") != self._app_secret:
            return Changed(code=WRONG_SECRET)
        found = self._codes.get(query.get("code", ""))
        if found is None or query.get("grant_type") != "authorization_code" or found.until <= now:
            return Changed(code=INVALID)
        if found.is_used:
            return Changed(code=USED)
        found.is_used = True
        fields = {"access_token": secrets.token_urlsafe(64), "expires_in": 7200, "openid": found.openid, "scope": "snsapi_base"}
        return Changed(fields=fields | ({"is_snapshotuser": 1} if self.previews else {}))
