"""What holds a matter up and who lets it, on both databases: the resident is asked for more, extensions, pauses, sub-tasks, supervision."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from routing import (
    applying,
    completing,
    cooperating,
    desk,
    following,
    overseeing,
    rating,
    register,
    supervision,
    timing,
    track_watch,
)
from routing.errors import (
    AppliedAlready,
    Missing,
    NobodyToAsk,
    NoSupervision,
    NotAllowed,
    NoTask,
    NothingApplied,
    NotYours,
    OwnApplication,
    RefusedUnit,
    TasksOpen,
    TooLate,
    UntilWrong,
)
from routing.tables import Ticket
from routing.terms import Status
from tests.office import NOON, Teller, build_context, report_lamp

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
DUE = datetime(2026, 3, 9, 9, 30, tzinfo=UTC)
"""When the lamp's unit is due: five working days, its office closes."""

teller = Teller()
context = build_context(teller)


@pytest.fixture(autouse=True)
def _nothing_told() -> None:
    teller.notices.clear()


def lamp(session: Session, **changes: object) -> str:
    number = report_lamp(session, context, **changes).ticket.number  # type: ignore[arg-type]
    teller.notices.clear()
    return number


def read(session: Session, number: str) -> Ticket:
    return session.execute(select(Ticket).where(Ticket.number == number)).scalar_one()


def clocks_of(session: Session, number: str) -> list[tuple[str, int, str]]:
    return [(run.kind, run.round, run.result) for run in timing.list_runs(session, read(session, number))]


def due_of(session: Session, number: str, kind: str) -> datetime:
    return next(run.due_at for run in timing.list_runs(session, read(session, number)) if run.kind == kind)


def ask_more(session: Session, number: str, now: datetime = NOON + HOUR) -> None:
    completing.ask_more(session, number, text="是哪一盏灯，灯杆上有编号吗", actor="LAMP-1", now=now, context=context)


def extend(session: Session, number: str, *, days: int = 7, now: datetime = NOON + DAY, actor: str = "LAMP-1") -> None:
    until = DUE + days * DAY
    applying.apply_for(session, number, kind="extension", until=until, text="要等配件", actor=actor, now=now, context=context)


async def test_three_clocks_begin_and_the_desk_s_ends_with_the_dispatch(store: Store) -> None:
    number = await store.write(lamp)

    assert await store.read(lambda s: clocks_of(s, number)) == [
        ("desk", 1, "met"),
        ("resident", 1, "running"),
        ("unit", 1, "running"),
    ]
    events = await store.read(lambda s: register.show(s, number, org=context.org).events)
    assert [(event.act, [said[:3] for said in event.clocks]) for event in events] == [
        ("accept", [("desk", 1, "start"), ("resident", 1, "start")]),
        ("dispatch", [("desk", 1, "stop:met"), ("unit", 1, "start")]),
    ]


async def test_a_return_voids_the_unit_s_clock_and_leaves_the_resident_s_alone(store: Store) -> None:
    def bounce(session: Session) -> str:
        number = lamp(session)
        desk.return_ticket(session, number, reason="area", text="路段不归我们", actor="LAMP-1", now=NOON + DAY, context=context)
        desk.dispatch(session, number, unit="D-works", item="SZ-1", actor="DESK-1", now=NOON + DAY + HOUR, context=context)
        return number

    number = await store.write(bounce)
    assert await store.read(lambda s: clocks_of(s, number)) == [
        ("desk", 1, "met"),
        ("resident", 1, "running"),
        ("unit", 1, "void"),
        ("desk", 2, "met"),
        ("unit", 2, "running"),
    ]


async def test_while_the_resident_is_asked_the_unit_s_clock_waits_and_their_own_runs_on(store: Store) -> None:
    number = await store.write(lamp)
    before = await store.read(lambda s: due_of(s, number, "resident"))
    await store.write(lambda s: ask_more(s, number))
    assert teller.take() == [("more_asked", "1")]

    await store.write(lambda s: following.add(s, number, resident_id=1, text="编号 1203", now=NOON + DAY, context=context))

    assert teller.take() == [("unit_added", "D-works")]
    ticket = await store.read(lambda s: register.show(s, number, org=context.org).ticket)
    assert (ticket.status, ticket.due_at) == (Status.SIGNED, DUE + DAY)
    assert await store.read(lambda s: due_of(s, number, "resident")) == before


async def test_nothing_came_within_three_days_so_it_goes_on_with_what_there_is(store: Store) -> None:
    def wait(session: Session) -> str:
        number = lamp(session)
        ask_more(session, number)
        return number

    number = await store.write(wait)
    teller.notices.clear()
    early, late = NOON + HOUR + 3 * DAY - timedelta(seconds=1), NOON + HOUR + 3 * DAY
    assert await store.read(lambda s: supervision.due(s, now=early)) == []
    (due,) = await store.read(lambda s: supervision.due(s, now=late))
    await store.write(lambda s: supervision.warn(s, due, now=late, context=context))

    assert teller.take() == [("resumed", "1"), ("unit_resumed", "D-works")]
    assert (await store.read(lambda s: read(s, number))).status == Status.SIGNED


async def test_an_extension_is_decided_by_another_and_the_resident_hears_why_and_until_when(store: Store) -> None:
    number = await store.write(lamp)
    await store.write(lambda s: extend(s, number))
    assert teller.take() == [("desk_extension_asked", "S1-desk")]
    with pytest.raises(AppliedAlready):
        await store.write(lambda s: extend(s, number))

    await store.write(lambda s: applying.decide(s, number, granted=True, actor="DESK-1", now=NOON + DAY, context=context))

    assert [(notice.key, notice.facts["text"]) for notice in teller.notices if notice.key == "extended"] == [
        ("extended", "要等配件")
    ]
    assert teller.take() == [("extended", "1"), ("unit_extended", "D-works")]
    ticket = await store.read(lambda s: register.show(s, number, org=context.org).ticket)
    assert ticket.due_at == DUE + 7 * DAY
    assert ticket.due_basis[-1] == "term_extended|from=2026-03-03 12:00|to=2026-03-16 17:30"


async def test_a_refused_extension_changes_nothing_and_says_why(store: Store) -> None:
    number = await store.write(lamp)
    await store.write(lambda s: extend(s, number))
    teller.notices.clear()
    with pytest.raises(Missing):
        await store.write(lambda s: applying.decide(s, number, granted=False, actor="DESK-1", now=NOON + DAY, context=context))

    await store.write(
        lambda s: applying.decide(s, number, granted=False, text="配件有货", actor="DESK-1", now=NOON + DAY, context=context)
    )

    assert teller.take() == [("unit_extension_refused", "D-works")]
    assert await store.read(lambda s: due_of(s, number, "unit")) == DUE
    with pytest.raises(NothingApplied):
        await store.write(lambda s: applying.decide(s, number, granted=True, actor="DESK-1", now=NOON + DAY, context=context))


@pytest.mark.parametrize(
    ("days", "now", "error"), [(0, NOON + DAY, UntilWrong), (-1, NOON + DAY, UntilWrong), (7, DUE + HOUR, TooLate)]
)
async def test_it_is_asked_before_the_time_is_over_and_for_later(
    store: Store, days: int, now: datetime, error: type[Exception]
) -> None:
    number = await store.write(lamp)

    with pytest.raises(error):
        await store.write(lambda s: extend(s, number, days=days, now=now))


async def test_nobody_decides_on_what_they_applied_for(store: Store) -> None:
    number = await store.write(lamp)
    await store.write(lambda s: extend(s, number, actor="operator"))

    with pytest.raises(OwnApplication):
        await store.write(lambda s: applying.decide(s, number, granted=True, actor="operator", now=NOON + DAY, context=context))
    with pytest.raises(NotAllowed):
        await store.write(lambda s: applying.decide(s, number, granted=True, actor="LAMP-1", now=NOON + DAY, context=context))


async def test_what_was_applied_for_falls_when_the_matter_leaves_the_unit(store: Store) -> None:
    def leave(session: Session) -> str:
        number = lamp(session)
        extend(session, number)
        desk.return_ticket(session, number, reason="area", text="不归我们", actor="LAMP-1", now=NOON + DAY, context=context)
        desk.dispatch(session, number, unit="D-works", item="SZ-1", actor="DESK-1", now=NOON + DAY + HOUR, context=context)
        return number

    number = await store.write(leave)
    with pytest.raises(NothingApplied):
        await store.write(lambda s: applying.decide(s, number, granted=True, actor="DESK-1", now=NOON + 2 * DAY, context=context))


async def test_a_pause_holds_both_clocks_up_until_its_day(store: Store) -> None:
    until = NOON + 4 * DAY
    number = await store.write(lamp)

    def pause(session: Session) -> None:
        applying.apply_for(
            session, number, kind="pause", until=until, text="雨停了才能挖", actor="LAMP-1", now=NOON + DAY, context=context
        )
        applying.decide(session, number, granted=True, actor="DESK-1", now=NOON + DAY, context=context)

    before = await store.read(lambda s: (due_of(s, number, "unit"), due_of(s, number, "resident")))
    await store.write(pause)
    assert teller.take() == [("desk_pause_asked", "S1-desk"), ("paused", "1"), ("unit_paused", "D-works")]
    (due,) = await store.read(lambda s: supervision.due(s, now=until))
    await store.write(lambda s: supervision.warn(s, due, now=until, context=context))

    after = await store.read(lambda s: (due_of(s, number, "unit"), due_of(s, number, "resident")))
    assert [(now - then).days for then, now in zip(before, after, strict=True)] == [3, 5]  # three working days; over a weekend
    assert teller.take() == [("resumed", "1"), ("unit_resumed", "D-works")]


async def test_the_lead_concludes_only_when_the_others_have_answered(store: Store) -> None:
    number = await store.write(lamp)

    def task(session: Session, unit: str, text: str) -> None:
        cooperating.give_task(session, number, unit=unit, text=text, actor="LAMP-1", now=NOON + HOUR, context=context)

    await store.write(lambda s: task(s, "S1-law", "请疏导占道的车"))
    assert [(notice.key, notice.target, notice.facts["text"]) for notice in teller.notices] == [
        ("unit_task", "S1-law", "请疏导占道的车")
    ]
    teller.notices.clear()
    with pytest.raises(TasksOpen) as refused:
        await store.write(lambda s: desk.conclude(s, number, text="好了", actor="LAMP-1", now=NOON + DAY, context=context))
    assert refused.value.units == ("S1-law",)

    await store.write(lambda s: cooperating.sign_task(s, number, actor="LAW-1", now=NOON + HOUR, context=context))
    await store.write(lambda s: cooperating.answer_task(s, number, text="已疏导", actor="LAW-1", now=NOON + DAY, context=context))
    assert teller.take() == [("unit_task_replied", "D-works")]
    with pytest.raises(NoTask):
        await store.write(
            lambda s: cooperating.answer_task(s, number, text="又一次", actor="LAW-1", now=NOON + DAY, context=context)
        )

    done = await store.write(lambda s: desk.conclude(s, number, text="好了", actor="LAMP-1", now=NOON + DAY, context=context))
    assert done.ticket.status == Status.CONCLUDED


async def test_a_task_may_be_returned_or_taken_back_and_falls_with_the_lead(store: Store) -> None:
    def bounce(session: Session) -> list[str]:
        number = lamp(session)
        common = {"now": NOON + HOUR, "context": context}
        cooperating.give_task(session, number, unit="S1-law", text="一", actor="LAMP-1", **common)
        cooperating.return_task(session, number, reason="remit", text="不归我们", actor="LAW-1", **common)
        cooperating.give_task(session, number, unit="S1-law", text="二", actor="LAMP-1", **common)
        cooperating.cancel_task(session, number, unit="S1-law", actor="LAMP-1", **common)
        cooperating.give_task(session, number, unit="S1-law", text="三", actor="LAMP-1", **common)
        desk.return_ticket(session, number, reason="area", text="不归我们", actor="LAMP-1", **common)
        return [task.state for task in cooperating.list_tasks(session, read(session, number))]

    assert await store.write(bounce) == ["returned", "cancelled", "cancelled"]


async def test_no_task_goes_to_whom_the_matter_is_about(store: Store) -> None:
    def accuse(session: Session) -> None:
        number = lamp(session)
        read(session, number).refused = ["S1-law"]
        cooperating.give_task(session, number, unit="S1-law", text="一", actor="LAMP-1", now=NOON + HOUR, context=context)

    with pytest.raises(RefusedUnit):
        await store.write(accuse)


async def test_only_who_has_a_task_answers_it(store: Store) -> None:
    number = await store.write(lamp)

    with pytest.raises(NoTask):
        await store.write(lambda s: cooperating.answer_task(s, number, text="好", actor="LAW-1", now=NOON, context=context))
    with pytest.raises(NotYours):
        await store.write(lambda s: cooperating.answer_task(s, number, text="好", actor="NOBODY", now=NOON, context=context))


async def test_a_supervision_runs_beside_the_status_and_changes_no_clock(store: Store) -> None:
    number = await store.write(lamp)

    def supervise(session: Session) -> None:
        overseeing.oversee(session, number, kind="supervise", text="三天了还黑着", actor="TOP-1", now=NOON + DAY, context=context)

    before = await store.read(lambda s: clocks_of(s, number))
    await store.write(supervise)
    assert teller.take() == [("unit_supervised", "D-works")]
    assert await store.read(lambda s: clocks_of(s, number)) == before

    await store.write(lambda s: overseeing.answer(s, number, text="今晚换", actor="LAMP-1", now=NOON + DAY, context=context))
    assert teller.take() == [("desk_supervision_answered", "D-desk")]
    with pytest.raises(NoSupervision):
        await store.write(lambda s: overseeing.answer(s, number, text="再答", actor="LAMP-1", now=NOON + DAY, context=context))


async def test_what_nobody_answers_is_called_to_mind_once_at_both_ends(store: Store) -> None:
    def neglect(session: Session) -> None:
        number = lamp(session)
        cooperating.give_task(session, number, unit="S1-law", text="一", actor="LAMP-1", now=NOON, context=context)
        overseeing.oversee(session, number, kind="instruct", text="尽快", actor="TOP-1", now=NOON, context=context)
        teller.notices.clear()

    def remind(session: Session, now: datetime) -> None:
        for task in track_watch.late_tasks(session, now=now):
            track_watch.remind_of_task(session, task, now=now, context=context)
        for row in track_watch.late_supervisions(session, now=now):
            track_watch.remind_of_supervision(session, row, now=now, context=context)

    await store.write(neglect)
    await store.write(lambda s: remind(s, NOON))
    assert teller.take() == []
    await store.write(lambda s: remind(s, NOON + 30 * DAY))
    assert sorted(teller.take()) == [
        ("desk_supervision_overdue", "D-desk"),
        ("unit_supervision_overdue", "D-works"),
        ("unit_task_overdue", "D-works"),
        ("unit_task_overdue", "S1-law"),
    ]
    await store.write(lambda s: remind(s, NOON + 31 * DAY))
    assert teller.take() == []


async def test_where_no_resident_stands_behind_a_matter_nobody_is_asked(store: Store) -> None:
    number = await store.write(lambda s: lamp(s, resident=0))

    with pytest.raises(NobodyToAsk):
        await store.write(lambda s: ask_more(s, number))
    assert await store.read(lambda s: (read(s, number).status, teller.notices)) == (Status.DISPATCHED, [])


async def test_the_worker_who_reported_it_is_asked_and_nobody_else_answers_for_them(store: Store) -> None:
    def supply(session: Session, who: str) -> Status:
        acted = following.add(session, number, reporter=who, text="编号1203", now=NOON + 2 * HOUR, context=context)
        return acted.ticket.status

    number = await store.write(lambda s: lamp(s, resident=0, reporter_staff="W1"))
    await store.write(lambda s: ask_more(s, number))
    assert teller.take() == [("worker_more_asked", "W1")]
    assert await store.read(lambda s: rating.list_for_reporter(s, staff="W2", org=context.org)) == ()
    shown = await store.read(lambda s: rating.list_for_reporter(s, staff="W1", org=context.org))
    assert [(one.number, one.asks, one.asked_at) for one in shown] == [(number, "more", NOON + HOUR)]
    with pytest.raises(NotYours):
        await store.write(lambda s: supply(s, "W2"))
    assert await store.write(lambda s: supply(s, "W1")) == Status.SIGNED
    assert teller.take() == [("unit_added", "D-works")]
    assert await store.read(lambda s: rating.list_for_reporter(s, staff="W1", org=context.org)) == ()


async def test_what_was_asked_for_is_waited_for_until_something_is_added(store: Store) -> None:
    def asks(session: Session) -> tuple[str, bool]:
        ticket = register.show(session, number, org=context.org).ticket
        return ticket.asks, ticket.awaits_rating

    number = await store.write(lamp)
    assert await store.read(asks) == ("", False)
    await store.write(lambda s: ask_more(s, number))
    assert await store.read(asks) == ("more", False)
    for one in await store.read(lambda s: supervision.due(s, now=NOON + 4 * DAY)):
        await store.write(lambda s, one=one: supervision.warn(s, one, now=NOON + 4 * DAY, context=context))
    assert await store.read(lambda s: (read(s, number).status, *asks(s))) == (Status.SIGNED, "more", False)
    await store.write(lambda s: following.add(s, number, resident_id=1, text="编号1203", now=NOON + 5 * DAY, context=context))
    assert await store.read(asks) == ("", False)
    await store.write(lambda s: desk.conclude(s, number, text="已修好", actor="LAMP-1", now=NOON + 6 * DAY, context=context))
    assert await store.read(asks) == ("result", True)
