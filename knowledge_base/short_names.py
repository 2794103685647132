"""Names cut short as people say them: 『安康3栋』 for 安康小区, 『双桥那边』 for all that is called 双桥.

A short name is a common word more often than not, so it is read only where a place must stand: a building or house number follows, or words
like 那边 and 门口 do, or nothing else is said. It means every estate that begins so, or every road; whoever is not sure gets them all.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Generic, NamedTuple, Protocol, TypeVar

from knowledge_base.address import read_door, read_number
from knowledge_base.lexicon import read_lexicon
from knowledge_base.place_words import find_tail, may_begin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_SHORTEST = 2
_LONGEST = 6
_OWN = ("厂", "院", "校", "站", "局", "所", "店", "矿")
"""What ends so is a place of its own: 『化肥厂那边』 is not said of 化肥厂宿舍."""
_AREA = re.compile("(?:社区|街道|村|镇|乡)$")
_PHASE = re.compile("[一二三四五六1-6]期")
_THERE = re.compile(
    r"的?\s{2}|\s?(?:[这那]|门[口前卫岗]|[前后侧大正]门|[里外]面|里头|里边|外头|[旁边]边|边上|隔壁|对[面过]|斜对|附近|楼[下上顶]|院[里子]|周[边围]|上头|头上|一带)"
)
_CROSSING = re.compile(r"[与和跟、/]\s{2}")
"""Another name follows, which was blanked."""
_ALONE = re.compile(r"[\s,。.!!??~]*(?:的|啊|呀|哦|吧|呢|了|嘛)?[\s,。.!!??~]*$")


class Place(Protocol):
    """A place that may be called by a short name (places.PlaceRow is one)."""

    @property
    def name(self) -> str:
        """Name."""
        ...

    @property
    def kind(self) -> str:
        """Kind: only roads and estates have short names."""
        ...

    @property
    def aliases(self) -> tuple[str, ...]:
        """Other names."""
        ...


class Area(Protocol):
    """An area that may be called by a short name."""

    @property
    def name(self) -> str:
        """Name."""
        ...


P = TypeVar("P", bound=Place)
A = TypeVar("A", bound=Area)


class Short(NamedTuple, Generic[P, A]):
    """Where a short name stands, and all that it may mean there."""

    start: int
    end: int
    rows: tuple[P, ...]
    areas: tuple[A, ...]


class ShortNames(Generic[P, A]):
    """The short names of a city's roads, estates and areas, in lower case."""

    def __init__(self, rows: Iterable[P], areas: Iterable[A]) -> None:
        self._roads: dict[str, list[P]] = defaultdict(list)
        self._estates: dict[str, list[P]] = defaultdict(list)
        self._areas: dict[str, list[A]] = defaultdict(list)
        estates: list[tuple[set[str], P]] = []
        for row in rows:
            names = {name.lower() for name in (row.name, *row.aliases)}
            if row.kind == "road":
                for head in {_cut(name) for name in names}:
                    self._roads[head].append(row)
            elif row.kind == "estate":
                estates.append((names, row))
        heads = {_cut(name) for names, _ in estates for name in names}
        for names, row in estates:
            begun = {name[:length] for name in names for length in range(_SHORTEST, min(len(name), _LONGEST) + 1)}
            for head in begun & heads:
                self._estates[head].append(row)
        for area in areas:
            self._areas[_AREA.sub("", area.name.lower())].append(area)
        known = {*self._roads, *self._estates, *self._areas} - read_lexicon("no_estate")
        self._lengths: dict[str, list[int]] = defaultdict(list)
        for head in sorted(known, key=len, reverse=True):
            if _SHORTEST <= len(head) <= _LONGEST and len(head) not in self._lengths[head[0]]:
                self._lengths[head[0]].append(len(head))
        self._known = known

    def find(self, folded: str) -> Iterator[Short[P, A]]:
        """Find short names in lower-case text in which everything already known was blanked, from left to right."""
        at = 0
        while at < len(folded):
            lengths = self._lengths.get(folded[at], ())
            short = next((found for length in lengths if (found := self._read(folded, at, at + length))), None)
            if short is not None:
                yield short
            at = short.end if short is not None else at + 1

    def _read(self, folded: str, start: int, end: int) -> Short[P, A] | None:
        """Read a short name here; None if there is none, or it may as well be a common word."""
        head = folded[start:end]
        if head not in self._known or not may_begin(folded, start):
            return None
        rows, areas = self._mean(folded, start, end)
        return Short(start, end, tuple(rows), tuple(areas)) if rows or areas else None

    def _mean(self, folded: str, start: int, end: int) -> tuple[Sequence[P], Sequence[A]]:
        """Say what a short name may mean by what follows it."""
        head = folded[start:end]
        roads, estates = self._roads.get(head, []), self._estates.get(head, [])
        if read_number(folded, end):
            return roads or estates, []
        if roads and _CROSSING.match(folded, end):
            return roads, []
        door = read_door(folded, end)
        if door.building or door.unit or _PHASE.match(folded, end):
            return estates, []
        alone = _ALONE.match(folded, end) and not folded[:start].strip()
        if head in read_lexicon("no_short") or head.endswith(_OWN) or not (alone or _THERE.match(folded, end)):
            return [], []
        return [*estates, *roads], self._areas.get(head, [])


def _cut(name: str) -> str:
    """Cut off the words that say what kind of place a name means; "" if it has none."""
    tail = find_tail(name)
    return name[:tail] if tail < len(name) else ""
