"""承办单位: departments, streets, communities, utilities, companies and desks, with what they are for and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from routing.cells import find_retired, find_unknown, read_choice, read_flag, read_list
from routing.importers import ImporterSpec, Problem, Row, Values
from routing.org_rows import list_codes, list_retired, upsert
from routing.tables import AreaRow, UnitRow
from routing.terms import UnitKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from routing.org_rows import ImportCounts


def read(cells: Mapping[str, str]) -> Values:
    """Read one unit."""
    return {
        "code": cells["code"],
        "name": cells["name"],
        "kind": read_choice("kind", cells["kind"], UnitKind),
        "area": cells["area"],
        "functions": read_list(cells["functions"]),
        "parent": cells["parent"],
        "private": read_flag("private", cells["private"]),
    }


def check(session: Session, rows: Sequence[Row]) -> Iterator[Problem]:
    """Find units that are no more, areas and parents that do not exist."""
    yield from find_retired(rows, list_retired(session, UnitRow))
    codes = {row.values["code"] for row in rows}
    yield from find_unknown(rows, "area", list_codes(session, AreaRow), "unknown_area")
    yield from find_unknown(rows, "parent", list_codes(session, UnitRow) | codes, "unknown_unit")


def write(session: Session, rows: Sequence[Values]) -> ImportCounts:
    """Put the units in place by their codes."""
    return upsert(session, UnitRow, rows)


IMPORTER = ImporterSpec(
    name="units",
    required=("code", "name", "kind", "area"),
    optional=("functions", "parent", "private"),
    read=read,
    check=check,
    write=write,
)
