"""Which rows name an area, a unit or a person by its code: the one list by which a change of the organisation reaches all of them.

What is over keeps the codes it was done under; the organisation leads those to what followed (routing.org). A test compares this list with the
columns of every table, so that a new one has to say whether it follows or stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, String, and_, cast, or_, select

from knowledge_base.tables import KnowledgeEntry
from residents import group_drafts
from residents.group_drafts import GroupDraft
from residents.seats import SeatTalk
from residents.tables import Resident
from routing.code_tables import PlaceCode
from routing.grid_tables import PatrolRound, PatrolSheetRow, SeasonPlanRow, SeasonTask
from routing.month_decisions import MonthDecision
from routing.reorganising import Held
from routing.tables import AreaRow, GroupRow, Incident, PlaceTableRow, ShiftRow, StaffRow, Ticket, UnitRow
from routing.terms import Status
from routing.track_tables import TicketSupervision, TicketTask
from store.outbox import OutboxMessage

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sqlalchemy.orm import Session

    from routing.reorganising import CodeKind
    from store.base import Base

FINAL = (Status.CLOSED.value, Status.WITHDRAWN.value, Status.DECLINED.value)
"""From these nothing comes back; a ticket that was merged may."""

_TO_SEND = ("pending", "held")
_ROADS = ("unit", "desk", "roster")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column that names codes: `many` a list of them. Only rows that are `live` follow; `name` and `where` are attributes, or "" for none."""

    table: type[Base]
    column: str
    kind: CodeKind
    name: str = ""
    where: str = ""
    many: bool = False
    live: ColumnElement[bool] | None = None

    @property
    def label(self) -> str:
        """Name it as table.column."""
        return f"{self.table.__tablename__}.{self.column}"

    @property
    def key(self) -> str:
        """Name the column that tells its rows apart."""
        return "id" if "id" in self.table.__table__.c else "code"


_OPEN = Ticket.status.not_in(FINAL)
_AREA_STANDS, _UNIT_STANDS = AreaRow.retired_at.is_(None), UnitRow.retired_at.is_(None)
_WAITS = and_(OutboxMessage.state.in_(_TO_SEND), OutboxMessage.audience.in_(_ROADS))
_TALKS = SeatTalk.state != "ended"
_DRAFTED = GroupDraft.state.in_(group_drafts.OPEN)
_PUBLISHED = KnowledgeEntry.status == "published"
_UNSETTLED = MonthDecision.settled_at.is_(None)
_USABLE = PlaceCode.revoked_at.is_(None)
_TO_GO, _TO_DO = PatrolRound.done_at.is_(None), SeasonTask.done_at.is_(None)

COLUMNS: tuple[Column, ...] = (
    Column(table=AreaRow, column="parent", kind="area", name="name", live=_AREA_STANDS),
    Column(table=UnitRow, column="area", kind="area", name="name", live=_UNIT_STANDS),
    Column(table=StaffRow, column="area", kind="area", name="name"),
    Column(table=GroupRow, column="grid", kind="area", name="name"),
    Column(table=PlaceTableRow, column="area", kind="area", name="name"),
    Column(table=Ticket, column="area", kind="area", name="number", where="public_place", live=_OPEN),
    Column(table=Incident, column="area", kind="area"),
    Column(table=Resident, column="area", kind="area"),
    Column(table=KnowledgeEntry, column="area", kind="area", name="code", live=_PUBLISHED),
    Column(table=PatrolSheetRow, column="area", kind="area", name="name"),
    Column(table=PatrolRound, column="area", kind="area", live=_TO_GO),
    Column(table=SeasonPlanRow, column="areas", kind="area", name="name", many=True),
    Column(table=SeasonTask, column="area", kind="area", live=_TO_DO),
    Column(table=MonthDecision, column="area", kind="area", live=_UNSETTLED),
    Column(table=PlaceCode, column="area", kind="area", name="label", where="lies_at", live=_USABLE),
    Column(table=UnitRow, column="parent", kind="unit", name="name", live=_UNIT_STANDS),
    Column(table=StaffRow, column="unit", kind="unit", name="name"),
    Column(table=StaffRow, column="stationed", kind="unit", name="name"),
    Column(table=ShiftRow, column="desk", kind="unit"),
    Column(table=PlaceTableRow, column="property_unit", kind="unit", name="name"),
    Column(table=Ticket, column="unit", kind="unit", name="number", live=_OPEN),
    Column(table=Ticket, column="desk", kind="unit", name="number", live=_OPEN),
    Column(table=Ticket, column="disputed", kind="unit", name="number", live=_OPEN),
    Column(table=Ticket, column="barred", kind="unit", name="number", live=_OPEN),
    Column(table=Ticket, column="assisting", kind="unit", name="number", many=True, live=_OPEN),
    Column(table=Ticket, column="refused", kind="unit", name="number", many=True, live=_OPEN),
    Column(table=TicketTask, column="unit", kind="unit", live=TicketTask.state.in_(("open", "signed"))),
    Column(table=TicketSupervision, column="unit", kind="unit", live=TicketSupervision.state == "open"),
    Column(table=SeatTalk, column="desk", kind="unit", live=_TALKS),
    Column(table=KnowledgeEntry, column="unit", kind="unit", name="code", live=_PUBLISHED),
    Column(table=OutboxMessage, column="target", kind="unit", live=_WAITS),
    Column(table=MonthDecision, column="unit", kind="unit", live=_UNSETTLED),
    Column(table=GroupRow, column="worker", kind="staff", name="name", where="grid"),
    Column(table=GroupDraft, column="worker", kind="staff", name="group_code", live=_DRAFTED),
    Column(table=PatrolRound, column="worker", kind="staff", where="area", live=_TO_GO),
    Column(table=SeasonTask, column="worker", kind="staff", where="area", live=_TO_DO),
    Column(table=PlaceCode, column="worker", kind="staff", name="label", where="area", live=_USABLE),
)
"""Every column that follows a change."""


def list_held(
    session: Session, *, areas: Collection[str] = (), units: Collection[str] = (), staff: Collection[str] = ()
) -> list[Held]:
    """List the rows that name one of these areas, units or people, in the order of the list."""
    wanted: dict[CodeKind, frozenset[str]] = {"area": frozenset(areas), "unit": frozenset(units), "staff": frozenset(staff)}
    return [row for column in COLUMNS if wanted[column.kind] for row in _list_rows(session, column, wanted[column.kind])]


def find_column(held: Held) -> Column:
    """Find the column that a row was listed for."""
    return next(one for one in COLUMNS if one.label == f"{held.table}.{held.column}")


def list_of_grid(session: Session, grid: str) -> list[Held]:
    """List the rows that name a person and are about a grid: its groups, their drafts, its rounds and tasks."""
    people = set(session.execute(select(StaffRow.code).where(StaffRow.area == grid)).scalars())
    return [row for row in list_held(session, staff=people) if row.where == grid]


def _list_rows(session: Session, column: Column, codes: frozenset[str]) -> Iterator[Held]:
    """Read the rows of one column that name one of these codes."""
    values = column.table.__table__.c[column.column]
    if column.many:
        names = or_(*(cast(values, String).contains(f'"{code}"', autoescape=True) for code in sorted(codes)))
    else:
        names = values.in_(sorted(codes))
    statement = select(column.table).where(names).order_by(column.table.__table__.c[column.key])
    if column.live is not None:
        statement = statement.where(column.live)
    groups = _grids_of_groups(session) if column.table is GroupDraft else {}
    for row in session.execute(statement).scalars():
        value: Any = getattr(row, column.column)
        for code in value if column.many else [value]:
            if code in codes:
                name = str(getattr(row, column.name)) if column.name else ""
                where = str(getattr(row, column.where)) if column.where else groups.get(name, "")
                yield Held(
                    table=column.table.__tablename__,
                    key=getattr(row, column.key),
                    column=column.column,
                    kind=column.kind,
                    code=code,
                    name=name,
                    where=where,
                )


def _grids_of_groups(session: Session) -> dict[str, str]:
    rows = session.execute(select(GroupRow.code, GroupRow.grid))
    return {code: grid for code, grid in rows}  # noqa: C416 - rows are no pairs to dict's type
