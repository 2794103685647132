"""值班表: the week's shifts of the desks. A file holds all shifts of the desks it names: those it no longer has are removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from routing.cells import find_unknown, make_code
from routing.importers import BadCell, ImporterSpec, Problem, Row, Values
from routing.org_rows import list_codes, remove_missing, upsert
from routing.roster import BadShift, RosterRow, read_shift
from routing.tables import ShiftRow, StaffRow, UnitRow
from routing.terms import UnitKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from routing.org_rows import ImportCounts


def read(cells: Mapping[str, str]) -> Values:
    """Read one shift: its own content is its code."""
    shift = {"desk": cells["desk"], "starts": cells["from"], "ends": cells["to"], "days": cells["days"]}
    people = {"staff": cells["staff"], "backup": cells["backup"]}
    try:
        read_shift(RosterRow(**shift, **people))
    except BadShift as bad:
        raise BadCell("bad_shift", error=str(bad)) from bad
    return {"code": make_code(*shift.values(), *people.values()), **shift, **people}


def check(session: Session, rows: Sequence[Row]) -> Iterator[Problem]:
    """Find desks and staff that do not exist."""
    desks = frozenset(session.execute(select(UnitRow.code).where(UnitRow.kind == UnitKind.DESK.value)).scalars())
    staff = list_codes(session, StaffRow)
    yield from find_unknown(rows, "desk", desks, "not_a_desk")
    yield from find_unknown(rows, "staff", staff, "unknown_staff")
    yield from find_unknown(rows, "backup", staff, "unknown_staff")


def write(session: Session, rows: Sequence[Values]) -> ImportCounts:
    """Put the shifts in place of all that their desks had."""
    counts = upsert(session, ShiftRow, rows)
    return remove_missing(session, ShiftRow, counts, column="desk", rows=rows)


IMPORTER = ImporterSpec(
    name="roster",
    required=("desk", "from", "to", "days", "staff"),
    optional=("backup",),
    read=read,
    check=check,
    write=write,
)
