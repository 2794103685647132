"""What the API says of figures: every share with its two numbers, what was left out, and how it is counted. Every name is part of the contract."""

from __future__ import annotations

from datetime import date  # noqa: TC003 - msgspec reads the annotation
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from console.surroundings import CityView
    from routing.figures import Figure


class ExcludedOut(msgspec.Struct, frozen=True, kw_only=True):
    """How many were left out of a figure, and why, in words."""

    code: str
    name: str
    count: int


class FigureOut(msgspec.Struct, frozen=True, kw_only=True):
    """A figure: `numerator` of `denominator`; without a denominator a count alone.

    `percent` has two decimals, half up; it is null for a count, and where there is nothing to divide by.
    """

    code: str
    name: str
    formula: str
    numerator: int
    denominator: int | None
    percent: str | None
    excluded: list[ExcludedOut]


class FiguresOut(msgspec.Struct, frozen=True, kw_only=True, rename={"since": "from", "until": "to"}):
    """The figures of what was received in some days, as it stands now. `area` "" is the whole city.

    `fresh` false: some acts of the last minutes are not in them yet.
    """

    since: date
    until: date
    area: str
    fresh: bool
    items: list[FigureOut]


def describe_figure(figure: Figure, *, city: CityView) -> FigureOut:
    """Put a figure into words."""
    percent = figure.percent
    return FigureOut(
        code=figure.code,
        name=city.say_figure(f"name_{figure.code}"),
        formula=city.say_figure(f"formula_{figure.code}"),
        numerator=figure.count,
        denominator=figure.of,
        percent=None if percent is None else str(percent),
        excluded=[
            ExcludedOut(code=why, name=city.say_figure(f"excluded_{why}"), count=count) for why, count in figure.excluded if count
        ],
    )
