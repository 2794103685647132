"""A knowledge entry as a value, and why one may not answer. Everything that matches or imports speaks of these, not of rows."""

from __future__ import annotations

from datetime import date  # noqa: TC003 - msgspec reads the annotations
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

Kind = Literal["question", "policy", "service_item", "service_point"]
"""问答 政策 服务事项 服务点."""

Status = Literal["published", "retired"]

Refusal = Literal["retired", "not_yet_valid", "expired", "other_area"]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """知识条目 as matching and answering need it. `area` "" is the whole city; the first and last day of validity count.

    `coordinates` is where it is on a map (knowledge_base.coordinates); "" where nobody said.
    """

    code: str
    kind: Kind = "question"
    question: str
    phrasings: tuple[str, ...] = ()
    answer: str = ""
    area: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    source: str = ""
    source_date: date | None = None
    unit: str = ""
    coordinates: str = ""
    status: Status = "published"
    version: int = 1


def refuse(entry: Entry | None, *, today: date, areas: Sequence[str], city: str = "") -> Refusal | None:
    """Say why an entry may not answer today, for somebody in these areas; None if it may. Unknown areas refuse nothing."""
    if entry is None or entry.status != "published":
        return "retired"
    if entry.valid_from and today < entry.valid_from:
        return "not_yet_valid"
    if entry.valid_to and today > entry.valid_to:
        return "expired"
    if areas and entry.area not in {"", city, *areas}:
        return "other_area"
    return None
