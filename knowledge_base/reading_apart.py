"""Has a file that somebody else made read in a process of its own (knowledge_base.file_reader), and waits no longer than it may take.

SheetError
└── FileRefused      the file was not read; `why` is a word of WHYS
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec

from knowledge_base import file_reader
from store.sheets import BadTable, NoColumns, Sheet, SheetError, SheetRow

WHYS = ("broken", "too_large", "locked", "no_text", "too_long")
_SECONDS = 20
_READER = Path(file_reader.__file__)


class FileRefused(SheetError):
    """This file was not read: it is broken, too large, locked, without text, or took too long."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def read_apart(path: Path, kind: str) -> dict[str, Any]:
    """Read a file of a kind that file_reader knows; FileRefused says why not."""
    command = [sys.executable, "-IB", str(_READER), kind, str(path)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False, env={}, stdin=subprocess.DEVNULL)  # noqa: S603 - our own program, and a path we made
    except subprocess.TimeoutExpired as error:
        raise FileRefused("too_long") from error
    if done.returncode != 0:  # killed at a limit
        raise FileRefused("too_large")
    found: dict[str, Any] = msgspec.json.decode(done.stdout)
    if why := found.get("error"):
        raise FileRefused(why)
    return found


def read_workbook(path: Path) -> Sheet:
    """Read a workbook (XLSX) as a table; FileRefused, or SheetError if it is none."""
    rows: list[list[str]] = [[cell.strip() for cell in row] for row in read_apart(path, "xlsx")["rows"]]
    first = next((number for number, row in enumerate(rows) if any(row)), None)
    if first is None:
        raise NoColumns
    columns = rows[first]
    while not columns[-1]:
        columns.pop()
    if twice := sorted({name for name in columns if columns.count(name) > 1}):
        raise BadTable(f"line {first + 1} names a column twice: {', '.join(map(repr, twice))}")
    numbered = [(line, row) for line, row in enumerate(rows[first + 1 :], start=first + 2) if any(row)]
    return Sheet(
        tuple(columns),
        tuple(SheetRow(line, dict(zip(columns, row + [""] * (len(columns) - len(row)), strict=False))) for line, row in numbered),
        tuple(line for line, row in numbered if any(row[len(columns) :])),
    )
