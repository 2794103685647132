"""督办的钟: when whoever has a ticket must be done, when supervision has to look at it again, and what is due then. Pure.

A ticket carries the moment of its next look in one indexed column, so that finding what is due costs the same for ten tickets or a million.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

import msgspec

from routing.terms import OPEN_STATUSES, Status

if TYPE_CHECKING:
    from routing.context import DeskSettings
    from routing.tables import Ticket

Due = Literal[
    "alarm", "halfway", "due_soon", "overdue", "close", "settle", "part", "progress_due", "reask", "resume",
    "resident_due_soon", "resident_overdue",
]  # fmt: skip
"""What falls due. `settle`: the rest of a rating did not come; `part`: nor did what is still open; `progress_due`: a carried matter's report;
`resume`: what was held up goes on; `resident_…`: the clock that counts for the resident, whoever has the matter."""

_HEAVIEST_FIRST: tuple[Due, ...] = (
    "alarm", "resume", "part", "settle", "close", "progress_due", "overdue", "resident_overdue", "due_soon", "resident_due_soon",
    "halfway", "reask",
)  # fmt: skip


_ANSWERED = frozenset({Status.REPLIED, Status.CONCLUDED})
_WAITED_FOR = frozenset({Status.ACCEPTED, Status.DISPATCHED, Status.SIGNED})
_QUIET = frozenset({Status.WAITING, Status.PAUSED, Status.CARRIED, Status.REVIEW, Status.CONCLUDED})


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
    resume_at: datetime | None = None
    opened_at: datetime | None = None
    resident_due_at: datetime | None = None
    resident_warned: str = ""
    urgent: bool = False


def clocks_of(ticket: Ticket) -> Clocks:
    """Read a ticket's clocks."""
    return Clocks(
        status=Status(ticket.status),
        acknowledged=ticket.acknowledged_at is not None,
        alarms=ticket.alarms,
        alarmed_at=ticket.alarmed_at,
        since=ticket.held_since or ticket.dispatched_at or ticket.opened_at,
        due_at=ticket.due_at,
        concluded_at=ticket.concluded_at,
        warned=ticket.warned,
        warned_at=ticket.warned_at,
        asked=ticket.asked,
        asked_at=ticket.asked_at,
        reask_at=ticket.reask_at,
        resume_at=ticket.resume_at,
        opened_at=ticket.opened_at,
        resident_due_at=ticket.resident_due_at,
        resident_warned=ticket.resident_warned,
        urgent=ticket.tier != "none",
    )


def list_moments(clocks: Clocks, *, settings: DeskSettings) -> list[tuple[datetime, Due]]:
    """List what will fall due for a ticket as it stands, and when, earliest first."""
    if clocks.status is Status.CLOSED and clocks.reask_at is not None:
        return [(clocks.reask_at, "reask")]
    if clocks.status not in OPEN_STATUSES:
        return []
    lists = (_list_alarms, _list_questions, _list_dues, _list_residents)
    return sorted(moment for each in lists for moment in each(clocks, settings))


def _list_alarms(clocks: Clocks, settings: DeskSettings) -> list[tuple[datetime, Due]]:
    if clocks.alarmed_at is None or clocks.acknowledged or clocks.status in _ANSWERED:
        return []
    is_slow = clocks.alarms >= settings.alarm_limit
    minutes = settings.alarm_slow_minutes if is_slow else min(settings.alarm_minutes, settings.climb_minutes)
    return [(clocks.alarmed_at + timedelta(minutes=minutes), "alarm")]


def _list_questions(clocks: Clocks, settings: DeskSettings) -> list[tuple[datetime, Due]]:
    if not clocks.asked or clocks.asked_at is None:
        return []
    is_part = clocks.asked == "part"
    wait = timedelta(minutes=settings.part_minutes) if is_part else timedelta(hours=settings.rest_hours)
    return [(clocks.asked_at + wait, "part" if is_part else "settle")]


def _list_dues(clocks: Clocks, settings: DeskSettings) -> list[tuple[datetime, Due]]:
    match clocks.status:
        case Status.WAITING | Status.PAUSED:
            return [(clocks.resume_at or clocks.due_at, "resume")]
        case Status.CARRIED:
            return [(clocks.due_at, "progress_due")]
        case Status.CONCLUDED:
            closes = clocks.concluded_at + timedelta(days=settings.close_days) if clocks.concluded_at else None
            return [(closes, "close")] if closes else []
    if clocks.warned == "overdue" and clocks.warned_at is not None:
        is_urgent = clocks.urgent and clocks.status is Status.ACCEPTED
        wait = timedelta(minutes=settings.urgent_minutes) if is_urgent else timedelta(hours=settings.overdue_hours)
        return [(clocks.warned_at + wait, "overdue")]
    span = clocks.due_at - clocks.since
    moments: list[tuple[datetime, Due]] = [(clocks.due_at, "overdue")]
    if _list_alarms(clocks, settings):
        return moments  # it rings
    if clocks.warned in {"", "halfway"}:
        moments.append((clocks.since + settings.warn_share * span, "due_soon"))
    if not clocks.warned and clocks.status in _WAITED_FOR:
        moments.append((clocks.since + settings.half_share * span, "halfway"))
    return moments


def _list_residents(clocks: Clocks, settings: DeskSettings) -> list[tuple[datetime, Due]]:
    """List when the resident's clock warns: what is held up, or carried, was told the resident, and runs on quietly."""
    if clocks.resident_due_at is None or clocks.opened_at is None or clocks.status in _QUIET or clocks.resident_warned == "overdue":
        return []
    moments: list[tuple[datetime, Due]] = [(clocks.resident_due_at, "resident_overdue")]
    if not clocks.resident_warned:
        soon = clocks.opened_at + settings.warn_share * (clocks.resident_due_at - clocks.opened_at)
        moments.append((soon, "resident_due_soon"))
    return moments


def next_look(clocks: Clocks, *, settings: DeskSettings) -> datetime | None:
    """Find the moment of the next look; None if nothing can fall due any more."""
    return next((moment for moment, _ in list_moments(clocks, settings=settings)), None)


def find_due(clocks: Clocks, *, now: datetime, settings: DeskSettings) -> Due | None:
    """Find what is due now: of several the alarm first, then the heavier."""
    due = {what for moment, what in list_moments(clocks, settings=settings) if moment <= now}
    return next((what for what in _HEAVIEST_FIRST if what in due), None)
