"""巡查: rounds are made when their day comes, workers record them, and what nobody went is listed by day and worker.

What is found opens a ticket with the grid filled in, or joins the one that is open; what is put right at once is a light record. Whoever is of
the grid, of its community or above it may record; nobody else sees the rounds of others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import func, select

from residents.masking import mask
from routing.errors import NothingTold, UnknownCheck, UnknownWork
from routing.grid_rounds import PatrolSheet, list_rounds
from routing.grid_tables import PatrolFinding, PatrolRound, PatrolSheetRow, SpotRecord
from routing.grid_work import check_grid, grids_of, open_found
from routing.round_hours import read_hours
from store.audit import record
from store.base import insert_once

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date, datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from routing.calendar import Calendar
    from routing.context import RoutingContext
    from routing.facts import Opened
    from routing.grid_work import Found
    from routing.org import OrgChart

SOURCE = "patrol"
_NAMED = 500  # codes named in one query; more are sorted out here


class Fixed(msgspec.Struct, frozen=True, kw_only=True):
    """Something put right at once: what, where, and the check item."""

    text: str
    place: str = ""
    item: str = ""


class RoundFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A round as it stands. `late`: gone, but after its time; `outside`: gone at another time of the day than its `hours` ("" for any)."""

    id: int
    sheet: str
    name: str
    area: str
    day: date
    turn: int
    worker: str
    due_at: datetime
    done_at: datetime | None
    done_by: str
    hours: str = ""
    outside: bool = False
    items: tuple[str, ...] = ()

    @property
    def late(self) -> bool:
        """Whether it was gone after its time."""
        return self.done_at is not None and self.done_at > self.due_at


class Missed(msgspec.Struct, frozen=True, kw_only=True):
    """The rounds of one worker on one day: how many were due, and which of them were missed, late or gone outside of their hours."""

    day: date
    worker: str
    due: int
    missed: tuple[RoundFacts, ...]


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """What a round came to."""

    round: RoundFacts
    opened: tuple[Opened, ...] = ()
    fixed: int = 0


class SpotFigures(msgspec.Struct, frozen=True, kw_only=True):
    """当场解决: how many matters a worker put right at once in a grid."""

    area: str
    worker: str
    count: int


def make_rounds(session: Session, *, now: datetime, org: OrgChart, calendar: Calendar) -> int:
    """Make the rounds of today that are not there yet; gives how many. Doing it twice makes none twice."""
    sheets = list_sheets(session)
    wanted = list_rounds(sheets, org=org, now=now, calendar=calendar)
    days = {one.day for one in wanted}
    columns = (PatrolRound.sheet, PatrolRound.area, PatrolRound.day, PatrolRound.turn)
    there = {tuple(row) for row in session.execute(select(*columns).where(PatrolRound.day.in_(days)))}
    made = 0
    for one in wanted:
        if (one.sheet, one.area, one.day, one.turn) in there:
            continue
        worker = org.grid_worker_of(one.area)
        values = msgspec.structs.asdict(one) | {"worker": worker.code if worker else "", "done_by": ""}
        made += insert_once(session, PatrolRound, values, index=["sheet", "area", "day", "turn"])
    return made


def list_sheets(session: Session) -> tuple[PatrolSheet, ...]:
    """List the sheets, by code."""
    rows = session.execute(select(PatrolSheetRow).order_by(PatrolSheetRow.code)).scalars()
    return tuple(msgspec.convert({name: getattr(row, name) for name in PatrolSheet.__struct_fields__}, PatrolSheet) for row in rows)


def find_round(session: Session, round_id: int) -> PatrolRound:
    """Find a round by its number; UnknownWork if there is none."""
    row = session.get(PatrolRound, round_id)
    if row is None:
        raise UnknownWork(f"there is no round {round_id}")
    return row


def list_due(session: Session, *, actor: str, now: datetime, org: OrgChart) -> tuple[RoundFacts, ...]:
    """List the rounds somebody may record that can still be gone in time, the most urgent first."""
    statement = select(PatrolRound).where(PatrolRound.done_at.is_(None), PatrolRound.due_at >= now)
    return _read(
        session, statement.order_by(PatrolRound.due_at, PatrolRound.area, PatrolRound.id), grids=grids_of(actor, org), org=org
    )


def list_missed(session: Session, *, actor: str, since: date, until: date, now: datetime, org: OrgChart) -> tuple[Missed, ...]:
    """List by day and worker how many rounds were due and which of them nobody went in time, from one day to another (both count).

    A round that was gone outside of its hours is among them: whoever reads the rounds is told.
    """
    statement = select(PatrolRound).where(PatrolRound.day >= since, PatrolRound.day <= until, PatrolRound.due_at < now)
    rounds = _read(
        session, statement.order_by(PatrolRound.day, PatrolRound.worker, PatrolRound.id), grids=grids_of(actor, org), org=org
    )
    by_worker: dict[tuple[date, str], list[RoundFacts]] = {}
    for one in rounds:
        by_worker.setdefault((one.day, one.worker), []).append(one)
    lists = (
        Missed(
            day=day,
            worker=worker,
            due=len(all_),
            missed=tuple(one for one in all_ if one.done_at is None or one.late or one.outside),
        )
        for (day, worker), all_ in by_worker.items()
    )
    return tuple(one for one in lists if one.missed)


def record_round(
    session: Session,
    round_id: int,
    *,
    actor: str,
    found: Sequence[Found] = (),
    fixed: Sequence[Fixed] = (),
    now: datetime,
    context: RoutingContext,
) -> Recorded:
    """Record a round that was gone: all well, or what was found and put right. Recording it again adds to it and leaves its time.

    One that is gone outside of its sheet's hours is taken like any other, and kept as that.

    UnknownWork if there is no such round, NotYourGrid if it is none of theirs, UnknownCheck for an item that its sheet has not.
    """
    row = find_round(session, round_id)
    session.refresh(row, with_for_update=True)
    check_grid(row.area, actor, context.org)
    sheet = session.get_one(PatrolSheetRow, row.sheet)
    named = [*(one.item for one in found), *(one.item for one in fixed)]
    strange = [item for item in named if item and item not in sheet.items]
    if strange:
        raise UnknownCheck(strange[0])
    if row.done_at is None:
        hours = read_hours(sheet.hours)
        row.done_at, row.done_by = now, actor
        row.outside = hours is not None and not hours.hold(now, context.calendar.zone)
    opened = [open_found(session, one, source=SOURCE, now=now, context=context) for one in found]
    for one, became in zip(found, opened, strict=True):
        session.add(PatrolFinding(round_id=row.id, item=one.item, ticket=became.ticket.number))
    for put_right in fixed:
        solve_on_spot(session, row.area, put_right, actor=actor, now=now, context=context, round_id=row.id)
    session.flush()
    facts = {"sheet": row.sheet, "area": row.area, "found": len(opened), "fixed": len(fixed)}
    record(session, actor=actor, action="patrol.record", subject=f"round:{row.id}", facts=facts)
    return Recorded(round=_facts(row, sheet), opened=tuple(opened), fixed=len(fixed))


def solve_on_spot(
    session: Session, grid: str, fixed: Fixed, *, actor: str, now: datetime, context: RoutingContext, round_id: int | None = None
) -> int:
    """当场解决: keep that something was put right at once, masked; gives its number. No ticket, no clocks. NotYourGrid, NothingTold."""
    check_grid(grid, actor, context.org)
    if not fixed.text.strip():
        raise NothingTold
    day = now.astimezone(context.calendar.zone).date()
    row = SpotRecord(
        at=now, day=day, area=grid, worker=actor, item=fixed.item, text=mask(fixed.text), place=mask(fixed.place), round_id=round_id
    )
    session.add(row)
    session.flush()
    if round_id is None:
        record(session, actor=actor, action="patrol.solved", subject=f"spot:{row.id}", facts={"area": grid})
    return row.id


def count_spots(session: Session, *, actor: str, since: date, until: date, org: OrgChart) -> tuple[SpotFigures, ...]:
    """Count what was put right at once, by grid and worker, from one day to another (both count). What a grid that is no more has goes with it."""
    statement = (
        select(SpotRecord.area, SpotRecord.worker, func.count())
        .where(SpotRecord.day >= since, SpotRecord.day <= until)
        .group_by(SpotRecord.area, SpotRecord.worker)
        .order_by(SpotRecord.area, SpotRecord.worker)
    )
    grids = grids_of(actor, org)
    counts: dict[tuple[str, str], int] = {}
    for area, worker, count in session.execute(statement):
        here = org.standing_area(area)
        if here in grids:
            counts[here, worker] = counts.get((here, worker), 0) + count
    return tuple(SpotFigures(area=area, worker=worker, count=count) for (area, worker), count in sorted(counts.items()))


def _read(session: Session, statement: Select[PatrolRound], *, grids: Collection[str], org: OrgChart) -> tuple[RoundFacts, ...]:
    """Read the rounds of these grids, those of grids that became one of them too."""
    codes = {*grids, *(code for code in org.former_areas if org.standing_area(code) in grids)}
    if len(codes) <= _NAMED:
        statement = statement.where(PatrolRound.area.in_(sorted(codes)))
    rows = [row for row in session.execute(statement).scalars() if row.area in codes]
    sheets = {row.code: row for row in session.execute(select(PatrolSheetRow)).scalars()} if rows else {}
    return tuple(_facts(row, sheets.get(row.sheet)) for row in rows)


def _facts(row: PatrolRound, sheet: PatrolSheetRow | None) -> RoundFacts:
    return RoundFacts(
        id=row.id,
        sheet=row.sheet,
        name=sheet.name if sheet else row.sheet,
        area=row.area,
        day=row.day,
        turn=row.turn,
        worker=row.worker,
        due_at=row.due_at,
        done_at=row.done_at,
        done_by=row.done_by,
        hours=sheet.hours if sheet else "",
        outside=row.outside,
        items=tuple(sheet.items) if sheet else (),
    )
