"""Calls to others' systems over HTTP: never into a private network that was not named, never along a redirect, never for long.

CallError
├── Unreachable     nothing came back, or a server error: it may be tried again
├── Refused         the other side does not want this message; trying again changes nothing
├── Gone            the other side wants no more messages (410)
└── Forbidden       the address may not be called (private network, no TLS)
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver
from aiohttp.resolver import DefaultResolver

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from socket import AddressFamily

    from aiohttp.abc import ResolveResult

_MOST_BYTES = 64 * 1024
_GONE = 410
_AGAIN = frozenset({408, 425, 429})
_SERVER = 500
_OK = range(200, 300)


class CallError(Exception):
    """A call did not succeed."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or self.__doc__)


class Unreachable(CallError):
    """Nobody answered, or not now."""


class Refused(CallError):
    """The other side refuses this message."""


class Gone(CallError):
    """The other side wants no more messages."""


class Forbidden(CallError):
    """This address may not be called."""


class GuardedResolver(AbstractResolver):
    """Resolves names, and gives no address of a private network: looked at when the call is made, so that a name cannot change in between."""

    def __init__(self, *, private_hosts: Collection[str]) -> None:
        self._inner = DefaultResolver()
        self._private = frozenset(private_hosts)

    async def resolve(self, host: str, port: int = 0, family: AddressFamily = 0) -> list[ResolveResult]:  # type: ignore[assignment]  # aiohttp's own default
        """Resolve a name; OSError where nothing is left that may be called."""
        found = await self._inner.resolve(host, port, family)
        allowed = [one for one in found if host in self._private or is_public(one["host"])]
        if not allowed:
            raise OSError(f"{host} lies in a private network")
        return allowed

    async def close(self) -> None:
        """Close the resolver."""
        await self._inner.close()


class Caller:
    """Posts to others; one session for all."""

    def __init__(self, *, request_seconds: float, private_hosts: Collection[str]) -> None:
        self._private = frozenset(private_hosts)
        self._timeout = aiohttp.ClientTimeout(total=request_seconds)
        self._session: aiohttp.ClientSession | None = None

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> bytes:
        """Post JSON and give the answer's body, at most 64 KB of it. A CallError says what became of it otherwise."""
        check_address(url, private_hosts=self._private)
        try:
            request = self._open().post(
                url, data=body, headers={"Content-Type": "application/json", **headers}, allow_redirects=False
            )
            async with request as response:
                answer = await _read_answer(response)
                _check_status(response.status)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unreachable(type(error).__name__) from error
        return answer

    async def close(self) -> None:
        """Close the connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(resolver=GuardedResolver(private_hosts=self._private), force_close=True)
            self._session = aiohttp.ClientSession(
                connector=connector, timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
            )
        return self._session


async def _read_answer(response: aiohttp.ClientResponse) -> bytes:
    """Read an answer in all its pieces, up to 64 KB."""
    answer = bytearray()
    async for piece in response.content.iter_any():
        answer += piece
        if len(answer) >= _MOST_BYTES:
            break
    return bytes(answer[:_MOST_BYTES])


def check_address(url: str, *, private_hosts: Collection[str]) -> None:
    """Check that an address may be called; Forbidden says why not. Names are looked at again when they are resolved."""
    try:
        parts = urlsplit(url)
        host: Any = parts.hostname
    except ValueError as error:
        raise Forbidden("no address") from error
    if not host or parts.scheme not in {"http", "https"} or parts.username or parts.password:
        raise Forbidden("no address of http or https")
    if host in private_hosts:
        return
    if parts.scheme != "https":
        raise Forbidden("without TLS")
    if _is_literal(host) and not is_public(host):
        raise Forbidden("private network")


def is_public(address: str) -> bool:
    """Tell whether an IP address lies in the public internet; an IPv4 address inside an IPv6 one counts as itself, or as private (NAT64)."""
    try:
        read = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = getattr(read, "ipv4_mapped", None) or getattr(read, "sixtofour", None) or read
    return bool(inner.is_global and not inner.is_multicast and not inner.is_reserved)


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _check_status(status: int) -> None:
    if status in _OK:
        return
    if status == _GONE:
        raise Gone(f"HTTP {status}")
    if status in _AGAIN or status >= _SERVER:
        raise Unreachable(f"HTTP {status}")
    raise Refused(f"HTTP {status}")
