"""The city's own words as a table that people open and that is read again: CSV with the columns of COLUMNS. Pure.

`state` is on, off (the city takes the word away from what came with the software or its tables) or gone (no longer the city's own).
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, NamedTuple, cast

from knowledge_base.columns import guard, read_list
from knowledge_base.own_words import KINDS, OwnWord, Wanted, tidy
from store.sheets import SheetError, parse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from knowledge_base.own_words import Kind

COLUMNS = ("kind", "word", "others", "target", "state", "note")
STATES = ("on", "off", "gone")
MOST = 1000
"""Rows of one table: what somebody can look through before it goes into service."""


class RowProblem(NamedTuple):
    """What is wrong with a row: its line, and why: columns, kind, word, state, many, unreadable."""

    line: int
    why: str


class Table(NamedTuple):
    """A table that was read: what it wants, and what is wrong with it."""

    wanted: list[Wanted]
    problems: list[RowProblem]


def read_table(data: bytes) -> Table:
    """Read a table; nothing of it is wanted where its columns are wrong or it is too long."""
    try:
        sheet = parse(data)
    except SheetError:
        return Table([], [RowProblem(1, "unreadable")])
    if not {"kind", "word"} <= set(sheet.columns):
        return Table([], [RowProblem(1, "columns")])
    if len(sheet.rows) > MOST:
        return Table([], [RowProblem(MOST + 2, "many")])
    wanted, problems = [], [RowProblem(line, "columns") for line in sheet.overlong]
    for row in sheet.rows:
        cells = {name: _read_cell(row.cells.get(name, "")) for name in COLUMNS}
        why = _find_problem(cells)
        if why:
            problems.append(RowProblem(row.line, why))
        else:
            wanted.append(_read_row(cells))
    return Table(wanted, problems)


def write_table(wanted: Iterable[Wanted], *, mark: str = "") -> str:
    """Write words as a table; with a mark each row names who saved it."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow((*COLUMNS, "mark") if mark else COLUMNS)
    for one in wanted:
        own = one.own
        state = "gone" if one.gone else "off" if own.off else "on"
        cells = [own.kind, own.word, "|".join(own.others), own.target, state, own.note]
        writer.writerow([*map(guard, cells), mark] if mark else list(map(guard, cells)))
    return buffer.getvalue()


def _find_problem(cells: dict[str, str]) -> str:
    if cells["kind"] not in KINDS:
        return "kind"
    if not cells["word"]:
        return "word"
    return "" if cells["state"] in {"", *STATES} else "state"


def _read_row(cells: dict[str, str]) -> Wanted:
    own = OwnWord(
        kind=cast("Kind", cells["kind"]),
        word=cells["word"],
        others=read_list(cells["others"]),
        target=cells["target"],
        off=cells["state"] == "off",
        note=cells["note"],
    )
    return Wanted(own=tidy(own), gone=cells["state"] == "gone")


def _read_cell(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and cell[1:2] in {"=", "+", "-", "@"} else cell
