"""How long a person may be waited for: what falls due in a talk with a seat, and when. Pure.

A talk carries the moment of its next look in one indexed column, so that finding what is due costs the same for one talk or a thousand, and a
restart forgets nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal

import msgspec

Minutes = Annotated[int, msgspec.Meta(ge=1)]
Due = Literal["waited", "missed", "seat_silent", "resident_silent"]
"""Waited long: say so and tell the desk above · waited too long: a call-back · the seat says nothing · the resident says nothing."""


class SeatSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How long people wait for one another, in minutes."""

    answer_minutes: Minutes = 3
    """A first answer within this is in time; later the resident is told and the desk above is called too (the issue's 3 minutes)."""
    wait_minutes: Minutes = 15
    """Nobody waits longer at a telephone in the hand: then somebody calls back."""
    seat_minutes: Minutes = 5
    """A seat that leaves somebody without a word this long has gone."""
    resident_minutes: Minutes = 15
    """Whoever has not written for this long is doing something else; what was said stays."""
    turns: Annotated[int, msgspec.Meta(ge=1, le=200)] = 20
    """How many messages from before the call a seat sees: enough to know what was asked and answered."""
    show_name: bool = False
    """Whether residents read the seat's name beside the desk's."""


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """What of a talk tells the time. `queued_at` is when it last joined the queue, `seat_at` and `resident_at` when each last wrote."""

    claimed_at: datetime | None
    queued_at: datetime
    warned: bool
    seat_at: datetime | None
    resident_at: datetime


def list_moments(clock: Clock, *, settings: SeatSettings) -> list[tuple[datetime, Due]]:
    """List what will fall due in a talk that is not over, and when, earliest first."""
    if clock.claimed_at is None:
        waited: list[tuple[datetime, Due]] = [(clock.queued_at + timedelta(minutes=settings.wait_minutes), "missed")]
        if not clock.warned:
            waited.append((clock.queued_at + timedelta(minutes=settings.answer_minutes), "waited"))
        return sorted(waited)
    if clock.seat_at is None or clock.resident_at > clock.seat_at:
        return [(max(clock.claimed_at, clock.resident_at) + timedelta(minutes=settings.seat_minutes), "seat_silent")]
    return [(clock.seat_at + timedelta(minutes=settings.resident_minutes), "resident_silent")]


def next_look(clock: Clock, *, settings: SeatSettings) -> datetime:
    """Find the moment of the next look."""
    return list_moments(clock, settings=settings)[0][0]


def find_due(clock: Clock, *, now: datetime, settings: SeatSettings) -> Due | None:
    """Find what is due now, None if nothing is; of several the last, for it says how things stand."""
    due = [what for moment, what in list_moments(clock, settings=settings) if moment <= now]
    return due[-1] if due else None


def is_in_time(since: datetime, answered_at: datetime, *, settings: SeatSettings) -> bool:
    """Tell whether a first answer came in time."""
    return answered_at - since <= timedelta(minutes=settings.answer_minutes)
