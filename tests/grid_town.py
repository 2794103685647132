"""The made-up town as rows of a database, with places, groups and everything else that names a grid, a unit or a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import update

from knowledge_base import entries
from knowledge_base.entry import Entry
from knowledge_base.places import PlaceRow
from residents.group_drafts import GroupDraft
from residents.seats import SeatTalk
from routing import org_rows
from routing.cells import make_code
from routing.grid_tables import PatrolRound, PatrolSheetRow, SeasonPlanRow, SeasonTask
from routing.tables import AreaRow, GroupRow, PlaceTableRow, ShiftRow, StaffRow, Ticket, UnitRow
from store import outbox
from store.keys import new_key
from tests.office import NOON, OFFICERS, build_context, report_lamp
from tests.town import AREAS, ROSTER, STAFF, UNITS

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from routing.context import RoutingContext
    from tests.office import Teller

PLACES = (
    PlaceRow(name="柳树街", kind="road", area="G1", number_from=1, number_to=99, parity="odd"),
    PlaceRow(name="柳树街", kind="road", area="G1", number_from=2, number_to=40, parity="even"),
    PlaceRow(name="柳树街", kind="road", area="G2", number_from=42, number_to=98, parity="even"),
    PlaceRow(name="安泰花园", kind="estate", area="G1", property_unit="P1"),
    PlaceRow(name="3号楼", kind="building", area="G1", parent="安泰花园"),
    PlaceRow(name="4号楼", kind="building", area="G1", parent="安泰花园"),
    PlaceRow(name="杏花里", kind="estate", area="G2", property_unit="P2"),
    PlaceRow(name="桃园路", kind="road", area="G3"),
)
MORE_STAFF = (("W3", "grid_worker", "C2-jwh", "G3"), ("W4", "grid_worker", "C3-jwh", "G4"), ("W5", "grid_worker", "C1-jwh", "G1"))


def write_town(session: Session) -> None:
    """Write the organisation and all that stands in it."""
    session.add_all(AreaRow(**msgspec.to_builtins(area)) for area in AREAS)
    session.add_all(UnitRow(**msgspec.to_builtins(unit)) for unit in UNITS)
    session.add_all(StaffRow(**msgspec.to_builtins(person)) for person in (*STAFF, *OFFICERS))
    session.add_all(StaffRow(code=code, name=code, role=role, unit=unit, area=area) for code, role, unit, area in MORE_STAFF)
    session.add(StaffRow(code="LAW-9", name="派驻员", role="unit_clerk", unit="D-law", stationed="S1-law"))
    for shift in ROSTER:
        values = msgspec.to_builtins(shift)
        session.add(ShiftRow(code=make_code(*values.values()), **values))
    for place in PLACES:
        parts = (place.name, place.kind, place.area, place.number_from, place.number_to, place.parity, place.parent)
        session.add(PlaceTableRow(code=make_code(*parts), **msgspec.to_builtins(place)))
    for grid, worker in (("G1", "W1"), ("G2", "W2"), ("G3", "W3")):
        session.add(GroupRow(code=f"wr-{grid}", name=f"{grid}居民群", grid=grid, worker=worker))
        session.add(_draft(grid, worker))
    session.flush()


def _draft(grid: str, worker: str) -> GroupDraft:
    return GroupDraft(
        group_code=f"wr-{grid}",
        worker=worker,
        origin="group",
        channel="gateway",
        state="waiting",
        begun_at=NOON,
        last_at=NOON,
        due_at=NOON + timedelta(days=1),
    )


def write_work(session: Session, context: RoutingContext) -> None:
    """Write tickets, rounds, a plan, an entry, a talk and a message that waits."""
    for number, (area, place) in enumerate(
        (("G1", "柳树街12号"), ("G1", "柳树街77号"), ("G1", "柳树街33号"), ("G2", "杏花里"), ("G3", "桃园路8号"))
    ):
        report_lamp(session, context, resident=number + 1, area=area, place=place, now=NOON + timedelta(minutes=number))
    session.execute(update(Ticket).where(Ticket.public_place == "柳树街33号").values(public_place=""))
    for grid in ("G1", "G2", "G3"):
        session.add(PatrolSheetRow(code=f"PS-{grid}", name="日常巡查", area=grid, items=["消防通道"], rhythm="daily", days="all"))
        session.add(_round(f"PS-{grid}", grid))
        session.add(_round("PS-C1", grid))
    session.add(PatrolSheetRow(code="PS-C1", name="汛前巡查", area="C1", items=["雨水口"], rhythm="weekly"))
    session.add(
        SeasonPlanRow(
            code="SP-1", name="供暖", starts="11-15", ends="03-15", lead_days=30, areas=["G1", "C2"], items=["阀门", "管道"]
        )
    )
    for grid in ("G1", "G2", "G3"):
        session.add(SeasonTask(plan="SP-1", area=grid, year=2026, worker=f"W{grid[1]}", given_at=NOON, due_at=NOON))
    entry = Entry(code="K-1", question="一格的活动室几点开门", answer="九点", source="社区", area="G1", unit="C1-jwh")
    entries.publish(session, entry, now=NOON)
    key = new_key(session)
    session.add(
        SeatTalk(
            conversation_id=1, resident_id=1, desk="S1-desk", state="waiting", wanted=key.seal(b"{}"), since=NOON, queued_at=NOON, resident_at=NOON
        )
    )  # fmt: skip
    for target, audience in (("D-works", "unit"), ("S1-desk", "desk")):
        outbox.put(
            session, cause=f"test:{target}", audience=audience, target=target, channel="webhook", notice="unit_urged", now=NOON
        )
    session.flush()


def _round(sheet: str, grid: str) -> PatrolRound:
    return PatrolRound(sheet=sheet, area=grid, day=NOON.date(), turn=1, worker=f"W{grid[1]}", due_at=NOON)


def context_of(session: Session, teller: Teller) -> RoutingContext:
    """Give a context with the organisation as it stands in the database."""
    return replace(build_context(teller), org=org_rows.load_org(session))
