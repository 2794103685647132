"""What is promised of the acts of desks and supervisors, on both databases: transfer, dispute, arbitrate, decline, raise, verify, follow up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from sqlalchemy import select

from routing import (
    arbitrating,
    checking,
    cooperating,
    declining,
    desk,
    duty_list,
    raising,
    rating,
    register,
    review,
    supervision,
    transferring,
)
from routing.errors import (
    Barred,
    Missing,
    NotAllowed,
    NotDeclined,
    NothingAbove,
    NotYours,
    OtherDecision,
    SameHolder,
    UnknownItem,
    UnknownRoute,
    UnknownUnit,
    WrongLevel,
)
from routing.org import StaffMember, build
from routing.rating import Verdict
from routing.tables import Ticket, TicketClock, TicketEvent
from routing.terms import Status
from routing.triage import Triage
from tests.office import NOON, OFFICERS, Teller, build_context, report_lamp
from tests.town import AREAS, ITEMS, LAMP, ROSTER, STAFF, UNITS

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from routing.facts import TicketFacts
    from store.engine import Store

HOUR = timedelta(hours=1)
UNSOLVED = Verdict(contacted="yes", solved="no")
MORE_STAFF = (
    StaffMember(code="SV", name="范立秋", role="supervisor", unit="D-desk"),
    StaffMember(code="ROAD-1", name="许小暑", role="unit_clerk", unit="D-law"),
    StaffMember(code="E-G1", name="孟秋分", role="officer", unit="S1-law", area="G1"),
    StaffMember(code="E-S1", name="薛霜降", role="officer", unit="S1-law", area="S1"),
)

teller = Teller()
context = replace(build_context(teller), org=build(AREAS, UNITS, STAFF + OFFICERS + MORE_STAFF, ROSTER))
TOP = "TOP-1"


@pytest.fixture(autouse=True)
def _nothing_told() -> None:
    teller.notices.clear()


def lamp(session: Session, **changes: object) -> str:
    """Open a ticket about a lamp, already with its unit, and forget what was told."""
    number = report_lamp(session, context, **changes).ticket.number  # type: ignore[arg-type]
    teller.notices.clear()
    return number


def at_desk(session: Session, **changes: object) -> str:
    return lamp(session, **{"reason": "no_phone", **changes})


def answered(session: Session, **changes: object) -> str:
    number = lamp(session, **changes)
    desk.conclude(session, number, text="灯泡已换好", actor="LAMP-1", now=NOON + HOUR, context=context)
    teller.notices.clear()
    return number


def returned(session: Session, times: int = 2) -> str:
    """Let two units return a lamp, one after the other."""
    number = lamp(session)
    desk.return_ticket(session, number, reason="area", text="路归区执法局管", actor="LAMP-1", now=NOON, context=context)
    if times > 1:
        desk.dispatch(session, number, unit="D-law", item="SZ-1", actor="DESK-1", now=NOON + HOUR, context=context)
        teller.notices.clear()
        desk.return_ticket(
            session, number, reason="remit", text="灯归市政", suggested="D-works", actor="ROAD-1", now=NOON + HOUR, context=context
        )
    return number


def list_events(session: Session, number: str) -> list[TicketEvent]:
    statement = select(TicketEvent).join(Ticket, Ticket.id == TicketEvent.ticket_id).where(Ticket.number == number)
    return list(session.execute(statement.order_by(TicketEvent.id)).scalars())


def list_clocks(session: Session, number: str) -> list[tuple[str, int, str]]:
    statement = select(TicketClock).join(Ticket, Ticket.id == TicketClock.ticket_id).where(Ticket.number == number)
    return [(row.kind, row.round, row.result) for row in session.execute(statement.order_by(TicketClock.id)).scalars()]


async def test_a_matter_moves_to_another_unit_and_the_former_one_is_told(store: Store) -> None:
    def move(session: Session) -> tuple[TicketFacts, list[TicketEvent], list[tuple[str, int, str]]]:
        number = lamp(session)
        cooperating.give_task(session, number, unit="C1-jwh", text="看一眼", actor="LAMP-1", now=NOON, context=context)
        teller.notices.clear()
        ticket = transferring.transfer(
            session, number, unit="D-law", text="归执法", actor="DESK-1", now=NOON + HOUR, context=context
        ).ticket
        return ticket, list_events(session, number), list_clocks(session, number)

    ticket, events, clocks = await store.write(move)
    assert (ticket.status, ticket.unit, ticket.item) == (Status.DISPATCHED, "D-law", "SZ-1")
    assert (events[-1].act, events[-1].facts["from"]) == ("transfer", "D-works")
    assert [(kind, round_, result) for kind, round_, result in clocks if kind != "desk"] == [
        ("resident", 1, "running"),
        ("unit", 1, "void"),
        ("unit", 2, "running"),
    ]
    assert teller.take() == [
        ("transferred", "1"),
        ("unit_dispatched", "D-law"),
        ("unit_assist", "C1-jwh"),
        ("unit_transferred", "D-works"),
    ]


@pytest.mark.parametrize(
    ("arguments", "actor", "error"),
    [
        ({"unit": "D-works", "text": "换"}, "DESK-1", SameHolder),
        ({"unit": "D-law", "text": " "}, "DESK-1", Missing),
        ({"unit": "nobody", "text": "换"}, "DESK-1", UnknownUnit),
        ({"unit": "D-law", "text": "换", "item": "nothing"}, "DESK-1", UnknownItem),
        ({"unit": "C1-jwh", "text": "换"}, "DESK-1", WrongLevel),
        ({"unit": "D-law", "text": "换"}, "LAMP-1", NotAllowed),
        ({"unit": "D-law", "text": "换"}, "LAW-1", NotYours),
    ],
)
async def test_a_transfer_that_may_not_be_changes_nothing(
    store: Store, arguments: dict[str, str], actor: str, error: type[Exception]
) -> None:
    number = await store.write(lamp)
    with pytest.raises(error):
        await store.write(lambda s: transferring.transfer(s, number, actor=actor, now=NOON, context=context, **arguments))
    assert await store.read(lambda s: register.show(s, number, org=context.org).ticket.unit) == "D-works"
    assert teller.take() == []


async def test_a_return_names_the_article_of_the_duty_list(store: Store) -> None:
    basis = "《城市道路照明设施管理规定》第四条"
    duties = duty_list.build([msgspec.structs.replace(item, basis=basis) if item is LAMP else item for item in ITEMS])
    ours = replace(context, duty_list=duties, triage=Triage(duties, today=NOON.date()))

    def send_back(session: Session) -> list[object]:
        numbers = [lamp(session, place=f"柳树街{street}号") for street in (1, 2)]
        desk.return_ticket(session, numbers[0], reason="area", text="不在本区", actor="LAMP-1", now=NOON, context=ours)
        desk.return_ticket(
            session, numbers[1], reason="area", text="不在本区", article=" 第九条 ", actor="LAMP-1", now=NOON, context=ours
        )
        return [list_events(session, number)[-1].facts["article"] for number in numbers]

    assert await store.write(send_back) == [basis, "第九条"]
    assert [notice.facts["article"] for notice in teller.notices if notice.audience == "desk"] == [basis, "第九条"]


async def test_the_second_return_goes_to_a_supervisor_above_both_units(store: Store) -> None:
    def walk(session: Session) -> tuple[Ticket, list[TicketEvent]]:
        number = returned(session)
        ticket = session.execute(select(Ticket)).scalar_one()
        return ticket, list_events(session, number)

    ticket, events = await store.write(walk)
    assert (ticket.status, ticket.unit, ticket.disputed, ticket.returns) == (Status.REVIEW, "D-desk", "D-law", 2)
    assert [event.act for event in events][-2:] == ["return", "dispute"]
    assert events[-1].facts["from"] == ["D-works", "D-law"]
    assert (events[-2].facts["count"], events[-2].at) == (2, events[-1].at)
    asked = next(notice for notice in teller.notices if notice.key == "desk_disputed")
    assert (asked.target, asked.facts["text"]) == (
        "D-desk",
        "东湖区市政中心：路归区执法局管；SZ-1 路灯不亮\n东湖区执法局：灯归市政；SZ-1 路灯不亮",
    )


async def test_one_return_is_no_dispute_and_what_the_desk_takes_back_is_none_either(store: Store) -> None:
    def walk(session: Session) -> list[str]:
        number = returned(session, times=1)
        desk.dispatch(session, number, unit="D-law", actor="DESK-1", now=NOON, context=context)
        return [
            desk.return_ticket(
                session, number, reason="other", text="派错", actor="DESK-1", now=NOON, context=context
            ).ticket.status
        ]

    assert await store.write(walk) == [Status.ACCEPTED]
    assert "desk_disputed" not in {notice.key for notice in teller.notices}


async def test_a_supervisor_names_the_unit_which_may_not_return_it_again(store: Store) -> None:
    def decide(session: Session) -> tuple[str, TicketFacts, list[tuple[str, int, str]]]:
        number = returned(session)
        teller.notices.clear()
        ticket = arbitrating.arbitrate(
            session, number, unit="D-works", text="灯归市政养护", actor="SV", now=NOON + 2 * HOUR, context=context
        ).ticket
        return number, ticket, list_clocks(session, number)

    number, ticket, clocks = await store.write(decide)
    assert (ticket.status, ticket.unit, ticket.returns) == (Status.DISPATCHED, "D-works", 0)
    assert [run for run in clocks if run[0] in {"review", "resident"}] == [("resident", 1, "running"), ("review", 1, "met")]
    assert teller.take() == [("dispatched", "1"), ("unit_arbitrated", "D-works"), ("unit_assist", "C1-jwh")]
    with pytest.raises(Barred):
        await store.write(
            lambda s: desk.return_ticket(s, number, reason="remit", text="还是不归", actor="LAMP-1", now=NOON, context=context)
        )
    moved = await store.write(
        lambda s: transferring.transfer(s, number, unit="D-law", text="改", actor=TOP, now=NOON + 3 * HOUR, context=context)
    )
    assert moved.ticket.unit == "D-law"
    back = await store.write(
        lambda s: desk.return_ticket(s, number, reason="remit", text="不归", actor="ROAD-1", now=NOON + 4 * HOUR, context=context)
    )
    assert back.ticket.status == Status.ACCEPTED


async def test_whose_it_is_and_what_follows_a_bad_result_are_two_questions(store: Store) -> None:
    def disputed(session: Session) -> str:
        return returned(session)

    def badly_done(session: Session) -> str:
        number = lamp(session, place="柳树街90号")
        for turn in range(2):
            desk.conclude(session, number, text="好了", actor="LAMP-1", now=NOON + turn * HOUR, context=context)
            rating.rate(session, number, resident_id=1, verdict=UNSOLVED, now=NOON + turn * HOUR, context=context)
        return number

    one, other = await store.write(disputed), await store.write(badly_done)
    for act in (
        lambda s: review.reassign(s, one, unit="S1-law", text="换", actor="SV", now=NOON + 3 * HOUR, context=context),
        lambda s: review.carry(s, one, text="等等", actor="SV", now=NOON + 3 * HOUR, context=context),
        lambda s: review.explain(s, one, text="算了", actor="SV", now=NOON + 3 * HOUR, context=context),
        lambda s: arbitrating.arbitrate(s, other, unit="D-law", text="定", actor="SV", now=NOON + 3 * HOUR, context=context),
    ):
        with pytest.raises(OtherDecision):
            await store.write(act)
    with pytest.raises(NotAllowed):
        await store.write(lambda s: arbitrating.arbitrate(s, one, unit="D-law", text="定", actor=TOP, now=NOON, context=context))
    carried = await store.write(lambda s: review.carry(s, other, text="等材料", actor="SV", now=NOON + 3 * HOUR, context=context))
    assert (carried.ticket.status, carried.ticket.unit) == (Status.CARRIED, "D-works")


async def test_a_desk_may_carry_what_is_worked_on(store: Store) -> None:
    def carry(session: Session) -> TicketFacts:
        return review.carry(session, lamp(session), text="要等雨季过去", actor="DESK-1", now=NOON, context=context).ticket

    ticket = await store.write(carry)
    assert (ticket.status, ticket.unit) == (Status.CARRIED, "D-works")
    assert teller.take() == [("carried", "1"), ("unit_carried", "D-works")]


async def test_what_the_law_gives_elsewhere_is_declined_with_the_way_there(store: Store) -> None:
    def decline(session: Session) -> tuple[TicketFacts, TicketFacts]:
        number = at_desk(session)
        ticket = declining.decline(
            session, number, route="arbitration", text="这是劳动争议", actor="DESK-1", now=NOON, context=context
        ).ticket
        return ticket, register.progress(session, 1, org=context.org, now=NOON)[0].ticket

    ticket, own = await store.write(decline)
    told = declining.load_routes()["arbitration"].told
    assert ticket.status == Status.DECLINED
    assert [(notice.key, notice.target, notice.facts["route"], notice.facts["text"]) for notice in teller.notices] == [
        ("declined", "1", told, "这是劳动争议")
    ]
    assert own.reply == f"这是劳动争议\n{told}"
    assert await store.read(lambda s: supervision.due(s, now=NOON + timedelta(days=99))) == []


@pytest.mark.parametrize(
    ("changes", "route", "text", "error"),
    [
        ({}, "anywhere", "不归", UnknownRoute),
        ({}, "petition", "", Missing),
        ({"text": "煤气味很大", "tier": "orange", "hazard": "gas"}, "petition", "不归", NotDeclined),
        ({"text": "着火了救命", "tier": "red", "hazard": "fire"}, "petition", "不归", NotDeclined),
    ],
)
async def test_no_danger_is_declined_and_no_way_made_up(
    store: Store, changes: dict[str, object], route: str, text: str, error: type[Exception]
) -> None:
    number = await store.write(lambda s: at_desk(s, **changes))
    with pytest.raises(error):
        await store.write(lambda s: declining.decline(s, number, route=route, text=text, actor="DESK-1", now=NOON, context=context))
    assert await store.read(lambda s: register.show(s, number, org=context.org).ticket.status) == Status.ACCEPTED


async def test_a_matter_goes_up_a_desk_with_its_reason_until_none_is_above(store: Store) -> None:
    def climb(session: Session) -> tuple[str, TicketFacts, list[TicketEvent]]:
        number = lamp(session)
        ticket = raising.raise_ticket(session, number, text="跨街道", actor="DESK-1", now=NOON, context=context).ticket
        return number, ticket, list_events(session, number)

    number, ticket, events = await store.write(climb)
    assert (ticket.status, ticket.unit, ticket.desk, ticket.first_receiver) == (Status.ACCEPTED, "D-desk", "D-desk", "S1-desk")
    assert {name: events[-1].facts[name] for name in ("from", "to", "level")} == {
        "from": "S1-desk",
        "to": "D-desk",
        "level": "district",
    }
    assert teller.take() == [("desk_raised", "D-desk"), ("unit_recalled", "D-works")]
    with pytest.raises(NothingAbove):
        await store.write(lambda s: raising.raise_ticket(s, number, text="再上", actor=TOP, now=NOON, context=context))
    with pytest.raises(NotYours):
        await store.write(lambda s: raising.raise_ticket(s, number, text="再上", actor="DESK-1", now=NOON, context=context))


async def test_on_which_level_it_was_resolved_stands_in_the_conclusion(store: Store) -> None:
    def conclude(session: Session) -> list[tuple[object, str]]:
        unit, own = lamp(session), at_desk(session, place="柳树街2号")
        desk.conclude(session, unit, text="换好", actor="LAMP-1", now=NOON, context=context)
        desk.conclude(session, own, text="说明了", actor="DESK-1", now=NOON, context=context)
        shown = [register.show(session, number, org=context.org).ticket.resolved_level for number in (unit, own)]
        events = [list_events(session, number)[-1].facts["level"] for number in (unit, own)]
        return list(zip(events, shown, strict=True))

    assert await store.write(conclude) == [("district", "district"), ("street", "street")]


async def test_who_reported_it_is_its_first_receiver(store: Store) -> None:
    opened = await store.write(lambda s: report_lamp(s, context, reporter_staff="W1"))

    assert opened.ticket.first_receiver == "W1"
    assert (await store.read(lambda s: register.facts_for_resident(s, 1, org=context.org, now=NOON)))[0].first_receiver == ""


async def test_below_its_level_nothing_is_dispatched_and_the_article_says_why(store: Store) -> None:
    number = await store.write(at_desk)
    with pytest.raises(WrongLevel) as refused:
        await store.write(lambda s: desk.dispatch(s, number, unit="C1-jwh", item="SZ-1", actor="DESK-1", now=NOON, context=context))
    assert (refused.value.item, refused.value.name, refused.value.level) == ("SZ-1", "路灯不亮", "community")
    assert refused.value.allowed == ("street", "district")
    sure = await store.write(lambda s: lamp(s, place="柳树街8号", resident=8))
    with pytest.raises(WrongLevel):
        await store.write(lambda s: _send_down(s, sure))


def _send_down(session: Session, number: str) -> None:
    desk.return_ticket(session, number, reason="other", text="派错", actor="DESK-1", now=NOON, context=context)
    desk.dispatch(session, number, unit="C1-jwh", actor="DESK-1", now=NOON, context=context)


async def test_what_can_be_enforced_names_the_officer_of_the_place(store: Store) -> None:
    duties = duty_list.build([msgspec.structs.replace(item, enforceable=True) if item is LAMP else item for item in ITEMS])
    ours = replace(context, duty_list=duties, triage=Triage(duties, today=NOON.date()))

    def dispatch(session: Session) -> list[TicketFacts]:
        near = report_lamp(session, ours).ticket
        far = report_lamp(session, ours, area="G3", place="桃园路1号").ticket
        return [near, far]

    near, far = await store.write(dispatch)
    assert [line for line in near.why if line.startswith("officer")] == ["officer|item=路灯不亮|staff=孟秋分"]
    assert [line for line in far.why if line.startswith("officer")] == ["officer|item=路灯不亮|staff=薛霜降"]
    named = [notice.facts["officer"] for notice in teller.notices if notice.key == "unit_dispatched_officer"]
    assert named == ["孟秋分", "薛霜降"]


@pytest.mark.parametrize(
    ("actor", "status", "told"),
    [
        ("DESK-1", Status.DISPATCHED, [("redo", "1"), ("unit_redo", "D-works")]),
        ("W1", Status.ACCEPTED, [("reopened", "1"), ("desk_reopened", "S1-desk")]),
    ],
)
async def test_what_is_found_undone_on_the_spot_goes_back(
    store: Store, actor: str, status: Status, told: list[tuple[str, str]]
) -> None:
    def verify(session: Session) -> tuple[TicketFacts, list[TicketEvent]]:
        number = answered(session)
        acted = checking.verify(session, number, found="not_done", text="还黑着", actor=actor, now=NOON + 2 * HOUR, context=context)
        return acted.ticket, list_events(session, number)

    ticket, events = await store.write(verify)
    assert (ticket.status, ticket.redo_count) == (status, 1)
    assert (events[-2].act, events[-2].facts) == ("verify", {"found": "not_done"})
    assert teller.take() == told


async def test_what_is_found_done_stays_and_nobody_else_looks(store: Store) -> None:
    number = await store.write(answered)
    acted = await store.write(lambda s: checking.verify(s, number, found="done", actor="W1", now=NOON + 2 * HOUR, context=context))
    assert (acted.ticket.status, teller.take()) == (Status.CONCLUDED, [])
    for stranger in ("W2", "LAMP-1", "LAW-1", ""):
        with pytest.raises(NotYours):
            await store.write(
                lambda s, stranger=stranger: checking.verify(
                    s, number, found="done", actor=stranger, now=NOON + 2 * HOUR, context=context
                )
            )


async def test_what_is_said_on_the_telephone_counts_like_the_residents_word(store: Store) -> None:
    def call(session: Session) -> list[tuple[str, Status, str]]:
        number = answered(session)
        first = checking.follow_up(session, number, verdict=UNSOLVED, text="没亮", actor="DESK-1", now=NOON, context=context)
        desk.conclude(session, number, text="又换了", actor="LAMP-1", now=NOON + HOUR, context=context)
        second = checking.follow_up(session, number, verdict=UNSOLVED, actor="DESK-1", now=NOON + HOUR, context=context)
        happy = answered(session, resident=5, place="柳树街55号")
        third = checking.follow_up(
            session, happy, verdict=Verdict(solved="yes", satisfied="basic"), actor="DESK-1", now=NOON + HOUR, context=context
        )
        return [(each.became, each.ticket.status, each.ticket.rating) for each in (first, second, third)]

    assert await store.write(call) == [
        ("redo", Status.DISPATCHED, "unsolved"),
        ("review", Status.REVIEW, "unsolved"),
        ("closed", Status.CLOSED, "satisfied"),
    ]


async def test_a_closed_matter_that_is_not_solved_comes_back_as_a_new_one(store: Store) -> None:
    def call(session: Session) -> tuple[str, TicketFacts, str, list[dict[str, object]]]:
        number = answered(session)
        rating.rate(
            session,
            number,
            resident_id=1,
            verdict=Verdict(contacted="yes", solved="yes", satisfied="yes"),
            now=NOON,
            context=context,
        )
        rated = checking.follow_up(
            session, number, verdict=UNSOLVED, text="路灯又不亮了", actor="DESK-1", now=NOON + HOUR, context=context
        )
        old = register.show(session, number, org=context.org).ticket
        facts = [event.facts for event in list_events(session, number) if event.act == "follow_up"]
        return number, rated.ticket, old.rating, facts

    number, ticket, rating_of_old, facts = await store.write(call)
    assert (ticket.follows, ticket.number != number, rating_of_old) == (number, True, "unsolved")
    assert facts == [{"contacted": "yes", "solved": "no", "satisfied": ""}]


async def test_a_follow_up_needs_what_was_said_and_a_result(store: Store) -> None:
    open_one, done = await store.write(lambda s: (lamp(s, place="柳树街7号"), answered(s)))
    with pytest.raises(Missing):
        await store.write(lambda s: checking.follow_up(s, done, verdict=Verdict(), actor="DESK-1", now=NOON, context=context))
    with pytest.raises(NotAllowed):
        await store.write(lambda s: checking.follow_up(s, open_one, verdict=UNSOLVED, actor="DESK-1", now=NOON, context=context))
