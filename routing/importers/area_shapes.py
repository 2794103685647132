"""区域边界: where areas lie on a map, out of the city's GIS (a table with the outline as WKT)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from routing.cells import find_unknown
from routing.importers import BadCell, ImporterSpec, Problem, Row, Values
from routing.org_rows import list_codes, upsert
from routing.shapes import AreaShape, read_wkt
from routing.tables import AreaRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from routing.org_rows import ImportCounts

_SHOWN = 40
"""Characters of an outline that cannot be read: its beginning says what it is."""


def read(cells: Mapping[str, str]) -> Values:
    """Read one outline."""
    try:
        outline = read_wkt(cells["wkt"])
    except ValueError as error:
        raise BadCell("bad_shape", column="wkt", value=cells["wkt"][:_SHOWN]) from error
    return {"code": cells["code"], "outline": outline}


def check(session: Session, rows: Sequence[Row]) -> Iterator[Problem]:
    """Find outlines of areas that do not exist."""
    yield from find_unknown(rows, "code", list_codes(session, AreaRow), "unknown_area")


def write(session: Session, rows: Sequence[Values]) -> ImportCounts:
    """Put the outlines in place by the codes of their areas."""
    return upsert(session, AreaShape, rows)


IMPORTER = ImporterSpec(name="area-shapes", required=("code", "wkt"), read=read, check=check, write=write)
