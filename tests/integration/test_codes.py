"""Codes on doors, buildings and contact cards: made once, found again, revoked for good, counted without anybody in it; they follow every change."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from routing import codes, org_rows
from routing.code_tables import BuildingContent, CodeScan, PlaceCode
from routing.codes import NoCode, NoCodeArea, NoCodePlace, NoCodeWorker, Target, Wanted
from routing.grid_splitting import Part
from routing.importers import discover
from routing.org_changes import MergeGrids, MoveWorker, SplitGrid, carry_out, make_plan
from routing.tables import StaffRow
from store.audit import AuditEntry
from tests.grid_town import context_of, write_town
from tests.office import NOON, Teller

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sqlalchemy.orm import Session

    from routing.org_changes import Change
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

TODAY = date(2026, 3, 2)
THREE, FOUR = (Target(kind="building", area="G1", name="安泰花园", building=f"{number}号楼") for number in (3, 4))
DOOR = Target(kind="door", area="G1", name="安泰花园", building="4号楼", door="2单元501")
W1, W5 = (Target(kind="worker", area="G1", worker=worker) for worker in ("W1", "W5"))
HEADER = "estate,building,kind,title,text,phone,position\n"


@pytest.fixture
async def store(store: Store) -> Store:
    await store.write(write_town)
    return store


def make(session: Session, targets: Iterable[Target]) -> list[str]:
    made = codes.make(session, targets, by="OP-1", now=NOON, org=org_rows.load_org(session))
    return [codes.sign_code(session, row) for row in made.codes]


def bulk(session: Session, area: str, kind: Any = "building") -> tuple[list[tuple[str, str, str]], int]:
    org = org_rows.load_org(session)
    made = codes.make(session, codes.list_targets(session, area, kind=kind, org=org), by="OP-1", now=NOON, org=org)
    return [(row.area, row.label, row.worker) for row in made.codes], made.standing


def standing(session: Session) -> list[tuple[str, str, str]]:
    rows = session.execute(select(PlaceCode).order_by(PlaceCode.id)).scalars()
    return [(row.label, row.area, row.worker) for row in rows]


def change(session: Session, asked: Change) -> None:
    context = context_of(session, Teller())
    carry_out(session, make_plan(session, asked, context=context), actor="operator", now=NOON, context=context)


async def test_every_building_of_an_area_gets_one_code_and_twice_is_as_good_as_once(store: Store) -> None:
    made = [("G1", "安泰花园3号楼", ""), ("G1", "安泰花园4号楼", ""), ("G2", "杏花里", "")]

    assert await store.write(lambda s: bulk(s, "C1")) == (made, 0)
    assert await store.write(lambda s: bulk(s, "C1")) == ([], 3)


async def test_every_worker_of_an_area_gets_a_card(store: Store) -> None:
    assert await store.write(lambda s: bulk(s, "G1", "worker")) == ([("G1", "", "W1"), ("G1", "", "W5")], 0)


async def test_what_no_code_can_stand_for_is_refused_and_nothing_is_made(store: Store) -> None:
    wrong: list[tuple[Target, type[Exception]]] = [
        (Target(kind="building", area="G1"), NoCodePlace),
        (Target(kind="door", area="G1", name="安泰花园"), NoCodePlace),
        (Target(kind="building", area="G1", name="安泰花园", door="501"), NoCodePlace),
        (Target(kind="building", area="nowhere", name="安泰花园"), NoCodeArea),
        (Target(kind="worker", area="G1", worker="LAMP-1"), NoCodeWorker),
        (Target(kind="worker", area="G1", worker="nobody"), NoCodeWorker),
    ]
    for target, error in wrong:
        with pytest.raises(error):
            await store.write(lambda s, one=target: make(s, [THREE, one]))
    with pytest.raises(NoCodePlace):
        await store.write(lambda s: bulk(s, "G1", "door"))
    with pytest.raises(NoCodeArea):
        await store.write(lambda s: bulk(s, "nowhere"))

    assert await store.read(standing) == []


async def test_a_code_leads_to_its_place_until_it_is_revoked_and_a_new_one_is_another(store: Store) -> None:
    def read(session: Session, code: str) -> tuple[str, bool]:
        row = codes.find(session, code)
        return (row.label if row else "", codes.find_valid(session, code) is not None)

    old, door = await store.write(lambda s: make(s, [THREE, DOOR]))
    assert [await store.read(lambda s, one=code: read(s, one)) for code in (old, door)] == [
        ("安泰花园3号楼", True),
        ("安泰花园4号楼2单元501", True),
    ]
    for _ in range(2):
        await store.write(lambda s: codes.revoke(s, 1, by="OP-1", now=NOON))
    [new] = await store.write(lambda s: make(s, [THREE]))

    assert new != old
    assert await store.read(lambda s: read(s, old)) == ("安泰花园3号楼", False)
    assert await store.read(lambda s: read(s, new)) == ("安泰花园3号楼", True)
    with pytest.raises(NoCode):
        await store.write(lambda s: codes.revoke(s, 99, by="OP-1", now=NOON))


async def test_a_code_of_a_database_that_was_begun_anew_leads_nowhere(store: Store) -> None:
    [old] = await store.write(lambda s: make(s, [DOOR]))

    def begin_anew(session: Session) -> None:
        session.delete(session.get_one(PlaceCode, 1))
        session.flush()
        session.add(
            PlaceCode(id=1, nonce="00000000", kind="door", area="G2", name="杏花里", door="101", made_at=NOON, made_by="OP-1")
        )

    await store.write(begin_anew)

    assert await store.read(lambda s: codes.find(s, old)) is None


async def test_scans_are_counted_by_code_and_day_and_those_of_a_door_by_month(store: Store) -> None:
    def scan(session: Session, number: int, day: date) -> None:
        codes.count_scan(session, codes.get(session, number), today=day)

    await store.write(lambda s: make(s, [THREE, DOOR]))
    for number in (1, 2):
        for days in (0, 0, 1, 60):
            await store.write(lambda s, one=number, ago=days: scan(s, one, TODAY - timedelta(days=ago)))

    def read(session: Session) -> list[tuple[int, date, int]]:
        rows = session.execute(select(CodeScan).order_by(CodeScan.code_id, CodeScan.day)).scalars()
        return [(row.code_id, row.day, row.count) for row in rows]

    assert await store.read(read) == [
        (1, date(2026, 1, 1), 1),
        (1, date(2026, 3, 1), 1),
        (1, TODAY, 2),
        (2, date(2026, 1, 1), 1),
        (2, date(2026, 3, 1), 3),
    ]
    assert {column.name for column in CodeScan.__table__.columns} == {"code_id", "day", "count"}
    assert await store.read(lambda s: codes.read_scans(s, [1, 2, 3], today=TODAY)) == {1: (4, 3), 2: (4, 3)}


async def test_codes_are_listed_by_area_kind_and_words(store: Store) -> None:
    await store.write(lambda s: bulk(s, "C1"))
    await store.write(lambda s: make(s, [DOOR, W1]))
    await store.write(lambda s: codes.revoke(s, 3, by="OP-1", now=NOON))
    await store.write(lambda s: codes.note_printed(s, codes.list_numbered(s, [1, 3]), by="OP-1", now=NOON))

    async def ask(**asked: Any) -> list[int]:
        def read(session: Session) -> list[int]:
            return [row.id for row in codes.list_codes(session, Wanted(**asked), org=org_rows.load_org(session), limit=9)]

        return await store.read(read)

    assert await ask() == [1, 2, 4, 5]
    assert await ask(area="G2") == []
    assert await ask(area="C1", kind="building") == [1, 2]
    assert await ask(words="501") == [4]
    assert await ask(words="%") == []
    assert await ask(words="W1") == [5]
    assert await ask(revoked=True) == [3]
    assert await ask(unprinted=True) == [2, 4, 5]


async def test_what_was_done_with_codes_is_in_the_audit(store: Store) -> None:
    await store.write(lambda s: make(s, [THREE, FOUR]))
    await store.write(lambda s: codes.revoke(s, 2, by="OP-2", now=NOON))
    await store.write(lambda s: codes.note_printed(s, codes.list_numbered(s, [1, 2]), by="OP-1", now=NOON))
    entries = await store.read(lambda s: list(s.execute(select(AuditEntry).order_by(AuditEntry.id)).scalars()))

    assert [(one.actor, one.action, one.facts) for one in entries] == [
        ("OP-1", "code.make", {"count": 2, "kind": "building"}),
        ("OP-2", "code.revoke", {"kind": "building", "area": "G1"}),
        ("OP-1", "code.print", {"count": 1}),
    ]


async def test_a_split_takes_each_code_to_where_its_place_and_its_worker_go(store: Store) -> None:
    await store.write(lambda s: make(s, [THREE, FOUR, DOOR, W1, W5]))
    await store.write(lambda s: codes.revoke(s, 2, by="OP-1", now=NOON))
    parts = (
        Part(code="G1a", name="柳树东格", households=320, places=("柳树街", "安泰花园"), workers=("W1",)),
        Part(code="G1b", name="柳树西格", households=350, places=("安泰花园/4号楼",), workers=("W5",)),
    )
    await store.write(lambda s: change(s, SplitGrid(grid="G1", parts=parts)))

    assert await store.read(standing) == [
        ("安泰花园3号楼", "G1a", ""),
        ("安泰花园4号楼", "G1", ""),
        ("安泰花园4号楼2单元501", "G1b", ""),
        ("", "G1a", "W1"),
        ("", "G1b", "W5"),
    ]
    assert await store.read(lambda s: codes.list_codes(s, Wanted(area="G1b"), org=org_rows.load_org(s), limit=9)[0].id) == 3


async def test_a_merge_takes_its_codes_along_and_a_card_stays_with_the_grid_that_its_worker_leaves(store: Store) -> None:
    await store.write(lambda s: make(s, [THREE, W1]))
    await store.write(lambda s: change(s, MoveWorker(worker="W1", to="G2", successor="W5")))
    assert await store.read(standing) == [("安泰花园3号楼", "G1", ""), ("", "G1", "W5")]
    await store.write(lambda s: change(s, MergeGrids(into="G2", others=("G1",))))

    assert await store.read(standing) == [("安泰花园3号楼", "G2", ""), ("", "G2", "W5")]


async def test_a_scan_shows_the_work_phone_of_whoever_looks_after_the_place_today(store: Store) -> None:
    def give_phone(session: Session, code: str, phone: str) -> None:
        session.get_one(StaffRow, code).work_phone = phone

    def read(session: Session, number: int) -> Any:
        found = codes.find_contact(codes.get(session, number), org_rows.load_org(session))
        return (found.code, found.phone) if found else None

    await store.write(lambda s: make(s, [THREE, W1]))
    assert [await store.read(lambda s, one=number: read(s, one)) for number in (1, 2)] == [("W1", ""), ("W1", "")]
    await store.write(lambda s: give_phone(s, "W5", "0900-6100777"))
    assert [await store.read(lambda s, one=number: read(s, one)) for number in (1, 2)] == [("W5", "0900-6100777"), ("W1", "")]

    def leave(session: Session, *gone: str) -> None:
        for code in gone:
            session.get_one(StaffRow, code).active = False

    await store.write(lambda s: leave(s, "W1"))
    assert [await store.read(lambda s, one=number: read(s, one)) for number in (1, 2)] == [("W5", "0900-6100777")] * 2
    await store.write(lambda s: leave(s, "W5"))
    assert [await store.read(lambda s, one=number: read(s, one)) for number in (1, 2)] == [None, None]


async def test_content_is_shown_at_its_building_and_its_estate_and_a_new_file_replaces_it(store: Store, tmp_path: Path) -> None:
    importer = discover()["building-content"]

    def load(session: Session, *lines: str) -> Any:
        path = tmp_path / "content.csv"
        path.write_text(HEADER + "\n".join(lines), encoding="utf-8")
        preview = importer.preview(session, path)
        if preview.problems:
            return [(problem.line, problem.key) for problem in preview.problems]
        counts = importer.apply(session, preview)
        return counts.created, counts.changed, counts.unchanged, counts.removed

    def shown(session: Session, number: int) -> list[str]:
        return [one.title for one in codes.list_content(session, codes.get(session, number))]

    other = Target(kind="building", area="G2", name="杏花里")
    await store.write(lambda s: make(s, [THREE, DOOR, other, W1]))
    lines = (
        "安泰花园,,,便民维修,水电小修,0900-6100421,2",
        "安泰花园,,project,加装电梯,年底前,,1",
        "安泰花园,4号楼,notice,停水,周五,,",
    )

    assert await store.write(lambda s: load(s, *lines)) == (3, 0, 0, 0)
    assert await store.write(lambda s: load(s, *lines)) == (0, 0, 3, 0)
    assert [await store.read(lambda s, one=number: shown(s, one)) for number in (1, 2, 3, 4)] == [
        ["加装电梯", "便民维修"],
        ["停水", "加装电梯", "便民维修"],
        [],
        [],
    ]
    assert await store.write(lambda s: load(s, lines[0])) == (0, 0, 1, 2)
    bad = (
        "没有的小区,,,一,二,,",
        "安泰花园,9号楼,,一,二,,",
        "安泰花园,,advert,一,二,,",
        f"安泰花园,,,{'长' * 41},二,,",
        "安泰花园,,,一,,,",
    )
    assert await store.write(lambda s: load(s, *bad)) == [(4, "bad_choice"), (5, "too_long"), (6, "empty")]
    assert await store.write(lambda s: load(s, *bad[:2])) == [(2, "unknown_place"), (3, "unknown_place")]
    assert await store.read(lambda s: list(s.execute(select(BuildingContent.title)).scalars())) == ["便民维修"]
