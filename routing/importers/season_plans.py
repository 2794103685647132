"""季节预案: what is checked before a season begins, in which areas, and how many days before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from routing.cells import read_flag, read_list, read_number
from routing.grid_tables import SeasonPlanRow
from routing.importers import BadCell, ImporterSpec, Problem, Row, Values
from routing.org_rows import list_codes, upsert
from routing.seasons import BadDay, read_day
from routing.tables import AreaRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from routing.org_rows import ImportCounts

_LEAD_DAYS = 30  # a month before: two rounds of every grid, and time to have mended what they find


def read(cells: Mapping[str, str]) -> Values:
    """Read one plan."""
    return {
        "code": cells["code"],
        "name": cells["name"],
        "starts": _read_day("starts", cells["starts"]),
        "ends": _read_day("ends", cells["ends"]),
        "lead_days": read_number("lead_days", cells["lead_days"]) or _LEAD_DAYS,
        "areas": read_list(cells["areas"]),
        "items": read_list(cells["items"]),
        "active": read_flag("active", cells["active"] or "yes"),
    }


def check(session: Session, rows: Sequence[Row]) -> Iterator[Problem]:
    """Find areas that do not exist."""
    known = list_codes(session, AreaRow)
    for row in rows:
        for code in row.values["areas"]:
            if code not in known:
                yield Problem(row.line, "unknown_area", {"column": "areas", "code": code})


def write(session: Session, rows: Sequence[Values]) -> ImportCounts:
    """Put the plans in place by their codes."""
    return upsert(session, SeasonPlanRow, rows)


def _read_day(column: str, cell: str) -> str:
    try:
        read_day(cell)
    except BadDay as bad:
        raise BadCell("bad_day", column=column, value=cell) from bad
    return cell


IMPORTER = ImporterSpec(
    name="season-plans",
    required=("code", "name", "starts", "ends", "areas", "items"),
    optional=("lead_days", "active"),
    read=read,
    check=check,
    write=write,
)
