"""职责清单: the duty items by code, read from rows; a row that cannot be used is a problem with its file and line, never half an item.

The shipped list lies in routing/duty_lists/, one CSV a field of work; a city imports its own over it. Inside a cell `|` separates.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from routing.terms import DutyItem
from routing.why import explain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

SHIPPED = Path(__file__).parent / "duty_lists"
REQUIRED = ("code", "name", "words", "level", "lead")
_LISTS = frozenset({"words", "phrasings", "assisting", "allowed_levels"})
_FLAGS = frozenset({"enforceable", "public_space"})
_YES_NO = {"yes": True, "no": False}


class DutyProblem(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a row: `what` is an explanation line (routing.why) with a sentence in texts.toml."""

    file: str
    line: int
    what: str


class DutyList(msgspec.Struct, frozen=True, kw_only=True):
    """The duty items of a city by code."""

    items: Mapping[str, DutyItem]

    def item(self, code: str) -> DutyItem | None:
        """Find an item by its code."""
        return self.items.get(code)

    def valid_on(self, day: date) -> tuple[DutyItem, ...]:
        """List the items in force on a day, by code; both ends of an item's validity belong to it."""
        return tuple(
            item
            for item in self.items.values()
            if (item.valid_from is None or item.valid_from <= day) and (item.valid_to is None or day <= item.valid_to)
        )


def read_rows(rows: Iterable[tuple[int, Mapping[str, str]]], *, file: str) -> tuple[tuple[DutyItem, ...], tuple[DutyProblem, ...]]:
    """Read rows (line number, cells by column) into items and problems. Unknown columns are left to the importer to report.

    A code that occurs twice is a problem of its later row; the first one stands.
    """
    items: dict[str, DutyItem] = {}
    problems: list[DutyProblem] = []
    for line, row in rows:
        cells = {name: (row.get(name) or "").strip() for name in DutyItem.__struct_fields__}
        try:
            item = _read_item(cells)
        except ValueError as error:  # msgspec.ValidationError is one
            problems.append(DutyProblem(file=file, line=line, what=explain("duty_cell_wrong", {"problem": error})))
            continue
        if item.code in items:
            problems.append(DutyProblem(file=file, line=line, what=explain("duty_code_twice", {"code": item.code})))
        items.setdefault(item.code, item)
    return tuple(items.values()), tuple(problems)


def build(items: Iterable[DutyItem]) -> DutyList:
    """Put items in order by code; the last one of a code stands, so that a city's own item replaces a shipped one."""
    by_code = {item.code: item for item in items}
    return DutyList(items={code: by_code[code] for code in sorted(by_code)})


def load_folder(path: Path = SHIPPED) -> tuple[DutyList, tuple[DutyProblem, ...]]:
    """Load every CSV of a folder (UTF-8) in the order of their names, with the problems of all."""
    items: list[DutyItem] = []
    problems: list[DutyProblem] = []
    for file in sorted(path.glob("*.csv")):
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            found, wrong = read_rows(((reader.line_num, row) for row in reader), file=file.name)
        items += found
        problems += wrong
    return build(items), tuple(problems)


def _read_item(cells: Mapping[str, str]) -> DutyItem:
    values: dict[str, Any] = {}
    for name, cell in cells.items():
        if name in _LISTS:
            values[name] = tuple(dict.fromkeys(part.strip() for part in cell.split("|") if part.strip()))
        elif cell and name in _FLAGS:
            values[name] = _read_flag(name, cell)
        elif cell:
            values[name] = cell
    empty = [name for name in REQUIRED if not values.get(name)]
    if empty:
        raise ValueError(f"empty: {', '.join(empty)}")
    item = msgspec.convert({"category": "", **values}, DutyItem, strict=False)
    if item.deadline_value < 1:
        raise ValueError("deadline_value must be at least 1")
    if item.valid_from and item.valid_to and item.valid_to < item.valid_from:
        raise ValueError("valid_to lies before valid_from")
    return item


def _read_flag(name: str, cell: str) -> bool:
    if cell not in _YES_NO:
        raise ValueError(f"{name} must be yes or no, not {cell!r}")
    return _YES_NO[cell]
