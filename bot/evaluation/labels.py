"""What people said of messages: the labels of our own corpus (bench/own/LABELS.md), as far as a file has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bot.evaluation.samples import check_labels, read_samples
from bot.evaluation.tiers import TIERS
from intents.catalog import specs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_VOTED = ("intent", "tier", "number")
"""The columns that more than one person labelled: what they agreed on stands in a column `voted_…` of its own."""


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """A message and what people said of it; what is empty was not labelled and is not measured."""

    text: str
    intent: str = ""
    kinds: tuple[str, ...] = ()
    """The kinds of request of which each is right."""
    tier: str = ""
    requester: str = ""
    places: tuple[str, ...] = ()
    """The places it names, as written; one may be named again for another matter."""
    matters: tuple[tuple[str, ...], ...] = ()
    """Its matters in their order, each with the duty items (codes) of which any is right."""
    number: int = 0
    """How many matters it tells of; 0 if nothing was said of that."""


def read_turns(file: Path, *, voted: bool = True) -> list[Label]:
    """Read labelled messages from a CSV file: the column text, and any of intent, kind, tier, requester, places, items, number.

    Several kinds that are right are parted by 『/』, as are items; places and matters by 『;』. Where several people labelled (columns voted_…)
    their vote counts, unless not `voted`. A refusal if text is missing or a label is none that there is.
    """
    rows = read_samples(file, ("text",))
    if voted:
        rows = [{**row, **{name: row[f"voted_{name}"] for name in _VOTED if f"voted_{name}" in row}} for row in rows]
    check_labels(file, "tier", (row.get("tier", "") for row in rows), ("", *TIERS))
    check_labels(file, "intent", (row.get("intent", "") for row in rows), ("", *specs()))
    numbers = [row.get("number", "") for row in rows]
    check_labels(file, "number", numbers, ("", *(number for number in numbers if number.isdecimal())))
    return [_read_label(row) for row in rows]


def _read_label(row: Mapping[str, str]) -> Label:
    matters = tuple(_split(matter, "/") for matter in _split(row.get("items", ""), ";"))
    return Label(
        text=row["text"],
        intent=row.get("intent", ""),
        kinds=_split(row.get("kind", ""), "/"),
        tier=row.get("tier", ""),
        requester=row.get("requester", ""),
        places=_split(row.get("places", ""), ";"),
        matters=matters,
        number=int(row.get("number") or len(matters)),
    )


def _split(cell: str, mark: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(mark) if part.strip())
