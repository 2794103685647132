"""Files of entries that were read and wait for an editor's word: each in a file of the data folder for a day, for nobody else to read."""

from __future__ import annotations

import os
import re
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from console.knowledge_port import ImportDraft

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

_FOLDER = "imports"
_KEY = re.compile(r"[A-Za-z0-9_-]{22}")
_LASTS = timedelta(days=1)


def keep(folder: Path, draft: ImportDraft) -> str:
    """Keep what was read; what is older than a day goes."""
    place = folder / _FOLDER
    place.mkdir(mode=0o700, exist_ok=True)
    for old in place.iterdir():
        if old.stat().st_mtime + _LASTS.total_seconds() < draft.at.timestamp():
            old.unlink(missing_ok=True)
    key = secrets.token_urlsafe(16)
    number = os.open(place / key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(number, "wb") as file:
        file.write(msgspec.msgpack.encode(draft))
    return key


def find(folder: Path, key: str, *, now: datetime) -> ImportDraft | None:
    """Find what was kept under a key; None if there is nothing, or it is older than a day or than this program."""
    path = folder / _FOLDER / key
    if not _KEY.fullmatch(key) or not path.is_file():
        return None
    try:
        draft = msgspec.msgpack.decode(path.read_bytes(), type=ImportDraft)
    except msgspec.MsgspecError:  # kept by another version of this program
        return None
    return draft if draft.at + _LASTS >= now else None


def drop(folder: Path, key: str) -> None:
    """Forget what was kept."""
    if _KEY.fullmatch(key):
        (folder / _FOLDER / key).unlink(missing_ok=True)
