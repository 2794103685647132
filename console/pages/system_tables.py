"""The tables of a city as their import reads them: which columns each has, what stands in a row, and the whole as a file that can be imported again."""

from __future__ import annotations

import csv
import hashlib
import io
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import String, cast, func, or_, select, tuple_

from knowledge_base.columns import guard
from routing import tables
from routing.terms import DutyItem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

MARK = "mark"


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A table: its rows, its columns in a file's order, what a column is called in the database where that differs, and what is searched."""

    name: str
    rows: Any
    columns: tuple[str, ...]
    stored_as: Mapping[str, str] = {}
    shown: tuple[str, ...]
    """What a list shows, without the code."""
    searched: tuple[str, ...] = ("code", "name")
    edited: bool = True
    """Whether one row can be put in place alone: an import of shifts takes the place of all that a desk had."""

    @property
    def key(self) -> str:
        """The column that makes a row unique, where the row has one of its own."""
        return next((column for column in self.columns if self.stored_as.get(column, column) == "code"), "")


TABLES: Mapping[str, Table] = {
    one.name: one
    for one in (
        Table(
            name="areas",
            rows=tables.AreaRow,
            columns=("code", "name", "level", "parent", "kind", "households", "aliases"),
            shown=("name", "level", "parent", "households"),
        ),
        Table(
            name="units",
            rows=tables.UnitRow,
            columns=("code", "name", "kind", "area", "functions", "parent", "private"),
            shown=("name", "kind", "area", "parent"),
        ),
        Table(
            name="staff",
            rows=tables.StaffRow,
            columns=("code", "name", "role", "unit", "area", "stationed", "work_phone", "languages", "active"),
            shown=("name", "role", "unit", "area", "active"),
            searched=("code", "name", "unit"),
        ),
        Table(
            name="groups",
            rows=tables.GroupRow,
            columns=("id", "name", "grid", "notice_posted", "worker"),
            stored_as={"id": "code"},
            shown=("name", "grid", "notice_posted", "worker"),
            searched=("code", "name", "grid", "worker"),
        ),
        Table(
            name="duty-list",
            rows=tables.DutyItemRow,
            columns=tuple(DutyItem.__struct_fields__),
            shown=("name", "category", "lead", "deadline_value", "deadline_unit", "level"),
            searched=("code", "name", "category", "lead"),
        ),
        Table(
            name="roster",
            rows=tables.ShiftRow,
            columns=("desk", "from", "to", "days", "staff", "backup"),
            stored_as={"from": "starts", "to": "ends"},
            shown=("desk", "days", "from", "to", "staff", "backup"),
            searched=("desk", "staff", "backup"),
            edited=False,
        ),
    )
}


def list_rows(
    session: Session,
    table: Table,
    *,
    words: str = "",
    by: str = "",
    down: bool = False,
    after: tuple[str, str] | None = None,
    limit: int,
) -> Sequence[Any]:
    """List the rows of a table that stand, by code or by another column as it is written; `words` is part of what is searched."""
    statement = _select(table)
    if words:
        searched = (getattr(table.rows, column) for column in table.searched)
        statement = statement.where(or_(*(column.contains(words, autoescape=True) for column in searched)))
    column = func.coalesce(cast(getattr(table.rows, table.stored_as.get(by, by)), String), "") if by else table.rows.code
    place = tuple_(column, table.rows.code)
    if after is not None:
        statement = statement.where(place < tuple_(*after) if down else place > tuple_(*after))
    order = (column.desc(), table.rows.code.desc()) if down else (column, table.rows.code)
    return session.scalars(statement.order_by(*order).limit(limit)).all()


def write_sorted(table: Table, row: Any, by: str) -> str:
    """Write what a row is sorted by, as the database does."""
    value = getattr(row, table.stored_as.get(by, by))
    return "" if value is None else str(value)


def find_row(session: Session, table: Table, code: str) -> Any | None:
    """Find a row that stands; None if there is none of this code."""
    return session.scalar(_select(table).where(table.rows.code == code))


def read_cells(table: Table, row: Any) -> dict[str, str]:
    """Read a row as the cells of a file."""
    return {column: write_cell(getattr(row, table.stored_as.get(column, column))) for column in table.columns}


def write_cell(value: object) -> str:
    """Write a value as an import reads it: lists with `|` between, yes and no, days as YYYY-MM-DD."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return "|".join(map(str, value))
    return "" if value is None else str(value)


def name_edition(cells: Mapping[str, str]) -> str:
    """Name how a row stands: another one once any of its cells is another."""
    return hashlib.sha256(msgspec.json.encode(list(cells.items()))).hexdigest()[:16]


def write_file(table: Table, rows: Iterable[Any], *, mark: str) -> bytes:
    """Write rows as CSV in UTF-8 with a mark, which spreadsheet programs know by it; no cell is a formula, each row names who saved it."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow((*table.columns, MARK))
    writer.writerows([*map(guard, read_cells(table, row).values()), mark] for row in rows)
    return buffer.getvalue().encode("utf-8-sig")


def _select(table: Table) -> Select[Any]:
    statement = select(table.rows)
    return statement.where(table.rows.retired_at.is_(None)) if hasattr(table.rows, "retired_at") else statement
