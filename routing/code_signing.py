"""What stands in the address of a printed code: its number and a random part, signed under a key of the vault. Pure; nothing is looked up.

    id (4 bytes, big endian) | nonce (4) | first 10 bytes of the signature     in base64url, 24 characters

A guess is right once in 2^80. The random part ties it to its row: a database that was begun anew gives the same numbers to other doors.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from store.sealing import Vault

_PURPOSE = "place_code"
_NUMBER, _NONCE, _MARK = 4, 4, 10
_BYTES = _NUMBER + _NONCE + _MARK
LENGTH = _BYTES * 4 // 3
"""Characters of a code."""


class Signed(NamedTuple):
    """What a code says: the number of its row, and the random part the row has to have."""

    id: int
    nonce: str


def new_nonce() -> str:
    """Make a random part."""
    return secrets.token_hex(_NONCE)


def sign(signed: Signed, *, vault: Vault) -> str:
    """Give the code of a row, always the same."""
    content = signed.id.to_bytes(_NUMBER, "big") + bytes.fromhex(signed.nonce)
    return base64.urlsafe_b64encode(content + _mark(content, vault)).decode()


def read_signed(code: str, *, vault: Vault) -> Signed | None:
    """Read a code; None for one that we did not sign."""
    if len(code) != LENGTH or not code.isascii():
        return None
    try:
        raw = base64.b64decode(code, altchars=b"-_", validate=True)
    except binascii.Error:
        return None
    content, mark = raw[:-_MARK], raw[-_MARK:]
    if not hmac.compare_digest(mark, _mark(content, vault)):
        return None
    return Signed(int.from_bytes(content[:_NUMBER], "big"), content[_NUMBER:].hex())


def _mark(content: bytes, vault: Vault) -> bytes:
    return vault.blind(_PURPOSE, content)[:_MARK]
