"""The erasure list: a file that only grows, kept apart from backups, of what was erased. Whoever restores a backup erases it again from here.

A line holds a receipt, blind marks and key numbers, no identity. Each line seals the one before it, so that a changed or missing line shows.
It is written and flushed to the disk before the erasure is committed: what stands here and was not erased after all is erased by a replay.
"""

from __future__ import annotations

import fcntl
import os
from datetime import datetime  # noqa: TC003 - msgspec reads the annotation
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from pathlib import Path

    from store.sealing import Vault

FILE = "erasures.jsonl"


class ErasureLine(msgspec.Struct, frozen=True, kw_only=True):
    """One erasure. `keys` are the dropped data keys as (number, blind mark); `seal` covers all else and the line before."""

    receipt: str
    kind: str
    mark: str
    asked_at: datetime
    done_at: datetime
    counts: dict[str, int]
    signature: str
    keys: tuple[tuple[int, str], ...]
    seal: str = ""


class ErasureList:
    """The file; one process writes at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, vault: Vault, line: ErasureLine) -> None:
        """Write a line behind the last one and flush it to the disk. OSError if that cannot be done: then nothing may be erased."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            before = self.path.read_bytes()
            lines = before.splitlines()
            sealed = msgspec.structs.replace(line, seal=_seal(vault, line, _seal_in(lines[-1]) if lines else ""))
            torn = b"\n" if before and not before.endswith(b"\n") else b""  # a line that a crash cut short keeps its own line
            os.write(file, torn + msgspec.json.encode(sealed) + b"\n")
            os.fsync(file)
        finally:
            os.close(file)

    def read(self) -> list[ErasureLine]:
        """Read the lines that can be read."""
        return [line for _, line in self._lines() if line is not None]

    def find_broken(self, vault: Vault) -> list[int]:
        """Find lines (counted from 1) that cannot be read, were changed, or whose predecessor is not what it was."""
        broken: list[int] = []
        before = ""
        for number, line in self._lines():
            if line is None or line.seal != _seal(vault, line, before):
                broken.append(number)
            before = line.seal if line is not None else ""
        return broken

    def _lines(self) -> list[tuple[int, ErasureLine | None]]:
        raw = self.path.read_bytes().splitlines() if self.path.is_file() else []
        return [(number, _read(line)) for number, line in enumerate(raw, start=1)]


def _read(raw: bytes) -> ErasureLine | None:
    try:
        return msgspec.json.decode(raw, type=ErasureLine)
    except msgspec.MsgspecError:
        return None


def _seal_in(raw: bytes) -> str:
    line = _read(raw)
    return line.seal if line is not None else ""


def _seal(vault: Vault, line: ErasureLine, before: str) -> str:
    body = msgspec.json.encode(msgspec.structs.replace(line, seal=before))
    return vault.blind("erasure list", body).hex()
