"""Ten thousand lives of a ticket that never was: whatever is done in whatever order, somebody has it, by a time that is known."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from routing import clocks
from routing.clocks import Run, Term
from routing.lifecycle import TRANSITIONS, Transition, check, find_row, list_ticks
from routing.terms import OPEN_STATUSES, Status
from tests.office import Teller, build_context

if TYPE_CHECKING:
    from routing.lifecycle import ClockKind

CALENDAR = build_context(Teller()).calendar
BEGINNING = datetime(2026, 9, 14, 0, 30, tzinfo=UTC)
"""The Monday before the holidays of autumn, 8:30 in the city."""
HISTORIES = 10_000
ACTS = 14
HOLDERS = frozenset({"desk", "unit", "review", "progress"})
HOLDER_OF: dict[Status, set[str]] = {
    Status.ACCEPTED: {"desk"},
    Status.DISPATCHED: {"unit"},
    Status.SIGNED: {"unit"},
    Status.WAITING: {"unit"},
    Status.PAUSED: {"unit"},
    Status.REVIEW: {"review"},
    Status.CARRIED: {"progress"},
}
"""Whose clock runs in which status; of one that was answered it may have been the desk or the unit."""
RESTS = frozenset({Status.CONCLUDED})
TERMS: dict[ClockKind, Term] = {
    "desk": Term(2, "hours", "working"),
    "unit": Term(5, "days", "working"),
    "resident": Term(13, "days", "working"),
    "review": Term(3, "days", "working"),
    "progress": Term(30, "days", "calendar"),
}


def walk(chance: random.Random) -> list[tuple[Transition, Status, tuple[Run, ...], datetime]]:
    """Live one life: the rows taken, the status and the clocks after each, and when."""
    now, status = BEGINNING, Status.ACCEPTED
    opening = next(row for row in TRANSITIONS if row.act == "accept")
    runs, _ = clocks.advance((), opening.clocks, now=now, calendar=CALENDAR, term_of=TERMS.__getitem__)
    lived = [(opening, status, runs, now)]
    answered_at: datetime | None = None
    for _ in range(chance.randint(1, ACTS)):
        rows = [row for row in TRANSITIONS if status in row.sources]
        moving = [row for row in rows if row.clocks or row.to is not None]
        row = chance.choice(moving if moving and chance.random() < 0.8 else rows)
        now += timedelta(minutes=chance.choice((0, 3, 45, 200, 1_500, 6_000)))
        before, status = status, check(row.act, status, row.roles[0])
        assert find_row(row.act, before, row.roles[0]) == row
        until = max(run.due_at for run in runs) + timedelta(days=chance.randint(1, 9))
        ticks = list_ticks(row.act, before)
        runs, _ = clocks.advance(
            runs, ticks, now=now, calendar=CALENDAR, term_of=TERMS.__getitem__, until=until, answered_at=answered_at
        )
        answered_at = now if row.act in {"reply", "conclude"} else answered_at
        lived.append((row, status, runs, now))
    return lived


@pytest.fixture(scope="module")
def lives() -> list[list[tuple[Transition, Status, tuple[Run, ...], datetime]]]:
    chance = random.Random(20261122)
    return [walk(chance) for _ in range(HISTORIES)]


def test_whoever_has_a_matter_has_a_due_time_and_nobody_else(
    lives: list[list[tuple[Transition, Status, tuple[Run, ...], datetime]]],
) -> None:
    for life in lives:
        for row, status, runs, _ in life:
            holding = [run.kind for run in runs if run.is_running and run.kind in HOLDERS]
            if status in HOLDER_OF:
                assert set(holding) == HOLDER_OF[status], (row.act, status)
                assert len(holding) == 1, (row.act, status)
            elif status is Status.REPLIED:
                assert len(holding) == 1, (row.act, status)
            else:
                assert status in RESTS or status not in OPEN_STATUSES
                assert holding == [], (row.act, status)


def test_the_resident_s_clock_runs_from_receipt_and_is_never_begun_anew_but_by_a_redo(
    lives: list[list[tuple[Transition, Status, tuple[Run, ...], datetime]]],
) -> None:
    again = {row.act for row in TRANSITIONS if ("resident", "again") in row.clocks}
    assert again == {"redo", "redo_part", "reopen", "escalate"}
    for life in lives:
        rounds = [[run for run in runs if run.kind == "resident"] for _, _, runs, _ in life]
        assert all(each[0].started_at == BEGINNING for each in rounds)
        for (row, status, _, _), before, after in zip(life[1:], rounds, rounds[1:], strict=False):
            assert len(after) - len(before) == (row.act in again)
            if status in OPEN_STATUSES and status is not Status.CONCLUDED:
                assert [run.round for run in after if run.is_running] == [len(after)], (row.act, status)


def test_no_clock_runs_backwards_and_what_was_judged_stays_judged(
    lives: list[list[tuple[Transition, Status, tuple[Run, ...], datetime]]],
) -> None:
    for life in lives:
        for (_, _, earlier, _), (row, _, later, now) in itertools.pairwise(life):
            for before, after in zip(earlier, later, strict=False):
                assert (before.kind, before.round, before.started_at) == (after.kind, after.round, after.started_at)
                assert after.due_at >= before.due_at, row.act
                if before.result in {"met", "late"}:
                    assert after == before, row.act
            for run in later:
                assert run.due_at > run.started_at
                assert run.ended_at is None or run.started_at <= run.ended_at <= now
                assert (run.result == "met") == (run.ended_at is not None and run.ended_at <= run.due_at and run.result != "void")


def test_what_is_over_stays_over_but_for_a_merge_that_is_undone(
    lives: list[list[tuple[Transition, Status, tuple[Run, ...], datetime]]],
) -> None:
    for life in lives:
        for (_, before, _, _), (row, after, _, _) in itertools.pairwise(life):
            assert before in OPEN_STATUSES or after == before or row.act == "unmerge"


def test_every_row_of_the_table_is_reached_and_no_conclusion_stays_untold(
    lives: list[list[tuple[Transition, Status, tuple[Run, ...], datetime]]],
) -> None:
    taken = {TRANSITIONS.index(row) for life in lives for row, _, _, _ in life}

    assert taken == set(range(len(TRANSITIONS)))
    silent = {row.act for row in TRANSITIONS if row.to in {Status.CONCLUDED, Status.CLOSED, Status.DECLINED} and not row.told}
    assert silent == set()
