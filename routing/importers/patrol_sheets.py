"""巡查单: what grid workers look at on their rounds, where, how often and at what hours."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from routing.cells import find_unknown, read_choice, read_flag, read_list
from routing.grid_rounds import Rhythm, RoundDays
from routing.grid_tables import PatrolSheetRow
from routing.importers import BadCell, ImporterSpec, Problem, Row, Values
from routing.org_rows import list_codes, upsert
from routing.round_hours import read_hours
from routing.tables import AreaRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from routing.org_rows import ImportCounts


def read(cells: Mapping[str, str]) -> Values:
    """Read one sheet; one that is not said to be over is in use."""
    return {
        "code": cells["code"],
        "name": cells["name"],
        "area": cells["area"],
        "items": read_list(cells["items"]),
        "rhythm": read_choice("rhythm", cells["rhythm"], get_args(Rhythm)),
        "days": read_choice("days", cells["days"] or "working", get_args(RoundDays)),
        "hours": _read_hours(cells["hours"]),
        "active": read_flag("active", cells["active"] or "yes"),
    }


def _read_hours(cell: str) -> str:
    try:
        hours = read_hours(cell.replace("\N{FULLWIDTH COLON}", ":"))
    except ValueError as error:
        raise BadCell("bad_hours", column="hours", value=cell) from error
    return str(hours or "")


def check(session: Session, rows: Sequence[Row]) -> Iterator[Problem]:
    """Find areas that do not exist."""
    yield from find_unknown(rows, "area", list_codes(session, AreaRow), "unknown_area")


def write(session: Session, rows: Sequence[Values]) -> ImportCounts:
    """Put the sheets in place by their codes."""
    return upsert(session, PatrolSheetRow, rows)


IMPORTER = ImporterSpec(
    name="patrol-sheets",
    required=("code", "name", "area", "items", "rhythm"),
    optional=("days", "hours", "active"),
    read=read,
    check=check,
    write=write,
)
