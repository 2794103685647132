"""The platform's API as an aiohttp application: tokens, customer-service and template messages, media, and a group's robot.

It judges a call as the platform does (protocol.md 2.5, 2.6, 2.8, 2.11, 2.12, 3.3): HTTP 200 and an errcode. Codes marked [M] there,
and 40007, 40008, 44004, 47001 and 93000 here, are from memory.
"""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web

from bot.simulator.faults import Faults
from bot.simulator.ledger import ApiCall
from bot.simulator.logins import ACCESS_TOKEN, AUTHORIZE, Logins
from bot.simulator.quota import Quota
from bot.simulator.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.simulator.faults import Fault
    from bot.simulator.ledger import Ledger, Way

TOKEN = "/cgi-bin/stable_token"  # noqa: S105 - a path
CUSTOM = "/cgi-bin/message/custom/send"
TEMPLATE = "/cgi-bin/message/template/send"
MEDIA = "/cgi-bin/media/get"
ROBOT = "/cgi-bin/webhook/send"

ROBOT_GROUP = "robot"
"""Who reads what the robot says, in the ledger."""

_TEXT_BYTES = 2048
_THING_LETTERS = 20
_ROBOT_A_MINUTE = 20
_REMEMBER = timedelta(minutes=10)
_ESCAPED = re.compile(rb"(?<!\\)(?:\\\\)*\\u(?!00[01][0-9a-fA-F])")
"""A letter written as \\uXXXX that UTF-8 could have carried; JSON has no other way for control characters."""


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A call of the API as it came in."""

    query: dict[str, str]
    body: bytes
    at: datetime


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a call gets: an errcode and further fields, or bytes; and who was written to."""

    code: int = 0
    fields: dict[str, Any] = {}
    file: bytes | None = None
    openid: str = ""
    text: str = ""
    way: Way | None = None


class PlatformApi:
    """One account's API. app_secret and templates are checked unless empty."""

    def __init__(
        self,
        *,
        app_id: str,
        app_secret: str,
        robot_key: str,
        templates: frozenset[str],
        ledger: Ledger,
        clock: Callable[[], datetime],
    ) -> None:
        self.faults = Faults()
        self.media: dict[str, bytes] = {}
        self.quotas: dict[str, Quota] = defaultdict(Quota)
        self.tokens = Tokens()
        self.logins = Logins(app_id=app_id, app_secret=app_secret)
        self._app_id = app_id
        self._app_secret = app_secret
        self._robot_key = robot_key
        self._templates = templates
        self._ledger = ledger
        self._clock = clock
        self._numbers = count(1)
        self._client_ids: dict[str, tuple[datetime, int]] = {}

    def app(self) -> web.Application:
        """Build the application; the service's api_base is its address."""
        app = web.Application()
        app.router.add_post(TOKEN, self._serve(TOKEN, self._issue_token))
        app.router.add_post(CUSTOM, self._serve(CUSTOM, self._send_custom))
        app.router.add_post(TEMPLATE, self._serve(TEMPLATE, self._send_template))
        app.router.add_get(MEDIA, self._serve(MEDIA, self._get_media))
        app.router.add_post(ROBOT, self._serve(ROBOT, self._send_robot))
        app.router.add_get(ACCESS_TOKEN, self._serve(ACCESS_TOKEN, self._change_code))
        app.router.add_get(AUTHORIZE, self._authorize)
        return app

    async def _authorize(self, request: web.Request) -> web.Response:
        """Send a browser back to the service, or show it the platform's own page of errors."""
        sent = self.logins.authorize(request.query, now=self._clock())
        if not sent.address:
            return web.Response(text=sent.error)
        return web.Response(status=302, headers={"Location": sent.address})

    def _serve(self, path: str, judge: Callable[[Call], Verdict]) -> Callable[[web.Request], Any]:
        async def serve(request: web.Request) -> web.Response:
            body = await request.read()
            fault = self.faults.take(path)
            self._ledger.in_flight[path] += 1
            try:
                return await self._answer(request, path, fault, Call(query=dict(request.query), body=body, at=self._clock()), judge)
            finally:
                self._ledger.in_flight[path] -= 1

        return serve

    async def _answer(
        self, request: web.Request, path: str, fault: Fault, call: Call, judge: Callable[[Call], Verdict]
    ) -> web.Response:
        verdict = Verdict(code=fault.code or -fault.status) if fault.is_refusal else judge(call)
        if verdict.way is not None and verdict.code == 0:
            self._ledger.note_sent(verdict.openid, verdict.text, way=verdict.way, at=call.at)
        answered = False
        try:
            await asyncio.sleep(fault.slow_seconds)
            if fault.drop and request.transport is not None:
                request.transport.abort()
            answered = request.transport is not None and not request.transport.is_closing()
        finally:  # also where the server ends us because the service has gone
            self._ledger.note_call(
                ApiCall(path=path, at=call.at, code=verdict.code, openid=verdict.openid, text=verdict.text, answered=answered)
            )
        if fault.status != 200:  # noqa: PLR2004 - the platform's only status of its own
            return web.Response(status=fault.status, text="<html></html>", content_type="text/html")
        if verdict.file is not None:
            return web.Response(body=verdict.file)
        return web.json_response({"errcode": verdict.code, "errmsg": "ok" if verdict.code == 0 else "refused"} | verdict.fields)

    def _issue_token(self, call: Call) -> Verdict:
        asked = _read_object(call.body)
        if asked is None:
            return Verdict(code=47001)
        if asked.get("appid") != self._app_id:
            return Verdict(code=40013)
        if self._app_secret and asked.get("secret") != self._app_secret:
            return Verdict(code=40125)
        issued = self.tokens.issue(force=asked.get("force_refresh") is True, now=call.at)
        return Verdict(code=issued.code, fields={} if issued.code else {"access_token": issued.token, "expires_in": issued.seconds})

    def _change_code(self, call: Call) -> Verdict:
        changed = self.logins.change(call.query, now=call.at)
        return Verdict(code=changed.code, fields=changed.fields)

    def _send_custom(self, call: Call) -> Verdict:
        code, asked = self._open_call(call)
        text = str(asked.get("text", {}).get("content", "")) if isinstance(asked.get("text"), dict) else ""
        openid = str(asked.get("touser", ""))
        if not code:
            code = self._judge_text(asked, openid, text) or self.quotas[openid].spend(now=call.at)
        return Verdict(code=code, openid=openid, text=text, way="active")

    def _judge_text(self, asked: dict[str, Any], openid: str, text: str) -> int:
        if openid not in self.quotas:
            return 40003
        if asked.get("msgtype") != "text":
            return 40008
        if not text:
            return 44004
        return 45002 if len(text.encode()) > _TEXT_BYTES else 0

    def _send_template(self, call: Call) -> Verdict:
        code, asked = self._open_call(call)
        openid = str(asked.get("touser", ""))
        values = _read_values(asked.get("data"))
        if not code:
            code = self._judge_template(asked, openid, values)
        if code:
            return Verdict(code=code, openid=openid)
        client_id = str(asked.get("client_msg_id", ""))
        at, number = self._client_ids.get(client_id, (call.at - _REMEMBER, 0))
        if client_id and call.at - at < _REMEMBER:
            return Verdict(fields={"msgid": number}, openid=openid)
        number = next(self._numbers)
        self._client_ids[client_id] = (call.at, number)
        return Verdict(fields={"msgid": number}, openid=openid, text=" ".join((values or {}).values()), way="template")

    def _judge_template(self, asked: dict[str, Any], openid: str, values: dict[str, str] | None) -> int:
        if openid not in self.quotas:
            return 40003
        if not self.quotas[openid].is_following:
            return 43004
        if self._templates and asked.get("template_id") not in self._templates:
            return 40037
        is_long = any(name.startswith("thing") and len(value) > _THING_LETTERS for name, value in (values or {}).items())
        return 47003 if not values or is_long else 0

    def _get_media(self, call: Call) -> Verdict:
        code = self.tokens.judge(call.query.get("access_token", ""), now=call.at)
        file = self.media.get(call.query.get("media_id", ""))
        return Verdict(code=code or (40007 if file is None else 0), file=None if code else file)

    def _send_robot(self, call: Call) -> Verdict:
        asked = _read_object(call.body) or {}
        text = str(asked.get("text", {}).get("content", "")) if isinstance(asked.get("text"), dict) else ""
        code = 0
        if call.query.get("key") != self._robot_key:
            code = 93000
        elif asked.get("msgtype") != "text" or not text or len(text.encode()) > _TEXT_BYTES:
            code = 40008
        elif sum(one.path == ROBOT and one.code == 0 and call.at - one.at < timedelta(minutes=1) for one in self._ledger.calls) >= (
            _ROBOT_A_MINUTE
        ):
            code = 45009
        return Verdict(code=code, openid=ROBOT_GROUP, text=text, way="robot")

    def _open_call(self, call: Call) -> tuple[int, dict[str, Any]]:
        """Check a send's token and encoding; an errcode, and the fields if they could be read."""
        code = self.tokens.judge(call.query.get("access_token", ""), now=call.at)
        if code:
            return code, {}
        try:
            call.body.decode()
        except UnicodeDecodeError:
            return 40033, {}
        if _ESCAPED.search(call.body):
            return 40033, {}
        asked = _read_object(call.body)
        return (47001, {}) if asked is None else (0, asked)


def _read_object(body: bytes) -> dict[str, Any] | None:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _read_values(data: Any) -> dict[str, str] | None:
    """Read a template's fields, each `{"value": text}`; None if they are not like that."""
    if not isinstance(data, dict) or not all(isinstance(one, dict) and isinstance(one.get("value"), str) for one in data.values()):
        return None
    return {name: one["value"] for name, one in data.items()}
