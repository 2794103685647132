"""The gazetteer: which places a text names, and in which grids they may lie.

Exact names first (longest wins), then one careful guess for a mistyped name, then whatever is written like an address. A place that
is not known is kept as written with no areas: a person can read it, but nothing is dispatched by it. Two grids that are possible
stay two: one area means resolved.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Literal, Protocol

import msgspec

from knowledge_base.address import Door, find_building, find_door, read_door, read_further, read_further_building, read_number
from knowledge_base.area_tree import AreaTree
from knowledge_base.names import Names
from knowledge_base.place_relations import CROSSING, JOINT, adjoin, find_beside, stand_near
from knowledge_base.place_words import find_unknown, is_elsewhere
from knowledge_base.short_names import ShortNames
from knowledge_base.text import normalize

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from knowledge_base.area_tree import AreaRow
    from knowledge_base.slips import Span

Parity = Literal["all", "odd", "even"]

_AREA_LEVELS = frozenset({"grid", "community", "street", "district", "city"})
_NEAR_LEVELS = frozenset({"community", "street"})
_WIDE_LEVELS = frozenset({"district", "city"})
"""To be told one of these is not to be told where."""
_SLIP_TEXT = 200
"""Characters: a mistyped name is looked for in chat messages, not in letters."""
_MORE = 2
"""Characters by which a mistyped name must be longer than a known one in it to be read in its place."""
_ESTATE = "小区"
"""Behind a name that is no estate's, this makes it another place: what follows is not that place's door."""
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
    beside: bool = False
    """Named only to say where another place is (『安泰小学对面的杏花里』), or as one that is not meant (『不是安泰花园』)."""


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


class _Read(msgspec.Struct, frozen=True):
    """A name with what follows it: `at` is where the name and its house number end."""

    hit: _Hit
    at: int
    number: str
    door: Door
    places: tuple[tuple[str, PlaceRow], ...]
    """The grids it may lie in, each with the row that says so."""
    areas: tuple[str, ...]
    """All these grids, and those of areas that a short name may mean as well."""
    beside: bool = False


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
        self._short_names = ShortNames([row for found in bearers.values() for row in found], self.tree.rows.values())
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
        hits = self._find_hits(_fold(normal))
        named = self._add_building(normal, list(self._read(normal, [hit for hit in hits if hit.rows])))
        said = [hit.areas[0].code for hit in hits if not hit.rows and len(hit.areas) == 1]
        beside = find_beside(normal, [(read.hit.start, read.door.end) for read in named])
        named = [msgspec.structs.replace(read, beside=is_beside) for read, is_beside in zip(named, beside, strict=True)]
        found = [(read.hit.start, self._resolve(normal, read, self._narrow(normal, read, named, said))) for read in named]
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

    def _find_hits(self, folded: str) -> list[_Hit]:
        """Find names in the order they are written: as they are known, then mistyped, then cut short; none that is said to be elsewhere."""
        hits = [self._hit(span) for span in self._finder.scan(folded)]
        for slip in self._guess(folded):
            over = [hit for hit in hits if hit.start < slip.end and slip.start < hit.end]
            if all(_goes_beyond(slip, hit) for hit in over):
                hits = [hit for hit in hits if hit not in over] + [slip]
        rest = _blank(folded, [(hit.start, hit.end) for hit in hits])
        hits += [_Hit(*short) for short in self._short_names.find(rest)]
        return sorted((hit for hit in hits if not is_elsewhere(rest, hit.start)), key=lambda hit: hit.start)

    def _guess(self, folded: str) -> list[_Hit]:
        """Find the names that are mistyped; of several that may be meant the rows of all."""
        return [self._merge(spans) for spans in self._finder.guess(folded)] if len(folded) <= _SLIP_TEXT else []

    def _merge(self, spans: Sequence[Span]) -> _Hit:
        """Make one hit of all that a mistyped name may mean."""
        hits = [self._hit(span) for span in spans]
        rows = tuple({id(row): row for hit in hits for row in hit.rows}.values())
        areas = tuple({area.code: area for hit in hits for area in hit.areas}.values())
        return _Hit(spans[0].start, spans[0].end, rows, areas)

    def _hit(self, span: Span) -> _Hit:
        return _Hit(span.start, span.end, tuple(self._names.get(span.name, ())), tuple(self._area_names.get(span.name, ())))

    def _read(self, normal: str, hits: Sequence[_Hit]) -> Iterator[_Read]:
        """Read what follows each name: the other road of a crossing, a house number, a door."""
        waiting = list(hits)
        while waiting:
            hit = waiting.pop(0)
            if waiting and (crossing := self._cross(normal, hit, waiting[0])):
                waiting.pop(0)
                yield crossing
                continue
            number, at = (hit.is_road and read_number(normal, hit.end)) or ("", hit.end)
            further = read_further(normal, at) if number else None
            numbers = (number, further[0]) if further else (number,)
            is_other = normal.startswith(_ESTATE, at) and all(row.kind != "estate" for row in hit.rows)
            door = Door(start=at, end=at) if is_other else read_door(normal, at)
            rows = [row for row in hit.rows if any(_covers(row, one) for one in numbers)]
            buildings = dict.fromkeys((door.building, read_further_building(normal, door.end) or door.building))
            places = [(area, row) for row in rows for building in buildings for area in self._grids(row, hit.rows, building)]
            leaves = [leaf for area in hit.areas for leaf in self.tree.leaves(area.code)]
            areas = tuple(dict.fromkeys([area for area, _ in places] + leaves))
            yield _Read(hit, at, number, door, tuple(places), areas)

    def _add_building(self, normal: str, named: list[_Read]) -> list[_Read]:
        """Give the one estate of a text the building that is said apart from it (『听涛苑，我住五栋』), if it is known there."""
        estates = [read for read in named if len({row.name for row in read.hit.rows}) == 1 and read.hit.rows[0].kind == "estate"]
        if len(estates) != 1 or estates[0].door.building or len(estates[0].areas) == 1:
            return named
        (read,) = estates
        building = find_building(_blank(normal, [(one.hit.start, one.door.end) for one in named]))
        known = tuple(
            (row.area, row) for row in read.hit.rows for code, row in self._buildings.get(row.name, []) if code == building
        )
        if not building or len({area for area, _ in known}) != 1:
            return named
        door = msgspec.structs.replace(read.door, building=building)
        found = msgspec.structs.replace(read, door=door, places=known[:1], areas=(known[0][0],))
        return [found if one is read else one for one in named]

    def _cross(self, normal: str, one: _Hit, other: _Hit) -> _Read | None:
        """Join two roads to the crossing they name: the one the gazetteer holds, else where they have a grid in common, else both."""
        if not (one.is_road and other.is_road and JOINT.fullmatch(normal, one.end, other.start)):
            return None
        ending = CROSSING.match(normal, other.end)
        if ending is None:
            return None
        pairs = {frozenset((first.name, last.name)) for first in one.rows for last in other.rows}
        rows = tuple(self._crossings[pair] for pair in pairs if pair in self._crossings)
        if len(rows) != 1:
            crossed = {row.area for row in one.rows} & {row.area for row in other.rows}
            rows = tuple(row for row in (*one.rows, *other.rows) if not crossed or row.area in crossed)
        areas = tuple(dict.fromkeys(row.area for row in rows))
        hit = _Hit(one.start, ending.end(), rows)
        return _Read(hit, hit.end, "", Door(start=hit.end, end=hit.end), tuple((row.area, row) for row in rows), areas)

    def _resolve(self, normal: str, read: _Read, places: Sequence[tuple[str, PlaceRow]]) -> PlaceMention:
        """Make the mention of known rows that lie in these grids."""
        areas = read.areas if len(places) == len(read.places) else tuple(dict.fromkeys(area for area, _ in places))
        companies = {row.property_unit for _, row in places}
        names = {row.name for _, row in places} or {row.name for row in read.hit.rows}
        return _mention(
            normal, read.hit.start, read.at, read.door,
            kind=read.hit.rows[0].kind if len(names) == 1 or read.hit.is_road else "area",
            number=read.number,
            name=names.pop() if len(names) == 1 else "",
            areas=areas,
            area_name=self._name_common(areas),
            property_unit=companies.pop() if len(companies) == 1 else "",
            beside=read.beside,
        )  # fmt: skip

    def _narrow(self, normal: str, read: _Read, named: Sequence[_Read], said: Sequence[str]) -> Sequence[tuple[str, PlaceRow]]:
        """Keep of several grids those that the other names of a text speak for, as long as any is left."""
        places = read.places
        for codes in self._list_hints(normal, read, named, said) if len(read.areas) > 1 else ():
            places = tuple((area, row) for area, row in places if any(self.tree.within(area, code) for code in codes)) or places
        return places

    def _list_hints(self, normal: str, read: _Read, named: Sequence[_Read], said: Sequence[str]) -> Iterator[Sequence[str]]:
        """List what the other names tell of one that may be in several grids: areas named, then grids that others lie in.

        Of two estates of one name the one is meant that shares a community or street with what is beside it; a road is long, and crosses
        only what is named right beside it.
        """
        is_road = read.hit.is_road
        others = [
            other
            for other in named
            if other is not read and other.areas and stand_near(_between(normal, read, other), road=is_road)
        ]
        yield from ([code] for code in said)
        yield from ([area.code for area in other.hit.areas] for other in others if other.hit.areas and not is_road)
        yield from (
            other.areas for other in others if not is_road or len(other.areas) == 1 or adjoin(_between(normal, read, other))
        )
        for other in [other for other in others if other.beside or len(other.areas) > 1] if not is_road else ():
            chain = self.tree.chain(self.tree.common(other.areas))
            yield from ([code] for code in chain if self.tree.rows[code].level in _NEAR_LEVELS)

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


def _goes_beyond(slip: _Hit, hit: _Hit) -> bool:
    """Tell whether a mistyped name says more than the known one in it: 『东升路孝学』 is no road."""
    return slip.start <= hit.start and hit.end <= slip.end and slip.end - slip.start >= hit.end - hit.start + _MORE


def _between(normal: str, one: _Read, other: _Read) -> str:
    """Give what stands between two names and what belongs to them."""
    first, last = sorted((one, other), key=lambda read: read.hit.start)
    return normal[first.door.end : last.hit.start]


def _vagueness(mention: PlaceMention) -> tuple[bool, bool, bool, int, int, bool]:
    """Rank mentions: meant, then resolved, then known, then precise (an area says least), then of few grids, then of the gazetteer."""
    detail = sum(map(bool, (mention.number, mention.building, mention.kind == "crossing"))) - (mention.kind in _AREA_LEVELS)
    return (mention.beside, len(mention.areas) != 1, not mention.areas, -detail, len(mention.areas), not mention.name)
