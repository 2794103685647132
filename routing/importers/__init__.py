"""Importers: one file per kind of table with the constant IMPORTER; discover() finds them.

An importer first previews: every row it would take, every problem with its line, also what the rows refer to. Nothing is written before
the preview is clean, and then in one transaction. Applying the same file twice changes nothing. Importers keep to their columns and
know nothing of one another; reading, checking and putting in place is done here for all.

    ImportRefused          the preview has problems: mend the file
    BadCell                a cell that cannot be read; becomes a problem of its line
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from store.sheets import SheetError, read_sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from sqlalchemy.orm import Session

    from routing.org_rows import ImportCounts
    from store.sheets import Sheet

ProblemKey = Literal[
    "unreadable", "missing_column", "too_many_cells", "empty", "bad_choice", "bad_number", "bad_date", "bad_shift", "bad_item",
    "duplicate_code", "unknown_area", "unknown_unit", "unknown_staff", "not_a_desk", "circle", "retired", "bad_day",
    "too_long", "unknown_place", "bad_shape", "bad_hours",
]  # fmt: skip
Values = dict[str, Any]


class ImportRefused(Exception):
    """The preview has problems: mend the file and import it again."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)


class BadCell(ValueError):
    """A cell that cannot be read."""

    def __init__(self, key: ProblemKey, **facts: str) -> None:
        super().__init__(key)
        self.key = key
        self.facts = facts


class Problem(msgspec.Struct, frozen=True):
    """What is wrong in one line (1 is the header, 0 the whole file), as a key and its facts; the sentences stand in texts.toml."""

    line: int
    key: ProblemKey
    facts: dict[str, str] = {}


class Row(msgspec.Struct, frozen=True):
    """One row that was read: its line, and the values of its columns."""

    line: int
    values: Values


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What an import would do: the rows it read, the problems, and the columns it does not use."""

    rows: tuple[Row, ...] = ()
    problems: tuple[Problem, ...] = ()
    unused: tuple[str, ...] = ()


class ImporterSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What an importer file declares as IMPORTER. `key` is the value that makes a row unique in its file."""

    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    read: Callable[[Mapping[str, str]], Values]
    """Reads the cells of one row, or raises BadCell."""
    check: Callable[[Session, Sequence[Row]], Iterable[Problem]]
    """Finds what the rows refer to that neither they nor the database hold."""
    write: Callable[[Session, Sequence[Values]], ImportCounts]
    """Puts the rows in place."""
    key: str = "code"

    def preview(self, session: Session, path: Path) -> Preview:
        """Read a file and say what its import would do; nothing is written."""
        try:
            sheet = read_sheet(path)
        except (SheetError, OSError) as error:
            return Preview(problems=(Problem(0, "unreadable", {"error": str(error)}),))
        unused = tuple(column for column in sheet.columns if column not in (*self.required, *self.optional))
        missing = [Problem(1, "missing_column", {"column": column}) for column in self.required if column not in sheet.columns]
        if missing:
            return Preview(problems=tuple(missing), unused=unused)
        rows, problems = self._read_rows(sheet)
        problems += [] if problems else self.check(session, rows)
        return Preview(rows=tuple(rows), problems=tuple(sorted(problems, key=lambda each: each.line)), unused=unused)

    def apply(self, session: Session, preview: Preview) -> ImportCounts:
        """Put a preview's rows in place; ImportRefused if it has problems."""
        if preview.problems:
            raise ImportRefused
        return self.write(session, [row.values for row in preview.rows])

    def _read_rows(self, sheet: Sheet) -> tuple[list[Row], list[Problem]]:
        rows: dict[str, Row] = {}
        problems = [Problem(line, "too_many_cells") for line in sheet.overlong]
        for line in sheet.rows:
            cells = dict.fromkeys(self.optional, "") | line.cells
            empty = [column for column in self.required if not cells[column]]
            if empty:
                problems.append(Problem(line.line, "empty", {"column": empty[0]}))
                continue
            try:
                values = self.read(cells)
            except BadCell as bad:
                problems.append(Problem(line.line, bad.key, bad.facts))
                continue
            key = str(values[self.key])
            if key in rows:
                problems.append(Problem(line.line, "duplicate_code", {"code": key, "line": str(rows[key].line)}))
            rows.setdefault(key, Row(line.line, values))
        return list(rows.values()), problems


def discover() -> dict[str, ImporterSpec]:
    """Find every importer of this folder, by name."""
    found: dict[str, ImporterSpec] = {}
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda item: item.name):
        spec = getattr(importlib.import_module(f"{__name__}.{info.name}"), "IMPORTER", None)
        if isinstance(spec, ImporterSpec):
            found[spec.name] = spec
    return found
