"""Signatures of what is sent to others: HMAC-SHA256 over `timestamp.body`, so that nobody else can make one or send an old one again. Pure."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

ID, TIMESTAMP, SIGNATURE = "Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"
_VERSION = "v1"
_SHORTEST = 20
_DIGITS = 12
"""Seconds since 1970 have ten."""
WINDOW = 300
"""Seconds that the clocks of both sides may be apart."""


class NoSecret(Exception):
    """The file of a secret cannot be read, or holds fewer than 20 characters."""


def sign(body: bytes, *, secret: str, message_id: str, now: datetime) -> dict[str, str]:
    """Give the headers that sign a body at a moment; `message_id` is the same each time one message is sent."""
    timestamp = str(int(now.timestamp()))
    return {ID: message_id, TIMESTAMP: timestamp, SIGNATURE: f"{_VERSION}={_mac(body, secret, timestamp)}"}


def is_signed(body: bytes, headers: Mapping[str, str], *, secret: str, now: datetime) -> bool:
    """Tell whether a body was signed with a secret within the window: what a receiver checks before it reads."""
    timestamp = headers.get(TIMESTAMP, "")
    if (
        not timestamp.isascii()
        or not timestamp.isdigit()
        or len(timestamp) > _DIGITS
        or abs(int(timestamp) - now.timestamp()) > WINDOW
    ):
        return False
    expected = f"{_VERSION}={_mac(body, secret, timestamp)}"
    return hmac.compare_digest(expected, headers.get(SIGNATURE, ""))


def read_secret(path: str) -> str:
    """Read a secret; NoSecret if there is none that is long enough."""
    try:
        secret = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise NoSecret(path) from error
    if len(secret) < _SHORTEST:
        raise NoSecret(path)
    return secret


def _mac(body: bytes, secret: str, timestamp: str) -> str:
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
