"""What channels that speak JSON share: reading a request's body within its bounds, and refusing one in JSON."""

from __future__ import annotations

import asyncio

import msgspec
from aiohttp import web

_JSON = "application/json"


async def read_body(request: web.Request, *, cap: int, seconds: float) -> bytes:
    """Read a body of at most `cap` bytes (unpacked) that arrives within `seconds`; HTTP 413, 408 or 400 if it is none."""
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > cap:
                    text = _write_error(f"the body is longer than {cap} bytes")
                    raise web.HTTPRequestEntityTooLarge(cap, len(body), text=text, content_type=_JSON)
    except TimeoutError:
        raise refuse(web.HTTPRequestTimeout, f"the body took longer than {seconds:g} s") from None
    except web.RequestPayloadError:
        raise refuse(web.HTTPBadRequest, "the body broke off or cannot be unpacked") from None
    return bytes(body)


def refuse(kind: type[web.HTTPError], error: str, *, after: int = 0) -> web.HTTPError:
    """Make the exception that answers `{"error": …}`; `after` is the Retry-After in seconds, 0 for none."""
    headers = {"Retry-After": str(after)} if after else None
    return kind(text=_write_error(error), content_type=_JSON, headers=headers)


def _write_error(error: str) -> str:
    return msgspec.json.encode({"error": error}).decode()
