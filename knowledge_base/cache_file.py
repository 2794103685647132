"""A file that only saves time: written whole or not at all, and as good as missing if it is damaged. May be deleted at any time."""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from pathlib import Path

log = logging.getLogger(__name__)

_DIGEST = 16  # bytes; nobody who wants to deceive can write here, it only has to show damage


def read_cache(path: Path) -> memoryview | None:
    """Give what was written; None if there is nothing, or not all of it."""
    try:
        raw = memoryview(path.read_bytes())
    except OSError:
        return None
    return raw[_DIGEST:] if digest(raw[_DIGEST:]) == raw[:_DIGEST] else None


def write_cache(path: Path, content: bytes) -> None:
    """Replace what the file holds. If that fails it only costs time at the next start: it is logged."""
    try:
        number, name = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)
        try:
            with os.fdopen(number, "wb") as file:
                file.write(digest(content))
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        log.warning("%s was not kept: %s", path.name, error)


def digest(content: bytes | memoryview) -> bytes:
    """Give 16 bytes that change whenever the content does."""
    return hashlib.blake2b(content, digest_size=_DIGEST).digest()
