"""网格大小: whether grids where people live hold as many households as one worker can know. Pure.

Grids of merchants, and 专属 grids of a school or a park, have no households to count; one whose number nobody wrote down is not judged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from routing.terms import Level

if TYPE_CHECKING:
    from collections.abc import Iterable

    from routing.terms import Area

RESIDENTIAL = frozenset({"", "residential"})
"""Kinds of grids in which people live; one that does not say its kind is such a grid."""


class GridSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How large a grid should be, in households."""

    least_households: int = 300
    """Below this a worker has time left; cities' rules ask for 300 to 500."""
    most_households: int = 500
    """Above this nobody knows every door."""


class OddSize(msgspec.Struct, frozen=True, kw_only=True):
    """A grid that is too small or too large."""

    code: str
    name: str
    households: int


def find_odd_sizes(areas: Iterable[Area], *, settings: GridSettings) -> tuple[OddSize, ...]:
    """Find the residential grids outside the size that the settings want, by code."""
    odd = (
        OddSize(code=area.code, name=area.name, households=area.households)
        for area in areas
        if area.level is Level.GRID
        and area.kind in RESIDENTIAL
        and area.households
        and not settings.least_households <= area.households <= settings.most_households
    )
    return tuple(sorted(odd, key=lambda one: one.code))
