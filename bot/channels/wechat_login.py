"""Who opens our pages inside WeChat, for the official account (protocol.md 2.9): the id by which it knows them, and nothing else.

The code and the AppSecret stand in the address that is asked, and the id in the answer: none of it is logged or raised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import structlog

from bot.channels import SendError
from bot.channels.api_client import AccountProblem
from console.login_port import LoginRefused

if TYPE_CHECKING:
    from bot.channels.api_client import ApiClient
    from console.login_port import Why

log = structlog.get_logger(__name__)

AUTHORIZE = "/connect/oauth2/authorize"
ACCESS_TOKEN = "/sns/oauth2/access_token"  # noqa: S105 - a path
_CODE_PROBLEMS = frozenset({40029, 40163, 41008, 42003})
"""Made up, used before, missing, too old: to begin anew helps."""
_ANSWER_BYTES = 16 * 1024


class WechatLogin:
    """The account's sign-in on web pages (console.login_port.LoginPlatform)."""

    def __init__(self, api: ApiClient, *, channel: str, app_id: str, app_secret: str, open_base: str, seconds: float) -> None:
        self.channel = channel
        self._api = api
        self._app_id = app_id
        self._app_secret = app_secret
        self._open_base = open_base.rstrip("/")
        self._seconds = seconds

    def make_address(self, *, back: str, state: str) -> str:
        """Give the address to send a browser to. The platform wants the fields in this order."""
        asked = {"appid": self._app_id, "redirect_uri": back, "response_type": "code", "scope": "snsapi_base", "state": state}
        return f"{self._open_base}{AUTHORIZE}?{urlencode(asked)}#wechat_redirect"

    async def find_person(self, code: str) -> str:
        """Give the openid of whoever came back with this code; LoginRefused."""
        query = {"appid": self._app_id, "secret": self._app_secret, "code": code, "grant_type": "authorization_code"}
        try:
            answer = await self._api.download(ACCESS_TOKEN, query=query, cap=_ANSWER_BYTES, seconds=self._seconds)
        except SendError as error:
            why = find_reason(error)
            log.warning("wechat_login_refused", channel=self.channel, why=why, code=error.code)
            raise LoginRefused(why) from None
        data = answer.data or {}
        openid = data.get("openid")
        if data.get("is_snapshotuser") == 1:
            raise LoginRefused("visitor")
        if not isinstance(openid, str) or not openid:
            log.warning("wechat_login_refused", channel=self.channel, why="down", code=0)
            raise LoginRefused("down")
        return openid


def find_reason(error: SendError) -> Why:
    """Say what can be done about an answer of the platform. Pure."""
    if error.code in _CODE_PROBLEMS:
        return "code"
    return "account" if isinstance(error, AccountProblem) else "down"
