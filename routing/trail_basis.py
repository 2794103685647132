"""What signs and deeds are read by beside the events: thresholds, the city's clock, who is of the staff, levels of units and of duty items. Pure.

The worker keeps what it reads from each ticket (routing.trail_folds); a change of any of these makes some of that stale.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from routing.org import ESTATE_KINDS
from routing.terms import Level  # noqa: TC001 - msgspec reads the annotation
from routing.warning_signs import SignSettings  # noqa: TC001 - msgspec reads the annotation

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from routing.duty_list import DutyList
    from routing.org import OrgChart


class Basis(msgspec.Struct, frozen=True, kw_only=True):
    """All of it: `levels` of the units that stand on one, `allowed` the levels that a duty item may be given to, where it names some."""

    settings: SignSettings
    zone: str
    staff: frozenset[str]
    levels: dict[str, Level]
    allowed: dict[str, tuple[Level, ...]]

    @property
    def digest(self) -> str:
        """A short name for exactly this: another basis has another."""
        return hashlib.sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()


class Touched(msgspec.Struct, frozen=True, kw_only=True):
    """Whose tickets another basis may read otherwise: staff who acted, units that were given one, duty items; or `all`."""

    staff: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()
    items: frozenset[str] = frozenset()
    all: bool = False


def make_basis(settings: SignSettings, *, org: OrgChart, duty_list: DutyList, zone: ZoneInfo) -> Basis:
    """Gather what signs and deeds are read by now."""
    standing = (unit for unit in org.units.values() if unit.kind not in ESTATE_KINDS)
    return Basis(
        settings=settings,
        zone=zone.key,
        staff=frozenset(org.staff),
        levels={unit.code: level for unit in standing if (level := org.level(unit)) is not None},
        allowed={code: item.allowed_levels for code, item in duty_list.items.items() if item.allowed_levels},
    )


def compare(before: Basis, after: Basis) -> Touched:
    """Tell what may be read otherwise by another basis."""
    if (before.settings, before.zone) != (after.settings, after.zone):
        return Touched(all=True)
    return Touched(
        staff=before.staff ^ after.staff,
        units=_find_changed(before.levels, after.levels),
        items=_find_changed(before.allowed, after.allowed),
    )


def _find_changed(before: Mapping[str, object], after: Mapping[str, object]) -> frozenset[str]:
    return frozenset(code for code in before.keys() | after.keys() if before.get(code) != after.get(code))
