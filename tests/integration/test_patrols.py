"""Patrols and seasonal plans on both databases: what is due is made once, what is found becomes a ticket, what nobody did is listed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from sqlalchemy import func, select

from routing import patrols, season_tasks
from routing.errors import NotYours, UnknownCheck, UnknownWork
from routing.grid_tables import PatrolFinding, PatrolRound, PatrolSheetRow, SeasonPlanRow, SeasonTask, SpotRecord
from routing.grid_work import Found
from routing.org_changes import MergeGrids, carry_out, make_plan
from routing.patrols import Fixed
from routing.tables import Ticket
from routing.terms import NOBODY
from tests.grid_town import context_of, write_town
from tests.office import LAMP_OUT, NOON, Teller
from tests.town import report_at, utter

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

teller = Teller()
DAY = timedelta(days=1)
MORNING = NOON - timedelta(hours=3)
"""Monday, 9:00 in the town."""


@pytest.fixture
async def store(store: Store) -> Store:
    teller.notices.clear()
    await store.write(write_town)
    await store.write(write_sheets)
    return store


def write_sheets(session: Session) -> None:
    session.add(
        PatrolSheetRow(code="TWICE", name="早晚巡查", area="G1", items=["消防通道", "路面"], rhythm="twice_daily", days="all")
    )
    session.add(PatrolSheetRow(code="EACH", name="日常巡查", area="C1", items=["路面", "消防通道"], rhythm="daily"))
    session.add(PatrolSheetRow(code="WEEK", name="每周巡查", area="G3", items=["河道"], rhythm="weekly"))
    session.add(PatrolSheetRow(code="OLD", name="旧巡查", area="D", items=["旧"], rhythm="daily", active=False))


def make(session: Session, now: datetime) -> int:
    context = context_of(session, teller)
    return patrols.make_rounds(session, now=now, org=context.org, calendar=context.calendar)


def give(session: Session, now: datetime) -> int:
    context = context_of(session, teller)
    return season_tasks.give_tasks(session, now=now, org=context.org, calendar=context.calendar)


def due(session: Session, actor: str, now: datetime) -> list[tuple[str, str, int, str]]:
    found = patrols.list_due(session, actor=actor, now=now, org=context_of(session, teller).org)
    return [(one.sheet, one.area, one.turn, one.worker) for one in found]


def found_lamp(item: str = "路面", place: str = "柳树街12号") -> Found:
    report = report_at("G1", text=LAMP_OUT, reporter_staff="W1")
    return Found(report=msgspec.structs.replace(report, public_place=place), utterance=utter(LAMP_OUT), item=item)


def record(session: Session, round_id: int, *, actor: str = "W1", now: datetime = NOON, **more: Any) -> patrols.Recorded:
    return patrols.record_round(session, round_id, actor=actor, now=now, context=context_of(session, teller), **more)


async def test_rounds_are_made_once_a_turn_for_every_grid(store: Store) -> None:
    assert await store.write(lambda s: make(s, MORNING)) == 5
    assert await store.write(lambda s: make(s, MORNING + timedelta(minutes=1))) == 0
    assert await store.read(lambda s: due(s, "operator", MORNING)) == [
        ("TWICE", "G1", 1, "W1"),
        ("EACH", "G1", 1, "W1"),
        ("TWICE", "G1", 2, "W1"),
        ("EACH", "G2", 1, "W2"),
        ("WEEK", "G3", 1, "W3"),
    ]
    assert await store.write(lambda s: make(s, MORNING + DAY)) == 4


async def test_nothing_is_due_on_a_day_off_and_nothing_that_is_too_late(store: Store) -> None:
    sunday, evening = MORNING - DAY, MORNING + timedelta(hours=10)

    assert await store.write(lambda s: make(s, sunday)) == 2
    assert await store.write(lambda s: make(s, evening)) == 1
    assert await store.read(lambda s: due(s, "operator", evening)) == [("WEEK", "G3", 1, "W3")]


@pytest.mark.parametrize(
    ("actor", "seen"),
    [("W1", {"G1"}), ("W2", {"G2"}), ("LAMP-1", {"G1", "G2", "G3"}), ("K1", {"G1", "G2", "G3"}), ("W4", set())],
)
async def test_everybody_sees_the_rounds_of_their_own_grids(store: Store, actor: str, seen: set[str]) -> None:
    await store.write(lambda s: make(s, MORNING))

    assert {area for _, area, _, _ in await store.read(lambda s: due(s, actor, MORNING))} == seen


async def test_all_well_is_recorded_and_what_nobody_went_is_missed_by_day_and_worker(store: Store) -> None:
    await store.write(lambda s: make(s, MORNING))
    first = await store.read(lambda s: s.execute(select(PatrolRound.id).where(PatrolRound.sheet == "TWICE", PatrolRound.turn == 1)).scalar_one())  # fmt: skip
    await store.write(lambda s: record(s, first, now=MORNING))
    each = await store.read(lambda s: s.execute(select(PatrolRound.id).where(PatrolRound.sheet == "EACH", PatrolRound.area == "G1")).scalar_one())  # fmt: skip
    late = await store.write(lambda s: record(s, each, now=NOON + DAY))

    def read(session: Session) -> Any:
        org = context_of(session, teller).org
        found = patrols.list_missed(session, actor="operator", since=NOON.date(), until=NOON.date(), now=NOON + DAY, org=org)
        return [(one.worker, one.due, [(each.sheet, each.turn, each.late) for each in one.missed]) for one in found]

    assert late.round.late
    assert await store.read(read) == [("W1", 3, [("EACH", 1, True), ("TWICE", 2, False)]), ("W2", 1, [("EACH", 1, False)])]


@pytest.mark.parametrize(("hour", "outside"), [(15, True), (21, False)])
async def test_a_round_outside_of_its_hours_is_taken_and_whoever_reads_the_rounds_is_told(
    store: Store, hour: int, outside: bool
) -> None:
    evening = MORNING + timedelta(hours=hour - 9)

    def write(session: Session) -> None:
        sheet = {"name": "夜间巡查", "area": "G3", "items": ["消防通道"], "rhythm": "daily", "days": "all"}
        session.add(PatrolSheetRow(code="NIGHT", hours="20:00-23:00", **sheet))

    await store.write(write)
    await store.write(lambda s: make(s, MORNING))
    number = await store.read(lambda s: s.execute(select(PatrolRound.id).where(PatrolRound.sheet == "NIGHT")).scalar_one())
    done = (await store.write(lambda s: record(s, number, actor="W3", now=evening))).round

    def read(session: Session) -> list[tuple[str, bool]]:
        org = context_of(session, teller).org
        found = patrols.list_missed(session, actor="W3", since=NOON.date(), until=NOON.date(), now=evening + DAY, org=org)
        return [(each.sheet, each.outside) for one in found for each in one.missed if each.sheet == "NIGHT"]

    assert (done.hours, done.outside, done.late) == ("20:00-23:00", outside, False)
    assert await store.read(read) == ([("NIGHT", True)] if outside else [])


async def test_what_is_found_is_a_ticket_with_the_place_and_the_second_time_joins_it(store: Store) -> None:
    await store.write(lambda s: make(s, MORNING))
    await store.write(
        lambda s: record(s, 1, found=[found_lamp()], fixed=[Fixed(text="给13812345678挪了车", place="3号楼", item="消防通道")])
    )
    await store.write(lambda s: record(s, 1, found=[found_lamp()]))

    def read(session: Session) -> Any:
        ticket = session.execute(select(Ticket)).scalar_one()
        spot = session.execute(select(SpotRecord)).scalar_one()
        findings = session.execute(select(PatrolFinding.item, PatrolFinding.ticket)).all()
        said = (ticket.area, ticket.public_place, ticket.reporter_staff, ticket.source, ticket.channel, ticket.resident_id)
        return (
            said,
            [tuple(row) for row in findings],
            (spot.area, spot.worker, spot.item, "13812345678" in spot.text),
            ticket.number,
        )

    said, findings, spot, number = await store.read(read)
    assert said == ("G1", "柳树街12号", "W1", "patrol", "patrol", NOBODY)
    assert findings == [("路面", number)] * 2
    assert spot == ("G1", "W1", "消防通道", False)
    assert ("unit_dispatched", "D-works") in teller.take()


async def test_nobody_records_in_a_grid_that_is_not_theirs(store: Store) -> None:
    await store.write(lambda s: make(s, MORNING))

    with pytest.raises(NotYours):
        await store.write(lambda s: record(s, 1, actor="W2"))
    with pytest.raises(UnknownWork):
        await store.write(lambda s: record(s, 999))
    assert await store.read(lambda s: s.execute(select(func.count()).where(PatrolRound.done_at.is_not(None))).scalar_one()) == 0


async def test_what_was_solved_on_the_spot_counts_also_after_the_grids_merge(store: Store) -> None:
    def solve(session: Session) -> None:
        context = context_of(session, teller)
        for grid, actor in (("G1", "W1"), ("G1", "W1"), ("G2", "W2")):
            patrols.solve_on_spot(session, grid, Fixed(text="扶起单车"), actor=actor, now=NOON, context=context)

    def merge(session: Session) -> None:
        context = context_of(session, teller)
        plan = make_plan(session, MergeGrids(into="G2", others=("G1",)), context=context)
        carry_out(session, plan, actor="operator", now=NOON, context=context)

    def count(session: Session) -> list[tuple[str, str, int]]:
        org = context_of(session, teller).org
        found = patrols.count_spots(session, actor="operator", since=NOON.date(), until=NOON.date(), org=org)
        return [(one.area, one.worker, one.count) for one in found]

    await store.write(solve)
    assert await store.read(count) == [("G1", "W1", 2), ("G2", "W2", 1)]
    await store.write(merge)
    assert await store.read(count) == [("G2", "W1", 2), ("G2", "W2", 1)]


@pytest.fixture
async def heating(store: Store) -> Store:
    def write(session: Session) -> None:
        plan = {"starts": "03-20", "ends": "04-30", "lead_days": 30, "areas": ["C1", "G3"], "items": ["雨水口", "地下室"]}
        session.add(SeasonPlanRow(code="FLOOD", name="防汛", **plan))
        session.add(SeasonPlanRow(code="LATER", name="供暖", **plan | {"starts": "11-15", "ends": "03-01"}))

    await store.write(write)
    return store


async def test_every_grid_gets_its_task_before_the_season_once(heating: Store) -> None:
    assert await heating.write(lambda s: give(s, NOON)) == 3
    assert await heating.write(lambda s: give(s, NOON + DAY)) == 0

    def read(session: Session) -> Any:
        rows = session.execute(
            select(SeasonTask.area, SeasonTask.worker, SeasonTask.year, SeasonTask.due_at).order_by(SeasonTask.area)
        )
        return [tuple(row) for row in rows]

    due_at = datetime(2026, 3, 19, 16, 0, tzinfo=UTC)
    assert await heating.read(read) == [("G1", "W1", 2026, due_at), ("G2", "W2", 2026, due_at), ("G3", "W3", 2026, due_at)]


async def test_what_is_not_done_when_the_season_begins_is_told_once_to_the_desk(heating: Store) -> None:
    await heating.write(lambda s: give(s, NOON))
    april = NOON + 30 * DAY

    def act(session: Session, task: int, **more: Any) -> season_tasks.TaskFacts:
        return season_tasks.record_task(session, task, actor=f"W{task}", now=NOON, context=context_of(session, teller), **more)[0]

    def undone(session: Session, actor: str) -> list[tuple[str, tuple[str, ...]]]:
        found = season_tasks.list_open(session, actor=actor, org=context_of(session, teller).org, overdue_at=april)
        return [(one.area, one.left) for one in found]

    part = await heating.write(lambda s: act(s, 1, items=["雨水口"], found=[found_lamp()]))
    whole = await heating.write(lambda s: act(s, 2))
    with pytest.raises(UnknownCheck):
        await heating.write(lambda s: act(s, 3, items=["屋顶"]))
    with pytest.raises(NotYours):
        await heating.write(lambda s: season_tasks.record_task(s, 1, actor="W2", now=NOON, context=context_of(s, teller)))

    assert (part.left, part.done_at, whole.left, whole.done_by) == (("地下室",), None, (), "W2")
    assert await heating.read(lambda s: undone(s, "K1")) == [("G1", ("地下室",)), ("G3", ("雨水口", "地下室"))]
    assert await heating.read(lambda s: undone(s, "W1")) == [("G1", ("地下室",))]
    assert await heating.read(lambda s: s.execute(select(Ticket.source)).scalar_one()) == "plan"
    teller.take()
    for _ in range(2):
        await heating.write(lambda s: season_tasks.tell_undone(s, now=april, context=context_of(s, teller)))
    assert teller.take() == [("desk_plan_undone", "S1-desk")]


async def test_before_its_season_a_plan_tells_nobody(heating: Store) -> None:
    await heating.write(lambda s: give(s, NOON))

    assert await heating.write(lambda s: season_tasks.tell_undone(s, now=NOON, context=context_of(s, teller))) == 0
    assert teller.take() == []
