"""黄牌预警: whose work of a month somebody should look at, worker by worker and unit by unit. A count is a reason to ask, not a judgement. Pure.

A threshold is a number of tickets, and a share of what was worked on: who does much may have some that went wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from routing.deeds import DeedKind  # noqa: TC001 - msgspec reads the annotation

if TYPE_CHECKING:
    from collections.abc import Iterable

Threshold = Annotated[int, msgspec.Meta(ge=0)]
Percent = Annotated[int, msgspec.Meta(ge=0, le=100)]

WarnedKind = Literal["overdue", "came_back", "redone", "late_extension", "hollow"]
KINDS: tuple[WarnedKind, ...] = ("overdue", "came_back", "redone", "late_extension", "hollow")


class WarningSettings(msgspec.Struct, frozen=True, kw_only=True):
    """From how many tickets of a month on somebody's supervisor is told; 0 turns a kind off, all of them the whole."""

    overdue: Threshold = 3
    came_back: Threshold = 3
    redone: Threshold = 2
    late_extension: Threshold = 3
    hollow: Threshold = 2
    least_percent: Percent = 10

    def yellow_after(self, kind: WarnedKind) -> int:
        """Give the threshold of a kind; 0 for one that is off."""
        match kind:
            case "overdue":
                return self.overdue
            case "came_back":
                return self.came_back
            case "redone":
                return self.redone
            case "late_extension":
                return self.late_extension
            case "hollow":
                return self.hollow

    @property
    def is_on(self) -> bool:
        """Whether anything is warned of."""
        return any(self.yellow_after(kind) for kind in KINDS)


class Warned(msgspec.Struct, frozen=True, kw_only=True):
    """黄牌: a worker (or unit) of whom a kind of deed was read from so many tickets, `of` those they worked on."""

    code: str
    is_unit: bool
    kind: WarnedKind
    count: int
    of: int


class Workload(msgspec.Struct, frozen=True, kw_only=True):
    """What one of the staff, or a unit, did in a period: of how many tickets each kind, and how many they had to do with at all."""

    code: str
    is_unit: bool
    counts: dict[DeedKind, int] = {}
    worked_on: int = 0

    def count(self, kind: DeedKind) -> int:
        """Count the tickets of a kind of deed."""
        return self.counts.get(kind, 0)


def find_warned(loads: Iterable[Workload], settings: WarningSettings) -> tuple[Warned, ...]:
    """Find who has reached a threshold, in the order of the loads and kinds."""
    return tuple(
        Warned(code=load.code, is_unit=load.is_unit, kind=kind, count=count, of=load.worked_on)
        for load in loads
        for kind in KINDS
        if (least := settings.yellow_after(kind))
        and (count := load.count(kind)) >= least
        and 100 * count >= settings.least_percent * load.worked_on
    )
