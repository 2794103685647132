"""The HTTP client of Tencent's APIs: what came back, and what it means for the message that was to be sent.

HTTP 200 says nothing: each answer's errcode is read (protocol.md 2.12). A customer-service send has no key by which the
platform could drop a repeat, so whatever breaks after the request may have been written is SendUnknown; only a connection that
never came about is tried on the next host. Exceptions and logs carry neither tokens (they stand in the address) nor openids.

    SendLater
    └── TokenRefused       the token is invalid or expired: once more with a new one, then later
    SendNever
    └── AccountProblem     the account is set up wrongly or not allowed to: an operator is to be alarmed, `problem` names the text
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import aiohttp
import msgspec
import structlog

from bot.channels import SendLater, SendNever, SendUnknown, WindowClosed
from bot.channels.token import FetchedToken

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from bot.channels.token import TokenSource

T = TypeVar("T")

log = structlog.get_logger(__name__)

_JSON_BYTES = 1024 * 1024
"""The longest JSON answer we read."""

_KEEP_ALIVE = 5.0
"""Seconds an idle connection is kept. A send over one that the platform has just closed would count as unknown."""

_TOKEN_CODES = frozenset({40001, 40014, 41001, 42001})
_WINDOW_CODES = frozenset({45015, 45047})
_LATER_CODES = {-1: 5.0, 43108: 5.0, 45009: 60.0, 45011: 10.0}
_ACCOUNT_CODES = {
    40013: "wrong_app_id",
    40125: "wrong_secret",
    40164: "address_not_allowed",
    40243: "secret_frozen",
    43107: "not_granted",
    48001: "not_granted",
    48004: "banned",
}


class TokenRefused(SendLater):
    """The platform refuses the access token."""

    def __init__(self, message: str = "", *, code: int = 0) -> None:
        super().__init__(message, code=code, after=60.0)


class AccountProblem(SendNever):
    """The account is set up wrongly; an operator has to mend it."""

    def __init__(self, problem: str, *, code: int = 0) -> None:
        super().__init__(f"{self.__doc__} ({problem}, errcode {code})", code=code)
        self.problem = problem
        """Key of the text that tells the operator, in texts.toml [doctor], behind the channel's name."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came back: bytes, and the fields in them if they are a JSON object."""

    body: bytes
    data: dict[str, Any] | None = None


class ApiClient:
    """Asks one platform, on the first of its hosts that can be reached.

    hosts: base addresses without a slash at the end. connect_seconds and request_seconds: the time-outs of connecting and of
    everything after it.
    """

    def __init__(self, *, hosts: tuple[str, ...], connect_seconds: float, request_seconds: float) -> None:
        self._hosts = hosts
        self._connect = connect_seconds
        self._seconds = request_seconds
        self._session: aiohttp.ClientSession | None = None

    async def post(self, path: str, payload: Mapping[str, Any], *, token: str = "", once: bool = False) -> dict[str, Any]:
        """Post JSON in plain UTF-8 (the platform shows escapes to people as they are) and give the fields of the answer.

        `once` marks what must not be done twice: then a time-out, a reset or a broken answer is SendUnknown, else SendLater.
        Any errcode but 0 raises its class.
        """
        body = msgspec.json.encode(payload)
        query = {"access_token": token} if token else {}
        answer = await self._ask("POST", path, query=query, body=body, once=once, cap=_JSON_BYTES, seconds=self._seconds)
        if answer.data is None:
            raise _broken("the answer is no JSON object", once=once)
        return answer.data

    async def download(self, path: str, *, query: Mapping[str, str], cap: int, seconds: float) -> Answer:
        """Get a file of at most `cap` bytes; `path` may be a whole address. SendNever if it is longer, or refused."""
        return await self._ask("GET", path, query=query, body=None, once=False, cap=cap, seconds=seconds)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def _ask(
        self, method: str, path: str, *, query: Mapping[str, str], body: bytes | None, once: bool, cap: int, seconds: float
    ) -> Answer:
        addresses = [path] if "://" in path else [host + path for host in self._hosts]
        timeout = aiohttp.ClientTimeout(total=self._connect + seconds, connect=self._connect)
        for address in addresses:
            request = self._open_session().request(
                method,
                address,
                params=query,
                data=body,
                headers={"Content-Type": "application/json; charset=utf-8"} if body is not None else None,
                timeout=timeout,
                allow_redirects=False,
            )
            try:
                async with request as response:
                    return await _read(response, cap=cap, once=once)
            except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
                log.warning("api_host_unreachable", error=type(error).__name__)
            except (aiohttp.ClientError, TimeoutError) as error:
                raise _broken(type(error).__name__, once=once) from None
        raise SendLater("no host of the platform can be reached", after=10.0)

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(keepalive_timeout=_KEEP_ALIVE)
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        return self._session


async def call_with_token(tokens: TokenSource, call: Callable[[str], Awaitable[T]]) -> T:
    """Call with the current token; if it is refused, exactly once more with a new one."""
    token = await tokens.current()
    try:
        return await call(token)
    except TokenRefused as error:
        log.warning("token_refused", code=error.code)
        await tokens.drop(token)
    return await call(await tokens.current())


async def fetch_stable_token(api: ApiClient, *, app_id: str, app_secret: str) -> FetchedToken:
    """Fetch an official account's token in normal mode: the same one while it is valid, never by force (protocol.md 2.11)."""
    payload = {"grant_type": "client_credential", "appid": app_id, "secret": app_secret, "force_refresh": False}
    try:
        data = await api.post("/cgi-bin/stable_token", payload)
    except TokenRefused as error:
        raise AccountProblem("wrong_secret", code=error.code) from None
    value, seconds = data.get("access_token"), data.get("expires_in")
    if not isinstance(value, str) or not value or not isinstance(seconds, int) or seconds <= 0:
        raise SendLater("an answer without a token")
    return FetchedToken(value=value, seconds=seconds)


def raise_for_code(code: int) -> None:
    """Raise the class of an errcode; 0 raises nothing."""
    if code == 0:
        return
    if code in _TOKEN_CODES:
        raise TokenRefused(code=code)
    if code in _WINDOW_CODES:
        raise WindowClosed(code=code)
    if code in _LATER_CODES:
        raise SendLater(code=code, after=_LATER_CODES[code])
    if code in _ACCOUNT_CODES:
        raise AccountProblem(_ACCOUNT_CODES[code], code=code)
    raise SendNever(f"the platform refuses it (errcode {code})", code=code)


async def _read(response: aiohttp.ClientResponse, *, cap: int, once: bool) -> Answer:
    if response.status != 200:  # noqa: PLR2004 - the only status the platform gives on purpose
        raise _broken(f"HTTP {response.status}", once=once and response.status >= 500)  # noqa: PLR2004 - refused before it was done
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > cap:
            raise SendNever(f"longer than {cap} bytes")
    answer = Answer(body=bytes(body), data=_decode_object(body))
    if answer.data is not None:
        raise_for_code(_read_code(answer.data.get("errcode", 0)))
    return answer


def _decode_object(body: bytearray) -> dict[str, Any] | None:
    if not body.startswith(b"{"):
        return None
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.DecodeError:
        return None


def _read_code(code: object) -> int:
    """Read an errcode; one that is no number is an error nobody knows."""
    return code if isinstance(code, int) else -2


def _broken(what: str, *, once: bool) -> SendUnknown | SendLater:
    return SendUnknown(f"it may have arrived: {what}") if once else SendLater(f"no answer: {what}")
