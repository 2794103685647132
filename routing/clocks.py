"""三只钟: the runs of a ticket's clocks as plain values: when each began, what held it up, by when it is due, how it ended. Pure.

The desk's runs from receipt to dispatch, the unit's from its dispatch, the resident's from receipt to the end whoever has the matter. Two more
take turns with the unit's: the one of whoever decides on a dispute, and the one of a carried matter's next report. A due time is always
counted anew from the beginning, the term and what changed it, so it can explain itself line by line and be recounted when the calendar
changes. Which act does what to which clock stands in routing.lifecycle.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

import msgspec

from routing import deadlines
from routing.lifecycle import ClockKind  # noqa: TC001 - msgspec reads the annotation
from routing.terms import Deadline
from routing.why import explain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from routing.calendar import Calendar
    from routing.lifecycle import Tick

Result = Literal["running", "met", "late", "void"]
"""How a run stands: still running, 按时, 超时, or it counts for nothing (returned, withdrawn, merged)."""


class Term(msgspec.Struct, frozen=True):
    """How long: `unit` minutes and hours run by any clock if `calendar` is calendar, else in office hours; days end with the day or the office.

    `value` 0 is not counted at all: the due time was given, by the version of the software before this one (Change `given`).
    """

    value: int
    unit: Literal["minutes", "hours", "days"]
    calendar: Literal["working", "calendar"]
    next_day: bool = True


class Change(msgspec.Struct, frozen=True):
    """What changed a due time: held up from a moment to another, moved (延期) to the moment `to`, or `given` as it stands."""

    kind: Literal["pause", "extend", "given"]
    start: datetime
    to: datetime


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a clock. `round` counts from 1; `paused_at` is set while it is held up, `ended_at` when it is over."""

    kind: ClockKind
    round: int
    started_at: datetime
    term: Term
    due_at: datetime
    basis: tuple[str, ...]
    changes: tuple[Change, ...] = ()
    paused_at: datetime | None = None
    ended_at: datetime | None = None
    result: Result = "running"

    @property
    def is_running(self) -> bool:
        """Whether it is not over; it may be held up."""
        return self.result == "running"


class Said(msgspec.Struct, frozen=True):
    """What happened to a run: start, stop:met, stop:late, void, pause, resume, extend or revive; and its due time then."""

    kind: ClockKind
    round: int
    what: str
    due_at: datetime


def start(kind: ClockKind, term: Term, *, round_number: int, now: datetime, calendar: Calendar) -> Run:
    """Begin a run of a clock."""
    due = _count(kind, term, now, (), calendar)
    return Run(kind=kind, round=round_number, started_at=now, term=term, due_at=due.due_at, basis=due.basis)


def pause(run: Run, *, now: datetime) -> Run:
    """Hold a run up; one that is held up already, or over, stays as it is."""
    if not run.is_running or run.paused_at is not None:
        return run
    return msgspec.structs.replace(run, paused_at=now)


def resume(run: Run, *, now: datetime, calendar: Calendar) -> Run:
    """Let a run go on: its due time moves by what it was held up. One that was not is left as it is."""
    if not run.is_running or run.paused_at is None:
        return run
    changes = (*run.changes, Change("pause", run.paused_at, now))
    return _recounted(msgspec.structs.replace(run, changes=changes, paused_at=None), calendar)


def extend(run: Run, *, until: datetime, now: datetime, calendar: Calendar) -> Run:
    """Move a due time to a later moment; ValueError for one that is not later."""
    if until <= run.due_at:
        raise ValueError("an extension ends after the due time")
    return _recounted(msgspec.structs.replace(run, changes=(*run.changes, Change("extend", now, until))), calendar)


def stop(run: Run, *, at: datetime, calendar: Calendar) -> Run:
    """End a run and judge it: met if it ended by its due time. One that is held up goes on first."""
    if not run.is_running:
        return run
    going = resume(run, now=at, calendar=calendar)
    result: Result = "met" if at <= going.due_at else "late"
    return msgspec.structs.replace(going, ended_at=at, result=result)


def void(run: Run, *, at: datetime) -> Run:
    """End a run that counts for nothing."""
    return msgspec.structs.replace(run, ended_at=at, result="void") if run.is_running else run


def revive(run: Run) -> Run:
    """Take back that a run was ended without being judged: it has run on meanwhile."""
    return msgspec.structs.replace(run, result="running", ended_at=None) if run.result == "void" else run


def recount(run: Run, calendar: Calendar) -> Run:
    """Count a run's due time on another calendar; what is over keeps its result."""
    return _recounted(run, calendar) if run.is_running else run


def advance(
    runs: Sequence[Run],
    ticks: Iterable[Tick],
    *,
    now: datetime,
    calendar: Calendar,
    term_of: Callable[[ClockKind], Term],
    until: datetime | None = None,
    answered_at: datetime | None = None,
) -> tuple[tuple[Run, ...], tuple[Said, ...]]:
    """Do to the runs of a ticket's clocks, the oldest first, what an act does; gives the runs then, and what happened to which.

    `term_of` says how long a clock that begins has, `until` to when an extension goes, `answered_at` when the result was given that is not good.
    """
    after, said = list(runs), list[Said]()
    for kind, move in ticks:
        ends = "void" if move == "start" else "stop" if move == "again" else move
        for place, run in enumerate(after):
            at = min(now, max(answered_at or now, run.started_at)) if move == "again" else now
            if run.kind != kind or (move == "revive" and any(later.kind == kind for later in after[place + 1 :])):
                continue
            changed = _change(run, ends, at=at, calendar=calendar, until=until)
            if changed != run:
                after[place] = changed
                said.append(Said(kind, run.round, f"stop:{changed.result}" if ends == "stop" else ends, changed.due_at))
        if move in {"start", "again"}:
            number = 1 + sum(run.kind == kind for run in after)
            begun = start(kind, term_of(kind), round_number=number, now=now, calendar=calendar)
            after.append(begun)
            said.append(Said(kind, number, "start", begun.due_at))
    return tuple(after), tuple(said)


def _change(run: Run, move: str, *, at: datetime, calendar: Calendar, until: datetime | None) -> Run:
    match move:
        case "stop":
            return stop(run, at=at, calendar=calendar)
        case "void":
            return void(run, at=at)
        case "pause":
            return pause(run, now=at)
        case "resume":
            return resume(run, now=at, calendar=calendar)
        case "revive":
            return revive(run)
        case _:
            is_later = until is not None and until > run.due_at and run.is_running
            return extend(run, until=until, now=at, calendar=calendar) if is_later and until is not None else run


def _recounted(run: Run, calendar: Calendar) -> Run:
    due = _count(run.kind, run.term, run.started_at, run.changes, calendar)
    return msgspec.structs.replace(run, due_at=due.due_at, basis=due.basis)


def _count(kind: ClockKind, term: Term, started_at: datetime, changes: tuple[Change, ...], calendar: Calendar) -> Deadline:
    due = _count_term(kind, term, started_at, calendar)
    for change in changes:
        due = _SHIFTS[change.kind](due, change, term, calendar)
    return Deadline(due_at=due.due_at.astimezone(UTC), basis=due.basis)


def _count_term(kind: ClockKind, term: Term, started_at: datetime, calendar: Calendar) -> Deadline:
    if term.value == 0:
        return Deadline(due_at=started_at, basis=())
    if kind == "progress":
        basis = explain("term_carried", {"days": term.value})
        return Deadline(due_at=started_at + timedelta(days=term.value), basis=(basis,))
    if term.unit == "minutes":
        basis = explain("term_desk_urgent", {"minutes": term.value})
        return Deadline(due_at=started_at + timedelta(minutes=term.value), basis=(basis,))
    return deadlines.due_at(started_at, term.value, term.unit, term.calendar, calendar, next_day=term.next_day)


def _take_given(_due: Deadline, change: Change, _term: Term, calendar: Calendar) -> Deadline:
    return Deadline(due_at=change.to, basis=(explain("term_given", {"at": _say(change.to, calendar)}),))


def _add_extension(due: Deadline, change: Change, _term: Term, calendar: Calendar) -> Deadline:
    line = explain("term_extended", {"from": _say(change.start, calendar), "to": _say(change.to, calendar)})
    return Deadline(due_at=max(due.due_at, change.to), basis=(*due.basis, line))


def _add_pause(due: Deadline, change: Change, term: Term, calendar: Calendar) -> Deadline:
    """Move a due time by what a pause took: as many working days, as much office time, or as long by any clock."""
    is_working = term.calendar == "working" and term.unit != "minutes"
    if is_working and term.unit == "days":
        days = deadlines.count_working_days(change.start, change.to, calendar)
        moved = deadlines.add_working_days(due.due_at, days, calendar)
        facts: dict[str, object] = {"days": days}
        key = "term_paused_days"
    else:
        span = deadlines.measure_working(change.start, change.to, calendar) if is_working else change.to - change.start
        moved = deadlines.add_working(due.due_at, span, calendar) if is_working else due.due_at + span
        facts, key = {"minutes": round(span.total_seconds() / 60)}, "term_paused_minutes"
    line = explain(
        key, {"from": _say(change.start, calendar), "to": _say(change.to, calendar), **facts, "due": _say(moved, calendar)}
    )
    return Deadline(due_at=moved, basis=(*due.basis, line))


_SHIFTS = {"given": _take_given, "extend": _add_extension, "pause": _add_pause}
"""By the kind of a change: how a due time moves by it."""


def _say(moment: datetime, calendar: Calendar) -> str:
    return f"{moment.astimezone(calendar.zone):%Y-%m-%d %H:%M}"
