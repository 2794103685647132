"""When an incident is brought before a supervisor: several residents within few days, or more and more of them over weeks.

Pure. Residents are counted, not messages: one who writes twenty times is one. The first kind alone would miss half of what grows: a plant
beside an estate is written about once or twice a week for months.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

Kind = Literal["burst", "slow_burn"]


class SwellingSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How many residents within how long."""

    burst_residents: int = 3
    burst_days: int = 3
    """Three within three days: fewer are chance in a city, more would be late."""
    slow_residents: int = 5
    slow_days: int = 56
    """Five within eight weeks, however they lie: about one in ten days who do not know of each other."""
    slow_spread: int = 14
    """Days between the first and the last of them at least: what comes together sooner is a burst, or not yet anything."""


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """An incident has swollen: so many residents have written since then."""

    kind: Kind
    cluster: int
    residents: int
    since: datetime


def find_alarms(cluster: int, voices: Iterable[tuple[str, datetime]], *, settings: SwellingSettings) -> tuple[Alarm, ...]:
    """Say how an incident has swollen by its last message; `voices` are resident and time of each message. At most one alarm of a kind.

    An incident that has swollen stays so for as long as the last message looks back: whoever tells supervisors does so once.
    """
    heard = sorted(voices, key=lambda voice: voice[1])
    if not heard:
        return ()
    last = heard[-1][1]
    alarms = []
    burst = _count(heard, last - timedelta(days=settings.burst_days))
    if burst[0] >= settings.burst_residents:
        alarms.append(Alarm(kind="burst", cluster=cluster, residents=burst[0], since=burst[1]))
    slow = _count(heard, last - timedelta(days=settings.slow_days))
    if slow[0] >= settings.slow_residents and last - slow[1] >= timedelta(days=settings.slow_spread):
        alarms.append(Alarm(kind="slow_burn", cluster=cluster, residents=slow[0], since=slow[1]))
    return tuple(alarms)


def _count(heard: list[tuple[str, datetime]], since: datetime) -> tuple[int, datetime]:
    """Count the residents from a time on, and say when the first of them wrote."""
    within = [voice for voice in heard if voice[1] >= since]
    return len({resident for resident, _ in within}), within[0][1]
