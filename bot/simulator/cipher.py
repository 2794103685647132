"""The envelope as the platform writes it, on its own code: an oracle for bot.channels.envelope, so it shares none of it.

AES-256-CBC, IV = the key's first 16 bytes, PKCS#7 to 32 bytes, 16 random bytes and a length in front, the AppID behind.
Source: protocol.md 1.1 and 1.2 (developers.weixin.qq.com push/encryption).
"""

from __future__ import annotations

import base64
import hashlib
import os
import struct

from cryptography.hazmat.primitives.ciphers import Cipher as Aes
from cryptography.hazmat.primitives.ciphers import algorithms, modes

_HEAD = 20
_PAD = 32


class CipherError(Exception):
    """This answer is not sealed as the platform expects it."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or self.__doc__)


def sign(*parts: str) -> str:
    """SHA-1 in hex over the sorted parts."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324 - the platform's protocol names SHA-1


class Cipher:
    """Seals and opens for one account. encoding_aes_key: 43 letters and digits; app_id stands behind each message."""

    def __init__(self, *, token: str, encoding_aes_key: str, app_id: str) -> None:
        self._token = token
        self._app_id = app_id.encode()
        key = base64.b64decode(encoding_aes_key + "=")
        self._aes = Aes(algorithms.AES(key), modes.CBC(key[:16]))

    def seal(self, message: str, *, random: bytes = b"") -> str:
        """Encrypt a message; `random` is 16 bytes that a test wants in front."""
        text = message.encode()
        plain = (random or os.urandom(16)) + struct.pack(">I", len(text)) + text + self._app_id
        pad = _PAD - len(plain) % _PAD
        encryptor = self._aes.encryptor()
        return base64.b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()

    def sign(self, *, timestamp: str, nonce: str, encrypt: str) -> str:
        """Make the msg_signature of an encrypted message."""
        return sign(self._token, timestamp, nonce, encrypt)

    def sign_query(self, *, timestamp: str, nonce: str) -> str:
        """Make the signature that covers no body."""
        return sign(self._token, timestamp, nonce)

    def open(self, encrypt: str, *, signature: str, timestamp: str, nonce: str) -> str:
        """Check and decrypt an answer; CipherError says what is wrong with it."""
        if signature != self.sign(timestamp=timestamp, nonce=nonce, encrypt=encrypt):
            raise CipherError("MsgSignature does not match")
        try:
            decryptor = self._aes.decryptor()
            plain = decryptor.update(base64.b64decode(encrypt, validate=True)) + decryptor.finalize()
        except ValueError:
            raise CipherError("not base64 of whole blocks") from None
        pad = plain[-1] if plain else 0
        if not 1 <= pad <= _PAD or plain[-pad:] != bytes([pad]) * pad or len(plain) < _HEAD + pad:
            raise CipherError("wrong padding")
        (length,) = struct.unpack(">I", plain[16:_HEAD])
        if plain[_HEAD + length : -pad] != self._app_id:
            raise CipherError("another AppID")
        try:
            return plain[_HEAD : _HEAD + length].decode()
        except UnicodeDecodeError:
            raise CipherError("not UTF-8") from None
