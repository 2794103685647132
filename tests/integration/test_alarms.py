"""The red alarm's ladder: who is rung and when, that it stops for nobody but who takes it up, and that no rung is lost or rung twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from routing import alarms, desk, supervision
from routing.errors import NotYours
from routing.org import StaffMember, build
from routing.tables import Ticket, TicketEvent
from tests.office import NOON, OFFICERS, Teller, build_context, report_lamp
from tests.town import AREAS, ROSTER, STAFF, UNITS

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from routing.context import RoutingContext
    from store.engine import Store

MINUTE = timedelta(minutes=1)
ON_DUTY = tuple(
    StaffMember(code=code, name=name, role="desk", unit=unit)
    for code, name, unit in (("K2", "常清明", "S1-desk"), ("K8", "柏谷雨", "D-desk"), ("K9", "凌芒种", "D-desk"))
)
teller = Teller()
context = replace(build_context(teller), org=build(AREAS, UNITS, STAFF + OFFICERS + ON_DUTY, ROSTER))
EMPTY = replace(context, org=build(AREAS, UNITS, STAFF + OFFICERS, ()))


@pytest.fixture(autouse=True)
def _forget() -> None:
    teller.notices.clear()


def alarm(session: Session, *, within: RoutingContext = context, now: datetime = NOON, **changes: object) -> str:
    opened = report_lamp(session, within, text="着火了救命", now=now, **{"tier": "red", "hazard": "fire", **changes})  # type: ignore[arg-type]
    return opened.ticket.number


async def ring(store: Store, *, at: datetime, within: RoutingContext = context) -> list[str]:
    """Do what is due at a moment; give whom it rang, the staff in private."""
    for one in await store.read(lambda s: supervision.due(s, now=at)):
        await store.write(lambda s, one=one: supervision.warn(s, one, now=at, context=within))
    return [target for key, target in teller.take() if key in {"staff_alarm", "operator_unheard"}]


async def test_it_climbs_a_rung_every_five_minutes_and_loses_nobody(store: Store) -> None:
    number = await store.write(alarm)
    assert teller.take() == [("desk_waiting", "S1-desk"), ("red_alarm", "S1-desk"), ("staff_alarm", "K1")]

    rung = [await ring(store, at=NOON + minutes * MINUTE) for minutes in (4, 5, 9, 10, 15, 20, 25)]
    assert rung == [
        [],
        ["K1", "K2"],
        [],
        ["K1", "K2", "K8"],
        ["K1", "K2", "K8", "K9"],
        ["K1", "K2", "K8", "K9", "operator"],
        ["K1", "K2", "K8", "K9"],
    ]

    def read(session: Session) -> list[tuple[int, list[str], list[str]]]:
        events = session.execute(select(TicketEvent).where(TicketEvent.act == "alarm").order_by(TicketEvent.id)).scalars()
        return [(event.facts["rung"], event.facts["desks"], event.facts["staff"]) for event in events][:3]

    assert await store.read(read) == [
        (1, ["S1-desk"], ["K1"]),
        (2, ["S1-desk"], ["K1", "K2"]),
        (3, ["S1-desk", "D-desk"], ["K1", "K2", "K8"]),
    ]
    assert await store.read(lambda s: alarms.list_alarms(s, staff="K9", org=context.org)) == (number,)


async def test_a_worker_that_was_down_rings_at_once_all_that_were_due(store: Store) -> None:
    await store.write(alarm)
    teller.notices.clear()

    assert await ring(store, at=NOON + 17 * MINUTE) == ["K1", "K2", "K8", "K9"]
    assert await ring(store, at=NOON + 17 * MINUTE) == []


async def test_two_workers_at_once_ring_once(store: Store) -> None:
    await store.write(alarm)
    teller.notices.clear()
    (one,) = await store.read(lambda s: supervision.due(s, now=NOON + 5 * MINUTE))

    def work(session: Session) -> bool:
        return supervision.warn(session, one, now=NOON + 5 * MINUTE, context=context).done

    done = await asyncio.gather(*(store.write(work) for _ in range(4)), return_exceptions=True)
    assert [result for result in done if result is True] == [True]
    assert [result for result in done if result not in {True, False} and not isinstance(result, StaleDataError)] == []
    rung = await store.read(lambda s: s.execute(select(TicketEvent.facts).where(TicketEvent.act == "alarm")).scalars().all())
    assert [facts["rung"] for facts in rung] == [1, 2]


async def test_whoever_was_rung_takes_it_up_and_it_is_still(store: Store) -> None:
    number = await store.write(alarm)
    with pytest.raises(NotYours):
        await store.write(lambda s: supervision.acknowledge(s, number, actor="LAMP-1", now=NOON, context=context))
    await ring(store, at=NOON + 10 * MINUTE)
    acted = await store.write(lambda s: supervision.acknowledge(s, number, actor="K8", now=NOON + 11 * MINUTE, context=context))
    assert acted.ticket.acknowledged
    assert [await ring(store, at=NOON + minutes * MINUTE) for minutes in (15, 20, 500)][:2] == [[], []]
    assert await store.read(lambda s: alarms.list_alarms(s, staff="K8", org=context.org)) == ()
    actors = await store.read(
        lambda s: s.execute(select(TicketEvent.actor).where(TicketEvent.act == "acknowledge")).scalars().all()
    )
    assert actors == ["K8"]


async def test_an_answer_to_the_resident_is_taking_it_up_too(store: Store) -> None:
    number = await store.write(alarm)
    await store.write(lambda s: desk.reply(s, number, text="消防已到", actor="DESK-1", now=NOON + MINUTE, context=context))
    teller.notices.clear()
    assert await ring(store, at=NOON + 10 * MINUTE) == []


async def test_it_rings_hourly_after_three_hours_but_never_falls_silent(store: Store) -> None:
    await store.write(alarm)
    now, rung = NOON, []
    while now <= NOON + timedelta(hours=12):
        now += 5 * MINUTE
        if await ring(store, at=now):
            rung.append((now - NOON) // MINUTE)
    assert rung[:36] == list(range(5, 181, 5))
    assert rung[36:] == list(range(240, 721, 60))


async def test_at_night_the_desk_above_is_the_first_rung(store: Store) -> None:
    await store.write(lambda s: alarm(s, now=NOON + timedelta(hours=12)))
    assert ("staff_alarm", "K8") in teller.take()


async def test_where_nobody_is_on_duty_the_operator_hears_it_at_once_and_once(store: Store) -> None:
    await store.write(lambda s: alarm(s, within=EMPTY))
    assert teller.take() == [("desk_waiting", "S1-desk"), ("red_alarm", "S1-desk"), ("operator_unheard", "operator")]
    assert [await ring(store, at=NOON + minutes * MINUTE, within=EMPTY) for minutes in (5, 10)] == [[], []]


async def test_whom_it_is_about_is_never_rung(store: Store) -> None:
    def start(session: Session) -> None:
        alarm(session)
        ticket = session.execute(select(Ticket)).scalar_one()
        ticket.refused, ticket.refused_staff = ["S1-desk"], ["K9"]

    await store.write(start)
    teller.notices.clear()
    for one in await store.read(lambda s: supervision.due(s, now=NOON + 30 * MINUTE)):
        await store.write(lambda s, one=one: supervision.warn(s, one, now=NOON + 30 * MINUTE, context=context))
    assert {target for _, target in teller.take()} == {"D-desk", "K8", "operator"}


async def test_a_desk_that_the_matter_turns_out_to_be_about_cannot_silence_what_had_rung_it(store: Store) -> None:
    number = await store.write(alarm)
    rung = await store.read(lambda s: s.execute(select(TicketEvent.facts).where(TicketEvent.act == "alarm")).scalar_one())
    caller = rung["staff"][0]
    assert await store.read(lambda s: alarms.list_alarms(s, staff=caller, org=context.org)) == (number,)

    def accuse(session: Session) -> None:
        session.execute(select(Ticket)).scalar_one().refused = [context.org.staff[caller].unit]

    await store.write(accuse)

    assert await store.read(lambda s: alarms.list_alarms(s, staff=caller, org=context.org)) == ()
    with pytest.raises(NotYours):
        await store.write(lambda s: supervision.acknowledge(s, number, actor=caller, now=NOON, context=context))
