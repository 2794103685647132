"""Between the city's rows and the frozen values that decisions are made on: read them all, and put imported rows in place.

A city without a duty list of its own works by the shipped one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from sqlalchemy import delete, select

from knowledge_base.places import PlaceRow
from routing import calendar as calendars
from routing import duty_list as duty_lists
from routing import org
from routing.roster import RosterRow
from routing.tables import AreaRow, CalendarDay, DutyItemRow, PlaceTableRow, ShiftRow, StaffRow, UnitRow
from routing.terms import Area, DutyItem, HandlingUnit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from sqlalchemy.orm import Session

    from routing.calendar import Calendar, OfficeHours
    from routing.duty_list import DutyList
    from routing.org import OrgChart
    from store.base import Base

V = TypeVar("V", bound=msgspec.Struct)

Values = dict[str, Any]

_CHUNK = 500  # keys per query: SQLite's older limit of bound values is 999


class ImportCounts(msgspec.Struct, frozen=True, kw_only=True):
    """What an import did to the rows."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0


def load_org(session: Session) -> OrgChart:
    """Read the organisation: areas, units, active staff and roster; and which areas and units there were before."""
    areas, former_areas = _part(session, AreaRow)
    units, former_units = _part(session, UnitRow)
    return org.build(
        [_convert(row, Area) for row in areas],
        [_convert(row, HandlingUnit) for row in units],
        [_convert(row, org.StaffMember) for row in session.execute(select(StaffRow).where(StaffRow.active)).scalars()],
        _read(session, ShiftRow, RosterRow),
        former_areas=[_convert(row, org.Former) for row in former_areas],
        former_units=[_convert(row, org.Former) for row in former_units],
    )


def load_duty_list(session: Session) -> DutyList:
    """Read the city's duty list; the shipped one where it has none."""
    items = _read(session, DutyItemRow, DutyItem)
    return duty_lists.build(items) if items else duty_lists.load_folder()[0]


def load_places(session: Session) -> tuple[PlaceRow, ...]:
    """Read the roads, estates and landmarks for the gazetteer."""
    return _read(session, PlaceTableRow, PlaceRow)


def load_calendar(session: Session, *, zone: ZoneInfo, hours: tuple[OfficeHours, ...] = calendars.DEFAULT_HOURS) -> Calendar:
    """Read the shipped calendar with the city's own days over it."""
    own = [
        msgspec.convert({"date": row.day, "kind": row.kind, "name": row.name}, calendars.DayRow)
        for row in session.execute(select(CalendarDay)).scalars()
    ]
    return calendars.build(calendars.load_folder(), zone=zone, hours=hours, own=own)


def upsert(
    session: Session, table: type[Base], rows: Sequence[Values], *, key: str = "code", stamp: Values | None = None
) -> ImportCounts:
    """Put rows in place by their key: new ones are made, others changed where they differ. Rows not named stay.

    `stamp` holds values that only new and changed rows get.
    """
    created = changed = unchanged = 0
    for start in range(0, len(rows), _CHUNK):
        chunk = rows[start : start + _CHUNK]
        found = session.execute(select(table).where(getattr(table, key).in_([row[key] for row in chunk]))).scalars()
        standing = {getattr(row, key): row for row in found}
        for values in chunk:
            row = standing.get(values[key])
            if row is None:
                session.add(table(**values, **(stamp or {})))
                created += 1
            elif any(getattr(row, name) != value for name, value in values.items()):
                for name, value in {**values, **(stamp or {})}.items():
                    setattr(row, name, value)
                changed += 1
            else:
                unchanged += 1
        session.flush()
    return ImportCounts(created=created, changed=changed, unchanged=unchanged)


def remove_missing(
    session: Session, table: type[Base], counts: ImportCounts, *, column: str, rows: Sequence[Values]
) -> ImportCounts:
    """Remove what stands under the same `column` as these rows and is none of them; count it."""
    owner, code = table.__table__.c[column], table.__table__.c.code
    keep = {row["code"] for row in rows}
    gone: list[str] = []
    owners = sorted({row[column] for row in rows})
    for start in range(0, len(owners), _CHUNK):
        found = session.execute(select(code).where(owner.in_(owners[start : start + _CHUNK]))).scalars()
        gone += [one for one in found if one not in keep]
    for start in range(0, len(gone), _CHUNK):
        session.execute(delete(table).where(code.in_(gone[start : start + _CHUNK])))
    return msgspec.structs.replace(counts, removed=len(gone))


def list_codes(session: Session, table: type[Base]) -> frozenset[str]:
    """List the codes of a table, to check what refers to them; those of areas and units that are no more are not among them."""
    columns = table.__table__.c
    statement = select(columns.code)
    if "retired_at" in columns:
        statement = statement.where(columns.retired_at.is_(None))
    return frozenset(session.execute(statement).scalars())


def list_retired(session: Session, table: type[AreaRow | UnitRow]) -> dict[str, str]:
    """List the codes of areas or units that are no more, each with the code of what followed it."""
    rows = session.execute(select(table.code, table.successor).where(table.retired_at.is_not(None)))
    return {code: successor for code, successor in rows}  # noqa: C416 - rows are no pairs to dict's type


def _part(session: Session, table: type[AreaRow | UnitRow]) -> tuple[list[Any], list[Any]]:
    """Read the rows of areas or units, those that stand and those that are no more, each by code."""
    rows: list[Any] = [*session.execute(select(table).order_by(table.code)).scalars()]
    return [row for row in rows if row.retired_at is None], [row for row in rows if row.retired_at is not None]


def _read(session: Session, table: type[Base], value: type[V]) -> tuple[V, ...]:
    rows = session.execute(select(table).order_by(table.__table__.c.code)).scalars()
    return tuple(_convert(row, value) for row in rows)


def _convert(row: object, value: type[V]) -> V:
    """Read a row into the value of the same field names."""
    return msgspec.convert({name: getattr(row, name) for name in value.__struct_fields__}, value)
