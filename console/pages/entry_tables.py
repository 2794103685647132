"""Entries as tables that people open and that an import reads again: CSV, and a workbook. No cell is ever a formula; each row names who saved it."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import xlsxwriter

from knowledge_base.columns import FIELDS, guard

if TYPE_CHECKING:
    from collections.abc import Iterable

    from knowledge_base.entry import Entry

_FIELDS = (
    "code", "kind", "question", "phrasings", "answer", "area", "unit", "source", "source_date", "valid_from", "valid_to", "coordinates",
)  # fmt: skip
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_MARK = "mark"


def write_csv(entries: Iterable[Entry], *, mark: str) -> bytes:
    """Write entries as CSV in UTF-8 with a mark, which spreadsheet programs know by it."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow((*list_columns(), _MARK))
    writer.writerows([*map(guard, list_cells(entry)), mark] for entry in entries)
    return buffer.getvalue().encode("utf-8-sig")


def write_workbook(entries: Iterable[Entry], *, mark: str) -> bytes:
    """Write entries as a workbook (XLSX) of one sheet."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, _OPTIONS) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, (*list_columns(), _MARK))
        for line, entry in enumerate(entries, start=1):
            for column, cell in enumerate((*map(guard, list_cells(entry)), mark)):
                sheet.write_string(line, column, cell)
        sheet.freeze_panes(1, 0)
    return buffer.getvalue()


def list_columns() -> list[str]:
    """List the heads of the columns, as imports know them."""
    return [FIELDS[name].columns[1] for name in _FIELDS]


def list_cells(entry: Entry) -> list[str]:
    """List the cells of an entry."""
    given = {name: getattr(entry, name) for name in _FIELDS} | {"phrasings": "|".join(entry.phrasings)}
    return ["" if given[name] is None else str(given[name]) for name in _FIELDS]
