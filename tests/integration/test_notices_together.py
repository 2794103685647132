"""Several notices for one destination go as one message, each claimed and marked on its own; at night what can wait waits, and is not lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.channels import Media, Outbound, SendError, SendLater, SendNever, SendUnknown, WindowClosed
from bot.digest import join_texts
from bot.quiet import NoticeSettings
from bot.replies import Words
from bot.sending import Sender
from bot.settings import Outbox
from residents import conversations, ledger
from routing.notice_table import KEYS, WHOLE
from store import outbox
from store.outbox import OutboxMessage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
NIGHT = datetime(2026, 11, 23, 16, tzinfo=UTC)  # midnight in Shanghai
MORNING = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
WORDS = Words(zone=SHANGHAI, shared={"service": "接应"})


class Road:
    """A road that remembers what it carried and fails as it is told."""

    name = "webhook"

    def __init__(self, *, limit: int = 0, windows: Mapping[str, ledger.Window] | None = None) -> None:
        self.reply_limit = limit
        self.windows = windows or {}
        self.keeps = False
        self.sent: list[str] = []
        self.fails: list[SendError] = []

    def routes(self, receive: object) -> list[object]:
        raise NotImplementedError

    async def send(self, outbound: Outbound) -> str:
        if self.fails:
            raise self.fails.pop(0)
        self.sent.append(outbound.text)
        return f"id-{len(self.sent)}"

    async def notify(self, outbound: Outbound) -> str:
        raise WindowClosed(outbound.reference)

    async def fetch(self, media: Media) -> bytes:
        raise NotImplementedError

    async def close(self) -> None:
        return


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def make_sender(store: Store, road: Road, clock: Clock, *, merge_from: int = 3, owner: str = "me") -> Sender:
    notices = NoticeSettings(merge_from=merge_from)
    settings = Outbox(attempts=3)
    roads = {"webhook": road, "wechat_mp": road}
    return Sender(
        store=store,
        channels=roads,
        words=lambda: WORDS,
        settings=settings,
        owner=owner,
        notices=notices,
        zone=SHANGHAI,
        clock=clock,
    )


async def run_until_quiet(sender: Sender, rounds: int = 10) -> None:
    for _ in range(rounds):
        await sender.run_once()
        await sender.drain()


def say(number: int, notice: str = "unit_urged", **more: str) -> str:
    return WORDS.notify(notice, facts_of(number) | more)


def facts_of(number: int) -> dict[str, str]:
    return {
        "number": f"2026-{number}",
        "title": f"路灯{number}",
        "desk": "指挥室",
        "unit": "市政",
        "due_at": "2026-11-25T10:00:00+00:00",
    }


def write(session: Session, number: int, *, notice: str = "unit_urged", now: datetime = NOON, **changes: object) -> None:
    values: dict[str, object] = {"audience": "unit", "target": "U1", "channel": "webhook", "notice": notice, "now": now}
    outbox.put(session, cause=f"event:{number}:{notice}", facts=facts_of(number), **values | changes)  # type: ignore[arg-type]


async def states(store: Store) -> list[tuple[str, str | None]]:
    rows = await store.read(lambda s: s.execute(select(OutboxMessage).order_by(OutboxMessage.id)).scalars().all())
    return [(row.state, row.reference) for row in rows]


@pytest.mark.parametrize(("count", "messages"), [(1, 1), (2, 2), (3, 1), (12, 1)])
async def test_few_go_one_by_one_and_several_as_one(store: Store, count: int, messages: int) -> None:
    road = Road()
    await store.write(lambda s: [write(s, number) for number in range(count)])
    await run_until_quiet(make_sender(store, road, Clock(NOON)), rounds=14)

    texts = [say(number) for number in range(count)]
    assert road.sent == (texts if count == messages else [join_texts(texts)])
    assert await states(store) == [("sent", f"id-{number + 1 if count == messages else 1}") for number in range(count)]


async def test_what_does_not_fit_follows_whole_in_the_next_message(store: Store) -> None:
    texts = [say(number) for number in range(7)]
    road = Road(limit=len(join_texts(texts[:4]).encode()) + 1)
    await store.write(lambda s: [write(s, number) for number in range(7)])
    await run_until_quiet(make_sender(store, road, Clock(NOON)))

    assert road.sent == [join_texts(texts[:4]), join_texts(texts[4:])]
    assert {state for state, _ in await states(store)} == {"sent"}


async def test_a_result_stays_a_message_of_its_own_and_in_its_place(store: Store) -> None:
    road = Road()

    def tell(session: Session) -> None:
        for number in range(7):
            write(session, number, notice="desk_urged" if number != 3 else "closed")

    await store.write(tell)
    await run_until_quiet(make_sender(store, road, Clock(NOON)))
    texts = [say(number, "desk_urged" if number != 3 else "closed") for number in range(7)]
    assert road.sent == [join_texts(texts[:3]), texts[3], join_texts(texts[4:])]


async def test_the_urgent_goes_alone_and_first(store: Store) -> None:
    road = Road()
    await store.write(lambda s: [write(s, number, urgent=number == 4) for number in range(5)])
    await run_until_quiet(make_sender(store, road, Clock(NOON)))
    assert road.sent == [say(4), join_texts([say(number) for number in range(4)])]


async def test_other_destinations_are_other_messages(store: Store) -> None:
    road = Road()
    await store.write(lambda s: [write(s, number, target=f"U{number % 2}") for number in range(6)])
    await run_until_quiet(make_sender(store, road, Clock(NOON)))
    assert road.sent == [join_texts([say(n) for n in (0, 2, 4)]), join_texts([say(n) for n in (1, 3, 5)])]


async def test_what_may_have_arrived_together_is_unknown_together(store: Store) -> None:
    road = Road()
    road.fails = [SendUnknown()]
    await store.write(lambda s: [write(s, number) for number in range(4)])
    await run_until_quiet(make_sender(store, road, Clock(NOON)))
    assert (road.sent, await states(store)) == ([], [("unknown", None)] * 4)


async def test_one_that_is_refused_keeps_no_other_back(store: Store) -> None:
    """The whole is refused, then the second of those that go one by one."""
    road = Road()
    road.fails = [SendNever()]
    await store.write(lambda s: [write(s, number) for number in range(4)])
    sender = make_sender(store, road, Clock(NOON))
    await sender.run_once()
    await sender.drain()
    assert {state for state, _ in await states(store)} == {"pending"}

    await run_until_quiet(sender)
    assert road.sent == [say(number) for number in range(4)]
    assert await states(store) == [("sent", f"id-{number + 1}") for number in range(4)]


async def test_busy_is_tried_again_together(store: Store) -> None:
    road, clock = Road(), Clock(NOON)
    road.fails = [SendLater(after=5.0)]
    await store.write(lambda s: [write(s, number) for number in range(3)])
    sender = make_sender(store, road, clock)
    await run_until_quiet(sender)
    assert road.sent == []
    clock.now += timedelta(seconds=6)
    await run_until_quiet(sender)
    assert road.sent == [join_texts([say(number) for number in range(3)])]


async def test_another_process_takes_nothing_of_what_goes_together(store: Store) -> None:
    """All are `sending` before the call: a process that dies then leaves all unknown, and no other sends any of them."""
    road = Road()
    await store.write(lambda s: [write(s, number) for number in range(4)])
    first = make_sender(store, road, Clock(NOON))
    count, ready = await store.write(lambda s: first._claim(s, now=NOON, lease=timedelta(seconds=60), limit=20))
    await run_until_quiet(make_sender(store, road, Clock(NOON), owner="other"))
    assert (count, [len(one.claims) for one in ready], road.sent) == (1, [4], [])

    await store.write(lambda s: outbox.expire_leases(s, now=NOON + timedelta(seconds=61)))
    assert await states(store) == [("unknown", None)] * 4
    await store.write(lambda s: [outbox.mark_sent(s, one, reference="late", now=NOON) for one in ready[0].claims])
    assert await states(store) == [("unknown", None)] * 4


async def test_together_they_cost_one_of_the_residents_messages(store: Store) -> None:
    road = Road(windows=ledger.WECHAT_WINDOWS)

    def tell(session: Session) -> None:
        speaker = conversations.open_for(session, channel="wechat_mp", sender="oA", place="person", now=NOON)
        window = {"channel": "wechat_mp", "opened_by": "message", "window": ledger.WECHAT_WINDOWS["message"], "now": NOON}
        ledger.open_window(session, resident_id=speaker.resident.id, **window)
        for number in range(9):
            kind = "closed" if number % 2 else "dispatched"
            write(session, number, notice=kind, audience="resident", target=str(speaker.resident.id), channel="wechat_mp")
        for number in range(9, 15):
            write(session, number, notice="dispatched", audience="resident", target=str(speaker.resident.id), channel="wechat_mp")

    await store.write(tell)
    await run_until_quiet(make_sender(store, road, Clock(NOON)), rounds=20)
    assert road.sent == [say(number, "closed" if number % 2 else "dispatched") for number in range(5)]
    assert [state for state, _ in await states(store)] == ["sent"] * 5 + ["held"] * 10


async def test_what_was_due_before_the_night_and_can_wait_waits_for_its_end(store: Store) -> None:
    """The service was away: what should have left in the evening leaves in the morning, but what is urgent at once."""
    road, clock = Road(), Clock(NIGHT)
    await store.write(lambda s: [write(s, number, urgent=number == 1) for number in range(2)])
    sender = make_sender(store, road, clock)
    await run_until_quiet(sender)
    assert road.sent == [say(1)]
    clock.now = MORNING
    await run_until_quiet(sender)
    assert road.sent == [say(1), say(0)]


async def test_what_waits_for_the_morning_holds_back_nothing(store: Store) -> None:
    road, clock = Road(), Clock(NIGHT)
    await store.write(lambda s: [write(s, 0, now=NIGHT, due_at=MORNING), write(s, 1, now=NIGHT)])
    sender = make_sender(store, road, clock)
    await run_until_quiet(sender)
    assert road.sent == [say(1)]
    clock.now = MORNING
    await run_until_quiet(sender)
    assert road.sent == [say(1), say(0)]


async def test_who_writes_at_night_gets_what_waited_for_them_in_its_order(store: Store) -> None:
    road = Road()
    mine = {"audience": "resident", "target": "7", "channel": "webhook", "notice": "dispatched", "now": NIGHT}
    await store.write(lambda s: [write(s, number, due_at=MORNING, **mine) for number in range(2)])
    await store.write(lambda s: write(s, 2, due_at=MORNING, **mine | {"target": "8"}))
    await store.write(lambda s: outbox.release_held(s, target="7", channel="webhook", now=NIGHT))
    rows = await store.read(lambda s: s.execute(select(OutboxMessage).order_by(OutboxMessage.id)).scalars().all())
    assert ([row.due_at for row in rows], road.sent) == ([NIGHT, NIGHT, MORNING], [])


def test_whatever_asks_its_reader_to_answer_goes_alone() -> None:
    """`1` has to mean one matter."""
    marks = ("回复 1", "直接回复", "回“收到”")
    texts = {key: WORDS.notify(key, dict.fromkeys(KEYS[key], "2") | {"due_at": "", "until_at": "", "since_at": ""}) for key in KEYS}
    asking = {key for key, text in texts.items() if any(mark in text for mark in marks)}
    assert {"concluded", "more_asked", "staff_alarm"} - asking == set()
    assert asking - WHOLE == set()
    assert WHOLE - set(KEYS) == set()
