"""督办的钟: when whoever has a ticket must be done, when supervision has to look at it again, and what is due then. Pure.

A ticket carries the moment of its next look in one indexed column, so that finding what is due costs the same for ten tickets or a million.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

import msgspec

from routing import deadlines
from routing.terms import OPEN_STATUSES, Deadline, Status
from routing.why import explain

if TYPE_CHECKING:
    from routing.calendar import Calendar
    from routing.context import DeskSettings
    from routing.tables import Ticket
    from routing.terms import DutyItem

Due = Literal["alarm", "due_soon", "overdue", "close", "settle", "part", "progress_due", "reask"]
"""What falls due. `settle`: the rest of a rating did not come; `part`: nor did what is still open; `progress_due`: a carried matter's report."""

_HEAVIEST_FIRST: tuple[Due, ...] = ("alarm", "part", "settle", "close", "progress_due", "overdue", "due_soon", "reask")


def due_at_desk(tier: str, *, now: datetime, calendar: Calendar, settings: DeskSettings) -> Deadline:
    """Count how long a matter may wait at a desk: working hours; minutes by any clock if it is urgent."""
    if tier == "none":
        return deadlines.due_at(now, settings.desk_hours, "hours", "working", calendar)
    basis = explain("term_desk_urgent", {"minutes": settings.urgent_minutes})
    return Deadline(due_at=now + timedelta(minutes=settings.urgent_minutes), basis=(basis,))


def due_at_unit(item: DutyItem | None, *, now: datetime, calendar: Calendar, settings: DeskSettings, next_day: bool) -> Deadline:
    """Count a unit's time from its dispatch: the duty item's, or the usual days where there is none."""
    if item is None:
        return deadlines.due_at(now, settings.unit_days, "days", "working", calendar, next_day=next_day)
    return deadlines.due_at(now, item.deadline_value, item.deadline_unit, item.deadline_calendar, calendar, next_day=next_day)


_ANSWERED = frozenset({Status.REPLIED, Status.CONCLUDED})


class Clocks(msgspec.Struct, frozen=True, kw_only=True):
    """What of a ticket its clocks depend on. `since` is when whoever has it got it, `warned` what was last said; an alarm has rung once if `alarmed_at` is set.

    A reply stops no clock: it may be given on the way. The time runs until the matter is concluded. An answer stops an alarm: somebody has it.
    """

    status: Status
    acknowledged: bool
    alarms: int
    alarmed_at: datetime | None
    since: datetime
    due_at: datetime
    concluded_at: datetime | None
    warned: str
    warned_at: datetime | None
    asked: str = ""
    asked_at: datetime | None = None
    reask_at: datetime | None = None


def clocks_of(ticket: Ticket) -> Clocks:
    """Read a ticket's clocks."""
    return Clocks(
        status=Status(ticket.status),
        acknowledged=ticket.acknowledged_at is not None,
        alarms=ticket.alarms,
        alarmed_at=ticket.alarmed_at,
        since=ticket.dispatched_at or ticket.opened_at,
        due_at=ticket.due_at,
        concluded_at=ticket.concluded_at,
        warned=ticket.warned,
        warned_at=ticket.warned_at,
        asked=ticket.asked,
        asked_at=ticket.asked_at,
        reask_at=ticket.reask_at,
    )


def list_moments(clocks: Clocks, *, settings: DeskSettings) -> list[tuple[datetime, Due]]:
    """List what will fall due for a ticket as it stands, and when, earliest first."""
    if clocks.status is Status.CLOSED and clocks.reask_at is not None:
        return [(clocks.reask_at, "reask")]
    if clocks.status not in OPEN_STATUSES:
        return []
    moments: list[tuple[datetime, Due]] = []
    if clocks.alarmed_at is not None and not clocks.acknowledged and clocks.status not in _ANSWERED:
        is_slow = clocks.alarms >= settings.alarm_limit
        minutes = settings.alarm_slow_minutes if is_slow else min(settings.alarm_minutes, settings.climb_minutes)
        moments.append((clocks.alarmed_at + timedelta(minutes=minutes), "alarm"))
    if clocks.asked and clocks.asked_at is not None:
        is_part = clocks.asked == "part"
        wait = timedelta(minutes=settings.part_minutes) if is_part else timedelta(hours=settings.rest_hours)
        moments.append((clocks.asked_at + wait, "part" if is_part else "settle"))
    if clocks.status is Status.CARRIED:
        moments.append((clocks.due_at, "progress_due"))
    elif clocks.status is Status.CONCLUDED:
        if clocks.concluded_at is not None:
            moments.append((clocks.concluded_at + timedelta(days=settings.close_days), "close"))
    elif clocks.warned == "overdue" and clocks.warned_at is not None:
        moments.append((clocks.warned_at + timedelta(hours=settings.overdue_hours), "overdue"))
    else:
        moments.append((clocks.due_at, "overdue"))
        if not clocks.warned:
            moments.append((clocks.since + settings.warn_share * (clocks.due_at - clocks.since), "due_soon"))
    return sorted(moments)


def next_look(clocks: Clocks, *, settings: DeskSettings) -> datetime | None:
    """Find the moment of the next look; None if nothing can fall due any more."""
    return next((moment for moment, _ in list_moments(clocks, settings=settings)), None)


def find_due(clocks: Clocks, *, now: datetime, settings: DeskSettings) -> Due | None:
    """Find what is due now: of several the alarm first, then the heavier."""
    due = {what for moment, what in list_moments(clocks, settings=settings) if moment <= now}
    return next((what for what in _HEAVIEST_FIRST if what in due), None)
