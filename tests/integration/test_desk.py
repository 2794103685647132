"""What is promised of tickets, on both databases: from the report to the resident who says that it is solved."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from routing import calendar, desk, following, listing, rating, register, supervision, timing
from routing.errors import Missing, NotAllowed, NoTicket, NotYours, RefusedUnit, UnknownItem, UnknownUnit, WrongLevel
from routing.links import hash_token
from routing.rating import Verdict
from routing.sight import Viewer
from routing.tables import Ticket, TicketEvent, TicketFollower
from routing.terms import Status
from store import outbox
from store.audit import AuditEntry
from store.keys import drop_key, open_key
from store.outbox import OutboxMessage
from tests.office import LAMP_OUT, NOON, Teller, build_context, report_lamp

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from routing.context import DeskSettings
    from routing.facts import Opened, TicketFacts
    from store.engine import Store

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
HAPPY = Verdict(contacted="yes", solved="yes", satisfied="yes")
UNSOLVED = Verdict(solved="no")

teller = Teller()
context = build_context(teller)


@pytest.fixture(autouse=True)
def _nothing_told() -> None:
    teller.notices.clear()


def lamp(session: Session, **changes: object) -> str:
    """Open a ticket about a lamp, already with its unit, and forget what was told."""
    number = report_lamp(session, context, **changes).ticket.number  # type: ignore[arg-type]
    teller.notices.clear()
    return number


def at_desk(session: Session, **changes: object) -> str:
    """Open a ticket that waits at the street's desk, and forget what was told."""
    number = report_lamp(session, context, **{"reason": "no_phone", **changes}).ticket.number  # type: ignore[arg-type]
    teller.notices.clear()
    return number


def answered(session: Session, **changes: object) -> str:
    number = lamp(session, **changes)
    desk.conclude(session, number, text="灯泡已换好", actor="LAMP-1", now=NOON + HOUR, context=context)
    teller.notices.clear()
    return number


async def test_a_sure_matter_goes_to_its_unit_at_once(store: Store) -> None:
    opened = await store.write(lambda s: report_lamp(s, context))

    ticket = opened.ticket
    assert (ticket.number, ticket.status, ticket.title) == ("20260302-0001", Status.DISPATCHED, "柳树街12号路灯不亮")
    assert (ticket.unit, ticket.desk, ticket.automatic, ticket.item) == ("D-works", "S1-desk", True, "SZ-1")
    assert ticket.due_at.isoformat() == "2026-03-09T09:30:00+00:00"
    assert ticket.assisting == ("C1-jwh",)
    assert teller.take() == [("dispatched", "1"), ("unit_dispatched", "D-works"), ("unit_assist", "C1-jwh")]
    assert await store.read(lambda s: [event.act for event in register.show(s, ticket.number, org=context.org).events]) == [
        "accept",
        "dispatch",
    ]


async def test_an_unclear_matter_waits_at_the_desk_with_its_candidates(store: Store) -> None:
    opened = await store.write(lambda s: report_lamp(s, context, area="", place=""))

    assert (opened.ticket.status, opened.ticket.unit, opened.ticket.automatic) == (Status.ACCEPTED, "D-desk", False)
    assert opened.ticket.candidates[0] == "SZ-1"
    assert opened.ticket.due_at.isoformat() == "2026-03-02T07:30:00+00:00"
    assert teller.take() == [("desk_waiting", "D-desk")]


async def test_words_are_sealed_and_titles_masked(store: Store) -> None:
    words = f"{LAMP_OUT}，我电话13912345678"
    opened = await store.write(lambda s: report_lamp(s, context, text=words))

    def look(session: Session) -> tuple[bytes, bytes, str, str]:
        ticket = session.execute(select(Ticket)).scalar_one()
        key = open_key(session, ticket.key_id)
        assert ticket.place_text is not None
        return key.open(ticket.text), key.open(ticket.place_text), ticket.summary, ticket.token_hash

    text, place, summary, token_hash = await store.read(look)
    assert (text.decode(), place.decode()) == (words, "柳树街12号3单元501")
    assert summary == f"{LAMP_OUT}，我电话〔电话〕"
    assert token_hash == hash_token(opened.token)
    assert [notice for notice in teller.notices if "139" in str(notice.facts) or "501" in str(notice.facts)] == []


async def test_a_wish_to_talk_to_a_person_is_a_call_back(store: Store) -> None:
    def ask(session: Session) -> list[Opened]:
        return [report_lamp(session, context, text=text, reason="asked_person") for text in (LAMP_OUT, "人呢")]

    first, second = await store.write(ask)
    assert (first.ticket.unit, first.ticket.reason) == ("S1-desk", "asked_person")
    assert (second.joined_to, second.own) == (first.ticket.number, True)
    assert teller.take() == [("desk_call_back", "S1-desk"), ("desk_added", "S1-desk")]


async def test_a_neighbour_joins_in_public_space_and_hears_all(store: Store) -> None:
    def join(session: Session) -> tuple[str, list[Opened]]:
        number = lamp(session)
        reports = [report_lamp(session, context, resident=who, text="12号门口路灯坏了，路灯不亮") for who in (2, 2, 3)]
        return number, reports

    number, joined = await store.write(join)
    assert [(each.joined_to, each.own, each.token) for each in joined] == [
        (number, False, ""),
        (number, True, ""),
        (number, False, ""),
    ]
    assert joined[-1].ticket.people == (1, 2, 3)
    assert teller.take() == [("unit_added", "D-works")]
    await store.write(lambda s: desk.reply(s, number, text="明天换", actor="LAMP-1", now=NOON, context=context))
    assert teller.take() == [("replied", "1"), ("replied", "2"), ("replied", "3")]
    assert await store.read(lambda s: s.execute(select(func.count()).select_from(Ticket)).scalar_one()) == 1


async def test_two_neighbours_at_once_make_one_ticket(store: Store) -> None:
    opened = await asyncio.gather(*(store.write(lambda s, who=who: report_lamp(s, context, resident=who)) for who in range(1, 9)))

    assert sum(not each.joined_to for each in opened) == 1
    assert await store.read(lambda s: s.execute(select(Ticket.followers)).scalars().all()) == [7]


@pytest.mark.parametrize(
    "changes",
    [
        {"place": "柳树街80号"},
        {"area": "G2"},
        {"confidential": True},
        {"kind": "report"},
        {"tier": "red", "hazard": "fire"},
        {"text": "路灯所的温师傅态度很差", "about": ("路灯管理人员",)},
        {"text": "柳树街12号楼上吵，半夜拖椅子", "reason": "no_phone"},
        {"reason": "asked_person"},
    ],
)
async def test_what_is_another_matter_or_nobody_elses_joins_nothing(store: Store, changes: dict[str, object]) -> None:
    def report(session: Session) -> Opened:
        lamp(session)
        return report_lamp(session, context, resident=2, **changes)  # type: ignore[arg-type]

    assert (await store.write(report)).joined_to == ""


async def test_a_neighbours_report_after_the_answer_is_a_ticket_of_its_own(store: Store) -> None:
    def report(session: Session) -> Opened:
        answered(session)
        return report_lamp(session, context, resident=2)

    assert (await store.write(report)).joined_to == ""


async def test_the_same_resident_again_adds_to_the_open_ticket(store: Store) -> None:
    def repeat(session: Session) -> tuple[str, Opened]:
        return lamp(session), report_lamp(session, context, text=f"{LAMP_OUT}，电话13912345678")

    number, opened = await store.write(repeat)
    assert (opened.joined_to, opened.own) == (number, True)
    assert [(notice.key, notice.facts["text"]) for notice in teller.notices] == [("unit_added", f"{LAMP_OUT}，电话〔电话〕")]


async def test_the_desk_dispatches_and_the_unit_works_it_to_the_end(store: Store) -> None:
    def work(session: Session) -> list[TicketFacts]:
        number = at_desk(session)
        later = NOON + DAY
        return [
            desk.dispatch(session, number, unit="D-works", item="SZ-1", actor="DESK-1", now=later, context=context).ticket,
            desk.sign(session, number, actor="LAMP-1", now=later + HOUR, context=context).ticket,
            desk.reply(session, number, text=" 已派人 ", actor="LAMP-1", now=later + HOUR, context=context).ticket,
            desk.conclude(session, number, actor="LAMP-1", now=later + DAY, context=context).ticket,
            rating.rate(session, number, resident_id=1, verdict=HAPPY, now=later + DAY, context=context).ticket,
        ]

    steps = await store.write(work)
    assert [step.status for step in steps] == ["dispatched", "signed", "replied", "concluded", "closed"]
    assert steps[0].due_at.isoformat() == "2026-03-10T09:30:00+00:00"
    assert [step.reply for step in steps] == ["", "", "已派人", "已派人", "已派人"]
    assert teller.take() == [
        ("dispatched", "1"),
        ("unit_dispatched", "D-works"),
        ("unit_assist", "C1-jwh"),
        ("replied", "1"),
        ("concluded", "1"),
    ]
    audit = await store.read(lambda s: s.execute(select(AuditEntry.actor, AuditEntry.action).order_by(AuditEntry.id)).all())
    assert [tuple(row) for row in audit] == [
        ("resident", "ticket.accept"),
        ("DESK-1", "ticket.dispatch"),
        ("LAMP-1", "ticket.sign"),
        ("LAMP-1", "ticket.reply"),
        ("LAMP-1", "ticket.conclude"),
        ("resident", "ticket.rate"),
        ("system", "ticket.close"),
    ]


@pytest.mark.parametrize(
    ("unit", "item", "error"),
    [
        ("nobody", "SZ-1", UnknownUnit),
        ("D-desk", "SZ-1", UnknownUnit),
        ("D-works", "nothing", UnknownItem),
        ("C1-jwh", "SZ-1", WrongLevel),
        ("", "SZ-1", Missing),
    ],
)
async def test_a_wrong_dispatch_is_refused_and_leaves_nothing(store: Store, unit: str, item: str, error: type[Exception]) -> None:
    number = await store.write(at_desk)
    with pytest.raises(error):
        await store.write(lambda s: desk.dispatch(s, number, unit=unit, item=item, actor="DESK-1", now=NOON, context=context))
    assert await store.read(lambda s: register.show(s, number, org=context.org).ticket.status) == Status.ACCEPTED
    assert teller.take() == []


async def test_only_who_has_it_may_act(store: Store) -> None:
    waiting, sent = await store.write(lambda s: (at_desk(s, text="楼上吵，跑跳声", place="柳树街3号"), lamp(s)))

    for number, actor in ((sent, "LAW-1"), (sent, "DESK-1"), (sent, "nobody"), (waiting, "LAMP-1")):
        with pytest.raises((NotYours, NotAllowed)):
            await store.write(lambda s, number=number, actor=actor: desk.sign(s, number, actor=actor, now=NOON, context=context))
    acted = await store.write(lambda s: desk.dispatch(s, waiting, unit="C1-jwh", actor="TOP-1", now=NOON, context=context))
    assert (acted.ticket.unit, acted.ticket.item) == ("C1-jwh", "SQ-1")
    assert (await store.write(lambda s: desk.sign(s, sent, actor="operator", now=NOON, context=context))).ticket.status == "signed"


async def test_a_unit_the_matter_is_about_never_gets_or_sees_it(store: Store) -> None:
    text = "执法队的丁队员收摊贩的钱，占道没人管"

    def complain(session: Session) -> Opened:
        return report_lamp(session, context, text=text, kind="report", about=("河东街道执法队", "执法队员"))

    opened = await store.write(complain)
    number, refused = opened.ticket.number, opened.ticket.refused
    assert ("S1-law" in refused, opened.ticket.unit) == (True, "D-desk")
    assert "S1-law" not in {target for _, target in teller.take()}
    with pytest.raises(RefusedUnit):
        await store.write(lambda s: desk.dispatch(s, number, unit="S1-law", actor="TOP-1", now=NOON, context=context))
    with pytest.raises(NotYours):
        await store.write(lambda s: desk.note(s, number, text="压下", actor="LAW-1", now=NOON, context=context))
    with pytest.raises(NoTicket):
        await store.read(lambda s: register.show(s, number, org=context.org, viewer=Viewer("unit", "S1-law")))
    assert (await store.read(lambda s: listing.list_tickets(s, org=context.org, now=NOON, unit="S1-law"))).lines == ()


async def test_a_return_goes_to_the_desk_with_its_reason(store: Store) -> None:
    def send_back(session: Session) -> TicketFacts:
        number = lamp(session)
        with pytest.raises(Missing):
            desk.return_ticket(session, number, reason="area", text=" ", actor="LAMP-1", now=NOON, context=context)
        return desk.return_ticket(
            session,
            number,
            reason="area",
            text="路属河西，找13912345678",
            suggested="S1-law",
            actor="LAMP-1",
            now=NOON,
            context=context,
        ).ticket

    ticket = await store.write(send_back)
    assert (ticket.status, ticket.unit, ticket.assisting) == (Status.ACCEPTED, "S1-desk", ())
    told = [(notice.key, notice.target, notice.facts["text"]) for notice in teller.notices]
    assert told == [
        ("desk_returned_article", "S1-desk", "路属河西，找〔电话〕"),
        ("unit_recalled", "D-works", "路属河西，找〔电话〕"),
    ]
    shown = await store.read(lambda s: register.progress(s, 1, org=context.org, now=NOON)[0])
    assert [(event.act, event.unit_name) for event in shown.events] == [
        ("accept", "河东街道指挥室"),
        ("dispatch", "东湖区市政中心"),
        ("return", "河东街道指挥室"),
    ]
    assert shown.events[-1].facts == {
        "reason": "area",
        "suggested": "S1-law",
        "article": "SZ-1 路灯不亮",
        "from": "D-works",
        "count": 1,
    }


async def test_an_item_whose_dispatches_come_back_loses_them(store: Store) -> None:
    def bounce(session: Session) -> list[bool]:
        automatic = []
        for street in range(12):
            opened = report_lamp(session, context, resident=street, place=f"柳树街{100 + street}号")
            automatic.append(opened.ticket.automatic)
            if opened.ticket.automatic:
                number = opened.ticket.number
                desk.return_ticket(session, number, reason="remit", text="不归我们", actor="LAMP-1", now=NOON, context=context)
        return automatic

    assert await store.write(bounce) == [True] * 10 + [False] * 2


@pytest.mark.parametrize(
    ("verdict", "word"), [(Verdict(solved="partly"), "partly"), (Verdict(satisfied="no"), "unsatisfied"), (UNSOLVED, "unsolved")]
)
async def test_what_is_not_solved_goes_back_by_itself(store: Store, verdict: Verdict, word: str) -> None:
    later = NOON + 5 * DAY

    def complain(session: Session) -> TicketFacts:
        number = answered(session)
        return rating.rate(session, number, resident_id=1, verdict=verdict, part="还是黑的", now=later, context=context).ticket

    ticket = await store.write(complain)
    assert (ticket.status, ticket.unit, ticket.redo_count, ticket.rating) == (Status.DISPATCHED, "D-works", 1, word)
    assert ticket.due_at.isoformat() == "2026-03-13T09:30:00+00:00"
    assert [(notice.key, notice.facts["reply"], notice.facts["text"]) for notice in teller.notices] == [
        ("unit_redo_part" if word == "partly" else "unit_redo", "灯泡已换好", "还是黑的")
    ]
    runs = await store.read(lambda s: timing.list_runs(s, s.execute(select(Ticket)).scalar_one()))
    assert [(run.round, run.due_at.isoformat()) for run in runs if run.kind == "unit"] == [
        (1, "2026-03-09T09:30:00+00:00"),
        (2, "2026-03-13T09:30:00+00:00"),
    ]


async def test_what_the_desk_answered_goes_back_to_the_desk(store: Store) -> None:
    def complain(session: Session) -> TicketFacts:
        number = at_desk(session)
        desk.conclude(session, number, text="已电话说明", actor="DESK-1", now=NOON, context=context)
        teller.notices.clear()
        return rating.rate(session, number, resident_id=1, verdict=UNSOLVED, now=NOON + HOUR, context=context).ticket

    assert (await store.write(complain)).status == Status.ACCEPTED
    assert teller.take() == [("desk_reopened", "S1-desk")]


async def test_a_neighbour_may_send_it_back_but_not_close_it(store: Store) -> None:
    def rate(session: Session) -> list[Status]:
        number = lamp(session)
        report_lamp(session, context, resident=2)
        desk.conclude(session, number, text="好了", actor="LAMP-1", now=NOON, context=context)
        happy = rating.rate(session, number, resident_id=2, verdict=HAPPY, now=NOON, context=context)
        teller.notices.clear()
        unhappy = rating.rate(session, number, resident_id=2, verdict=UNSOLVED, now=NOON, context=context)
        return [happy.ticket.status, unhappy.ticket.status]

    assert await store.write(rate) == [Status.CONCLUDED, Status.DISPATCHED]
    assert teller.take() == [("redo", "1"), ("unit_redo", "D-works")]


async def test_a_stranger_sees_and_does_nothing(store: Store) -> None:
    number = await store.write(answered)

    assert await store.read(lambda s: register.progress(s, 9, org=context.org, now=NOON, number=number)) == ()
    assert await store.read(lambda s: register.facts_for_resident(s, 9, org=context.org, now=NOON)) == ()
    for act in (
        lambda s: rating.rate(s, number, resident_id=9, verdict=HAPPY, now=NOON, context=context),
        lambda s: following.add(s, number, resident_id=9, text="我", now=NOON, context=context),
        lambda s: following.urge(s, number, resident_id=9, now=NOON, context=context),
        lambda s: following.withdraw(s, number, resident_id=9, now=NOON, context=context),
    ):
        with pytest.raises(NoTicket):
            await store.write(act)


async def test_urging_reaches_the_unit_three_times_a_day(store: Store) -> None:
    number = await store.write(lamp)
    done = [
        (await store.write(lambda s, at=at: following.urge(s, number, resident_id=1, now=NOON + at, context=context))).done
        for at in (HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR, DAY + 2 * HOUR)
    ]
    assert done == [True, True, True, False, True]
    assert teller.take() == [("unit_urged", "D-works")] * 4


async def test_a_matter_taken_back_ends_unless_others_or_a_danger_need_it(store: Store) -> None:
    def withdraw(session: Session) -> list[Status]:
        alone, shared = lamp(session, place="柳树街1号"), lamp(session, place="柳树街2号", resident=2)
        report_lamp(session, context, resident=3, place="柳树街2号")
        danger = lamp(session, resident=4, text="煤气味很大", tier="orange", hazard="gas")
        statuses = [
            following.withdraw(session, number, resident_id=who, now=NOON, context=context).ticket.status
            for number, who in ((alone, 1), (shared, 2), (shared, 3), (danger, 4))
        ]
        with pytest.raises(NoTicket):
            following.urge(session, shared, resident_id=3, now=NOON, context=context)
        return statuses

    alone, *others = await store.write(withdraw)
    assert alone == Status.WITHDRAWN
    assert set(others).isdisjoint({Status.WITHDRAWN, Status.CLOSED})
    assert teller.take() == [("unit_withdrawn", "D-works")]
    assert await store.read(lambda s: s.execute(select(func.count()).select_from(TicketFollower)).scalar_one()) == 0


async def test_a_place_added_later_is_taken_over_without_the_door(store: Store) -> None:
    def add(session: Session) -> TicketFacts:
        number = at_desk(session, area="", place="")
        return following.add(
            session, number, resident_id=1, text="在柳树街12号", public_place="柳树街12号", area="G1", now=NOON, context=context
        ).ticket

    ticket = await store.write(add)
    assert (ticket.public_place, ticket.area) == ("柳树街12号", "G1")


async def test_lists_go_on_where_they_ended(store: Store) -> None:
    def fill(session: Session) -> list[str]:
        return [lamp(session, resident=who, place=f"柳树街{who}号") for who in range(1, 6)]

    numbers = await store.write(fill)
    first = await store.read(lambda s: listing.list_tickets(s, org=context.org, now=NOON, unit="D-works", limit=3))
    rest = await store.read(
        lambda s: listing.list_tickets(s, org=context.org, now=NOON + 30 * DAY, overdue=True, limit=3, after=first.after)
    )
    assert [line.number for line in first.lines + rest.lines] == numbers[::-1]
    assert ({line.overdue for line in first.lines}, {line.overdue for line in rest.lines}, rest.after) == ({False}, {True}, None)
    none = await store.read(lambda s: listing.list_tickets(s, org=context.org, now=NOON, status={Status.ACCEPTED}))
    assert none.lines == ()


async def _supervise(
    store: Store, *, until: timedelta, step: timedelta, settings: DeskSettings | None = None
) -> list[tuple[str, str]]:
    """Let supervision look at what is due, again and again; give what it told."""
    watching = build_context(teller, settings)
    now = NOON
    while now <= NOON + until:
        for ticket_id in await store.read(lambda s, now=now: supervision.due(s, now=now)):
            await store.write(lambda s, now=now, one=ticket_id: supervision.warn(s, one, now=now, context=watching))
        now += step
    return teller.take()


async def test_a_unit_is_warned_and_an_overdue_ticket_called_to_mind_daily(store: Store) -> None:
    await store.write(lamp)

    assert await _supervise(store, until=9 * DAY, step=HOUR) == [
        ("unit_halfway", "D-works"),
        ("unit_due_soon", "D-works"),
        ("unit_overdue", "D-works"),
        ("desk_overdue", "S1-desk"),
        ("unit_overdue", "D-works"),
        ("desk_overdue", "S1-desk"),
        ("desk_overdue_above", "D-desk"),
    ]


async def test_what_stays_late_climbs_the_tree_and_in_the_end_alarms_the_operator_once(store: Store) -> None:
    await store.write(lamp)

    told = await _supervise(store, until=12 * DAY, step=HOUR)
    assert [each for each in told if each[0] in {"desk_overdue_above", "operator_overdue"}] == [
        ("desk_overdue_above", "D-desk"),
        ("operator_overdue", "operator"),
        ("operator_overdue", "operator"),
        ("operator_overdue", "operator"),
    ]
    assert len({notice.cause for notice in teller.notices if notice.key == "operator_overdue"}) <= 1


async def test_the_resident_s_own_clock_is_watched_by_the_desk_whoever_has_the_matter(store: Store) -> None:
    await store.write(lamp)

    told = await _supervise(store, until=25 * DAY, step=HOUR)
    assert [each for each in told if each[0].startswith("desk_resident")] == [
        ("desk_resident_due_soon", "S1-desk"),
        ("desk_resident_overdue", "S1-desk"),
    ]


async def test_what_a_desk_leaves_lying_climbs_to_the_one_above(store: Store) -> None:
    number = await store.write(at_desk)

    told = await _supervise(store, until=3 * HOUR + HOUR / 2, step=HOUR / 4)
    assert told == [
        ("desk_halfway", "S1-desk"),
        ("desk_due_soon", "S1-desk"),
        ("desk_overdue", "S1-desk"),
        ("desk_waiting", "D-desk"),
    ]
    shown = await store.read(lambda s: register.show(s, number, org=context.org))
    assert (shown.ticket.status, shown.ticket.unit, shown.ticket.desk) == (Status.ACCEPTED, "D-desk", "D-desk")
    assert [event.act for event in shown.events][-1] == "climb"
    await _supervise(store, until=3 * DAY, step=HOUR)
    assert [(event.act, event.facts) for event in (await store.read(lambda s: register.show(s, number, org=context.org))).events][
        -1
    ] == (
        "warn",
        {"warning": "overdue"},
    )


async def test_a_changed_calendar_moves_due_times_and_says_so(store: Store) -> None:
    number = await store.write(lamp)
    holiday = calendar.DayRow(date=date(2026, 3, 4), kind="holiday", name="建城节")
    changed = dataclasses.replace(
        context, calendar=calendar.build(calendar.load_folder(), zone=context.calendar.zone, own=[holiday])
    )

    def look(session: Session) -> None:
        assert supervision.look_at_all(session, now=NOON + HOUR) == 1
        for ticket_id in supervision.due(session, now=NOON + HOUR):
            supervision.warn(session, ticket_id, now=NOON + HOUR, context=changed)

    await store.write(look)
    assert teller.take() == [("unit_recounted", "D-works"), ("recounted", "1")]
    shown = await store.read(lambda s: register.show(s, number, org=context.org))
    assert shown.ticket.due_at.isoformat() == "2026-03-10T09:30:00+00:00"
    assert (shown.events[-1].act, [said[:3] for said in shown.events[-1].clocks]) == (
        "recount",
        [("resident", 1, "recount"), ("unit", 1, "recount")],
    )
    await store.write(look)
    assert teller.take() == []


async def test_a_red_alarm_rings_until_somebody_acknowledges_it(store: Store) -> None:
    def alarm(session: Session) -> str:
        number = report_lamp(session, context, text="着火了救命", tier="red", hazard="fire").ticket.number
        for notice in teller.notices:
            outbox.put(
                session, cause=notice.cause, audience=notice.audience, target=notice.target, channel="", notice=notice.key, now=NOON
            )
        return number

    number = await store.write(alarm)
    assert teller.take() == [("desk_waiting", "S1-desk"), ("red_alarm", "S1-desk"), ("staff_alarm", "K1")]
    minutes = timedelta(minutes=1)
    assert [told for told in await _supervise(store, until=16 * minutes, step=minutes) if told[0] == "red_alarm"] == [
        ("red_alarm", "S1-desk"),
        ("red_alarm", "S1-desk"),
        ("red_alarm", "D-desk"),
        ("red_alarm", "S1-desk"),
        ("red_alarm", "D-desk"),
    ]
    acted = await store.write(lambda s: supervision.acknowledge(s, number, actor="TOP-1", now=NOON + 17 * minutes, context=context))
    assert acted.ticket.acknowledged
    assert await _supervise(store, until=29 * minutes, step=minutes) == [("desk_halfway", "S1-desk"), ("desk_due_soon", "S1-desk")]
    states = await store.read(
        lambda s: s.execute(select(OutboxMessage.notice, OutboxMessage.state).order_by(OutboxMessage.id)).all()
    )
    assert [tuple(row) for row in states] == [("desk_waiting", "pending"), ("red_alarm", "failed"), ("staff_alarm", "failed")]


async def test_a_conclusion_nobody_rates_is_closed_after_a_week(store: Store) -> None:
    number = await store.write(answered)

    assert await _supervise(store, until=8 * DAY, step=HOUR) == [("closed", "1")]
    assert await _supervise(store, until=99 * DAY, step=DAY) == [("reask", "1")]
    shown = await store.read(lambda s: register.show(s, number, org=context.org))
    assert (shown.ticket.status, shown.ticket.rating, shown.events[-1].actor) == (Status.CLOSED, "unrated", "system")
    assert await store.read(lambda s: supervision.due(s, now=NOON + 99 * DAY)) == []


async def test_a_reply_on_the_way_stops_no_clock(store: Store) -> None:
    number = await store.write(lamp)
    await store.write(lambda s: desk.reply(s, number, text="已派人", actor="LAMP-1", now=NOON, context=context))
    teller.notices.clear()

    assert [key for key, _ in await _supervise(store, until=8 * DAY, step=HOUR)] == [
        "unit_due_soon",
        "unit_overdue",
        "desk_overdue",
    ]


async def test_what_was_erased_is_shown_without_words(store: Store) -> None:
    def erase(session: Session) -> str:
        number = answered(session)
        drop_key(session, session.execute(select(Ticket.key_id)).scalar_one())
        return number

    number = await store.write(erase)
    shown = await store.read(lambda s: register.show(s, number, org=context.org).ticket)
    assert (shown.reply, shown.status, shown.title) == ("", Status.CONCLUDED, "柳树街12号路灯不亮")


async def test_events_are_the_ticket_s_whole_history(store: Store) -> None:
    def walk(session: Session) -> str:
        number = answered(session)
        rating.rate(session, number, resident_id=1, verdict=UNSOLVED, text="没好", now=NOON + HOUR, context=context)
        desk.note(session, number, text="去现场看", actor="LAMP-1", now=NOON + HOUR, context=context)
        return number

    await store.write(walk)
    rows = await store.read(lambda s: s.execute(select(TicketEvent).order_by(TicketEvent.id)).scalars().all())
    assert [(row.act, row.before, row.after) for row in rows] == [
        ("accept", "", "accepted"),
        ("dispatch", "accepted", "dispatched"),
        ("conclude", "dispatched", "concluded"),
        ("rate", "concluded", "concluded"),
        ("redo", "concluded", "dispatched"),
        ("note", "dispatched", "dispatched"),
    ]
    assert all(before.after == after.before for before, after in pairwise(rows))
