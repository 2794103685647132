"""The link that opens a ticket's page to whoever was given it: only the hash of its token is kept. Pure."""

from __future__ import annotations

import hashlib


def hash_token(token: str) -> str:
    """Give the form in which a ticket's link token is kept: 128 random bits need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()
