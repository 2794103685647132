"""The folder that the hotline shares with us, as files: what waits in in/, where it goes, and writing so that nobody reads half of it."""

from __future__ import annotations

import csv
import io
import os
import uuid
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

LARGEST = 16 * 1024 * 1024
"""Bytes of a file: 5,000 matters of a thousand characters."""
_STILL = 5.0
"""Seconds for which nothing may have been written to a file: the hotline's program may not know of the name it is to give last."""
_FOLDERS = ("in", "out", "done", "refused")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class LeftAlone(Exception):
    """This file cannot be read now: it stays where it is. The message says why, in one word."""


class TooLarge(Exception):
    """This file is larger than any that would be read."""


class Waiting(msgspec.Struct, frozen=True):
    """A file of in/ and what it holds."""

    path: Path
    content: bytes


def list_waiting(folder: Path) -> list[Path]:
    """List what waits in in/, by name; the folders are made where they are missing. OSError where the folder cannot be reached."""
    for name in _FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)
    return sorted((folder / "in").glob("*.csv"))


def read(path: Path, *, now: datetime) -> Waiting:
    """Read a file that waits. LeftAlone if it cannot be read now, TooLarge if it never will."""
    try:
        before = path.stat()
        if not path.is_file():
            raise LeftAlone("no_file")
        if abs(now.timestamp() - before.st_mtime) < _STILL:
            raise LeftAlone("still_written")
        if before.st_size > LARGEST:
            raise TooLarge(str(before.st_size))
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
            after = os.fstat(file.fileno())
    except OSError as error:
        raise LeftAlone(type(error).__name__) from error
    if (len(content), after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        raise LeftAlone("still_written")
    return Waiting(path, content)


def move(path: Path, name: str) -> Path:
    """Move a file of in/ into another folder, under a name that nothing there has; OSError if that is not possible."""
    target = find_free(path, name)
    path.rename(target)
    return target


def find_free(path: Path, name: str) -> Path:
    """Find the name under which a file of in/ can lie in another folder."""
    folder = path.parent.parent / name
    target, number = folder / path.name, 1
    while target.exists():
        number += 1
        target = folder / f"{path.stem}-{number}{path.suffix}"
    return target


def refuse(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Move a file into refused/, what is wrong with it beside it: that is written first, so that no refused file ever lies there alone."""
    target = find_free(path, "refused")
    write(target.with_suffix(".errors.csv"), rows)
    path.rename(target)


def write(target: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Write a table so that it is whole as soon as its name is there, also when the machine loses its power right after."""
    unfinished = target.with_name(f".{target.name}.{uuid.uuid4().hex}.part")
    try:
        with unfinished.open("w", encoding="utf-8-sig", newline="") as file:
            file.write(_as_csv(rows))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    _sync(target.parent)


def forget_old(folder: Path, *, before: datetime) -> int:
    """Take away what has lain in done/ and refused/ since before this moment: residents' words stand in it. Returns how many files."""
    gone = 0
    for name in ("done", "refused"):
        for path in (folder / name).iterdir():
            if path.is_file() and path.stat().st_ctime < before.timestamp():
                path.unlink(missing_ok=True)
                gone += 1
    return gone


def cell(text: str) -> str:
    """Give a text as a cell that no spreadsheet reads as a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _sync(folder: Path) -> None:
    """Let the names in a folder reach the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _as_csv(rows: Sequence[Mapping[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows({name: cell(value) for name, value in row.items()} for row in rows)
    return out.getvalue()
