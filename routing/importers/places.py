"""地名: roads with their house numbers, estates, buildings, landmarks, and the grid each lies in.

A file holds all rows of the places it names: a road whose stretches were cut anew loses the old ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from routing.cells import find_unknown, make_code, read_choice, read_list, read_number
from routing.importers import ImporterSpec, Problem, Row, Values
from routing.org_rows import list_codes, remove_missing, upsert
from routing.tables import AreaRow, PlaceTableRow, UnitRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from routing.org_rows import ImportCounts


def read(cells: Mapping[str, str]) -> Values:
    """Read one place: name, area and house numbers make its code."""
    values: Values = {
        "name": cells["name"],
        "kind": cells["kind"],
        "area": cells["area"],
        "number_from": read_number("number_from", cells["number_from"]),
        "number_to": read_number("number_to", cells["number_to"]),
        "parity": read_choice("parity", cells["parity"] or "all", ("all", "odd", "even")),
        "parent": cells["parent"],
    }
    rest = {"aliases": read_list(cells["aliases"]), "property_unit": cells["property_unit"]}
    return {"code": make_code(*values.values()), **values, **rest}


def check(session: Session, rows: Sequence[Row]) -> Iterator[Problem]:
    """Find areas and property companies that do not exist."""
    yield from find_unknown(rows, "area", list_codes(session, AreaRow), "unknown_area")
    yield from find_unknown(rows, "property_unit", list_codes(session, UnitRow), "unknown_unit")


def write(session: Session, rows: Sequence[Values]) -> ImportCounts:
    """Put the places in place of all rows of their names."""
    counts = upsert(session, PlaceTableRow, rows)
    return remove_missing(session, PlaceTableRow, counts, column="name", rows=rows)


IMPORTER = ImporterSpec(
    name="places",
    required=("name", "kind", "area"),
    optional=("number_from", "number_to", "parity", "parent", "aliases", "property_unit"),
    read=read,
    check=check,
    write=write,
)
