"""人员: who holds which post. Of phones only a `work_phone` is taken in, which residents may have; a column `phone` is left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from routing.cells import find_unknown, read_flag, read_list
from routing.importers import ImporterSpec, Problem, Row, Values
from routing.org_rows import list_codes, upsert
from routing.tables import AreaRow, StaffRow, UnitRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from routing.org_rows import ImportCounts


def read(cells: Mapping[str, str]) -> Values:
    """Read one post; who is not said to have left is active."""
    return {
        "code": cells["code"],
        "name": cells["name"],
        "role": cells["role"],
        "unit": cells["unit"],
        "area": cells["area"],
        "stationed": cells["stationed"],
        "work_phone": cells["work_phone"],
        "languages": read_list(cells["languages"]),
        "active": read_flag("active", cells["active"] or "yes"),
    }


def check(session: Session, rows: Sequence[Row]) -> Iterator[Problem]:
    """Find units and areas that do not exist."""
    units = list_codes(session, UnitRow)
    yield from find_unknown(rows, "unit", units, "unknown_unit")
    yield from find_unknown(rows, "stationed", units, "unknown_unit")
    yield from find_unknown(rows, "area", list_codes(session, AreaRow), "unknown_area")


def write(session: Session, rows: Sequence[Values]) -> ImportCounts:
    """Put the posts in place by their codes."""
    return upsert(session, StaffRow, rows)


IMPORTER = ImporterSpec(
    name="staff",
    required=("code", "name", "role", "unit"),
    optional=("area", "languages", "active", "stationed", "work_phone"),
    read=read,
    check=check,
    write=write,
)
