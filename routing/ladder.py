"""报警的梯子: whom a red alarm rings, rung by rung, until somebody has it. Pure.

    who is on duty at the desk ─▶ who stands in ─▶ the same at the desk above ─▶ … ─▶ the top

Nobody on a rung loses it by the next: each ringing rings all that were reached. Rungs on which nobody is on duty are left out, and so is
whoever the matter is about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from routing import sight

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime, timedelta, tzinfo

    from routing.org import OrgChart
    from routing.terms import HandlingUnit


class Rung(msgspec.Struct, frozen=True):
    """Who is rung together: at which desk, the staff codes."""

    desk: str
    staff: tuple[str, ...]


def build_ladder(
    org: OrgChart,
    desk: HandlingUnit,
    *,
    refused: Collection[str] = (),
    refused_staff: Collection[str] = (),
    now: datetime,
    tz: tzinfo,
) -> tuple[Rung, ...]:
    """List whom an alarm at a desk reaches now, lowest first; empty if nobody is on duty all the way up."""
    rungs: list[Rung] = []
    for here in org.ways_up(desk):
        if sight.is_kept_from(here.code, refused, org):
            continue
        rung: set[str] = {code for each in rungs for code in each.staff}
        holders, backups = org.on_duty_by_turn(here.code, now, tz)
        for codes in (holders, backups):
            free = tuple(code for code in codes if code not in rung and not _is_kept_from(code, refused, refused_staff, org))
            if free:
                rungs.append(Rung(here.code, free))
    return tuple(rungs)


def count_reached(elapsed: timedelta, *, rungs: int, climb: timedelta) -> int:
    """Count the rungs that an alarm has reached some time after it first rang."""
    return min(rungs, 1 + elapsed // climb)


def is_exhausted(elapsed: timedelta, *, rungs: int, climb: timedelta) -> bool:
    """Tell whether the last rung has had its time too: nobody is left above."""
    return elapsed >= rungs * climb


def _is_kept_from(code: str, refused: Collection[str], refused_staff: Collection[str], org: OrgChart) -> bool:
    person = org.staff.get(code)
    return code in refused_staff or (person is not None and sight.is_kept_from_person(person, refused, org))
