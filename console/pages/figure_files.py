"""Tables that are saved: CSV and a workbook. No cell is ever a formula, and the file says who saved it and when."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import msgspec
import xlsxwriter

from console.pages.routes import File
from console.problems import wrong
from knowledge_base.columns import guard

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.pages.routes import PageCall

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_NAME_LENGTH = 31  # what the format allows

Cell = str | int


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A table to save: its title, what has to be known to read it, heads and rows."""

    title: str
    note: str = ""
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def save(call: PageCall, name: str, tables: Sequence[Table]) -> File:
    """Save tables in the form that the path names, with the viewer's mark; Problem (422) for a form that there is not."""
    form = call.path["form"]
    now = call.now.astimezone(call.city.zone)
    mark = call.city.say_page("saved_by", code=call.actor.code, at=now.strftime("%Y-%m-%d %H:%M"))
    named = f"{name}-{now:%Y%m%d}.{form}"
    match form:
        case "csv":
            return File(name=named, media_type="text/csv", body=_write_csv(tables, mark))
        case "xlsx":
            return File(name=named, media_type=XLSX, body=_write_workbook(tables, mark))
    raise wrong("path.form", "Expected csv or xlsx")


def _write_csv(tables: Sequence[Table], mark: str) -> bytes:
    """Write tables one below the other in UTF-8 with a mark, which spreadsheet programs know by it."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for table in tables:
        writer.writerow([guard(f"{table.title} {table.note}".strip())])
        writer.writerow(table.columns)
        writer.writerows([_guard(cell) for cell in row] for row in table.rows)
        writer.writerow([])
    writer.writerow([mark])
    return buffer.getvalue().encode("utf-8-sig")


def _write_workbook(tables: Sequence[Table], mark: str) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, _OPTIONS) as book:
        head = book.add_format({"bold": True, "bg_color": "#E8EEF4"})
        for table in tables:
            sheet = book.add_worksheet(table.title[:_NAME_LENGTH])
            sheet.write_string(0, 0, mark)
            sheet.write_string(1, 0, table.note)
            for column, name in enumerate(table.columns):
                sheet.write_string(2, column, name, head)
            for line, row in enumerate(table.rows, start=3):
                for column, cell in enumerate(row):
                    if isinstance(cell, int):
                        sheet.write_number(line, column, cell)
                    else:
                        sheet.write_string(line, column, guard(cell))
            sheet.freeze_panes(3, 0)
            sheet.set_column(0, max(0, len(table.columns) - 1), 16)
    return buffer.getvalue()


def _guard(cell: Cell) -> Cell:
    return cell if isinstance(cell, int) else guard(cell)
