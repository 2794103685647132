"""走钟: what an act does to the clocks of a ticket, written down. What it does stands in routing.lifecycle, how it is counted in routing.clocks.

The holder's clock (the desk's, the unit's, the decider's, a carried matter's) gives the ticket its due time; the resident's runs beside it.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import select

from routing import clocks
from routing.clocks import Change, Run, Term
from routing.tables import TicketClock

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from routing.calendar import Calendar
    from routing.context import DeskSettings, RoutingContext
    from routing.lifecycle import ClockKind, Tick
    from routing.tables import Ticket

RESIDENT = "resident"
"""The kind of the resident's clock."""


def tick(
    session: Session,
    ticket: Ticket,
    ticks: Sequence[Tick],
    *,
    now: datetime,
    context: RoutingContext,
    until: datetime | None = None,
    answered_at: datetime | None = None,
) -> list[list[Any]]:
    """Do to a ticket's clocks what an act does (see clocks.advance). Gives what changed: [kind, round, what, due time]."""
    if not ticks:
        return []
    rows = read_rows(session, ticket) if ticket.id else []
    runs, said = clocks.advance(
        [_read(row) for row in rows],
        ticks,
        now=now,
        calendar=context.calendar,
        term_of=lambda kind: choose_term(ticket, kind, context=context),
        until=until,
        answered_at=answered_at,
    )
    changed = [(row, run) for row, run in zip_longest(rows, runs) if row is None or _read(row) != run]
    for _, run in changed:
        _show(ticket, run)
    session.flush()
    for row, run in changed:
        kept = row or TicketClock(ticket_id=ticket.id)
        _keep(kept, run)
        session.add(kept)
    session.flush()
    return [[each.kind, each.round, each.what, each.due_at.isoformat()] for each in said]


def read_rows(session: Session, ticket: Ticket) -> list[TicketClock]:
    """Read the runs of a ticket's clocks, the oldest first."""
    session.flush()
    return list(session.execute(select(TicketClock).where(TicketClock.ticket_id == ticket.id).order_by(TicketClock.id)).scalars())


def list_runs(session: Session, ticket: Ticket) -> tuple[Run, ...]:
    """List the runs of a ticket's clocks, the oldest first."""
    return tuple(_read(row) for row in read_rows(session, ticket))


def recount(session: Session, ticket: Ticket, *, calendar: Calendar) -> list[list[Any]]:
    """Count the due times of what runs on another calendar. Gives [kind, round, due before, due now] of those that moved."""
    moved: list[list[Any]] = []
    for row in read_rows(session, ticket):
        before = _read(row)
        after = clocks.recount(before, calendar)
        if after.due_at != before.due_at:
            _keep(row, after)
            _show(ticket, after)
            moved.append([row.kind, row.round, before.due_at.isoformat(), after.due_at.isoformat()])
    return moved


def choose_term(ticket: Ticket, kind: ClockKind, *, context: RoutingContext) -> Term:
    """Choose how long a clock has for a ticket: by its duty item, its tier, or its kind of request."""
    settings, next_day = context.desk, context.routing.next_day
    if kind == "unit" and (item := context.duty_list.item(ticket.item)) is not None:
        return Term(item.deadline_value, item.deadline_unit, item.deadline_calendar, next_day)
    if kind == "desk":
        is_urgent = ticket.tier != "none"
        return Term(settings.urgent_minutes, "minutes", "calendar") if is_urgent else Term(settings.desk_hours, "hours", "working")
    if kind == "resident" and ticket.tier in {"red", "orange"}:
        return Term(settings.resident_red_hours if ticket.tier == "red" else settings.resident_orange_hours, "hours", "calendar")
    if kind == "progress":
        return Term(settings.carry_days, "days", "calendar")
    return Term(_choose_days(ticket, kind, settings), "days", "working", next_day)


def _choose_days(ticket: Ticket, kind: ClockKind, settings: DeskSettings) -> int:
    """Choose the usual number of working days."""
    if kind == "review":
        return settings.review_days
    if kind == "unit":
        return settings.unit_days
    return settings.resident_consult_days if ticket.kind == "consult" else settings.resident_days


def _read(row: TicketClock) -> Run:
    return Run(
        kind=row.kind,  # type: ignore[arg-type]
        round=row.round,
        started_at=row.started_at,
        term=Term(row.value, row.unit, row.calendar, row.next_day),  # type: ignore[arg-type]
        due_at=row.due_at,
        basis=tuple(row.basis),
        changes=tuple(msgspec.convert(change, Change) for change in row.changes),
        paused_at=row.paused_at,
        ended_at=row.ended_at,
        result=row.result,  # type: ignore[arg-type]
    )


def _keep(row: TicketClock, run: Run) -> None:
    """Write a run down."""
    row.kind, row.round, row.started_at = run.kind, run.round, run.started_at
    row.value, row.unit, row.calendar, row.next_day = run.term.value, run.term.unit, run.term.calendar, run.term.next_day
    row.due_at, row.basis, row.changes = run.due_at, list(run.basis), [msgspec.to_builtins(change) for change in run.changes]
    row.paused_at, row.ended_at, row.result = run.paused_at, run.ended_at, run.result


def _show(ticket: Ticket, run: Run) -> None:
    """Show on a ticket what a run makes of its due times."""
    if run.kind == RESIDENT:
        if ticket.resident_due_at != run.due_at:
            ticket.resident_warned = ""
        ticket.resident_due_at = run.due_at if run.is_running else None
    elif run.is_running:
        if ticket.due_at != run.due_at:
            ticket.warned, ticket.warned_at = "", None
        ticket.due_at, ticket.due_basis, ticket.held_since = run.due_at, list(run.basis), run.started_at
