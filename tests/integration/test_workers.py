"""黄牌预警 and the sheet of the stationed, on both databases: read from events, for the eyes of whoever looks after the work."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from bot.commands.workers import list_warned, make_sheet
from bot.refusals import Refusal
from bot.replies import Words
from bot.reporting.pack import Pack
from bot.reporting.workbook import write_workbook
from bot.settings import Settings
from bot.texts import fill
from routing import desk, supervision, workloads
from routing.early_warnings import WarningSettings
from routing.history import find
from routing.org import StaffMember, build
from routing.trail_basis import make_basis
from routing.warning_signs import SignSettings
from tests.integration.test_stationed import PEOPLE, given_to
from tests.office import NOON, OFFICERS, Teller, build_context
from tests.town import AREAS, ROSTER, STAFF, UNITS

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from routing.context import RoutingContext
    from routing.trail_basis import Basis
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

ZONE = ZoneInfo("Asia/Shanghai")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONTH = "2026-03"
SV_TOP = StaffMember(code="SV-TOP", name="沈大寒", role="supervisor", unit="D-desk")
OFF = WarningSettings(overdue=0, came_back=0, redone=0, late_extension=0, hollow=0)

teller = Teller()


@pytest.fixture
def context() -> RoutingContext:
    teller.notices.clear()
    return dataclasses.replace(build_context(teller), org=build(AREAS, UNITS, (*STAFF, *OFFICERS, *PEOPLE, SV_TOP), ROSTER))


def city_of(context: RoutingContext, **changes: Any) -> Any:
    """Give what the commands need of a city."""
    settings = msgspec.structs.replace(Settings(), **changes)
    words = Words(zone=ZONE, shared={})
    return SimpleNamespace(org=context.org, zone=ZONE, words=words, settings=settings, make_basis=lambda: basis_of(context))


def basis_of(context: RoutingContext) -> Basis:
    return make_basis(SignSettings(), org=context.org, duty_list=context.duty_list, zone=ZONE)


def work_late(session: Session, context: RoutingContext, *, times: int, **changes: object) -> list[str]:
    """Have the stationed clerk sign tickets of the street at once, and conclude them when their time is long over."""
    numbers = [given_to(session, context, "S1-law", apart=True, **changes) for _ in range(times)]
    for number in numbers:
        desk.sign(session, number, actor="OUT", now=NOON + HOUR, context=context)
        supervision.warn(session, find(session, number).id, now=NOON + 20 * DAY, context=context)
        desk.conclude(session, number, text="摊主都劝走了，路口立了牌子", actor="OUT", now=NOON + 21 * DAY, context=context)
    return numbers


async def ask(store: Store, context: RoutingContext, actor: str, *, month: str = MONTH, **changes: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await store.read(
        lambda s: list_warned(s, city_of(context, **changes), now=NOON, month=month, actor=actor)
    )
    return found


async def test_both_supervisors_are_shown_whose_work_to_look_at_with_the_tickets(store: Store, context: RoutingContext) -> None:
    numbers = await store.write(lambda s: work_late(s, context, times=3))

    shown = {actor: await ask(store, context, actor) for actor in ("SV-LAW", "SV-S1")}

    person = {"code": "OUT", "kind": "overdue", "count": 3, "of": 3, "numbers": numbers, "unseen": 0}
    assert [{name: one[name] for name in person} for one in shown["SV-LAW"]] == [person]
    assert [(one["code"], one["kind"], one["count"]) for one in shown["SV-S1"]] == [("OUT", "overdue", 3), ("S1-law", "overdue", 3)]


async def test_nobody_else_is_shown_anything(store: Store, context: RoutingContext) -> None:
    await store.write(lambda s: work_late(s, context, times=3))

    assert await ask(store, context, "SV-WORKS") == []
    for actor in ("operator", "OUT", "LAW-1", "TOP-1", "nobody"):
        with pytest.raises(Refusal) as refused:
            await ask(store, context, actor)
        assert str(refused.value) == fill("cli", "error_workers_not_yours")


@pytest.mark.parametrize("times", [1, 2])
async def test_below_the_threshold_nobody_is_named(store: Store, context: RoutingContext, times: int) -> None:
    await store.write(lambda s: work_late(s, context, times=times))

    assert await ask(store, context, "SV-S1") == []


async def test_it_is_of_the_month_asked_for(store: Store, context: RoutingContext) -> None:
    await store.write(lambda s: work_late(s, context, times=3))

    assert await ask(store, context, "SV-S1", month="2026-02") == []
    with pytest.raises(Refusal):
        await ask(store, context, "SV-S1", month="März")


async def test_it_can_be_turned_off(store: Store, context: RoutingContext) -> None:
    await store.write(lambda s: work_late(s, context, times=3))

    assert await ask(store, context, "SV-S1", warnings=OFF) == []


async def test_what_is_confidential_counts_in_no_list(store: Store, context: RoutingContext) -> None:
    await store.write(lambda s: work_late(s, context, times=3, confidential=True))

    assert await ask(store, context, "SV-S1") == []


async def test_what_a_desk_sent_wrongly_is_told_of_who_sent_it(store: Store, context: RoutingContext) -> None:
    def work(session: Session) -> None:
        for _ in range(3):
            number = given_to(session, context, "D-works", apart=True)
            common: dict[str, Any] = {"now": NOON + HOUR, "context": context}
            desk.return_ticket(session, number, reason="remit", text="收回重派", actor="operator", **common)
            desk.dispatch(session, number, unit="S1-law", item="ZF-1", actor="DESK-1", **common)
            desk.return_ticket(session, number, reason="remit", text="不归我们", actor="LAW-1", **common)

    await store.write(work)

    found = [(one["code"], one["kind"], one["count"]) for one in await ask(store, context, "SV-S1")]
    assert found == [("DESK-1", "came_back", 3)]


async def tell(store: Store, context: RoutingContext, settings: WarningSettings) -> list[tuple[str, str, int]]:
    month, period = workloads.find_period(date(2026, 3, 30), ZONE)
    desks = await store.read(
        lambda s: workloads.count_warned(s, period, settings=settings, basis=basis_of(context), org=context.org)
    )
    teller.notices.clear()
    await store.write(lambda s: workloads.tell_warned(s, month, desks, context=context))
    return [(one.target, one.cause, one.facts["count"]) for one in teller.notices]


async def test_the_desks_of_both_supervisors_are_told_how_many_and_never_who(store: Store, context: RoutingContext) -> None:
    await store.write(lambda s: work_late(s, context, times=3))

    told = await tell(store, context, WarningSettings())

    assert told == [("D-desk", "warning:2026-03:D-desk:1", 1), ("S1-desk", "warning:2026-03:S1-desk:2", 2)]
    assert [name for notice in teller.notices for name in ("安立夏", "OUT", "S1-law") if name in str(notice)] == []


async def test_nobody_is_told_where_it_is_off_or_nothing_went_wrong(store: Store, context: RoutingContext) -> None:
    assert await tell(store, context, WarningSettings()) == []
    await store.write(lambda s: work_late(s, context, times=3))
    assert await tell(store, context, OFF) == []


async def make(store: Store, context: RoutingContext, actor: str) -> Pack:
    made = await store.read(lambda s: make_sheet(s, city_of(context), now=NOON, month=MONTH, actor=actor))
    return msgspec.convert(made, Pack)


async def test_the_sheet_of_the_stationed_counts_and_leaves_the_verdict_to_both_supervisors(
    store: Store, context: RoutingContext
) -> None:
    def work(session: Session) -> None:
        work_late(session, context, times=1)
        number = given_to(session, context, "D-law", apart=True)
        desk.sign(session, number, actor="OUT", now=NOON + HOUR, context=context)
        desk.conclude(session, number, text="摊主都劝走了，路口立了牌子", actor="OUT", now=NOON + 2 * HOUR, context=context)

    await store.write(work)

    sheet = await make(store, context, "operator")

    (section,) = sheet.sections
    assert section.rows == (
        ("安立夏", "东湖区执法局", "河东街道执法队", 2, 2, 1, 0, 0, "范立秋", "于小寒", "", "", ""),
        ("安小暑", "河东街道执法队", "河东街道指挥室", 0, 0, 0, 0, 0, "于小寒", "于小寒", "", "", ""),
    )
    assert [name for name in section.columns if "70" in name or "30" in name] == ["派出单位评价（占 30%）", "派驻地评价（占 70%）"]
    assert write_workbook(sheet)[:2] == b"PK"


async def test_a_supervisor_gets_the_sheet_of_their_own_stationed_alone(store: Store, context: RoutingContext) -> None:
    sheets = {actor: (await make(store, context, actor)).sections[0].rows for actor in ("SV-LAW", "SV-S1", "SV-WORKS")}

    assert {actor: [row[0] for row in rows] for actor, rows in sheets.items()} == {
        "SV-LAW": ["安立夏"],
        "SV-S1": ["安立夏", "安小暑"],
        "SV-WORKS": [],
    }
    with pytest.raises(Refusal):
        await make(store, context, "LAW-1")
