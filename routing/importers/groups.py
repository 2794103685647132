"""居民群: which grid each residents' group belongs to, whether its notice is posted, who looks after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from routing.cells import find_unknown, read_flag
from routing.importers import ImporterSpec, Problem, Row, Values
from routing.org_rows import list_codes, upsert
from routing.tables import AreaRow, GroupRow, StaffRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from routing.org_rows import ImportCounts


def read(cells: Mapping[str, str]) -> Values:
    """Read one group."""
    return {
        "code": cells["id"],
        "name": cells["name"],
        "grid": cells["grid"],
        "notice_posted": read_flag("notice_posted", cells["notice_posted"]),
        "worker": cells["worker"],
    }


def check(session: Session, rows: Sequence[Row]) -> Iterator[Problem]:
    """Find grids and workers that do not exist."""
    yield from find_unknown(rows, "grid", list_codes(session, AreaRow), "unknown_area")
    yield from find_unknown(rows, "worker", list_codes(session, StaffRow), "unknown_staff")


def write(session: Session, rows: Sequence[Values]) -> ImportCounts:
    """Put the groups in place by their ids."""
    return upsert(session, GroupRow, rows)


IMPORTER = ImporterSpec(
    name="groups",
    required=("id", "name", "grid"),
    optional=("notice_posted", "worker"),
    read=read,
    check=check,
    write=write,
)
