"""Where in a text a place may be named, told by cues alone: what stands before 小区 or 路, and what follows 市 or 街道.

No gazetteer is asked, so it works for any city's letters. It gives no names but the character grams of what may be one: whoever compares
two texts by them needs no exact edges, and everyday words among them weigh little because they are common. Pairs of characters find a name though it is shortened.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from knowledge_base.lexicon import read_lexicon

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = r"[^\W_]"
_BEFORE = 5
"""Characters before an ending that may be a name: longer ones are known by their last characters."""
_ROAD = 3
"""Characters before 路 that are its name."""
_AFTER = 6
"""Characters after a beginning that may be a name."""


class PlacePairs(NamedTuple):
    """Pairs of characters in the order of the text: of places, and of the names of roads among them, which say less."""

    narrow: list[str]
    roads: list[str]


def cut_place_pairs(folded: str) -> PlacePairs:
    """Give the pairs of characters of all that may be the name of a place; lower-case normal text."""
    endings, beginnings, roads = _read_cues()
    named, is_road = _mark(folded, endings, beginnings), _mark(folded, roads)
    pairs = [(at, folded[at : at + 2]) for at in range(len(folded) - 1)]
    return PlacePairs(
        [pair for at, pair in pairs if named[at] and named[at + 1] and not (is_road[at] and is_road[at + 1]) and pair.isalnum()],
        [pair for at, pair in pairs if is_road[at] and is_road[at + 1]],
    )


def _mark(folded: str, *cues: re.Pattern[str]) -> list[bool]:
    """Mark the characters that may belong to a name."""
    marked = [False] * len(folded)
    for cue in cues:
        for start, end in _search(cue, folded):
            marked[start:end] = [True] * (end - start)
    return marked


def _search(pattern: re.Pattern[str], folded: str) -> Iterator[tuple[int, int]]:
    """Find all places where a pattern fits, overlapping ones too."""
    at = 0
    while found := pattern.search(folded, at):
        yield found.span(1)
        at = found.start() + 1


@cache
def _read_cues() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    endings, beginnings, roads = (
        "|".join(sorted(map(re.escape, read_lexicon(f"place_{name}")), key=len, reverse=True))
        for name in ("endings", "beginnings", "roads")
    )
    return (
        re.compile(f"({_NAME}{{2,{_BEFORE}}}(?={endings}).)"),
        re.compile(f"(?:{beginnings})({_NAME}{{2,{_AFTER}}})"),
        re.compile(f"({_NAME}{{2,{_ROAD}}}?(?:{roads}))"),
    )
