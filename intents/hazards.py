"""The kinds of danger: their words as shipped, and what a city adds to them or switches off in a file of its own.

A city's hazards.toml has the same sections. One that names a shipped hazard adds words, patterns or exceptions to it, or says `off = true`;
any other name has to say in `like` as which shipped hazard it is handled: its numbers, its words to the resident, whether it is private.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from intents.lexicon import Lexicon, compile_list, read_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

Tier = Literal["red", "orange", "none"]
LIFE_SUPPORT = "life_support"
"""The hazard of who breathes or is dialysed by a machine that has no power."""
_LISTS = ("words", "patterns")
_KEYS = frozenset({"name", "like", "off", "except", *_LISTS})


class HazardsWrong(Exception):
    """A city's hazards.toml cannot be used; the argument says where and why."""


@dataclass(frozen=True, slots=True)
class Hazard:
    """One kind of danger: its words, which numbers help, and whether it may be spoken of where others read along.

    `numbers` are codes of the city's own list of numbers.
    """

    name: str
    tier: Tier
    numbers: tuple[str, ...]
    private: bool
    past: Tier
    plain: bool
    firm: bool
    live: Lexicon
    signs: Lexicon


@cache
def hazards() -> tuple[Hazard, ...]:
    """Give every shipped hazard, the gravest first."""
    table = read_table("hazards")
    return tuple(_make(row, table["parts"]) for row in table["hazard"])


def lives_by_power(text: str) -> bool:
    """Tell whether somebody lives by a machine that has no power now. The list's word alone decides: all that was learned of outages is a day's matter."""
    return any(hazard.name == LIFE_SUPPORT and hazard.live.first(text) for hazard in hazards())


def load_hazards(path: Path) -> tuple[Hazard, ...]:
    """Give the hazards of a city: the shipped ones, changed by its own file if there is one; HazardsWrong if that cannot be used."""
    if not path.exists():
        return hazards()
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise HazardsWrong(f"{path}: {error}") from error
    return change_hazards(table.get("hazard", []), where=str(path))


def change_hazards(changes: Iterable[Mapping[str, Any]], *, where: str = "hazards.toml") -> tuple[Hazard, ...]:
    """Give the shipped hazards with a city's changes; HazardsWrong names the section that cannot be used."""
    table = read_table("hazards")
    rows: list[dict[str, Any]] = [dict(row) for row in table["hazard"]]
    for change in changes:
        name = str(change.get("name", ""))
        known = change.get("like", name)
        if unknown := set(change) - _KEYS:
            raise HazardsWrong(f"{where} [{name}]: {', '.join(sorted(unknown))}")
        first = next((row for row in rows if row["name"] == known), None)
        if first is None:
            raise HazardsWrong(f"{where} [{name}]: like = {known}")
        if change.get("off", False):
            rows = [row for row in rows if row["name"] != known]
        else:
            rows.insert(rows.index(first), {**first, "live": _lists(change), "signs": {}, "except": change.get("except", [])})
            rows = [_except(row, change.get("except", [])) if row["name"] == known else row for row in rows]
    try:
        return tuple(_make(row, table["parts"]) for row in rows)
    except (re.error, KeyError) as error:
        raise HazardsWrong(f"{where}: {error}") from error


def _lists(change: Mapping[str, Any]) -> dict[str, list[str]]:
    return {name: list(change.get(name, [])) for name in _LISTS}


def _except(row: dict[str, Any], phrases: list[str]) -> dict[str, Any]:
    """Let phrases of a city mean something else everywhere in a hazard."""
    lists = {name: {**row.get(name, {}), "except": [*row.get(name, {}).get("except", []), *phrases]} for name in ("live", "signs")}
    return {**row, **lists}


def _make(row: Mapping[str, Any], parts: Mapping[str, str]) -> Hazard:
    """Compile a hazard's section."""
    return Hazard(
        name=row["name"],
        tier=row["tier"],
        numbers=tuple(row["numbers"]),
        private=row.get("private", False),
        past=row.get("past", "none"),
        plain=row.get("letter", "urgent") == "plain",
        firm=row.get("firm", False),
        live=compile_list(row.get("live", {}), parts),
        signs=compile_list(row.get("signs", {}), parts),
    )
