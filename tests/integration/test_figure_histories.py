"""The figures of random histories: SQL, the sums by day and a plain fold over the events agree, whatever came late and in whatever order."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from routing import figure_rows, tally_rows
from routing.figure_rows import Scope
from routing.figures import Tally, list_figures
from routing.tally_rows import Span
from store.keys import new_key
from tests.figure_fold import fold
from tests.histories import DAYS, START, Event, History, add_events, add_ticket, write_history

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from store.engine import Store

ZONE = ZoneInfo("Asia/Shanghai")
NOW = START + timedelta(days=DAYS + 3)
FIRST, LAST = START.astimezone(ZONE).date(), (START + timedelta(days=DAYS)).astimezone(ZONE).date()
ALL = Scope(since=START, until=START + timedelta(days=DAYS + 1))
SPAN = Span(first=FIRST, last=LAST)


def fold_all(histories: list[History], *, now: datetime, **wanted: str) -> Tally:
    counts: Counter[str] = Counter()
    for history in histories:
        if all(getattr(history, name) == value for name, value in wanted.items()):
            counts.update(fold(history.events, now=now))
    return Tally(**counts)


def write_some(session: Session, histories: list[History], rng: random.Random, *, refresh: bool) -> None:
    """Write all events of these histories, those of a ticket in order, tickets among one another in any; sum now and then."""
    key = new_key(session)
    waiting = [
        (add_ticket(session, f"T{place}", history, key_id=key.id), list(history.events)) for place, history in enumerate(histories)
    ]
    while waiting:
        chunk: list[tuple[int, Event]] = []
        for _ in range(rng.randrange(1, 60)):
            if not waiting:
                break
            ticket, events = rng.choice(waiting)
            chunk.append((ticket, events.pop(0)))
            if not events:
                waiting.remove((ticket, events))
        add_events(session, chunk)
        if refresh and rng.random() < 0.5:
            tally_rows.refresh(session, now=min(chunk[-1][1].at, NOW), zone=ZONE)


@pytest.mark.parametrize("seed", [*range(3), *(pytest.param(seed, marks=pytest.mark.deep) for seed in range(3, 40))])
async def test_sql_sums_and_a_plain_fold_agree(store: Store, seed: int) -> None:
    rng = random.Random(seed)
    histories = [write_history(rng) for _ in range(60)]
    await store.write(lambda s: write_some(s, histories, rng, refresh=True))
    await store.write(lambda s: tally_rows.refresh_all(s, now=NOW, zone=ZONE))

    expected = fold_all(histories, now=NOW)
    assert await store.read(lambda s: figure_rows.count(s, ALL, now=NOW)) == expected
    assert await store.read(lambda s: tally_rows.read_sum(s, SPAN)) == expected
    for name, dimension in (("area", "area"), ("source", "source"), ("item", "item"), ("channel", "channel"), ("line", "line")):
        for value in sorted({getattr(history, name) for history in histories}):
            wanted = fold_all(histories, now=NOW, **{name: value})
            values: Any = {dimension: (value,)}
            scope = Scope(since=ALL.since, until=ALL.until, values=values)
            assert await store.read(lambda s, scope=scope: figure_rows.count(s, scope, now=NOW)) == wanted
            assert await store.read(lambda s, v=values: tally_rows.read_sum(s, Span(first=FIRST, last=LAST, values=v))) == wanted


async def test_several_filters_at_once_are_read_from_the_tickets(store: Store) -> None:
    rng = random.Random(99)
    histories = [write_history(rng) for _ in range(80)]
    await store.write(lambda s: write_some(s, histories, rng, refresh=False))
    await store.write(lambda s: tally_rows.refresh_all(s, now=NOW, zone=ZONE))

    values: Any = {"area": ("G1", "G2"), "source": ("scan",)}
    found = await store.read(lambda s: tally_rows.read_sum(s, Span(first=FIRST, last=LAST, values=values)))
    scope = Scope(since=ALL.since, until=ALL.until, values=values)
    assert found == await store.read(lambda s: figure_rows.count(s, scope, now=NOW))
    both = [fold_all(histories, now=NOW, area=area, source="scan") for area in ("G1", "G2")]
    assert found.received == sum(each.received for each in both) > 0


async def test_the_parts_of_every_dimension_add_up(store: Store) -> None:
    rng = random.Random(7)
    histories = [write_history(rng) for _ in range(60)]
    await store.write(lambda s: write_some(s, histories, rng, refresh=False))
    await store.write(lambda s: tally_rows.refresh_all(s, now=NOW, zone=ZONE))

    whole = await store.read(lambda s: tally_rows.read_sum(s, SPAN))
    for dimension in tally_rows.DIMENSIONS:
        parts = await store.read(lambda s, d=dimension: tally_rows.read_by(s, SPAN, d))
        assert figure_rows.add(parts.values()) == whole
    days = await store.read(lambda s: tally_rows.read_days(s, SPAN))
    assert figure_rows.add(days.values()) == whole


def tell(*acts: tuple[str, dict[str, Any]]) -> History:
    """Make up a history in one grid of acts that leave a ticket at its desk."""
    events = [Event(START + timedelta(hours=place), act, "accepted", "DESK", facts) for place, (act, facts) in enumerate(acts)]
    return History(area="G1", channel="terminal", line="", source="", item="", kind="help", events=events)


async def test_a_neighbour_who_was_given_a_ticket_of_their_own_counts_once(store: Store) -> None:
    histories = [
        tell(("accept", {}), ("join", {}), ("join", {}), ("separate", {"into": "T1"})),
        tell(("accept", {}), ("separate", {"from": "T0"})),
    ]
    await store.write(lambda s: write_some(s, histories, random.Random(1), refresh=False))
    await store.write(lambda s: tally_rows.refresh_all(s, now=NOW, zone=ZONE))

    sums = await store.read(lambda s: tally_rows.read_sum(s, SPAN))
    people = next(figure.count for figure in list_figures(sums) if figure.code == "people")
    assert (sums.received, sums.joined, people) == (2, 1, 3)
    assert sums == fold_all(histories, now=NOW) == await store.read(lambda s: figure_rows.count(s, ALL, now=NOW))


async def test_a_neighbour_whom_a_merge_brought_counts_once_when_they_go_apart(store: Store) -> None:
    histories = [
        tell(("accept", {}), ("join", {}), ("merge", {"into": "T1", "people": 2, "followers": [1, 2]})),
        tell(("accept", {}), ("add", {"merged": "T0", "people": 2}), ("separate", {"into": "T2"})),
        tell(("accept", {}), ("separate", {"from": "T1"})),
    ]
    histories[0].events[-1].after = "merged"
    await store.write(lambda s: write_some(s, histories, random.Random(1), refresh=False))
    await store.write(lambda s: tally_rows.refresh_all(s, now=NOW, zone=ZONE))

    sums = await store.read(lambda s: tally_rows.read_sum(s, SPAN))
    people = next(figure.count for figure in list_figures(sums) if figure.code == "people")
    assert (sums.received, sums.merged, people) == (3, 1, 3)
    assert sums == fold_all(histories, now=NOW) == await store.read(lambda s: figure_rows.count(s, ALL, now=NOW))


async def test_what_happens_later_changes_the_day_it_was_received_on(store: Store) -> None:
    rng = random.Random(3)
    histories = [write_history(rng) for _ in range(40)]
    await store.write(lambda s: write_some(s, histories, rng, refresh=False))
    await store.write(lambda s: tally_rows.refresh_all(s, now=NOW, zone=ZONE))
    before = await store.read(lambda s: tally_rows.read_sum(s, SPAN))
    first = next(history for history in histories if history.events[-1].after == "closed")
    late = Event(NOW, "reopen", "accepted", "DESK", {})
    place = histories.index(first)

    def add_late(session: Session) -> None:
        ids = figure_rows.find_ids(session, ALL)
        add_events(session, [(ids[place], late)])
        tally_rows.refresh_all(session, now=NOW, zone=ZONE)

    await store.write(add_late)
    first.events.append(late)
    after = await store.read(lambda s: tally_rows.read_sum(s, SPAN))
    assert after == fold_all(histories, now=NOW)
    assert (after.received, after.closed) == (before.received, before.closed - 1)


async def test_time_alone_makes_a_running_ticket_overdue(store: Store) -> None:
    due = START + timedelta(days=2)
    history = History(
        area="G1", channel="terminal", line="", source="", item="", kind="help",
        events=[Event(START, "accept", "accepted", "DESK", {"follows": "", "clocks": [["resident", 1, "start", due.isoformat()]]})],
    )  # fmt: skip
    await store.write(lambda s: write_some(s, [history], random.Random(1), refresh=False))
    early, later = due - timedelta(hours=1), due + timedelta(hours=1)
    await store.write(lambda s: tally_rows.refresh_all(s, now=early, zone=ZONE))
    assert (await store.read(lambda s: tally_rows.read_sum(s, SPAN))).running == 1
    assert not await store.read(lambda s: tally_rows.is_fresh(s, now=later))

    await store.write(lambda s: tally_rows.refresh_all(s, now=later, zone=ZONE))
    sums = await store.read(lambda s: tally_rows.read_sum(s, SPAN))
    assert (sums.running, sums.overdue) == (0, 1)
    assert await store.read(lambda s: tally_rows.is_fresh(s, now=later))


async def test_making_the_sums_anew_changes_nothing(store: Store) -> None:
    rng = random.Random(5)
    histories = [write_history(rng) for _ in range(40)]
    await store.write(lambda s: write_some(s, histories, rng, refresh=True))
    await store.write(lambda s: tally_rows.refresh_all(s, now=NOW, zone=ZONE))
    before = await store.read(lambda s: tally_rows.read_sum(s, SPAN))
    await store.write(lambda s: tally_rows.rebuild(s, now=NOW, zone=ZONE))

    assert await store.read(lambda s: tally_rows.read_sum(s, SPAN)) == before
    assert await store.write(lambda s: tally_rows.refresh(s, now=NOW, zone=ZONE)) == 0


async def test_the_histories_reach_everything_that_is_counted(store: Store) -> None:
    rng = random.Random(11)
    histories = [write_history(rng) for _ in range(400)]
    sums = fold_all(histories, now=NOW)

    assert [name for name in Tally.__struct_fields__ if getattr(sums, name) == 0] == []
    assert await store.read(lambda s: tally_rows.read_sum(s, SPAN)) == Tally()
    assert [each.code for each in list_figures(Tally()) if each.percent is not None] == []
