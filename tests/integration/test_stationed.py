"""派驻: somebody of a department who works in a street acts at both posts, is kept from what is about either, and is seen by both supervisors."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from routing import applying, desk, listing, secrecy
from routing.errors import NotAllowed, NotYours
from routing.history import find, read_facts
from routing.importers import discover
from routing.org import StaffMember, build
from routing.org_rows import load_org
from routing.sight import Sight, Viewer, decide
from routing.tables import AreaRow, UnitRow
from tests.office import NOON, OFFICERS, Teller, build_context, report_lamp
from tests.town import AREAS, ROSTER, STAFF, UNITS

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from routing.context import RoutingContext
    from routing.facts import TicketFacts
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

HOUR = timedelta(hours=1)
SENT_OUT = StaffMember(code="OUT", name="安立夏", role="unit_clerk", unit="D-law", stationed="S1-law")
AT_DESK = StaffMember(code="OUT-DESK", name="安小暑", role="unit_clerk", unit="S1-law", stationed="S1-desk")
PEOPLE = (
    SENT_OUT,
    AT_DESK,
    StaffMember(code="SV-LAW", name="范立秋", role="supervisor", unit="D-law"),
    StaffMember(code="SV-S1", name="于小寒", role="supervisor", unit="S1-desk"),
    StaffMember(code="SV-WORKS", name="方大雪", role="supervisor", unit="D-works"),
)

teller = Teller()


@pytest.fixture
def context() -> RoutingContext:
    return dataclasses.replace(build_context(teller), org=build(AREAS, UNITS, STAFF + OFFICERS + PEOPLE, ROSTER))


def given_to(session: Session, context: RoutingContext, unit: str, **changes: object) -> str:
    """Open a ticket at the street's desk, and dispatch it to a unit."""
    number = report_lamp(session, context, reason="no_phone", **changes).ticket.number  # type: ignore[arg-type]
    if changes.get("confidential"):
        common = {"actor": "operator", "now": NOON, "context": context}
        secrecy.edit_summary(session, number, text="某处有事。希望核实处理。", **common)  # type: ignore[arg-type]
        secrecy.approve_summary(session, number, talked=True, **common)  # type: ignore[arg-type]
    desk.dispatch(session, number, unit=unit, item="ZF-1", actor="operator", now=NOON, context=context)
    return number


def look(session: Session, number: str, context: RoutingContext, *codes: str) -> list[Sight]:
    """Say how much each of these sees of a ticket."""
    facts: TicketFacts = read_facts(session, find(session, number), org=context.org)
    return [decide(facts, Viewer("staff", code), org=context.org) for code in codes]


@pytest.mark.parametrize("unit", ["D-law", "S1-law"])
async def test_they_act_for_both_units(store: Store, context: RoutingContext, unit: str) -> None:
    def work(session: Session) -> str:
        number = given_to(session, context, unit)
        desk.sign(session, number, actor="OUT", now=NOON, context=context)
        return desk.conclude(session, number, text="摊子都劝走了", actor="OUT", now=NOON + HOUR, context=context).ticket.status

    assert await store.write(work) == "concluded"


async def test_they_act_for_no_third_unit(store: Store, context: RoutingContext) -> None:
    def work(session: Session) -> None:
        desk.sign(session, given_to(session, context, "D-works"), actor="OUT", now=NOON, context=context)

    with pytest.raises(NotYours):
        await store.write(work)


async def test_who_is_stationed_at_a_desk_is_the_desk_to_others_and_the_unit_to_their_own(
    store: Store, context: RoutingContext
) -> None:
    """Nobody grants their own unit more time: to its matters they are the unit, whichever chair they sit on."""

    def work(session: Session) -> list[str]:
        other, own = given_to(session, context, "D-works"), given_to(session, context, "S1-law", apart=True)
        said = [
            desk.return_ticket(session, other, reason="remit", text="收回", actor="OUT-DESK", now=NOON, context=context).ticket.unit
        ]
        until = find(session, own).due_at + timedelta(days=2)
        applying.apply_for(session, own, kind="extension", until=until, text="等材料", actor="LAW-1", now=NOON, context=context)
        with pytest.raises(NotAllowed) as refused:
            applying.decide(session, own, granted=True, actor="OUT-DESK", now=NOON, context=context)
        return [*said, refused.value.role]

    assert await store.write(work) == ["S1-desk", "unit"]


async def test_both_supervisors_see_what_they_work_on_and_no_other_does(store: Store, context: RoutingContext) -> None:
    def work(session: Session) -> tuple[list[Sight], list[Sight], list[list[str]]]:
        number = given_to(session, context, "S1-law")
        before = look(session, number, context, "SV-LAW", "SV-S1", "SV-WORKS")
        desk.sign(session, number, actor="OUT", now=NOON, context=context)
        after = look(session, number, context, "SV-LAW", "SV-S1", "SV-WORKS")
        pages = [
            listing.list_tickets(session, org=context.org, now=NOON, viewer=Viewer("staff", code))
            for code in ("SV-LAW", "SV-WORKS")
        ]
        return before, after, [[line.number == number for line in page.lines] for page in pages]

    before, after, listed = await store.write(work)
    assert before == [Sight.NONE, Sight.FULL, Sight.NONE]
    assert after == [Sight.SUMMARY, Sight.FULL, Sight.NONE]
    assert listed == [[True], []]


async def test_a_supervisor_sees_no_more_once_another_unit_has_it(store: Store, context: RoutingContext) -> None:
    def work(session: Session) -> tuple[list[Sight], str]:
        number = given_to(session, context, "S1-law")
        desk.sign(session, number, actor="OUT", now=NOON, context=context)
        desk.return_ticket(session, number, reason="remit", text="不归我们", actor="OUT", now=NOON, context=context)
        return look(session, number, context, "SV-LAW"), find(session, number).handler

    assert await store.write(work) == ([Sight.NONE], "")


async def test_supervisors_see_nothing_confidential_by_it(store: Store, context: RoutingContext) -> None:
    def work(session: Session) -> list[Sight]:
        number = given_to(session, context, "S1-law", confidential=True)
        desk.sign(session, number, actor="OUT", now=NOON, context=context)
        return look(session, number, context, "SV-LAW", "OUT")

    assert await store.write(work) == [Sight.NONE, Sight.SUMMARY]


@pytest.mark.parametrize("about", ["D-law", "S1-law"])
async def test_a_matter_about_either_unit_is_kept_from_them(store: Store, context: RoutingContext, about: str) -> None:
    def work(session: Session) -> list[Sight]:
        number = given_to(session, context, "D-works")
        secrecy.keep_from(session, number, units=[about], actor="operator", now=NOON, context=context)
        return look(session, number, context, "OUT", "OUT-DESK")

    assert await store.write(work) == [Sight.NONE, Sight.NONE]


async def test_a_matter_about_them_is_kept_from_both_units(store: Store, context: RoutingContext) -> None:
    def work(session: Session) -> list[str]:
        number = given_to(session, context, "D-works")
        secrecy.keep_from(session, number, staff=["OUT"], actor="operator", now=NOON, context=context)
        return list(find(session, number).refused)

    assert await store.write(work) == ["D-law", "S1-law"]


CSV = "code,name,role,unit,area,stationed\nOUT,安立夏,unit_clerk,D-law,,{stationed}\n"


def put_units(session: Session) -> None:
    session.add(AreaRow(code="D", name="东湖区", level="district"))
    session.add_all(UnitRow(code=code, name=code, kind="department", area="D") for code in ("D-law", "S1-law"))
    session.flush()


async def test_the_list_of_staff_says_where_somebody_is_stationed(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "staff.csv"
    path.write_text(CSV.format(stationed="S1-law"), encoding="utf-8")
    importer = discover()["staff"]

    def work(session: Session) -> tuple[str, ...]:
        put_units(session)
        importer.apply(session, importer.preview(session, path))
        return load_org(session).staff["OUT"].posts

    assert await store.write(work) == ("D-law", "S1-law")


async def test_a_unit_that_is_not_there_is_refused(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "staff.csv"
    path.write_text(CSV.format(stationed="S9-law"), encoding="utf-8")

    def work(session: Session) -> list[tuple[int, str]]:
        put_units(session)
        return [(problem.line, problem.key) for problem in discover()["staff"].preview(session, path).problems]

    assert await store.write(work) == [(2, "unknown_unit")]
