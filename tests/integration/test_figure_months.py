"""The sums of months: whatever span is asked for, months and the days beside them come to what its days come to, and to what the events say."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from routing import figure_rows, tally_rows
from routing.figures import Tally, add
from routing.tally_days import month_of
from routing.tally_rows import Span, cut_months, midnight_after, midnight_of
from routing.tally_tables import DIMENSIONS, FigureMonth
from tests.histories import DAYS, START, Event, History, add_events, write_history
from tests.integration.test_figure_histories import FIRST, ZONE, write_some
from tests.integration.test_figure_histories import LAST as LAST_OF_ONE

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from store.engine import Store

SPREAD = (0, 17, 45, 80)
"""Days by which histories are moved apart, so that they lie in several months."""
LAST = LAST_OF_ONE + timedelta(days=max(SPREAD))
NOW = START + timedelta(days=DAYS + max(SPREAD) + 3)
LATER = NOW + timedelta(days=400)
SPAN = Span(first=FIRST, last=LAST)
ALL = figure_rows.Scope(since=START, until=NOW)


def write_spread(rng: random.Random, count: int) -> list[History]:
    """Make up histories over several months."""
    histories = [write_history(rng) for _ in range(count)]
    for history in histories:
        moved = timedelta(days=rng.choice(SPREAD))
        for event in history.events:
            event.at += moved
    return histories


def after(first: date, days: int) -> date:
    return first + timedelta(days=days)


SPANS = [(FIRST, LAST), (date(FIRST.year, 1, 1), date(FIRST.year + 1, 12, 31)), (after(FIRST, 3), after(FIRST, 20))]
SPANS += [(month_of(FIRST), LAST), (FIRST, after(month_of(after(month_of(LAST), 40)), -1)), (after(FIRST, 9), after(LAST, -2))]


@pytest.mark.parametrize(
    ("first", "last", "months", "edges"),
    [
        ("2026-01-01", "2026-12-31", 12, []),
        ("2026-02-01", "2026-02-28", 1, []),
        ("2028-02-01", "2028-02-28", 0, [("2028-02-01", "2028-02-28")]),
        ("2026-01-02", "2026-02-28", 1, [("2026-01-02", "2026-01-31")]),
        ("2026-01-02", "2026-03-30", 1, [("2026-01-02", "2026-01-31"), ("2026-03-01", "2026-03-30")]),
        ("2026-12-01", "2027-01-01", 1, [("2027-01-01", "2027-01-01")]),
        ("2026-12-15", "2027-01-15", 0, [("2026-12-15", "2027-01-15")]),
        ("2026-05-05", "2026-05-05", 0, [("2026-05-05", "2026-05-05")]),
    ],
)
def test_days_are_cut_into_whole_months_and_what_is_beside_them(
    first: str, last: str, months: int, edges: list[tuple[str, str]]
) -> None:
    found, beside = cut_months(date.fromisoformat(first), date.fromisoformat(last))

    assert len(found) == months
    assert [(one.isoformat(), other.isoformat()) for one, other in beside] == edges
    assert all(month.day == 1 for month in found)


@pytest.mark.parametrize("seed", range(3))
async def test_months_days_and_events_agree_for_any_span(store: Store, seed: int) -> None:
    rng = random.Random(seed)
    histories = write_spread(rng, 60)
    await store.write(lambda s: write_some(s, histories, rng, refresh=True))
    await store.write(lambda s: tally_rows.refresh_all(s, now=NOW, zone=ZONE))

    for first, last in SPANS:
        scope = figure_rows.Scope(since=midnight_of(first, ZONE), until=midnight_after(last, ZONE))
        counted = await store.read(lambda s, scope=scope: figure_rows.count(s, scope, now=NOW))
        span = Span(first=first, last=last)
        days = await store.read(lambda s, span=span: tally_rows.read_days(s, span))
        months = await store.read(lambda s, span=span: tally_rows.read_months(s, span))
        assert await store.read(lambda s, span=span: tally_rows.read_sum(s, span)) == counted == add(days.values())
        assert months == {
            month: add(sums for day, sums in days.items() if month_of(day) == month)
            for month in sorted({month_of(day) for day in days})
        }
    assert counted.received > 0


async def test_a_part_is_the_same_by_months_and_from_the_tickets(store: Store) -> None:
    rng = random.Random(8)
    histories = write_spread(rng, 80)
    await store.write(lambda s: write_some(s, histories, rng, refresh=True))
    await store.write(lambda s: tally_rows.refresh_all(s, now=NOW, zone=ZONE))
    year = Span(first=date(FIRST.year, 1, 1), last=date(FIRST.year + 1, 12, 31))
    part: dict[Any, tuple[str, ...]] = {"area": ("G1", "G2")}
    there = Span(first=year.first, last=year.last, values=part)

    by_area = await store.read(lambda s: tally_rows.read_by(s, year, "area"))
    assert await store.read(lambda s: tally_rows.read_sum(s, there)) == add([by_area["G1"], by_area["G2"]])
    assert await store.read(lambda s: tally_rows.read_by(s, there, "area")) == {code: by_area[code] for code in ("G1", "G2")}
    units, kinds = await store.read(lambda s: tally_rows.read_by_each(s, there, ("unit", "kind")))
    assert add(units.values()) == add(kinds.values()) == add([by_area["G1"], by_area["G2"]])
    assert units == await store.read(lambda s: tally_rows.read_by(s, there, "unit"))
    days, months = [
        await store.read(lambda s, read=read: read(s, there)) for read in (tally_rows.read_days, tally_rows.read_months)
    ]
    assert add(days.values()) == add(months.values()) == add(units.values())
    both = Span(first=year.first, last=year.last, values={**part, "channel": tuple({one.channel for one in histories})})
    assert await store.read(lambda s: tally_rows.read_months(s, both)) == months


async def test_what_nothing_counts_under_any_more_is_gone_from_its_month(store: Store) -> None:
    rng = random.Random(4)
    histories = write_spread(rng, 30)
    await store.write(lambda s: write_some(s, histories, rng, refresh=False))
    await store.write(lambda s: tally_rows.refresh_all(s, now=NOW, zone=ZONE))
    before = await store.read(lambda s: tally_rows.read_by(s, SPAN, "unit"))
    late = Event(NOW, "dispatch", "dispatched", "NEW-UNIT", {})

    def move_all(session: Session) -> None:
        add_events(session, [(number, late) for number in figure_rows.find_ids(session, ALL)])
        tally_rows.refresh_all(session, now=LATER, zone=ZONE)

    await store.write(move_all)
    moved = await store.read(lambda s: tally_rows.read_by(s, SPAN, "unit"))
    assert "NEW-UNIT" in moved
    assert "NEW-UNIT" not in before
    assert add(moved.values()) == await store.read(lambda s: tally_rows.read_sum(s, SPAN))
    for dimension in DIMENSIONS:
        days, months = await store.read(lambda s, d=dimension: (sum_of_days(s, d), sum_of_months(s, d)))
        assert days == months


def sum_of_days(session: Session, dimension: Any) -> dict[str, Tally]:
    """Sum day by day, so that no month is read."""
    found: dict[str, list[Tally]] = {}
    for place in range((LAST - FIRST).days + 1):
        day = after(FIRST, place)
        for value, sums in tally_rows.read_by(session, Span(first=day, last=day), dimension).items():
            found.setdefault(value, []).append(sums)
    return {value: add(sums) for value, sums in found.items()}


def sum_of_months(session: Session, dimension: Any) -> dict[str, Tally]:
    """Sum the rows of the months themselves."""
    found: dict[str, list[Tally]] = {}
    for row in session.query(FigureMonth).where(FigureMonth.dimension == dimension):
        sums = Tally(**{name: getattr(row, name) for name in Tally.__struct_fields__})
        found.setdefault(row.value, []).append(sums)
    return {value: add(sums) for value, sums in found.items()}
