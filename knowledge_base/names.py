"""Finding the names of places in running text: exactly, or with a single slip of the finger."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

from knowledge_base.place_words import ENDINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_NOTHING = r"(?!)"
_SHORT = 2
"""A name this short (『一院』, 『文中』) is read only where a place may stand: else 『作文中』 would be a school."""
_MAY_PRECEDE = frozenset("在到去住从是往离近咱们")
_MAY_FOLLOW = frozenset("的里内门旁边附对前后东南西北外周这那有停急")
_OTHER_ROAD = frozenset("新老东西南北")
"""『新安泰路』 is another road than 『安泰路』."""
_SLIP_TEXT = 200
"""Characters: a mistyped name is looked for in chat messages, not in letters."""
_SLIP_NAME = 4
"""Characters: in a shorter name one wrong character makes another name (『东升路』, 『东风路』)."""
_SLIP_RATIO = 75.0
"""rapidfuzz ratio of a name of four characters with one wrong."""


class Span(NamedTuple):
    """Where a name stands, and which."""

    start: int
    end: int
    name: str


class Names:
    """A set of names in lower case; `is_road` tells those of roads."""

    def __init__(self, names: Iterable[str], *, is_road: Callable[[str], bool]) -> None:
        self._names = frozenset(filter(None, names))
        self._is_road = is_road
        lengths: dict[str, set[int]] = defaultdict(set)
        for name in self._names:
            lengths[name[0]].add(len(name))
        self._lengths = {first: sorted(found, reverse=True) for first, found in lengths.items()}
        self._first = re.compile("|".join(map(re.escape, self._lengths)) or _NOTHING)
        self._long = sorted(name for name in self._names if len(name) >= _SLIP_NAME)

    def scan(self, folded: str) -> Iterator[Span]:
        """Find exact names, the longest at each position, without overlaps; lower-case text."""
        at = 0
        while first := self._first.search(folded, at):
            at = first.start()
            ends = (at + length for length in self._lengths[first[0]])
            end = next((end for end in ends if self._stands(folded, at, end)), 0)
            if end:
                yield Span(at, end, folded[at:end])
            at = end or at + 1

    def guess(self, folded: str) -> tuple[Span, ...]:
        """Find the long names that are written with a single slip: one character wrong, missing or too many."""
        if len(folded) > _SLIP_TEXT:
            return ()
        near = process.extract(folded, self._long, scorer=fuzz.partial_ratio, score_cutoff=_SLIP_RATIO, limit=10)
        return tuple(span for name, _, _ in near if (span := _find_slip(folded, name)))

    def _stands(self, folded: str, start: int, end: int) -> bool:
        """Tell whether a known name stands here and may be read as one."""
        name = folded[start:end]
        if name not in self._names:
            return False
        before, after = folded[start - 1 : start], folded[end : end + 1]
        if before in _OTHER_ROAD and self._is_road(name):
            return False
        return len(name) > _SHORT or (
            (not _is_han(before) or before in _MAY_PRECEDE) and (not _is_han(after) or after in _MAY_FOLLOW)
        )


def _find_slip(folded: str, name: str) -> Span | None:
    aligned = fuzz.partial_ratio_alignment(name, folded)
    start = aligned.dest_start if aligned else 0
    for length in (len(name), len(name) - 1, len(name) + 1):
        written = folded[start : start + length]
        if Levenshtein.distance(written, name) == 1 and _is_slip(written, name):
            return Span(start, start + len(written), name)
    return None


def _is_slip(written: str, name: str) -> bool:
    """Tell whether one wrong character is a slip and not another name.

    Between equal endings the rest must be long (『安太路』 may be another road); another known ending is another place (『安泰家园』,
    『安泰花园』); an ending that does not exist is a slip (『柳浪心村』).
    """
    ending, other = ENDINGS.search(name), ENDINGS.search(written)
    if ending and other:
        return ending[0] == other[0] and ending.start() >= _SLIP_NAME - 1
    return ending is not None or len(name) > _SLIP_NAME


def _is_han(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff"
