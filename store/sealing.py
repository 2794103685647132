"""Sealing: AES-256-GCM under data keys, which are rows wrapped by a master key that is never in the database.

A sealed value is  mark (2 bytes) | data key id (8 bytes, big endian) | nonce (12) | ciphertext and tag.  Deleting a data key's row makes
everything sealed under it unreadable here, in logs and in copies without that row: that is how dropping, recalling and erasing work. A backup
made before still holds the wrapped key: whoever restores one replays the erasures first.
The vault travels in Session.info, so domain functions need only their session.

    SealError
    ├── KeyGone        the data key's row was deleted (recalled or erased): there is nothing to open any more
    └── WrongKey       wrapped by a master key we do not have, or tampered with
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_MARK = b"\x53\x01"
_ID = 8
_NONCE = 12
_HEADER = len(_MARK) + _ID


class SealError(Exception):
    """A sealed value could not be opened."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)


class KeyGone(SealError):
    """The key of this value was deleted: it was recalled or erased."""


class WrongKey(SealError):
    """This value was sealed under another master key, or was changed."""


def is_sealed(value: bytes) -> bool:
    """Tell whether these bytes have the header of a sealed value."""
    return value[:2] == _MARK and len(value) > _HEADER + _NONCE


@dataclass(frozen=True, slots=True)
class DataKey:
    """An opened data key: seals and opens values; lives in memory for one transaction only."""

    id: int
    secret: bytes

    def seal(self, plain: bytes) -> bytes:
        """Seal bytes under this key."""
        header = _MARK + self.id.to_bytes(_ID, "big")
        nonce = secrets.token_bytes(_NONCE)
        return header + nonce + AESGCM(self.secret).encrypt(nonce, plain, header)

    def open(self, sealed: bytes) -> bytes:
        """Open what was sealed under this key; WrongKey if it was not, or was changed."""
        header, nonce, body = sealed[:_HEADER], sealed[_HEADER : _HEADER + _NONCE], sealed[_HEADER + _NONCE :]
        try:
            return AESGCM(self.secret).decrypt(nonce, body, header)
        except InvalidTag as error:
            raise WrongKey from error


class Vault:
    """The master keys by id, the newest active. Wraps data keys and makes blind indexes."""

    def __init__(self, keys: dict[int, bytes]) -> None:
        if not keys or any(len(key) != 32 for key in keys.values()):  # noqa: PLR2004 - AES-256
            raise ValueError("a vault needs at least one master key of 32 bytes")
        self._keys = keys
        self._active = max(keys)
        self._blind = hmac.digest(keys[min(keys)], b"jieying blind index", "sha256")

    def wrap(self, secret: bytes) -> bytes:
        """Wrap a data key's secret under the active master key."""
        return DataKey(self._active, self._keys[self._active]).seal(secret)

    def unwrap(self, wrapped: bytes) -> bytes:
        """Give back a data key's secret; WrongKey if we lack the master key."""
        master = int.from_bytes(wrapped[len(_MARK) : _HEADER], "big")
        if master not in self._keys:
            raise WrongKey(f"wrapped under master key {master}, which is not in the key file")
        return DataKey(master, self._keys[master]).open(wrapped)

    def blind(self, purpose: str, value: str | bytes) -> bytes:
        """Make a keyed index of a value: equal values are found, nothing can be read from it. 32 bytes."""
        data = value.encode() if isinstance(value, str) else value
        return hmac.new(self._blind, purpose.encode() + b"\0" + data, hashlib.sha256).digest()


def vault_of(session: Session) -> Vault:
    """Find the vault that this session's store was opened with."""
    vault = session.info["vault"]
    assert isinstance(vault, Vault)  # noqa: S101 - the store puts it there; tells the type checker
    return vault
