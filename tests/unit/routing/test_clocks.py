"""The three clocks as values: what starts, holds up, moves and ends them, and how each due time explains itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing import clocks
from routing.clocks import Run, Said, Term
from tests.office import Teller, build_context

CALENDAR = build_context(Teller()).calendar
DAYS = Term(3, "days", "working")
HOURS = Term(2, "hours", "working")
FRIDAY = datetime(2026, 9, 18, 2, 0, tzinfo=UTC)
"""Friday 10:00 in the city; Sunday the 20th is a make-up day for the holiday from the 25th to the 27th (中秋)."""
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def begin(term: Term = DAYS, now: datetime = FRIDAY) -> Run:
    return clocks.start("unit", term, round_number=1, now=now, calendar=CALENDAR)


def city(moment: datetime) -> str:
    return f"{moment.astimezone(CALENDAR.zone):%m-%d %H:%M}"


def test_a_make_up_day_counts_and_is_named() -> None:
    run = begin()

    assert city(run.due_at) == "09-22 17:30"
    assert any(line.startswith("term_make_up|day=2026-09-20") for line in run.basis)


def test_a_pause_over_a_holiday_moves_the_due_time_by_its_working_days_alone() -> None:
    run = begin(now=FRIDAY + 4 * DAY)  # Tuesday: due on Monday the 28th, the holiday left out
    assert city(run.due_at) == "09-28 17:30"

    paused = clocks.pause(run, now=FRIDAY + 5 * DAY)  # Wednesday 10:00
    resumed = clocks.resume(paused, now=FRIDAY + 10 * DAY, calendar=CALENDAR)  # Monday 10:00: Thursday and Monday were worked

    assert city(resumed.due_at) == "09-30 17:30"
    assert resumed.basis[-1] == "term_paused_days|from=2026-09-23 10:00|to=2026-09-28 10:00|days=2|due=2026-09-30 17:30"


def test_working_hours_are_held_up_by_office_time_alone() -> None:
    run = begin(HOURS)  # 10:00, due at 12:00
    resumed = clocks.resume(clocks.pause(run, now=FRIDAY + HOUR), now=FRIDAY + 4 * HOUR, calendar=CALENDAR)  # 11:00 to 14:00

    assert city(resumed.due_at) == "09-18 15:00"
    assert resumed.basis[-1].startswith("term_paused_minutes|from=2026-09-18 11:00|to=2026-09-18 14:00|minutes=90")


def test_an_extension_is_later_and_says_so() -> None:
    run = begin()
    until = run.due_at + 7 * DAY
    longer = clocks.extend(run, until=until, now=FRIDAY + DAY, calendar=CALENDAR)

    assert longer.due_at == until
    assert longer.basis[-1] == "term_extended|from=2026-09-19 10:00|to=2026-09-29 17:30"
    with pytest.raises(ValueError, match="after the due time"):
        clocks.extend(longer, until=run.due_at, now=FRIDAY + DAY, calendar=CALENDAR)


@pytest.mark.parametrize(("late", "result"), [(timedelta(), "met"), (timedelta(seconds=1), "late")])
def test_it_is_met_up_to_its_last_moment(late: timedelta, result: str) -> None:
    run = begin()

    assert clocks.stop(run, at=run.due_at + late, calendar=CALENDAR).result == result


def test_what_is_over_is_not_touched_again() -> None:
    over = clocks.stop(begin(), at=FRIDAY + HOUR, calendar=CALENDAR)

    assert clocks.stop(over, at=FRIDAY + 99 * DAY, calendar=CALENDAR) == over
    assert clocks.void(over, at=FRIDAY + DAY) == over
    assert clocks.pause(over, now=FRIDAY + DAY) == over
    assert clocks.revive(over) == over


def test_what_was_merged_and_parted_again_has_run_on_meanwhile() -> None:
    run = begin(Term(10, "hours", "calendar"))

    assert clocks.revive(clocks.void(run, at=FRIDAY + HOUR)) == run


def test_a_due_time_that_was_given_before_is_never_counted_anew() -> None:
    given = clocks.Change("given", FRIDAY, FRIDAY + DAY)
    run = msgspec.structs.replace(begin(Term(0, "days", "working")), due_at=given.to, basis=(), changes=(given,))
    held_up = clocks.resume(clocks.pause(run, now=FRIDAY), now=FRIDAY + 3 * DAY, calendar=CALENDAR)

    assert clocks.recount(run, CALENDAR).due_at == given.to
    assert clocks.recount(run, CALENDAR).basis == ("term_given|at=2026-09-19 10:00",)
    assert city(held_up.due_at) == "09-21 17:30"  # two working days later: Sunday is one


def test_a_calendar_that_changes_moves_what_runs_and_leaves_what_is_over() -> None:
    holiday = msgspec.structs.replace(CALENDAR, days={day: row for day, row in CALENDAR.days.items() if row.kind != "workday"})
    run = begin()
    over = clocks.stop(run, at=FRIDAY + HOUR, calendar=CALENDAR)

    assert city(clocks.recount(run, holiday).due_at) == "09-23 17:30"
    assert clocks.recount(over, holiday) == over


def test_a_redo_leaves_the_first_result_and_begins_a_round_of_its_own() -> None:
    first = clocks.start("resident", DAYS, round_number=1, now=FRIDAY, calendar=CALENDAR)
    runs, said = clocks.advance(
        [first],
        [("resident", "again")],
        now=first.due_at + DAY,
        calendar=CALENDAR,
        term_of=lambda _kind: DAYS,
        answered_at=first.due_at - HOUR,
    )

    assert [(run.round, run.result) for run in runs] == [(1, "met"), (2, "running")]
    assert said == (Said("resident", 1, "stop:met", first.due_at), Said("resident", 2, "start", runs[1].due_at))


@given(
    start=st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1)),  # noqa: DTZ001 - made aware below
    value=st.integers(1, 40),
    unit=st.sampled_from(["hours", "days"]),
    kind=st.sampled_from(["working", "calendar"]),
    steps=st.lists(st.tuples(st.sampled_from(["pause", "resume", "extend"]), st.integers(1, 20_000)), max_size=8),
)
def test_no_clock_runs_backwards(start: datetime, value: int, unit: str, kind: str, steps: list[tuple[str, int]]) -> None:
    now = start.replace(tzinfo=UTC)
    run = begin(Term(value, unit, kind), now)  # type: ignore[arg-type]
    for move, minutes in steps:
        before, now = run, now + timedelta(minutes=minutes)
        match move:
            case "pause":
                run = clocks.pause(run, now=now)
            case "resume":
                run = clocks.resume(run, now=now, calendar=CALENDAR)
            case _:
                run = clocks.extend(run, until=run.due_at + timedelta(minutes=minutes), now=now, calendar=CALENDAR)
        assert run.due_at >= before.due_at
        assert run.started_at == before.started_at
        assert clocks.recount(run, CALENDAR) == run
