"""工作日历: the days on which this city departs from the country's calendar."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from routing.cells import read_choice
from routing.importers import BadCell, ImporterSpec, Problem, Row, Values
from routing.org_rows import upsert
from routing.tables import CalendarDay

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from routing.org_rows import ImportCounts


def read(cells: Mapping[str, str]) -> Values:
    """Read one day."""
    try:
        day = date.fromisoformat(cells["date"])
    except ValueError as bad:
        raise BadCell("bad_date", column="date", value=cells["date"]) from bad
    return {"day": day, "kind": read_choice("kind", cells["kind"], ("holiday", "workday")), "name": cells["name"]}


def check(_session: Session, _rows: Sequence[Row]) -> tuple[Problem, ...]:
    """These rows refer to nothing."""
    return ()


def write(session: Session, rows: Sequence[Values]) -> ImportCounts:
    """Put the days in place by their dates."""
    return upsert(session, CalendarDay, rows, key="day")


IMPORTER = ImporterSpec(
    name="calendar", required=("date", "kind"), optional=("name",), read=read, check=check, write=write, key="day"
)
