"""Entries out of the rows of a table, whatever file it came from: columns found by name or by a map, rows known again by code or by the columns of a key."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from knowledge_base import entries
from knowledge_base.columns import DETAILS, FIELDS, KINDS, assign_columns, compose_answer, nearest, read_cell, read_day, read_list
from knowledge_base.coordinates import read_coordinates
from knowledge_base.entry import Entry, Kind
from knowledge_base.importers import Preview, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from knowledge_base.importers import ProblemKey
    from store.sheets import Sheet, SheetRow

_APART = "\x1f"
"""Stands between the values of a key: no cell holds it."""


class _BadCell(ValueError):
    """A cell that cannot be read."""

    def __init__(self, key: ProblemKey, **facts: str) -> None:
        super().__init__(key)
        self.key = key
        self.facts = facts


def preview_rows(
    sheet: Sheet,
    *,
    kind: Kind = "question",
    column_map: Mapping[str, str] | None = None,
    key_columns: Sequence[str] = (),
    source: str = "",
    source_date: date | None = None,
    unit: str = "",
    area: str = "",
) -> Preview:
    """Read the rows of a table: the entries it holds and every problem with its line; nothing is written.

    `column_map` is field -> column. `source`, `source_date`, `unit`, `area` and `kind` hold where a row does not say its own.
    """
    used = assign_columns(sheet.columns, column_map or {})
    problems = list(_check_header(sheet, used, column_map or {}, key_columns, source=source))
    unused = tuple(column for column in sheet.columns if not any(column in found for found in used.values()))
    if problems:
        return Preview(problems=tuple(problems), used=used, unused=unused)
    problems += [Problem(line, "too_many_cells") for line in sheet.overlong]
    rest = {
        "kind": kind,
        "source": source,
        "source_date": source_date.isoformat() if source_date else "",
        "unit": unit,
        "area": area,
    }
    read: dict[str, tuple[int, Entry]] = {}
    for row in sheet.rows:
        try:
            entry = _read_entry(row, used, key_columns, rest)
        except _BadCell as bad:
            problems.append(Problem(row.line, bad.key, bad.facts))
            continue
        first, known = read.setdefault(entry.code, (row.line, entry))
        if known != entry:
            problems.append(Problem(row.line, "duplicate_code", {"code": entry.code, "first": str(first)}))
    bad_lines = {problem.line for problem in problems}
    good = tuple(entry for line, entry in read.values() if line not in bad_lines)
    return Preview(entries=good, problems=tuple(sorted(problems, key=lambda problem: problem.line)), used=used, unused=unused)


def _check_header(
    sheet: Sheet, used: Mapping[str, Sequence[str]], column_map: Mapping[str, str], key_columns: Sequence[str], *, source: str
) -> Iterator[Problem]:
    """Check that every field and column named exists, and that what no row may lack has a column."""
    for field in column_map:
        if field not in FIELDS:
            yield Problem(1, "unknown_field", {"field": field, "nearest": nearest(field, list(FIELDS))})
    for column in (*column_map.values(), *key_columns):
        if column not in sheet.columns:
            yield Problem(1, "unknown_column", {"column": column, "nearest": nearest(column, sheet.columns)})
    if not used.get("question"):
        yield _missing("question", sheet)
    if not any(used.get(field) for field in ("answer", *DETAILS)):
        yield _missing("answer", sheet)
    if not used.get("source") and not source.strip():
        yield _missing("source", sheet)
    if not used.get("code") and not key_columns:
        yield Problem(1, "no_code")


def _missing(field: str, sheet: Sheet) -> Problem:
    """Say that a field has no column, and which column looks most like one."""
    return Problem(1, "missing_column", {"field": field, "nearest": nearest(field, sheet.columns, also=FIELDS[field].columns)})


def _read_entry(row: SheetRow, used: Mapping[str, Sequence[str]], key_columns: Sequence[str], rest: Mapping[str, str]) -> Entry:
    """Read one row; _BadCell names what is wrong with it."""
    said = {field: read_cell(row.cells, columns) for field, columns in used.items()}
    said = {field: said.get(field) or rest.get(field, "") for field in FIELDS}
    kind = KINDS.get(said["kind"])
    if kind is None:
        raise _BadCell("bad_kind", value=said["kind"])
    source_date, valid_from, valid_to = (_read_date(field, said[field]) for field in ("source_date", "valid_from", "valid_to"))
    if valid_from and valid_to and valid_from > valid_to:
        raise _BadCell("dates_crossed")
    entry = Entry(
        code=said["code"] or _make_code(row, key_columns, kind),
        kind=kind,
        question=said["question"],
        phrasings=read_list(said["phrasings"]),
        answer=compose_answer(said["answer"], said),
        area=said["area"],
        unit=said["unit"],
        source=said["source"],
        source_date=source_date,
        valid_from=valid_from,
        valid_to=valid_to,
        coordinates=_read_coordinates(said),
    )
    try:
        entries.check_complete(entry)
    except entries.PublishRefused as refused:
        raise _BadCell("empty", field=refused.missing[0]) from refused
    return entry


def _make_code(row: SheetRow, key_columns: Sequence[str], kind: Kind) -> str:
    """Make the code of a row that has none: the same key columns give the same code in every import."""
    values = [row.cells[column] for column in key_columns]
    if not any(values):
        raise _BadCell("empty", field="code")
    return f"{kind}-{hashlib.sha256(_APART.join(values).encode()).hexdigest()[:12]}"


def _read_coordinates(said: Mapping[str, str]) -> str:
    """Read where a place is, out of one column or two; "" where nothing is said, _BadCell for what is none."""
    given = said["coordinates"] or ",".join(filter(None, (said["longitude"], said["latitude"])))
    try:
        return read_coordinates(given) if given else ""
    except ValueError as error:
        raise _BadCell("bad_coordinates", value=given) from error


def _read_date(field: str, cell: str) -> date | None:
    """Read a day; _BadCell for what is none."""
    day = read_day(cell) if cell else None
    if cell and day is None:
        raise _BadCell("bad_date", field=field, value=cell)
    return day
