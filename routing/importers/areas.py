"""区域: the tree of areas, from the city or district down to the grids."""

from __future__ import annotations

from typing import TYPE_CHECKING

from routing.cells import find_retired, find_unknown, read_choice, read_list, read_number
from routing.importers import ImporterSpec, Problem, Row, Values
from routing.org_rows import list_codes, list_retired, upsert
from routing.tables import AreaRow
from routing.terms import Level

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from routing.org_rows import ImportCounts


def read(cells: Mapping[str, str]) -> Values:
    """Read one area."""
    return {
        "code": cells["code"],
        "name": cells["name"],
        "level": read_choice("level", cells["level"], Level),
        "parent": cells["parent"],
        "kind": cells["kind"],
        "households": read_number("households", cells["households"]) or 0,
        "aliases": read_list(cells["aliases"]),
    }


def check(session: Session, rows: Sequence[Row]) -> Iterator[Problem]:
    """Find areas that are no more, parents that do not exist and areas that would contain themselves."""
    yield from find_retired(rows, list_retired(session, AreaRow))
    parents = {row.values["code"]: row.values["parent"] for row in rows}
    yield from find_unknown(rows, "parent", list_codes(session, AreaRow) | parents.keys(), "unknown_area")
    for row in rows:
        seen: set[str] = set()
        code = row.values["code"]
        while code in parents and code not in seen:
            seen.add(code)
            code = parents[code]
        if code == row.values["code"] and seen:
            yield Problem(row.line, "circle", {"code": code})


def write(session: Session, rows: Sequence[Values]) -> ImportCounts:
    """Put the areas in place by their codes."""
    return upsert(session, AreaRow, rows)


IMPORTER = ImporterSpec(
    name="areas",
    required=("code", "name", "level"),
    optional=("parent", "kind", "households", "aliases"),
    read=read,
    check=check,
    write=write,
)
