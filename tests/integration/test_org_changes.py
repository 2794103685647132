"""Changes of the organisation: everything follows, nothing is lost, nothing is left without an owner, and twice is as good as once."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from knowledge_base import entries
from routing import holdings, listing, org_rows
from routing.grid_splitting import Part
from routing.grid_tables import PatrolSheetRow, SeasonPlanRow
from routing.org_changes import ChangeRefused, MergeGrids, MoveWorker, RetireUnit, SplitGrid, carry_out, make_plan
from routing.sight import OPERATOR, Viewer
from routing.tables import AreaRow, GroupRow, PlaceTableRow, StaffRow, Ticket, TicketEvent, UnitRow
from routing.terms import Level, UnitKind
from tests.grid_town import context_of, write_town, write_work
from tests.office import NOON, Teller

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from routing.org import OrgChart
    from routing.org_changes import Change
    from routing.reorganising import Plan
    from store.engine import Store

teller = Teller()
SPLIT = SplitGrid(
    grid="G1",
    parts=(
        Part(code="G1a", name="柳树东格", households=320, places=("柳树街#1-50", "安泰花园"), workers=("W1",)),
        Part(code="G1b", name="柳树西格", households=350, places=("柳树街#51-99odd", "安泰花园/4号楼"), workers=("W5",)),
    ),
)
TABLES = sorted({column.table for column in holdings.COLUMNS}, key=lambda table: table.__tablename__)


@pytest.fixture
async def store(store: Store) -> Store:
    teller.notices.clear()
    await store.write(write_town)
    await store.write(lambda s: write_work(s, context_of(s, teller)))
    teller.notices.clear()
    return store


def do(session: Session, change: Change) -> Plan:
    context = context_of(session, teller)
    plan = make_plan(session, change, context=context)
    carry_out(session, plan, actor="operator", now=NOON, context=context)
    return plan


def troubles(session: Session, change: Change) -> list[tuple[str, dict[str, str]]]:
    plan = make_plan(session, change, context=context_of(session, teller))
    return [(trouble.key, trouble.facts) for trouble in plan.troubles]


def areas_of(session: Session, table: Any, *where: Any, column: str = "area") -> list[str]:
    key = table.__table__.c["code" if "code" in table.__table__.c else "id"]
    return list(session.execute(select(table.__table__.c[column]).where(*where).order_by(key)).scalars())


async def test_a_grid_is_split_and_everything_goes_where_it_lies(store: Store) -> None:
    plan = await store.write(lambda s: do(s, SPLIT))

    def read(session: Session) -> Any:
        places = select(
            PlaceTableRow.name, PlaceTableRow.number_from, PlaceTableRow.number_to, PlaceTableRow.parity, PlaceTableRow.area
        )
        rows = session.execute(places.where(PlaceTableRow.area.in_(["G1", "G1a", "G1b"])).order_by(*places.selected_columns))
        return (
            [tuple(row) for row in rows],
            areas_of(session, Ticket),
            [tuple(row) for row in session.execute(select(GroupRow.grid, GroupRow.worker).order_by(GroupRow.code))],
            [tuple(row) for row in session.execute(select(PatrolSheetRow.code, PatrolSheetRow.area).order_by(PatrolSheetRow.code))],
            session.get_one(SeasonPlanRow, "SP-1").areas,
            [(one.code, one.area) for one in entries.load_all(session)],
        )

    rows, tickets, groups, sheets, areas, known = await store.read(read)

    assert rows == [
        ("3号楼", None, None, "all", "G1a"),
        ("4号楼", None, None, "all", "G1b"),
        ("安泰花园", None, None, "all", "G1a"),
        ("柳树街", 1, 49, "odd", "G1a"),
        ("柳树街", 2, 40, "even", "G1a"),
        ("柳树街", 51, 99, "odd", "G1b"),
    ]
    assert tickets == ["G1a", "G1b", "G1a", "G2", "G3"]
    assert groups == [("G1a", "W1"), ("G2", "W2"), ("G3", "W3")]
    assert ("PS-G1", "G1a") in sheets
    assert ("PS-G1@G1b", "G1b") in sheets
    assert areas == ["G1a", "C2", "G1b"]
    assert known == [("K-1", "G1a"), ("K-1@G1b", "G1b")]
    default = {(move.held.table, move.held.name) for move in plan.moves if move.by_default}
    assert ("ticket", "20260302-0003") in default
    assert ("ticket", "20260302-0001") not in default
    assert teller.take() == []


async def test_what_was_split_still_answers_to_its_old_code(store: Store) -> None:
    await store.write(lambda s: do(s, SPLIT))
    org = await store.read(org_rows.load_org)

    assert org.standing_area("G1") == "G1a"
    assert org.chain("G1") == ("G1a", "C1", "S1", "D")
    assert "G1" not in org.areas
    assert org.standing_area("nowhere") == "nowhere"


async def test_the_old_code_may_stay_with_one_part(store: Store) -> None:
    parts = (Part(code="G1", name="柳树一格", households=300, places=SPLIT.parts[0].places, workers=("W1",)), SPLIT.parts[1])
    change = SplitGrid(grid="G1", parts=parts)
    await store.write(lambda s: do(s, change))

    assert await store.read(lambda s: areas_of(s, Ticket)) == ["G1", "G1b", "G1", "G2", "G3"]
    assert await store.read(lambda s: org_rows.load_org(s).standing_area("G1")) == "G1"
    assert (await store.read(lambda s: make_plan(s, change, context=context_of(s, teller)))).is_empty


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ((Part(code="G1a", name="东", places=("柳树街", "安泰花园"), workers=("W1",)),
          Part(code="G1b", name="西", places=(), workers=())), [("no_worker", {"name": "西"})]),
        ((Part(code="G1a", name="东", places=("柳树街",), workers=("W1",)), Part(code="G1b", name="西", workers=("W5",))),
         [("place_left", {"place": "安泰花园"}), ("place_left", {"place": "安泰花园/3号楼"}), ("place_left", {"place": "安泰花园/4号楼"})]),
        ((Part(code="G1a", name="东", places=("柳树街#1-60", "安泰花园"), workers=("W1",)),
          Part(code="G1b", name="西", places=("柳树街#51-99odd",), workers=("W5",))), [("place_twice", {"place": "柳树街#1-99odd"})]),
        ((Part(code="G1a", name="东", places=("柳树街#1-30", "安泰花园"), workers=("W1",)),
          Part(code="G1b", name="西", places=("柳树街#51-99odd", "梨树路"), workers=("W5",))),
         [("numbers_wrong", {"place": "柳树街#1-99odd"}), ("numbers_wrong", {"place": "柳树街#2-40even"}), ("no_place_row", {"place": "梨树路"})]),
        ((Part(code="G2", name="东", places=("柳树街", "安泰花园"), workers=("W1",)),), [("code_taken", {"code": "G2"})]),
        ((Part(code="G1a", name="东", places=("柳树街", "安泰花园"), workers=("W1", "W2")),
          Part(code="G1b", name="西", workers=("W5",))), [("not_the_grids", {"code": "W2"})]),
    ],
)  # fmt: skip
async def test_a_split_that_leaves_something_is_refused_and_says_what(store: Store, parts: Any, found: Any) -> None:
    change = SplitGrid(grid="G1", parts=parts)
    before = await store.read(count_rows)

    assert sorted(await store.read(lambda s: troubles(s, change)), key=str) == sorted(found, key=str)
    with pytest.raises(ChangeRefused):
        await store.write(lambda s: do(s, change))
    assert await store.read(count_rows) == before


async def test_grids_merge_and_the_one_that_stays_has_all(store: Store) -> None:
    change = MergeGrids(into="G2", others=("G1",), name="柳树大格")
    await store.write(lambda s: do(s, change))

    def read(session: Session) -> Any:
        area = session.get_one(AreaRow, "G2")
        people = sorted(session.execute(select(StaffRow.code).where(StaffRow.area == "G2")).scalars())
        return area.name, area.aliases, people, areas_of(session, Ticket), session.get_one(AreaRow, "G1").successor

    assert await store.read(read) == (
        "柳树大格",
        ["柳树一格"],
        ["W1", "W2", "W5"],
        ["G2", "G2", "G2", "G2", "G3"],
        "G2",
    )
    assert (await store.read(lambda s: make_plan(s, change, context=context_of(s, teller)))).is_empty


async def test_what_cannot_be_merged_is_said(store: Store) -> None:
    def read(session: Session) -> Any:
        return [troubles(session, MergeGrids(into=into, others=others)) for into, others in (("G1", ("G3",)), ("G1", ("G1",)), ("C1", ("G1",)), ("G1", ("G9",)))]  # fmt: skip

    assert await store.read(read) == [
        [("other_parent", {"name": "桃园一格", "other": "柳树一格"})],
        [("same_code", {"code": "G1"})],
        [("not_a_grid", {"name": "柳树社区"}), ("other_parent", {"name": "柳树一格", "other": "柳树社区"})],
        [("unknown_area", {"code": "G9"})],
    ]


async def test_a_worker_moves_and_another_looks_after_what_was_theirs(store: Store) -> None:
    await store.write(lambda s: do(s, MoveWorker(worker="W1", to="G2")))

    def read(session: Session) -> Any:
        worker = session.get_one(StaffRow, "W1")
        drafts = holdings.list_held(session, staff=["W1", "W5"])
        return (
            worker.area,
            worker.unit,
            session.get_one(GroupRow, "wr-G1").worker,
            sorted({(one.table, one.code) for one in drafts}),
        )

    assert await store.read(read) == (
        "G2",
        "C1-jwh",
        "W5",
        [("group_draft", "W5"), ("patrol_round", "W5"), ("resident_group", "W5"), ("season_task", "W5")],
    )


async def test_two_workers_change_places_and_their_units(store: Store) -> None:
    await store.write(lambda s: do(s, MoveWorker(worker="W2", to="G3", successor="W3")))

    def read(session: Session) -> Any:
        rows = session.execute(select(StaffRow.code, StaffRow.area, StaffRow.unit).where(StaffRow.code.in_(["W2", "W3"])))
        return sorted(rows), [session.get_one(GroupRow, f"wr-{grid}").worker for grid in ("G2", "G3")]

    assert await store.read(read) == ([("W2", "G3", "C2-jwh"), ("W3", "G2", "C1-jwh")], ["W3", "W2"])


async def test_no_grid_is_left_without_its_worker(store: Store) -> None:
    def read(session: Session) -> Any:
        changes = (MoveWorker(worker="W2", to="G1"), MoveWorker(worker="W1", to="C1"), MoveWorker(worker="W9", to="G1"), MoveWorker(worker="W1", to="G4", successor="W4", unit="X"))  # fmt: skip
        return [troubles(session, change) for change in changes]

    assert await store.read(read) == [
        [("no_worker", {"name": "柳树二格"})],
        [("not_a_grid", {"name": "柳树社区"})],
        [("unknown_staff", {"code": "W9"})],
        [("unknown_unit", {"code": "X"})],
    ]


async def test_only_a_grid_worker_looks_after_a_grid_that_had_one(store: Store) -> None:
    def read(session: Session) -> Any:
        session.add(StaffRow(code="LX", name="楼栋管家", role="liaison", unit="C1-jwh", area="G2"))
        session.flush()
        changes = (MoveWorker(worker="W2", to="G1", successor="LX"), MoveWorker(worker="LX", to="G1", successor="W2"))
        return [troubles(session, change) for change in changes]

    assert await store.write(read) == [[("not_a_worker", {"name": "楼栋管家"})], []]


async def test_of_what_is_no_more_it_is_said_what_followed(store: Store) -> None:
    await store.write(lambda s: do(s, MergeGrids(into="G2", others=("G1",))))
    await store.write(lambda s: do(s, RetireUnit(unit="D-works", successor="D-law")))

    def read(session: Session) -> Any:
        law = session.get_one(UnitRow, "D-law").name
        changes = (
            MergeGrids(into="G1", others=("G2",)),
            MoveWorker(worker="W3", to="G1"),
            SplitGrid(grid="G1", parts=()),
            RetireUnit(unit="D-works", successor="S1-law"),
            RetireUnit(unit="S1-law", successor="D-works"),
        )
        area = [("retired", {"code": "G1", "name": "柳树二格", "heir": "G2"})]
        unit = [("retired", {"code": "D-works", "name": law, "heir": "D-law"})]
        return [troubles(session, change) for change in changes], [area, area, area, unit, unit]

    found, said = await store.read(read)
    assert found == said


async def test_a_unit_retires_and_its_successor_has_all_of_it_with_the_same_time(store: Store) -> None:
    due = await store.read(lambda s: areas_of(s, Ticket, column="due_at"))
    await store.write(lambda s: do(s, RetireUnit(unit="D-works", successor="D-law")))

    def read(session: Session) -> Any:
        heir = session.get_one(UnitRow, "D-law")
        events = session.execute(select(TicketEvent.facts).where(TicketEvent.act == "move")).scalars().all()
        staff = session.get_one(StaffRow, "LAMP-1").unit
        return (
            heir.functions,
            staff,
            set(areas_of(session, Ticket, column="unit")),
            events,
            areas_of(session, Ticket, column="due_at"),
        )

    functions, staff, units, events, later = await store.read(read)
    assert functions == ["综合执法", "市政养护", "路灯照明"]
    assert (staff, units) == ("D-law", {"D-law"})
    assert events == [{"unit": ["D-works", "D-law"]}] * 5
    assert later == due
    assert teller.take() == [("unit_moved", "D-law")] * 5


async def test_whoever_was_stationed_at_what_becomes_their_own_unit_is_there_for_good(store: Store) -> None:
    def read(session: Session) -> tuple[str, str]:
        person = session.get_one(StaffRow, "LAW-9")
        return person.unit, person.stationed

    await store.write(lambda s: do(s, RetireUnit(unit="S1-law", successor="S1-office")))
    assert await store.read(read) == ("D-law", "S1-office")
    await store.write(lambda s: do(s, RetireUnit(unit="S1-office", successor="D-law")))
    assert await store.read(read) == ("D-law", "")


async def test_whoever_followed_sees_what_was_closed_before(store: Store) -> None:
    def close(session: Session) -> None:
        for ticket in session.execute(select(Ticket)).scalars():
            ticket.status = "closed"

    def count(session: Session, viewer: Viewer) -> int:
        return len(listing.list_tickets(session, org=org_rows.load_org(session), now=NOON, viewer=viewer).lines)

    await store.write(close)
    await store.write(lambda s: do(s, RetireUnit(unit="D-works", successor="D-law")))
    await store.write(lambda s: do(s, RetireUnit(unit="S1-desk", successor="D-desk")))

    viewers = (OPERATOR, Viewer("unit", "D-law"), Viewer("desk", "D-desk"), Viewer("unit", "D-gas"))
    assert [await store.read(lambda s, one=viewer: count(s, one)) for viewer in viewers] == [5, 5, 5, 0]
    assert set(await store.read(lambda s: areas_of(s, Ticket, column="unit"))) == {"D-works"}


async def test_a_successor_that_may_not_have_a_matter_is_refused(store: Store) -> None:
    def accuse(session: Session) -> None:
        session.execute(select(Ticket).order_by(Ticket.id).limit(1)).scalar_one().refused = ["D-law"]

    assert await store.read(lambda s: troubles(s, RetireUnit(unit="D-works", successor="C1-jwh"))) == [
        ("wrong_level", {"numbers": "、".join(f"20260302-000{number}" for number in range(1, 6)), "name": "柳树社区居委会"})
    ]
    await store.write(accuse)
    assert await store.read(lambda s: troubles(s, RetireUnit(unit="D-works", successor="D-law"))) == [
        ("about_successor", {"numbers": "20260302-0001", "name": "东湖区执法局"})
    ]
    assert await store.read(lambda s: troubles(s, RetireUnit(unit="D-works", successor="D-desk"))) == [
        ("not_of_kind", {"one": "东湖区市政中心", "other": "东湖区指挥室"})
    ]


async def test_whoever_a_matter_was_about_never_sees_it_under_another_name(store: Store) -> None:
    def accuse(session: Session) -> None:
        ticket = session.execute(select(Ticket).order_by(Ticket.id).limit(1)).scalar_one()
        ticket.refused, ticket.status = ["S1-law"], "closed"

    await store.write(accuse)
    await store.write(lambda s: do(s, RetireUnit(unit="S1-law", successor="S1-office")))

    def seen(session: Session) -> int:
        page = listing.list_tickets(session, org=org_rows.load_org(session), now=NOON, viewer=Viewer("unit", "C1-jwh"))
        return len([line for line in page.lines if line.number == "20260302-0001"])

    assert await store.read(seen) == 0


def count_rows(session: Session) -> dict[str, int]:
    """Count what may neither grow nor shrink: tickets, people, groups, drafts, talks, messages."""
    kept = ("ticket", "staff", "resident_group", "group_draft", "seat_talk", "outbox_message", "incident", "ticket_task")
    tables = [table for table in TABLES if table.__tablename__ in kept]
    return {table.__tablename__: session.execute(select(func.count()).select_from(table)).scalar_one() for table in tables}


def find_lost(session: Session) -> list[str]:
    """Find what points at an area, unit or person that is no more, and grids that lost their last worker."""
    org = org_rows.load_org(session)
    held = [
        *holdings.list_held(session, areas=org.former_areas, units=org.former_units),
        *(row for row in holdings.list_held(session, staff=org.staff) if row.where and org.staff[row.code].area != row.where),
    ]
    shifts = [desk for desk in org.shifts if desk not in org.units]
    return [f"{row.table}.{row.column} {row.key} {row.code} {row.where}" for row in held] + shifts + sorted(unmanned(org))


def unmanned(org: OrgChart) -> set[str]:
    return {area.code for area in org.areas.values() if area.level is Level.GRID and org.grid_worker_of(area.code) is None}


def list_numbers(session: Session) -> list[tuple[str, str, int]]:
    """List every house number of every place of the town, whatever grid it lies in."""
    rows = session.execute(select(PlaceTableRow)).scalars()
    return sorted((row.name, row.parent, number) for row in rows for number in numbers_of(row))


def numbers_of(row: PlaceTableRow) -> Iterator[int]:
    for number in range(row.number_from or 0, (row.number_to or 0) + 1):
        if row.parity == "all" or (number % 2 == 1) is (row.parity == "odd"):
            yield number


def draw(chance: random.Random, session: Session, number: int) -> Change:
    """Draw a change of the organisation as it stands; many of them will be refused."""
    org = org_rows.load_org(session)
    grids = sorted(area.code for area in org.areas.values() if area.level is Level.GRID)
    workers = sorted(one.code for one in org.staff.values() if one.role == "grid_worker")
    kind = chance.choice(("split", "merge", "merge", "move", "move", "retire"))
    grid = chance.choice(grids)
    if kind == "split":
        mine = [one.code for one in org.staff_of(area=grid, role="grid_worker")]
        names = sorted(
            set(session.execute(select(PlaceTableRow.name).where(PlaceTableRow.area == grid, PlaceTableRow.parent == "")).scalars())
        )
        into = chance.randint(0, len(names))
        parts = (
            Part(code=f"N{number}a", name=f"新格{number}甲", places=tuple(names[:into]), workers=tuple(mine[:1])),
            Part(code=f"N{number}b", name=f"新格{number}乙", places=tuple(names[into:]), workers=tuple(mine[1:])),
        )
        return SplitGrid(grid=grid, parts=parts)
    if kind == "merge":
        return MergeGrids(into=grid, others=tuple(chance.sample(grids, 1)))
    if kind == "move":
        successor = chance.choice(["", *workers])
        return MoveWorker(worker=chance.choice(workers), to=grid, successor=successor, unit=chance.choice(["", "C1-jwh"]))
    units = sorted(unit.code for unit in org.units.values() if unit.kind is not UnitKind.COMMUNITY)
    return RetireUnit(unit=chance.choice(units), successor=chance.choice(units))


@pytest.mark.parametrize("seed", range(3))
async def test_after_any_changes_nothing_is_lost_and_nothing_points_at_what_is_no_more(
    store: Store, seed: int, request: pytest.FixtureRequest
) -> None:
    deep = request.config.getoption("--deep")
    chance = random.Random(seed)
    counts, numbers = await store.read(count_rows), await store.read(list_numbers)
    done = 0
    for number in range(200 if deep else 24):
        change = await store.read(lambda s, one=number: draw(chance, s, one))
        plan = await store.read(lambda s, one=change: make_plan(s, one, context=context_of(s, teller)))
        if plan.troubles:
            continue
        await store.write(lambda s, one=change: do(s, one))
        done += not plan.is_empty

        assert await store.read(find_lost) == [], change
        assert await store.read(count_rows) == counts
        assert await store.read(list_numbers) == numbers
        assert (await store.read(lambda s, one=change: make_plan(s, one, context=context_of(s, teller)))).is_empty, change
    assert done > 1
