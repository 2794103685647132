"""Tables that are saved: CSV and a workbook. No cell is ever a formula, the file says who saved it and when, and that it was saved is kept.

A list is read for a file as it is for its page, part by part, as the same person may see it; a file holds no more than its list would show.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import xlsxwriter

from console.pages.routes import File, Kept
from console.problems import wrong
from knowledge_base.columns import guard

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from console.pages.routes import PageCall

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST = 5_000
"""Rows of a list that one file holds, at most; the file says so where there are more."""
_AT_ONCE = 200
_READS = 60
"""So many parts of a list are read, at most: one of which somebody sees hardly anything ends too."""
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_NAME_LENGTH = 31  # what the format allows

Cell = str | int
Row = TypeVar("Row")
After = TypeVar("After")


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A table to save: its title, what has to be known to read it, heads and rows."""

    title: str
    note: str = ""
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def save(
    call: PageCall,
    name: str,
    tables: Sequence[Table],
    *,
    subject: str,
    action: str = "table.save",
    facts: Mapping[str, Any] | None = None,
) -> File:
    """Save tables in the form that the path names, with the viewer's mark; Problem (422) for a form that there is not.

    The audit keeps who saved what: `subject` is the list, `facts` what of it, beside how many rows and in which form.
    """
    form = call.path["form"]
    named = f"{name}-{call.now.astimezone(call.city.zone):%Y%m%d}.{form}"
    about = {**(facts or {}), "count": sum(len(table.rows) for table in tables), "form": form}
    kept = Kept(actor=call.actor.code, action=action, subject=subject, facts=about)
    match form:
        case "csv":
            return File(name=named, media_type="text/csv", body=_write_csv(tables, mark(call)), kept=kept)
        case "xlsx":
            return File(name=named, media_type=XLSX, body=_write_workbook(tables, mark(call)), kept=kept)
    raise wrong("path.form", "Expected csv or xlsx")


def mark(call: PageCall) -> str:
    """Say who saves and when."""
    now = call.now.astimezone(call.city.zone)
    return call.city.say_page("saved_by", code=call.actor.code, at=now.strftime("%Y-%m-%d %H:%M"))


def read_all(
    read: Callable[[After | None, int], tuple[Sequence[Row], After | None]], *, most: int = MOST
) -> tuple[list[Row], bool]:
    """Read a list from its beginning, so many rows at most: `read` gives a part behind a place, and where it ended, None at the end.

    Gives the rows, and whether there are more.
    """
    rows: list[Row] = []
    after: After | None = None
    for _ in range(_READS):
        part, after = read(after, min(_AT_ONCE, most - len(rows)))
        rows += part
        if after is None or len(rows) >= most:
            break
    return rows, after is not None


def say_more(call: PageCall, *, more: bool, most: int = MOST) -> str:
    """Say that a file does not hold all; "" where it does."""
    return call.city.say_page("saved_first", most=most) if more else ""


def write_moment(call: PageCall, moment: datetime | None) -> str:
    """Write a moment as a file has it: by the city's clock, to the minute."""
    return f"{moment.astimezone(call.city.zone):%Y-%m-%d %H:%M}" if moment is not None else ""


def name_columns(call: PageCall, *names: str) -> tuple[str, ...]:
    """Name columns."""
    return tuple(call.city.name_code("column", name) for name in names)


def _write_csv(tables: Sequence[Table], marked: str) -> bytes:
    """Write tables one below the other in UTF-8 with a mark, which spreadsheet programs know by it."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for table in tables:
        writer.writerow([guard(f"{table.title} {table.note}".strip())])
        writer.writerow(table.columns)
        writer.writerows([_guard(cell) for cell in row] for row in table.rows)
        writer.writerow([])
    writer.writerow([marked])
    return buffer.getvalue().encode("utf-8-sig")


def _write_workbook(tables: Sequence[Table], marked: str) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, _OPTIONS) as book:
        head = book.add_format({"bold": True, "bg_color": "#E8EEF4"})
        for table in tables:
            sheet = book.add_worksheet(table.title[:_NAME_LENGTH])
            sheet.write_string(0, 0, marked)
            sheet.write_string(1, 0, guard(table.note))
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
