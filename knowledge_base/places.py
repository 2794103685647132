"""The gazetteer: which places a text names, and in which grids they may lie.

Exact names first (longest wins), then one careful guess for a mistyped name, then whatever is written like an address. A place that
is not known is kept as written with no areas: a person can read it, but nothing is dispatched by it. Two grids that are possible
stay two: one area means resolved.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Literal, Protocol

import msgspec

from knowledge_base.address import Door, find_door, read_door, read_number
from knowledge_base.area_tree import AreaTree
from knowledge_base.names import Names
from knowledge_base.place_words import find_unknown
from knowledge_base.text import normalize

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from knowledge_base.area_tree import AreaRow
    from knowledge_base.names import Span

Parity = Literal["all", "odd", "even"]

_AREA_LEVELS = frozenset({"grid", "community", "street", "district", "city"})
_WIDE_LEVELS = frozenset({"district", "city"})
"""To be told one of these is not to be told where."""
_JOINT = re.compile(r"\s?[与和跟、/&]?\s?")
_CROSSING = re.compile(r"\s?的?(?:交叉|交汇|十字|丁字)?(?:路口|口|交[叉汇界]处?|红绿灯)")


_SIGNS = {"estate": "▣", "building": "▣", "road": "▤", "crossing": "▤", "school": "▥", "market": "▦", "park": "▧", "landmark": "▨"}
SIGNS = "".join(dict.fromkeys(_SIGNS.values()))
"""The signs that stand for hidden places, one for each kind of place."""


class PlaceRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a city's places. A road has a row per stretch of house numbers; a building names its estate as `parent`."""

    name: str
    kind: str
    area: str
    number_from: int | None = None
    number_to: int | None = None
    parity: Parity = "all"
    parent: str = ""
    aliases: tuple[str, ...] = ()
    property_unit: str = ""


class PlaceMention(msgspec.Struct, frozen=True, kw_only=True):
    """A place that a text names. `areas` are the grids it may lie in: one is resolved, none is unknown."""

    text: str
    """As written, in normal form."""
    public: str
    """The same without anything below the building or house number."""
    name: str = ""
    """The gazetteer's name; "" for a place it does not hold."""
    kind: str = ""
    number: str = ""
    building: str = ""
    unit: str = ""
    floor: str = ""
    room: str = ""
    areas: tuple[str, ...] = ()
    area_name: str = ""
    """Name of the smallest area that holds all of `areas`."""
    property_unit: str = ""


class Named(Protocol):
    """A place as a text names it."""

    @property
    def text(self) -> str:
        """Give it as written."""
        ...

    @property
    def name(self) -> str:
        """Give the gazetteer's name of it; "" if it has none."""
        ...

    @property
    def kind(self) -> str:
        """Give what kind of place it is."""
        ...


def hide(text: str, places: Iterable[Named]) -> str:
    """Put a sign for its kind where a text (normal form) names a place: it says where, not what. A community may be what it is about."""
    for place in places:
        if sign := _SIGNS.get(place.kind):
            for words in (place.text, place.name):
                text = text.replace(words, sign) if words else text
    return text


class _Hit(msgspec.Struct, frozen=True):
    """A name found in a text, and the rows that bear it (several of one road; several estates of one name)."""

    start: int
    end: int
    rows: tuple[PlaceRow, ...]
    areas: tuple[AreaRow, ...] = ()

    @property
    def is_road(self) -> bool:
        """Tell whether this is a road and nothing else."""
        return bool(self.rows) and all(row.kind == "road" for row in self.rows)


class Gazetteer:
    """The places and areas of a city. Immutable: a change of the city's data makes a new one."""

    def __init__(self, rows: Iterable[PlaceRow] = (), areas: Iterable[AreaRow] = ()) -> None:
        self.tree = AreaTree(areas)
        self._names: dict[str, list[PlaceRow]] = defaultdict(list)
        self._area_names: dict[str, list[AreaRow]] = defaultdict(list)
        self._buildings: dict[str, list[tuple[str, PlaceRow]]] = defaultdict(list)
        bearers: dict[tuple[str, str], list[PlaceRow]] = defaultdict(list)
        for row in rows:
            if row.kind == "building":
                self._buildings[row.parent].append((read_door(_fold(row.name), 0).building, row))
            else:
                bearers[row.kind, row.name].append(row)
        for (kind, own), found in bearers.items():
            for name in dict.fromkeys((own, *(alias for row in found for alias in row.aliases))):
                # A road's other name is that of all its stretches; two estates of one name may each have other names of their own.
                self._names[_fold(name)] += [row for row in found if kind == "road" or name in {row.name, *row.aliases}]
        for area in self.tree.rows.values():
            for name in {area.name, *area.aliases}:
                self._area_names[_fold(name)].append(area)
        self._finder = Names((*self._names, *self._area_names), is_road=lambda name: bool(self._roads(name)))
        self._crossings = {
            self._read_pair(name): row for name, found in self._names.items() for row in found if row.kind == "crossing"
        }

    def chain(self, area: str) -> tuple[str, ...]:
        """Give the areas from this one up to the root; empty for a code that is not known."""
        return self.tree.chain(area)

    def within(self, area: str, ancestor: str) -> bool:
        """Tell whether an area is this ancestor or lies in it."""
        return self.tree.within(area, ancestor)

    def find(self, text: str) -> tuple[PlaceMention, ...]:
        """Find the places that a text names, best first: resolved before open, precise before vague, early before late."""
        normal = normalize(text)
        folded = _fold(normal)
        hits = [self._hit(span) for span in self._finder.scan(folded)]
        said = [hit.areas[0].code for hit in hits if len(hit.areas) == 1]
        named = [hit for hit in hits if hit.rows] or self._guess(folded)
        found = list(self._read(normal, named, said))
        taken = [(at, at + len(mention.text)) for at, mention in found]
        free = _blank(normal, taken + [(hit.start, hit.end) for hit in hits])
        for unknown in find_unknown(free):
            number, at = (unknown.kind == "road" and read_number(normal, unknown.end)) or ("", unknown.end)
            found.append(
                (unknown.start, _mention(normal, unknown.start, at, read_door(normal, at), kind=unknown.kind, number=number))
            )
        found += [(hit.start, self._mention_areas(normal, hit)) for hit in hits if not hit.rows]
        if not any(mention.building for _, mention in found) and (door := find_door(free)):
            found.append((door.start, _mention(normal, door.start, door.start, door, kind="building")))
        return tuple(mention for _, mention in sorted(found, key=lambda item: (_vagueness(item[1]), item[0])))

    def _guess(self, folded: str) -> list[_Hit]:
        """Find the one name that is written with a single slip; nothing if two are possible."""
        spans = [span for span in self._finder.guess(folded) if span.name in self._names]
        meant = {row.name for span in spans for row in self._names[span.name]}
        return [self._hit(span) for span in spans[:1]] if len(meant) == 1 else []

    def _hit(self, span: Span) -> _Hit:
        return _Hit(span.start, span.end, tuple(self._names.get(span.name, ())), tuple(self._area_names.get(span.name, ())))

    def _read(self, normal: str, hits: Sequence[_Hit], said: Sequence[str]) -> Iterator[tuple[int, PlaceMention]]:
        """Read what follows each name: the other road of a crossing, a house number, a door."""
        waiting = list(hits)
        while waiting:
            hit = waiting.pop(0)
            if waiting and (crossing := self._cross(normal, hit, waiting[0])):
                waiting.pop(0)
                yield hit.start, self._resolve(normal, crossing, crossing.end, "", said)
                continue
            number, at = (hit.is_road and read_number(normal, hit.end)) or ("", hit.end)
            yield hit.start, self._resolve(normal, hit, at, number, said)

    def _cross(self, normal: str, one: _Hit, other: _Hit) -> _Hit | None:
        """Join two roads to the crossing they name, if they do and the gazetteer holds it."""
        if not (one.is_road and other.is_road and _JOINT.fullmatch(normal, one.end, other.start)):
            return None
        row = self._crossings.get(frozenset((one.rows[0].name, other.rows[0].name)))
        ending = _CROSSING.match(normal, other.end)
        return _Hit(one.start, ending.end(), (row,)) if row and ending else None

    def _resolve(self, normal: str, hit: _Hit, at: int, number: str, said: Sequence[str]) -> PlaceMention:
        """Make the mention of known rows: `at` is where the name and its house number end."""
        door = read_door(normal, at)
        rows = [row for row in hit.rows if _covers(row, number)]
        places = [(area, row) for row in rows for area in self._grids(row, hit.rows, door.building)]
        for code in said:
            places = [(area, row) for area, row in places if self.tree.within(area, code)] or places
        areas = tuple(dict.fromkeys(area for area, _ in places))
        companies = {row.property_unit for _, row in places}
        names = {row.name for row in hit.rows}
        return _mention(
            normal, hit.start, at, door,
            kind=hit.rows[0].kind,
            number=number,
            name=names.pop() if len(names) == 1 else "",
            areas=areas,
            area_name=self._name_common(areas),
            property_unit=companies.pop() if len(companies) == 1 else "",
        )  # fmt: skip

    def _grids(self, row: PlaceRow, namesakes: Sequence[PlaceRow], building: str) -> list[str]:
        """Give the grids of a row; of its building, where the estate lies in several grids and the building is known."""
        known = self._buildings.get(row.name, []) if row.kind != "road" else []
        if len(namesakes) > 1:
            known = [(code, one) for code, one in known if self.tree.chain(one.area)[1:2] == self.tree.chain(row.area)[1:2]]
        exact = [one.area for code, one in known if building and code == building]
        codes = exact or [row.area, *(one.area for _, one in known)]
        return [leaf for code in codes for leaf in (self.tree.leaves(code) or (code,))]

    def _mention_areas(self, normal: str, hit: _Hit) -> PlaceMention:
        """Make the mention of an area that is named itself."""
        wide = any(area.level in _WIDE_LEVELS for area in hit.areas)
        areas = () if wide else tuple(leaf for area in hit.areas for leaf in self.tree.leaves(area.code))
        name = hit.areas[0].name if len(hit.areas) == 1 else ""
        written = normal[hit.start : hit.end]
        return PlaceMention(text=written, public=written, name=name, kind=hit.areas[0].level, areas=areas, area_name=name)

    def _name_common(self, areas: Sequence[str]) -> str:
        common = self.tree.common(areas)
        return self.tree.rows[common].name if common else ""

    def _read_pair(self, crossing: str) -> frozenset[str]:
        """Read the two roads in a crossing's name: everything in it that is a road's name."""
        parts = {crossing[start:end] for start in range(len(crossing)) for end in range(start + 2, len(crossing))}
        return frozenset(row.name for part in parts for row in self._roads(part))

    def _roads(self, name: str) -> list[PlaceRow]:
        return [row for row in self._names.get(name, ()) if row.kind == "road"]


def _mention(normal: str, start: int, at: int, door: Door, *, kind: str, **facts: Any) -> PlaceMention:
    """Make a mention of what is written from `start`, where the public part is the name and number up to `at` and the building."""
    return PlaceMention(
        text=normal[start : door.end],
        public=normal[start:at] + door.shown,
        kind=kind,
        building=door.building,
        unit=door.unit,
        floor=door.floor,
        room=door.room,
        **facts,
    )


def _fold(normal: str) -> str:
    """Lower the case without changing the length, so that positions stay valid."""
    return "".join(low if len(low := character.lower()) == 1 else character for character in normalize(normal))


def _blank(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Put blanks where the spans are."""
    letters = list(text)
    for start, end in spans:
        letters[start:end] = " " * (end - start)
    return "".join(letters)


def _covers(row: PlaceRow, number: str) -> bool:
    """Tell whether a house number lies on this stretch of road; without a number every stretch may be meant."""
    if not number or row.kind != "road":
        return True
    house = int(number)
    on_side = row.parity == "all" or (house % 2 == 1) == (row.parity == "odd")
    return on_side and (row.number_from is None or house >= row.number_from) and (row.number_to is None or house <= row.number_to)


def _vagueness(mention: PlaceMention) -> tuple[bool, bool, int, int, bool]:
    """Rank mentions: resolved, then known, then precise (an area says least), then of few grids, then of the gazetteer."""
    detail = sum(map(bool, (mention.number, mention.building, mention.kind == "crossing"))) - (mention.kind in _AREA_LEVELS)
    return (len(mention.areas) != 1, not mention.areas, -detail, len(mention.areas), not mention.name)
