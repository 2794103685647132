"""What is promised of tickets that become one, or several, on both databases: merge, unmerge, split, separate."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from sqlalchemy import func, select

from routing import desk, duty_list, following, forgetting, merging, rating, register, splitting, supervision
from routing.errors import Missing, NotAllowed, NoTicket, NotParted, NotTogether, NotYours
from routing.rating import Verdict
from routing.sight import Viewer
from routing.tables import Ticket, TicketClock, TicketEvent, TicketFollower
from routing.terms import Status
from routing.triage import Triage
from store import outbox
from store.keys import open_key
from store.outbox import OutboxMessage
from store.shredding import Shredder
from tests.office import NOON, Teller, build_context, report_lamp
from tests.town import ITEMS
from tests.town import NOISE as NOISY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from routing.facts import Opened
    from routing.splitting import Parted
    from routing.terms import Notice
    from store.engine import Store

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NOISE = "楼上吵，半夜拖椅子，跑跳声不停"
UNSOLVED = Verdict(solved="no")

teller = Teller()
duties = duty_list.build([msgspec.structs.replace(item, public_space=False) if item is NOISY else item for item in ITEMS])
context = replace(build_context(teller), duty_list=duties, triage=Triage(duties, today=NOON.date()))


@pytest.fixture(autouse=True)
def _nothing_told() -> None:
    teller.notices.clear()


def lamp(session: Session, **changes: object) -> str:
    number = report_lamp(session, context, **changes).ticket.number  # type: ignore[arg-type]
    teller.notices.clear()
    return number


def two_lamps(session: Session) -> tuple[str, str]:
    """Open two tickets of two residents about one lamp that nobody has recognised as one."""
    return lamp(session), lamp(session, resident=2, place="柳树街14号")


def two_noises(session: Session) -> tuple[str, str]:
    """Open two tickets of two households in one house."""
    return tuple(  # type: ignore[return-value]
        lamp(session, resident=who, text=NOISE, place="柳树街3号") for who in (1, 2)
    )


def own(session: Session, resident: int) -> list[tuple[str, str]]:
    facts = register.facts_for_resident(session, resident, org=context.org, now=NOON + HOUR)
    return [(each.number, each.status.value) for each in facts]


def merge(session: Session, number: str, into: str, actor: str = "DESK-1") -> None:
    merging.merge(session, number, into=into, actor=actor, now=NOON + HOUR, context=context)


async def test_in_public_space_a_merged_ticket_s_people_follow_the_other_and_hear_all(store: Store) -> None:
    def walk(session: Session) -> tuple[str, str, list[object]]:
        first, second = two_lamps(session)
        report_lamp(session, context, resident=3, place="柳树街14号")
        teller.notices.clear()
        merge(session, second, first)
        told = teller.take()
        desk.conclude(session, first, text="已换", actor="LAMP-1", now=NOON + 2 * HOUR, context=context)
        words = [open_key(session, row.key_id).open(row.text).decode() for row in session.execute(select(TicketFollower)).scalars()]
        return first, second, [told, own(session, 2), own(session, 3), len(words)]

    first, _second, (told, of_second, of_third, followers) = await store.write(walk)
    assert told == [("merged", "2"), ("merged", "3"), ("unit_merged", "D-works"), ("unit_merged_in", "D-works")]
    assert of_second == of_third == [(first, "concluded")]
    assert followers == 3
    assert teller.take() == [("concluded", "1"), ("concluded", "2"), ("concluded", "3")]


async def test_of_a_household_each_sees_only_their_own_ticket(store: Store) -> None:
    def walk(session: Session) -> tuple[str, str, list[object]]:
        first, second = two_noises(session)
        merge(session, second, first)
        told = [(notice.key, notice.target, str(notice.facts)) for notice in teller.notices]
        teller.notices.clear()
        desk.conclude(session, first, text="已调解", actor="operator", now=NOON + 2 * HOUR, context=context)
        desk.close(session, first, actor="operator", now=NOON + 3 * HOUR, context=context)
        seen = register.progress(session, 2, org=context.org, now=NOON + HOUR)
        return first, second, [told, own(session, 1), own(session, 2), seen]

    first, second, (told, of_first, of_second, seen) = await store.write(walk)
    assert (of_first, of_second) == ([(first, "closed")], [(second, "merged")])
    for_second = [(key, facts) for key, target, facts in told if target == "2"]
    assert [key for key, _ in for_second] == ["merged_inside"]
    assert first not in str(for_second)
    assert [first in str(each) for each in seen] == [False]
    assert [event.act for event in seen[0].events][-1] == "merge"
    after = [(notice.key, notice.target) for notice in teller.notices]
    assert after == [("concluded", "1"), ("merged_over", "2"), ("closed", "1"), ("merged_over", "2")]
    assert len({notice.cause for notice in teller.notices if notice.key == "merged_over"}) == 1
    assert "已调解" not in str([notice.facts for notice in teller.notices if notice.target == "2"])


async def test_a_merged_ticket_neither_warns_nor_runs_and_comes_back_when_it_is_parted(store: Store) -> None:
    def walk(session: Session) -> list[object]:
        first, second = two_lamps(session)
        merge(session, second, first)
        due = [
            supervision.due(session, now=NOON + 30 * DAY),
            session.execute(select(Ticket.id).where(Ticket.number == first)).scalar_one(),
        ]
        runs = select(TicketClock.kind, TicketClock.result).join(Ticket, Ticket.id == TicketClock.ticket_id)
        before = [tuple(row) for row in session.execute(runs.where(Ticket.number == second).order_by(TicketClock.id))]
        teller.notices.clear()
        ticket = merging.unmerge(session, second, actor="DESK-1", now=NOON + 2 * HOUR, context=context).ticket
        after = [tuple(row) for row in session.execute(runs.where(Ticket.number == second).order_by(TicketClock.id))]
        left = session.execute(select(func.count()).select_from(TicketFollower)).scalar_one()
        return [
            due,
            before,
            after,
            (ticket.status, ticket.unit, ticket.merged_into),
            left,
            own(session, 2) == [(second, "accepted")],
        ]

    due, before, after, ticket, left, sees_own = await store.write(walk)
    assert due[0] == [due[1]]
    assert {result for kind, result in before if kind != "desk"} == {"void"}
    assert [run for run in after if run[1] == "running"] == [("resident", "running"), ("desk", "running")]
    assert (ticket, left, sees_own) == ((Status.ACCEPTED, "S1-desk", ""), 0, True)
    assert teller.take() == [("unmerged", "2"), ("desk_waiting", "S1-desk")]


async def test_who_followed_by_themselves_still_follows_after_the_parting(store: Store) -> None:
    def walk(session: Session) -> tuple[str, list[tuple[str, str]]]:
        first, second = two_lamps(session)
        report_lamp(session, context, resident=2)
        merge(session, second, first)
        merging.unmerge(session, second, actor="DESK-1", now=NOON + 2 * HOUR, context=context)
        return first, own(session, 2)

    first, seen = await store.write(walk)
    assert first in [number for number, _ in seen]
    assert len(seen) == 2


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"confidential": True}, "confidential"),
        ({"kind": "report"}, "confidential"),
        ({"tier": "red", "hazard": "fire", "text": "着火了救命"}, "danger"),
        ({"text": "执法队收摊贩的钱，占道没人管", "about": ("河东街道执法队",)}, "accused"),
    ],
)
@pytest.mark.parametrize("is_target", [True, False])
async def test_nothing_secret_in_danger_or_about_somebody_is_merged(
    store: Store, changes: dict[str, object], why: str, is_target: bool
) -> None:
    def walk(session: Session) -> None:
        plain, other = lamp(session), lamp(session, resident=2, place="柳树街99号", **changes)
        merge(session, *((plain, other) if is_target else (other, plain)), actor="TOP-1")

    with pytest.raises(NotTogether) as refused:
        await store.write(walk)
    assert refused.value.why == why


async def test_only_a_desk_of_both_merges_what_is_open(store: Store) -> None:
    first, second = await store.write(two_lamps)
    for number, into, actor, error in (
        (second, first, "LAMP-1", NotAllowed),
        (second, first, "LAW-1", NotYours),
        (second, second, "DESK-1", NotTogether),
        (second, "20260302-9999", "DESK-1", NoTicket),
        (second, "", "DESK-1", Missing),
    ):
        with pytest.raises(error):
            await store.write(lambda s, number=number, into=into, actor=actor: merge(s, number, into, actor))
    await store.write(lambda s: following.withdraw(s, first, resident_id=1, now=NOON, context=context))
    with pytest.raises(NotTogether) as refused:
        await store.write(lambda s: merge(s, second, first))
    assert refused.value.why == "target_over"


async def test_what_others_were_merged_into_goes_on_without_its_own_resident(store: Store) -> None:
    def walk(session: Session) -> Status:
        first, second = two_noises(session)
        merge(session, second, first)
        return following.withdraw(session, first, resident_id=1, now=NOON + HOUR, context=context).ticket.status

    assert await store.write(walk) == Status.DISPATCHED


async def test_what_was_answered_is_asked_about_no_more_once_it_is_merged(store: Store) -> None:
    def walk(session: Session) -> tuple[str, str]:
        first, second = two_noises(session)
        desk.reply(session, second, text="已调解", actor="operator", now=NOON, context=context)
        rating.rate(session, second, resident_id=2, verdict=Verdict(solved="yes"), now=NOON, context=context)
        merge(session, second, first)
        merging.unmerge(session, second, actor="DESK-1", now=NOON + 2 * HOUR, context=context)
        for ticket_id in supervision.due(session, now=NOON + 30 * DAY):
            supervision.warn(session, ticket_id, now=NOON + 30 * DAY, context=context)
        row = session.execute(select(Ticket).where(Ticket.number == second)).scalar_one()
        return row.status, row.asked

    assert await store.write(walk) == (Status.ACCEPTED, "")


async def test_who_is_erased_leaves_no_word_on_the_ticket_that_goes_on(store: Store) -> None:
    def keep(session: Session, notice: Notice) -> None:
        facts = {name: value for name, value in notice.facts.items() if name != "text"}
        outbox.put(
            session,
            cause=notice.cause,
            audience=notice.audience,
            target=notice.target,
            channel="",
            notice=notice.key,
            facts=facts,
            now=NOON,
        )

    def walk(session: Session) -> tuple[list[str], list[str], int, str]:
        first, second = lamp(session), lamp(session, resident=2, place="柳树街14号", text="金丝雀灯坏了，路灯不亮")
        merging.merge(session, second, into=first, actor="DESK-1", now=NOON + HOUR, context=replace(context, tell=keep))
        told = select(OutboxMessage).order_by(OutboxMessage.id)
        before = [row.notice for row in session.execute(told).scalars() if "金丝雀" in str(row.facts)]
        forgetting.forget_person(
            session, resident_id=2, words="（已删）", shredder=Shredder(session), now=NOON + DAY, context=context
        )
        session.flush()
        after = [row.notice for row in session.execute(told).scalars() if "金丝雀" in str(row.facts)]
        followers = session.execute(select(func.count()).select_from(TicketFollower)).scalar_one()
        return before, after, followers, register.show(session, first, org=context.org).ticket.status

    before, after, followers, status = await store.write(walk)
    assert ("unit_merged_in" in before, after, followers, status) == (True, [], 0, Status.DISPATCHED)


async def test_one_message_becomes_several_tickets_and_its_resident_hears_it_once(store: Store) -> None:
    def walk(session: Session) -> tuple[str, Parted, list[Ticket]]:
        number = lamp(session, reason="no_phone", text="路灯坏了，楼上还吵，门口还有人摆摊占道")
        parted = splitting.split(
            session,
            number,
            parts=["楼上吵，跑跳声", "门口摆摊占道", " "],
            text="路灯坏了",
            actor="DESK-1",
            now=NOON + HOUR,
            context=context,
        )
        return number, parted, list(session.execute(select(Ticket).order_by(Ticket.id)).scalars())

    number, parted, rows = await store.write(walk)
    numbers = [each.ticket.number for each in parted.opened]
    assert (len(numbers), len(rows), [each.joined_to for each in parted.opened]) == (2, 3, ["", ""])
    assert [(row.split_from, row.resident_id, row.opened_at) for row in rows[1:]] == [(number, 1, NOON)] * 2
    assert (parted.ticket.status, parted.ticket.summary) == (Status.ACCEPTED, "路灯坏了")
    first = teller.notices[0]
    assert (first.key, first.target, first.facts["numbers"]) == ("split", "1", "、".join([number, *numbers]))
    assert [notice.key for notice in teller.notices].count("split") == 1


async def test_a_part_s_clock_runs_from_the_receipt_of_the_message(store: Store) -> None:
    def walk(session: Session) -> list[object]:
        number = lamp(session, reason="no_phone")
        parted = splitting.split(
            session,
            number,
            parts=["流动摊贩摆摊占道，人行道上全是摊子"],
            text="路灯坏了",
            actor="DESK-1",
            now=NOON + DAY,
            context=context,
        )
        part = parted.opened[0].ticket.number
        statement = select(TicketEvent).join(Ticket, Ticket.id == TicketEvent.ticket_id).where(Ticket.number == part)
        events = list(session.execute(statement.order_by(TicketEvent.id)).scalars())
        runs = select(TicketClock).join(Ticket, Ticket.id == TicketClock.ticket_id).where(Ticket.number == part)
        clocks = [(run.kind, run.started_at) for run in session.execute(runs.order_by(TicketClock.id)).scalars()]
        return [[(event.act, event.at) for event in events], clocks, events[0].facts["split_from"] == number]

    events, clocks, is_named = await store.write(walk)
    assert (events, is_named) == ([("accept", NOON), ("dispatch", NOON + DAY)], True)
    assert clocks == [("desk", NOON), ("resident", NOON), ("unit", NOON + DAY)]


async def test_a_split_needs_parts_and_belongs_to_the_desk(store: Store) -> None:
    waiting, sent = await store.write(lambda s: (lamp(s, reason="no_phone", place="柳树街5号"), lamp(s)))
    for number, parts, text, actor, error in (
        (waiting, ["  "], "路灯", "DESK-1", NotParted),
        (waiting, ["占道"], "", "DESK-1", Missing),
        (waiting, ["占道"], "路灯", "LAMP-1", NotYours),
        (sent, ["占道"], "路灯", "DESK-1", NotAllowed),
    ):
        with pytest.raises(error):
            await store.write(
                lambda s, number=number, parts=parts, text=text, actor=actor: splitting.split(
                    s, number, parts=parts, text=text, actor=actor, now=NOON, context=context
                )
            )
    assert await store.read(lambda s: s.execute(select(func.count()).select_from(Ticket)).scalar_one()) == 2


async def test_a_part_of_a_secret_matter_is_secret_too(store: Store) -> None:
    def walk(session: Session) -> Ticket:
        number = lamp(session, confidential=True)
        splitting.split(session, number, parts=["门口摆摊占道"], text="路灯", actor="DESK-1", now=NOON, context=context)
        return session.execute(select(Ticket).where(Ticket.split_from == number)).scalar_one()

    part = await store.write(walk)
    assert (part.confidential, part.status, part.summary) == (True, Status.ACCEPTED, "")
    with pytest.raises(NoTicket):
        await store.read(lambda s: register.show(s, part.number, org=context.org, viewer=Viewer("unit", "D-law")))


async def test_a_neighbour_joined_by_mistake_gets_a_ticket_of_their_own(store: Store) -> None:
    def walk(session: Session) -> tuple[str, Opened, list[object]]:
        number = lamp(session)
        report_lamp(session, context, resident=2, text="12号门口路灯坏了，路灯不亮", now=NOON + HOUR)
        teller.notices.clear()
        opened = splitting.separate(
            session, number, follower=1, text="说的是另一盏", actor="DESK-1", now=NOON + DAY, context=context
        )
        row = session.execute(select(Ticket).where(Ticket.number == opened.ticket.number)).scalar_one()
        words = open_key(session, row.key_id).open(row.text).decode()
        runs = select(TicketClock.kind, TicketClock.started_at).where(
            TicketClock.ticket_id == row.id, TicketClock.result == "running"
        )
        clocks = [tuple(run) for run in session.execute(runs.order_by(TicketClock.id))]
        return number, opened, [row.opened_at, words, clocks, own(session, 2)]

    number, opened, (since, words, clocks, seen) = await store.write(walk)
    assert (opened.joined_to, opened.ticket.status, opened.ticket.number != number) == ("", Status.ACCEPTED, True)
    assert (since, words) == (NOON + HOUR, "12号门口路灯坏了，路灯不亮")
    assert clocks == [("resident", NOON + HOUR), ("desk", NOON + DAY)]
    assert seen == [(opened.ticket.number, "accepted")]
    assert teller.take() == [("desk_waiting", "S1-desk"), ("separated", "2")]
    with pytest.raises(NotParted):
        await store.write(
            lambda s: splitting.separate(s, number, follower=1, text="又一位", actor="DESK-1", now=NOON + DAY, context=context)
        )


async def test_a_bad_result_of_the_one_that_goes_on_is_told_to_the_merged_again(store: Store) -> None:
    def walk(session: Session) -> list[str]:
        first, second = two_noises(session)
        merge(session, second, first)
        for turn in (2, 4):
            desk.conclude(session, first, text="已调解", actor="operator", now=NOON + turn * HOUR, context=context)
            if turn == 2:
                rating.rate(session, first, resident_id=1, verdict=UNSOLVED, now=NOON + 3 * HOUR, context=context)
        return [notice.cause for notice in teller.notices if notice.key == "merged_over"]

    assert len(set(await store.write(walk))) == 2
