"""Reading the cells of an imported row, and finding references that lead nowhere. What all importers of this room share."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from routing.importers import BadCell, Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from enum import StrEnum

    from routing.importers import ProblemKey, Row

_YES_NO = {"yes": True, "no": False, "是": True, "否": False, "": False}


def read_list(cell: str) -> list[str]:
    """Read a cell of several values, `|` between them."""
    return list(dict.fromkeys(part.strip() for part in cell.split("|") if part.strip()))


def read_flag(column: str, cell: str) -> bool:
    """Read yes or no; empty is no."""
    if cell.lower() not in _YES_NO:
        raise BadCell("bad_choice", column=column, value=cell, choices="yes, no")
    return _YES_NO[cell.lower()]


def read_number(column: str, cell: str) -> int | None:
    """Read a whole number that is not negative; None for an empty cell."""
    if not cell:
        return None
    if not cell.isdecimal():
        raise BadCell("bad_number", column=column, value=cell)
    return int(cell)


def read_choice(column: str, cell: str, choices: type[StrEnum] | Sequence[str]) -> str:
    """Read one of a few words."""
    words = [str(choice) for choice in choices]
    if cell not in words:
        raise BadCell("bad_choice", column=column, value=cell, choices=", ".join(words))
    return cell


def make_code(*parts: object) -> str:
    """Make the code of a row that has none from what identifies it."""
    return hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest()[:16]


def find_unknown(rows: Iterable[Row], column: str, known: Collection[str], key: ProblemKey) -> list[Problem]:
    """Find the rows whose column names a code that is not known; an empty one names none."""
    return [
        Problem(row.line, key, {"column": column, "code": row.values[column]})
        for row in rows
        if row.values[column] and row.values[column] not in known
    ]


def find_retired(rows: Iterable[Row], retired: Mapping[str, str]) -> list[Problem]:
    """Find the rows of areas or units that are no more (`retired`: code -> what followed it); a list that still has them is an old one."""
    return [
        Problem(row.line, "retired", {"code": row.values["code"], "successor": retired[row.values["code"]]})
        for row in rows
        if row.values["code"] in retired
    ]
