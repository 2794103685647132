"""The envelope of a push: who may have sent it, and what is in it. Our guard around wechatpy's cipher.

wechatpy 2.0.0a26 compares signatures with `!=`, accepts an empty token, never looks at the padding, raises five kinds of
errors on a bad cipher, and takes its random bytes from `random` (protocol.md 5.2 rows 3, 4, 11, 19). It does the AES-CBC and
the padding when writing; what is compared, checked and drawn by lot is ours.

    EnvelopeError        a push that is not taken as it came
    ├── Forged           not signed with our token: answered 403, nothing is kept
    └── Unreadable       signed with our token, but it cannot be opened: kept sealed, a person is told

Sources: protocol.md 1.1 and 1.2 (developers.weixin.qq.com push/encryption).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets

import msgspec
from wechatpy.crypto import PrpCrypto

_AES_KEY = re.compile(r"[A-Za-z0-9]{43}")
_PREFIX = 16
_HEADER = _PREFIX + 4
_BLOCK = 16
_PAD = 32


class EnvelopeError(Exception):
    """A push is not taken as it came."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or self.__doc__)


class Forged(EnvelopeError):
    """This was not signed with our token."""


class Unreadable(EnvelopeError):
    """This was signed with our token, but nobody can read it."""

    def __init__(self, message: str = "", *, at: str = "envelope") -> None:
        super().__init__(message)
        self.at = at
        """Where reading stopped: envelope, xml, message or addressee."""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A sealed message and what must stand beside it for the other side to believe it."""

    encrypt: str
    signature: str
    timestamp: str
    nonce: str


def sign(*parts: str) -> str:
    """Sign token, timestamp, nonce and, where there is one, the ciphertext: SHA-1 in hex over the sorted parts."""
    joined = b"".join(sorted(part.encode("utf-8", "surrogatepass") for part in parts))
    return hashlib.sha1(joined).hexdigest()  # noqa: S324 - the platform's protocol names SHA-1


def check_signature(signature: str, *, token: str, timestamp: str, nonce: str, encrypt: str | None = None) -> None:
    """Let a rightly signed push pass, in constant time; Forged otherwise, also when any part is empty.

    Old signatures pass: the platform sets no time window, and the unique key of a message makes a replay harmless.
    """
    parts = [token, timestamp, nonce] if encrypt is None else [token, timestamp, nonce, encrypt]
    if not all(parts) or not hmac.compare_digest(sign(*parts).encode(), signature.encode("utf-8", "surrogatepass")):
        raise Forged


class Envelope:
    """Opens and seals messages of one account (AES-256-CBC, PKCS#7 to 32 bytes, receiver id at the end).

    token: the account's, at least one character. encoding_aes_key: 43 letters and digits. receiver: the AppID (for WeCom the
    CorpID, for its internal robots the empty text). ValueError for a token or key that cannot be one.
    """

    def __init__(self, *, token: str, encoding_aes_key: str, receiver: str) -> None:
        if not token:
            raise ValueError("an envelope needs a token")
        if not _AES_KEY.fullmatch(encoding_aes_key):
            raise ValueError("an EncodingAESKey has 43 letters and digits")
        self._token = token
        self._receiver = receiver.encode()
        self._crypto = _Crypto(base64.b64decode(encoding_aes_key + "="))

    def open(self, encrypt: str) -> bytes:
        """Give the message in a ciphertext whose signature has been checked; Unreadable, the same for whatever is wrong in it."""
        return self._crypto.open(encrypt, self._receiver)

    def seal(self, message: str, *, timestamp: str, nonce: str, prefix: str = "") -> Letter:
        """Seal a message; `prefix` is 16 ASCII characters, drawn by lot unless a test wants its own."""
        crypto = self._crypto if not prefix else _Crypto(self._crypto.key, prefix)
        encrypt = crypto.encrypt(message, self._receiver).decode()
        return Letter(
            encrypt=encrypt,
            signature=sign(self._token, timestamp, nonce, encrypt),
            timestamp=timestamp,
            nonce=nonce,
        )


class _Crypto(PrpCrypto):  # type: ignore[misc]  # wechatpy ships no types
    """wechatpy's cipher with random bytes that cannot be guessed, and a reader that checks what it reads."""

    def __init__(self, key: bytes, prefix: str = "") -> None:
        super().__init__(key)
        self.key = key
        self._prefix = prefix

    def get_random_string(self) -> str:
        """Draw the 16 characters in front of a message."""
        return self._prefix or secrets.token_hex(_PREFIX // 2)

    def open(self, encrypt: str, receiver: bytes) -> bytes:
        """Decrypt strictly: base64, whole blocks, padding, length and receiver must all be right, else Unreadable."""
        try:
            sealed = base64.b64decode(encrypt, validate=True)
        except (binascii.Error, ValueError):
            raise Unreadable from None
        if len(sealed) % _BLOCK or len(sealed) < 2 * _BLOCK:
            raise Unreadable
        plain: bytes = self.cipher.decrypt(sealed)
        pad = plain[-1]
        body = plain[:-pad]
        if not 1 <= pad <= _PAD or plain[-pad:] != bytes([pad]) * pad or len(body) < _HEADER:
            raise Unreadable
        end = _HEADER + int.from_bytes(body[_PREFIX:_HEADER], "big")
        if end > len(body) or not hmac.compare_digest(body[end:], receiver):
            raise Unreadable
        return body[_HEADER:end]
