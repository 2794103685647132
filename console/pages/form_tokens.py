"""The token of a page's forms as it stands in a page: another one in every answer, though it says the same. Pure but for chance.

Pages are sent compressed. What is compressed beside words of somebody's choice can be guessed from the length, byte by byte, by whoever has
the page asked for again and again (BREACH); what is different every time cannot.
"""

from __future__ import annotations

import hmac
import secrets

_BYTES = 32


def mask(token: str) -> str:
    """Write a token of 64 hex digits in 128 others, never the same twice."""
    pad = secrets.token_bytes(_BYTES)
    return (pad + _cross(pad, bytes.fromhex(token))).hex()


def fits(given: str, token: str) -> bool:
    """Tell whether what a form brought is this token, masked."""
    try:
        both = bytes.fromhex(given)
    except ValueError:
        return False
    return len(both) == 2 * _BYTES and hmac.compare_digest(_cross(both[:_BYTES], both[_BYTES:]), bytes.fromhex(token))


def _cross(left: bytes, right: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(left, right, strict=True))
