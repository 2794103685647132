"""应急电话: the public numbers to call at once, and what to do until help comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from routing.importers import ImporterSpec, Problem, Row, Values
from routing.org_rows import upsert
from routing.tables import EmergencyContact

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from routing.org_rows import ImportCounts


def read(cells: Mapping[str, str]) -> Values:
    """Read one number."""
    return {name: cells[name] for name in ("code", "name", "number", "advice")}


def check(_session: Session, _rows: Sequence[Row]) -> tuple[Problem, ...]:
    """These rows refer to nothing."""
    return ()


def write(session: Session, rows: Sequence[Values]) -> ImportCounts:
    """Put the numbers in place by their codes."""
    return upsert(session, EmergencyContact, rows)


IMPORTER = ImporterSpec(
    name="emergency", required=("code", "name", "number"), optional=("advice",), read=read, check=check, write=write
)
