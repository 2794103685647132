"""How figures are said: names, formulas, exclusions and numbers in the words of texts.toml [report]."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bot.texts import fill, has_text

if TYPE_CHECKING:
    from routing.figures import Figure


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A figure as it is shown. `share` is "3,821/4,067 = 93.95 %", or the count alone; `percent` "" where there is nothing to divide by."""

    code: str
    name: str
    count: int
    of: int | None
    percent: str
    share: str
    excluded: tuple[tuple[str, int], ...]
    formula: str


def say(key: str, **facts: object) -> str:
    """Fill a text of reports."""
    return fill("report", key, facts)


def say_or(key: str, other: str) -> str:
    """Fill a text of reports that needs no facts; `other` where there is none of this key."""
    return say(key) if has_text("report", key) else other


def has_value(dimension: str, value: str) -> bool:
    """Tell whether a value of a dimension has a name in the texts."""
    return has_text("report", f"{dimension}_{value}")


def show(figure: Figure) -> Shown:
    """Put a figure into words."""
    percent = figure.percent
    if figure.of is None:
        share = f"{figure.count:,}"
    elif percent is None:
        share = say("no_figure", count=f"{figure.count:,}", of=f"{figure.of:,}")
    else:
        share = say("share", count=f"{figure.count:,}", of=f"{figure.of:,}", percent=percent)
    return Shown(
        code=figure.code,
        name=say(f"name_{figure.code}"),
        count=figure.count,
        of=figure.of,
        percent="" if percent is None else str(percent),
        share=share,
        excluded=tuple((say(f"excluded_{why}"), number) for why, number in figure.excluded if number),
        formula=say(f"formula_{figure.code}"),
    )


def say_excluded(shown: Shown) -> str:
    """Say what was left out of a figure, each with its count; "" for nothing."""
    return say("between").join(say("excluded", why=why, count=f"{count:,}") for why, count in shown.excluded)
