"""What residents and grid workers say of results, and what comes of it: closed, asked on, done again, decided by somebody else, asked after."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from routing import after, desk, figure_rows, rating, register, review, supervision
from routing.errors import Missing, NotAllowed, NotYours, SameUnit
from routing.figure_rows import Scope
from routing.org import StaffMember, build
from routing.rating import Verdict
from routing.tables import Ticket, TicketEvent
from routing.terms import Status
from store.keys import open_key
from tests.office import NOON, OFFICERS, Teller, build_context, report_lamp
from tests.town import AREAS, ROSTER, STAFF, UNITS

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from routing.facts import TicketFacts
    from routing.figures import Tally
    from routing.rating import Rated
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
HAPPY = Verdict(contacted="yes", solved="yes", satisfied="yes")
UNSOLVED = Verdict(solved="no")
SUPERVISORS = (
    StaffMember(code="SV-D", name="方大雪", role="supervisor", unit="D-desk"),
    StaffMember(code="SV-S1", name="于小寒", role="supervisor", unit="S1-desk"),
)
teller = Teller()
context = replace(build_context(teller), org=build(AREAS, UNITS, STAFF + OFFICERS + SUPERVISORS, ROSTER))


@pytest.fixture(autouse=True)
def _forget() -> None:
    teller.notices.clear()


def answered(session: Session, *, resident: int = 1, now: datetime = NOON, **changes: object) -> str:
    """Open a ticket about a lamp and have its unit conclude it; forget what was told."""
    number = report_lamp(session, context, resident=resident, now=now, **changes).ticket.number  # type: ignore[arg-type]
    return conclude(session, number, now=now + HOUR)


def conclude(session: Session, number: str, *, now: datetime, text: str = "灯泡已换好") -> str:
    desk.conclude(session, number, text=text, actor="operator", now=now, context=context)
    teller.notices.clear()
    return number


def rate(session: Session, number: str, verdict: Verdict, *, now: datetime = NOON + 2 * HOUR, **more: object) -> Rated:
    return rating.rate(session, number, resident_id=1, verdict=verdict, now=now, context=context, **more)  # type: ignore[arg-type]


def twice_bad(session: Session, **changes: object) -> str:
    """Have a ticket's result found bad twice, so that it waits for a supervisor."""
    number = answered(session, **changes)
    rate(session, number, UNSOLVED)
    conclude(session, number, now=NOON + DAY)
    rate(session, number, Verdict(satisfied="no"), now=NOON + DAY + HOUR, text="还是暗")
    return number


async def shown(store: Store, number: str) -> TicketFacts:
    return await store.read(lambda s: register.show(s, number, org=context.org).ticket)


async def tallied(store: Store, *, since: datetime = NOON) -> Tally:
    """Count what came in within ten days, from the events."""
    scope = Scope(since=since, until=since + 10 * DAY)
    return await store.read(lambda s: figure_rows.count(s, scope, now=since + 20 * DAY))


async def watch(store: Store, *, until: timedelta, step: timedelta = HOUR) -> list[tuple[str, str]]:
    """Let supervision look at what is due, again and again; give what it told."""
    now = NOON
    while now <= NOON + until:
        for one in await store.read(lambda s, now=now: supervision.due(s, now=now)):
            await store.write(lambda s, now=now, one=one: supervision.warn(s, one, now=now, context=context))
        now += step
    return teller.take()


async def test_three_answers_at_once_close_it_and_are_kept_apart(store: Store) -> None:
    said = Verdict(contacted="no", solved="yes", satisfied="basic")
    number = await store.write(answered)
    rated = await store.write(lambda s: rate(s, number, said))

    assert (rated.became, rated.ticket.status, rated.ticket.rating) == ("closed", Status.CLOSED, "satisfied")
    assert (rated.ticket.contacted, rated.ticket.solved, rated.ticket.satisfied) == ("no", "yes", "basic")
    assert teller.take() == []


async def test_what_is_missing_is_asked_once_and_then_left_open(store: Store) -> None:
    number = await store.write(answered)
    first = await store.write(lambda s: rate(s, number, Verdict(solved="yes")))
    second = await store.write(lambda s: rate(s, number, Verdict(satisfied="yes")))

    assert (first.became, first.ticket.asks, first.ticket.status) == ("asked", "satisfied", Status.CONCLUDED)
    assert (second.became, second.ticket.status) == ("closed", Status.CLOSED)
    assert (second.ticket.contacted, second.ticket.solved, second.ticket.satisfied) == ("", "yes", "yes")


async def test_who_says_no_more_within_a_day_is_taken_at_their_word(store: Store) -> None:
    number = await store.write(answered)
    await store.write(lambda s: rate(s, number, Verdict(solved="yes")))

    assert await watch(store, until=2 * DAY) == []
    ticket = await shown(store, number)
    assert (ticket.status, ticket.rating, ticket.satisfied) == (Status.CLOSED, "solved", "")


async def test_satisfaction_said_after_all_can_still_send_it_back(store: Store) -> None:
    number = await store.write(answered)
    await store.write(lambda s: rate(s, number, Verdict(solved="yes")))
    rated = await store.write(lambda s: rate(s, number, Verdict(satisfied="no"), text="泥水洒了一地"))

    assert (rated.became, rated.ticket.status, rated.ticket.rating) == ("redo", Status.DISPATCHED, "unsatisfied")
    assert [(notice.key, notice.facts["text"]) for notice in teller.notices] == [("unit_redo", "泥水洒了一地")]


async def test_what_is_half_done_goes_back_with_the_open_part_and_the_old_reply(store: Store) -> None:
    def halve(session: Session) -> tuple[str, list[str]]:
        number = answered(session)
        became = [
            rate(session, number, Verdict(solved="partly")).became,
            rate(session, number, Verdict(solved="partly"), part="后门那盏还黑着").became,
        ]
        return number, became

    number, became = await store.write(halve)
    assert became == ["asked", "redo_part"]
    assert [(notice.key, notice.facts["text"], notice.facts["reply"]) for notice in teller.notices] == [
        ("unit_redo_part", "后门那盏还黑着", "灯泡已换好")
    ]

    def read(session: Session) -> tuple[str, dict[str, object], str]:
        event = session.execute(select(TicketEvent).order_by(TicketEvent.id.desc()).limit(1)).scalar_one()
        ticket = session.execute(select(Ticket)).scalar_one()
        assert event.text is not None
        return (
            event.act,
            {name: value for name, value in event.facts.items() if name != "clocks"},
            open_key(session, ticket.key_id).open(event.text).decode(),
        )

    assert await store.read(read) == ("redo_part", {"rating": "partly", "count": 1, "part": True}, "后门那盏还黑着")
    assert (await shown(store, number)).asked == ""


async def test_half_done_without_a_word_goes_back_by_itself(store: Store) -> None:
    number = await store.write(answered)
    await store.write(lambda s: rate(s, number, Verdict(solved="partly")))

    assert await watch(store, until=3 * HOUR, step=timedelta(minutes=10)) == [("unit_redo_part", "D-works")]
    assert (await shown(store, number)).status == Status.DISPATCHED


async def test_nothing_said_is_no_rating(store: Store) -> None:
    number = await store.write(answered)
    with pytest.raises(Missing):
        await store.write(lambda s: rate(s, number, Verdict()))


async def test_silence_is_never_counted_as_satisfaction(store: Store) -> None:
    def fill(session: Session) -> None:
        for street, verdict in enumerate((HAPPY, Verdict(solved="yes"), Verdict(contacted="no", satisfied="basic"), None), start=1):
            number = answered(session, place=f"柳树街{street}号")
            if verdict is not None:
                rate(session, number, verdict)
        desk.close(session, answered(session, place="柳树街9号"), actor="operator", now=NOON + DAY, context=context)

    await store.write(fill)
    await watch(store, until=9 * DAY)
    sums = await tallied(store)
    assert (sums.closed, sums.unrated) == (5, 2)
    assert (sums.contacted, sums.contacted_said, sums.solved, sums.solved_said, sums.satisfied, sums.satisfied_said) == (
        1,
        2,
        2,
        2,
        2,
        2,
    )
    empty = await tallied(store, since=NOON + 10 * DAY)
    assert (empty.closed, empty.satisfied_said) == (0, 0)


async def test_an_old_bad_rating_is_not_that_of_a_new_result(store: Store) -> None:
    def walk(session: Session) -> str:
        number = answered(session)
        rate(session, number, UNSOLVED)
        return conclude(session, number, now=NOON + DAY)

    number = await store.write(walk)
    assert (await shown(store, number)).rating == ""
    await watch(store, until=9 * DAY)
    assert (await shown(store, number)).rating == "unrated"


async def test_the_second_time_it_is_bad_a_supervisor_above_the_unit_has_it(store: Store) -> None:
    number = await store.write(twice_bad)
    ticket = await shown(store, number)

    assert (ticket.status, ticket.unit, ticket.desk, ticket.disputed) == (Status.REVIEW, "D-desk", "S1-desk", "D-works")
    assert ticket.due_at.isoformat() == "2026-03-06T09:30:00+00:00"
    assert teller.take() == [("desk_review", "D-desk"), ("unit_reviewed", "D-works")]
    for actor in ("LAMP-1", "DESK-1", "SV-S1", "TOP-1"):
        with pytest.raises((NotYours, NotAllowed)):
            await store.write(lambda s, actor=actor: review.explain(s, number, text="压下", actor=actor, now=NOON, context=context))


async def test_a_unit_is_not_above_itself(store: Store) -> None:
    """Where the desk itself had answered, not its own supervisor decides, but the desk above."""

    def walk(session: Session) -> str:
        number = report_lamp(session, context, reason="no_phone").ticket.number
        for day in (1, 2):
            conclude(session, number, now=NOON + day * DAY)
            rate(session, number, UNSOLVED, now=NOON + day * DAY + HOUR)
        return number

    ticket = await shown(store, await store.write(walk))
    assert (ticket.status, ticket.unit, ticket.disputed) == (Status.REVIEW, "D-desk", "S1-desk")


async def test_another_unit_takes_it_and_never_the_same(store: Store) -> None:
    number = await store.write(twice_bad)
    teller.notices.clear()
    with pytest.raises(SameUnit):
        await store.write(
            lambda s: review.reassign(s, number, unit="D-works", text="再试", actor="SV-D", now=NOON + 2 * DAY, context=context)
        )
    with pytest.raises(Missing):
        await store.write(
            lambda s: review.reassign(s, number, unit="S1-office", text=" ", actor="SV-D", now=NOON + 2 * DAY, context=context)
        )
    acted = await store.write(
        lambda s: review.reassign(s, number, unit="S1-office", text="换人", actor="SV-D", now=NOON + 2 * DAY, context=context)
    )
    assert (acted.ticket.status, acted.ticket.unit) == (Status.DISPATCHED, "S1-office")
    assert teller.take() == [("reassigned", "1"), ("unit_dispatched", "S1-office")]


async def test_a_carried_matter_is_told_of_every_month_until_it_is_done(store: Store) -> None:
    number = await store.write(twice_bad)
    teller.notices.clear()
    start = NOON + 2 * DAY
    acted = await store.write(lambda s: review.carry(s, number, text="要换整条线路", actor="SV-D", now=start, context=context))
    assert (acted.ticket.status, acted.ticket.unit, acted.ticket.due_at) == (Status.CARRIED, "D-works", start + 30 * DAY)
    assert teller.take() == [("carried", "1"), ("unit_carried", "D-works")]

    assert await watch(store, until=75 * DAY, step=6 * HOUR) == [("still_carried", "1"), ("unit_progress_due", "D-works")] * 2
    later = NOON + 80 * DAY
    told = await store.write(lambda s: review.report_progress(s, number, text="已招标", actor="LAMP-1", now=later, context=context))
    assert (told.ticket.due_at, told.ticket.reply, teller.take()) == (later + 30 * DAY, "已招标", [("progressed", "1")])
    done = await store.write(lambda s: desk.conclude(s, number, text="新灯亮了", actor="LAMP-1", now=later, context=context))
    assert done.ticket.status == Status.CONCLUDED


async def test_an_explained_close_tells_why_and_counts_as_unsatisfied(store: Store) -> None:
    number = await store.write(twice_bad)
    teller.notices.clear()
    later = NOON + 2 * DAY
    acted = await store.write(lambda s: review.explain(s, number, text="亮度达标", actor="SV-D", now=later, context=context))
    assert (acted.ticket.status, acted.ticket.reply, acted.ticket.rating) == (Status.CLOSED, "亮度达标", "unsatisfied")
    assert [(notice.key, notice.facts["text"]) for notice in teller.notices] == [("explained", "亮度达标")]
    sums = await tallied(store)
    assert (sums.satisfied, sums.satisfied_said, sums.closed) == (0, 1, 1)
    assert await watch(store, until=60 * DAY, step=DAY) == [("explained", "1")]


async def test_a_thing_at_a_place_is_asked_after_once(store: Store) -> None:
    number = await store.write(answered)
    await store.write(lambda s: rate(s, number, HAPPY))
    with pytest.raises(NotAllowed):
        await store.write(lambda s: after.take_answer(s, number, resident_id=1, well=True, now=NOON + DAY, context=context))

    assert await watch(store, until=90 * DAY, step=DAY) == [("reask", "1")]
    assert (await shown(store, number)).asks == "after"
    later = NOON + 40 * DAY
    await store.write(lambda s: after.take_answer(s, number, resident_id=1, well=True, now=later, context=context))
    assert (await shown(store, number)).asks == ""
    with pytest.raises(NotAllowed):
        await store.write(lambda s: after.take_answer(s, number, resident_id=1, well=False, now=later, context=context))


@pytest.mark.parametrize("changes", [{"place": "", "area": ""}, {"text": "楼上吵，跑跳声", "reason": "asked_person"}])
async def test_what_is_no_thing_at_a_place_is_not_asked_after(store: Store, changes: dict[str, object]) -> None:
    number = await store.write(lambda s: answered(s, **changes))
    await store.write(lambda s: rate(s, number, HAPPY))
    assert await watch(store, until=90 * DAY, step=DAY) == []


async def test_the_worker_who_reported_it_evaluates_and_a_bad_result_goes_to_the_desk(store: Store) -> None:
    number = await store.write(lambda s: answered(s, resident=9, reporter_staff="W1"))
    with pytest.raises(NotYours):
        await store.write(lambda s: rating.evaluate(s, number, verdict=UNSOLVED, actor="W2", now=NOON + DAY, context=context))
    listed = await store.read(lambda s: [one.number for one in rating.list_for_reporter(s, staff="W1", org=context.org)])
    acted = await store.write(
        lambda s: rating.evaluate(s, number, verdict=UNSOLVED, text="还黑着", actor="W1", now=NOON + DAY, context=context)
    )
    assert (listed, acted.ticket.status, acted.ticket.unit, acted.ticket.evaluated) == (
        [number],
        Status.ACCEPTED,
        "S1-desk",
        "unsolved",
    )
    assert teller.take() == [("reopened", "9"), ("desk_reopened", "S1-desk")]
    assert await store.read(lambda s: rating.list_for_reporter(s, staff="W1", org=context.org)) == ()


async def test_a_worker_hears_nothing_of_what_turned_out_to_be_about_their_own(store: Store) -> None:
    def turn(session: Session) -> str:
        number = answered(session, resident=9, reporter_staff="W1")
        ticket = session.execute(select(Ticket)).scalar_one()
        ticket.refused = ["C1-jwh"]

        return number

    number = await store.write(turn)
    assert await store.read(lambda s: rating.list_for_reporter(s, staff="W1", org=context.org)) == ()
    with pytest.raises(NotYours):
        await store.write(lambda s: rating.evaluate(s, number, verdict=HAPPY, actor="W1", now=NOON + DAY, context=context))


async def test_a_neighbour_may_send_it_back_and_is_not_counted(store: Store) -> None:
    def both(session: Session) -> list[str]:
        number = report_lamp(session, context).ticket.number
        report_lamp(session, context, resident=2)
        conclude(session, number, now=NOON)
        good = rating.rate(session, number, resident_id=2, verdict=HAPPY, now=NOON, context=context)
        bad = rating.rate(session, number, resident_id=2, verdict=UNSOLVED, now=NOON, context=context)
        return [good.became, good.ticket.satisfied, bad.became, bad.ticket.rating]

    assert await store.write(both) == ["noted", "", "redo", ""]
