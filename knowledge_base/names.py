"""Finding the names of places in running text: exactly, or mistyped."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from knowledge_base.slips import Slips, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_NOTHING = r"(?!)"
_SHORT = 2
"""A name this short (『一院』, 『文中』) is read only where a place may stand: else 『作文中』 would be a school."""
_MAY_PRECEDE = frozenset("在到去住从是往离近咱们")
_MAY_FOLLOW = frozenset("的里内门旁边附对前后东南西北外周这那有停急进出广候底脚顶水电垃车物楼单没又小地消井下绿噪业保")
_OTHER_ROAD = frozenset("新老东西南北")
"""『新安泰路』 is another road than 『安泰路』."""


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

    @cached_property
    def _slips(self) -> Slips:
        """Make what finds them mistyped when the first text is read: a command reads none."""
        return Slips(self._names)

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

    def guess(self, folded: str) -> Iterator[tuple[Span, ...]]:
        """Find mistyped names in lower-case text, likeliest first; of each all that may be meant."""
        for spans in self._slips.find(folded):
            before = folded[spans[0].start - 1 : spans[0].start]
            if not (before in _OTHER_ROAD and before and self._is_road(spans[0].name)):
                yield spans

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


def _is_han(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff"
