"""Rows of a table file with their line numbers, whatever program wrote it: UTF-8 with or without mark, or GB 18030 as Excel saves.

SheetError
├── NotText        no text in an encoding we know (a workbook, a picture): save it as CSV
├── NoColumns      the file is empty or its first line names no columns
└── BadTable       quotes or columns that do not close
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST_CELL = 10_000_000
"""Characters; a whole law in one cell is fine, a quote that never closes is not."""
_WORKBOOK = b"PK\x03\x04"


class SheetError(Exception):
    """This file cannot be read as a table."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)


class NotText(SheetError):
    """This file is no text in UTF-8 or GB 18030: open it in the program it comes from and save it as CSV."""


class NoColumns(SheetError):
    """The first line of this file names no columns."""


class BadTable(SheetError):
    """The quotes or columns of this table do not close."""


class SheetRow(msgspec.Struct, frozen=True):
    """One row: the line it begins on (the header is line 1) and its cells by column, stripped; missing cells are empty."""

    line: int
    cells: dict[str, str]


class Sheet(msgspec.Struct, frozen=True):
    """A table: its columns in order, its rows without the empty ones, and the lines that hold more cells than there are columns."""

    columns: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    overlong: tuple[int, ...] = ()


def read_sheet(path: Path) -> Sheet:
    """Read a CSV file (comma, or tab where the header has tabs and no comma); SheetError if it is none, OSError if it cannot be read."""
    return parse(path.read_bytes())


def parse(data: bytes) -> Sheet:
    """Read a CSV file's bytes; SheetError if it is none."""
    text = decode(data)
    head = text.partition("\n")[0]
    delimiter = "\t" if "\t" in head and "," not in head else ","
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[SheetRow] = []
    overlong: list[int] = []
    columns: tuple[str, ...] | None = None
    line = 1
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if columns is None:
                columns = _check_columns(stripped)
            elif any(stripped):
                filled = stripped + [""] * (len(columns) - len(stripped))
                rows.append(SheetRow(line, dict(zip(columns, filled, strict=False))))
                if any(filled[len(columns) :]):
                    overlong.append(line)
            line = reader.line_num + 1
    except csv.Error as error:
        raise BadTable(f"line {line}: {error}") from error
    if columns is None:
        raise NoColumns
    return Sheet(columns, tuple(rows), tuple(overlong))


def decode(data: bytes) -> str:
    """Decode a table file: UTF-8 (a mark is dropped), else GB 18030; NotText if it is neither."""
    if data.startswith(_WORKBOOK) or b"\0" in data:
        raise NotText
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NotText


def _check_columns(names: list[str]) -> tuple[str, ...]:
    """Check the header: names for all columns (an empty one at the end is Excel's habit and dropped), none twice."""
    while names and not names[-1]:
        names.pop()
    if not any(names):
        raise NoColumns
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadTable(f"line 1 names a column twice: {', '.join(map(repr, twice))}")
    return tuple(names)
