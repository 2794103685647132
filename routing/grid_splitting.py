"""分网格: one grid becomes several, each with the places, people and groups that a table gives it. Pure.

    code  name  kind  households  places                     workers  groups
    G1a   …     …     310         柳树街#1-49|安泰花园         W1       wr01
    G1b   …     …     350         柳树街#51-99odd|杏花里/3号楼   W2

A place is named by its name, `#` and house numbers where a road is cut (`odd` or `even` behind them for one side), and by its estate and `/`
where one building goes another way than its estate. Every place and every number has to go somewhere, and nowhere twice. What the table does
not name and no place tells goes to the first grid of the table, and the plan says so. The old code may be one of the new ones.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from knowledge_base.places import Gazetteer
from knowledge_base.text import normalize
from routing.reorganising import WORKER, Held, Move, Plan, StoredPlace, Trouble, is_grid, name_missing_area

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from knowledge_base.places import PlaceRow
    from routing.org import OrgChart
    from routing.reorganising import TroubleKey
    from routing.terms import Area

_PLACE = re.compile(r"(?:(?P<parent>[^/#]+)/)?(?P<name>[^/#]+)(?:#(?P<first>\d{1,5})-(?P<last>\d{1,5})(?P<parity>odd|even)?)?")
_TWINS = frozenset({"patrol_sheet", "knowledge_entry", "season_plan"})
"""What is said of a whole grid holds of each of its parts: it stays with the first and is copied for the others."""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A grid that a split makes, as its table has it."""

    code: str
    name: str
    kind: str = ""
    households: int = 0
    places: tuple[str, ...] = ()
    workers: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


class _Piece(msgspec.Struct, frozen=True):
    """A place of the table: the grid it goes to, and which place or stretch of road it is."""

    area: str
    text: str
    parent: str
    name: str
    first: int | None
    last: int | None
    parity: str


def plan_split(org: OrgChart, grid: str, parts: Sequence[Part], *, places: Sequence[StoredPlace], held: Sequence[Held]) -> Plan:
    """Plan to split a grid. `places` are the old grid's, `held` the rows that name it; `where` of a ticket is its public place."""
    codes = [part.code for part in parts]
    if grid in org.former_areas and codes and all(code in org.areas for code in codes):
        return Plan(kind="split_grid")
    if (
        grid in org.areas
        and grid in codes
        and len(codes) > 1
        and all(code in org.areas for code in codes)
        and not any(part.code == grid and _is_other(part, org.areas[grid]) for part in parts)
    ):
        return Plan(kind="split_grid")
    troubles = _check_parts(org, grid, parts)
    if troubles:
        return Plan(kind="split_grid", troubles=tuple(troubles))
    old = org.areas[grid]
    areas = tuple(
        msgspec.structs.replace(
            old,
            code=part.code,
            name=part.name,
            kind=part.kind or old.kind,
            households=part.households,
            aliases=old.aliases if part.code == grid else (),
        )
        for part in parts
    )
    rows, dropped, troubles = _cut_places(parts, places)
    troubles += _check_people(org, grid, parts)
    if troubles:
        return Plan(kind="split_grid", troubles=tuple(troubles))
    given = {code: part.code for part in parts for code in (*part.workers, *part.groups)}
    gazetteer = Gazetteer(rows, [*(area for area in org.areas.values() if area.code != grid), *areas])
    about = [row for row in held if row.kind == "area" and row.code == grid and row.table != "place"]
    moves = [move for row in about for move in _follow(row, codes, given=given, gazetteer=gazetteer)]
    moves += _hand_over(moves, [row for row in held if row.kind == "staff" and row.where == grid], org=org)
    stays = grid in codes
    return Plan(
        kind="split_grid",
        moves=tuple(move for move in moves if move.copied or move.to != grid),
        areas=areas,
        places=rows,
        dropped_places=dropped,
        retired_areas={} if stays else {grid: codes[0]},
    )


def _is_other(part: Part, area: Area) -> bool:
    return (part.name, part.households) != (area.name, area.households)


def _check_parts(org: OrgChart, grid: str, parts: Sequence[Part]) -> list[Trouble]:
    """Check that the grid stands, and that the new codes are free."""
    if grid not in org.areas:
        return [name_missing_area(org, grid)]
    if not is_grid(org, grid):
        return [Trouble(key="not_a_grid", facts={"name": org.areas[grid].name})]
    codes = [part.code for part in parts]
    taken = [code for code in codes if code != grid and (code in org.areas or code in org.former_areas)]
    twice = {code for code in codes if codes.count(code) > 1} | ({grid} if codes == [grid] or not codes else set())
    return [Trouble(key="code_taken", facts={"code": code}) for code in (*taken, *sorted(twice))]


def _check_people(org: OrgChart, grid: str, parts: Sequence[Part]) -> list[Trouble]:
    """Check that the workers are this grid's, and that every part has one if the grid had."""
    workers = {one.code for one in org.staff_of(area=grid, role=WORKER)}
    strangers = [code for part in parts for code in part.workers if code not in org.staff or org.staff[code].area != grid]
    found = [Trouble(key="not_the_grids", facts={"code": code}) for code in strangers]
    named = [code for part in parts for code in part.workers]
    rest = workers - set(named)
    for number, part in enumerate(parts):
        if workers and not (workers & set(part.workers) or (number == 0 and rest)):
            found.append(Trouble(key="no_worker", facts={"name": part.name}))
    return found + [Trouble(key="not_the_grids", facts={"code": code}) for code in sorted(set(named)) if named.count(code) > 1]


def _follow(row: Held, codes: Sequence[str], *, given: Mapping[str, str], gazetteer: Gazetteer) -> list[Move]:
    """Say where a row goes: where the table says, where its place lies, else to the first grid; what holds everywhere goes to all."""
    if str(row.key) in given and row.table in ("staff", "resident_group"):
        return [Move(held=row, to=given[str(row.key)])]
    if row.table == "place_code" and row.where in given:  # a card goes where its worker goes
        return [Move(held=row, to=given[row.where])]
    if row.where:
        areas = {area for mention in gazetteer.find(normalize(row.where)) for area in mention.areas} & set(codes)
        if len(areas) == 1:
            return [Move(held=row, to=areas.pop())]
    first = Move(held=row, to=codes[0], by_default=row.table not in _TWINS)
    return [first, *(Move(held=row, to=code, copied=True) for code in codes[1:] if row.table in _TWINS)]


def _hand_over(moves: Sequence[Move], rows: Iterable[Held], *, org: OrgChart) -> list[Move]:
    """Give what now lies in another part than its worker to a worker of that part. `rows` name a person, of a draft `name` is the group's code."""
    went = {(move.held.table, str(move.held.key)): move.to for move in moves if not move.copied}
    posts = {str(move.held.key): move.to for move in moves if move.held.table == "staff"}
    found = []
    for row in rows:
        at = went.get(("resident_group", row.name) if row.table == "group_draft" else (row.table, str(row.key)))
        heirs = [code for code, post in sorted(posts.items()) if post == at and org.staff[code].role == WORKER]
        if at is not None and posts.get(row.code) != at and heirs:
            found.append(Move(held=row, to=heirs[0]))
    return found


def _cut_places(
    parts: Sequence[Part], places: Sequence[StoredPlace]
) -> tuple[tuple[PlaceRow, ...], tuple[str, ...], list[Trouble]]:
    """Give every place its new grid: the rows as they will stand, the codes of those they stand for, and what does not come out even."""
    pieces: list[_Piece] = []
    troubles: list[Trouble] = []
    for part in parts:
        for text in part.places:
            match = _PLACE.fullmatch(text)
            if match is None:
                troubles.append(Trouble(key="no_place_row", facts={"place": text}))
                continue
            first, last = (int(match[key]) if match[key] else None for key in ("first", "last"))
            pieces.append(_Piece(part.code, text, match["parent"] or "", match["name"], first, last, match["parity"] or "all"))
    rows: list[PlaceRow] = []
    used: set[_Piece] = set()
    for place in places:
        mine = _pieces_of(place.row, pieces)
        used.update(mine)
        cut, key = _cut(place.row, mine)
        rows += cut
        if key:
            troubles.append(Trouble(key=key, facts={"place": _say(place.row)}))
    troubles += [Trouble(key="no_place_row", facts={"place": piece.text}) for piece in pieces if piece not in used]
    return tuple(rows), tuple(place.code for place in places), troubles


def _pieces_of(row: PlaceRow, pieces: Sequence[_Piece]) -> list[_Piece]:
    """Find what the table says of a place: of itself, else of the estate it stands in."""
    own = [piece for piece in pieces if piece.name == row.name and piece.parent in ("", row.parent)]
    exact = [piece for piece in own if piece.parent == row.parent]
    if exact or own:
        return exact or own
    return [piece for piece in pieces if row.parent and piece.name == row.parent and not piece.parent and piece.first is None]


def _cut(row: PlaceRow, pieces: Sequence[_Piece]) -> tuple[list[PlaceRow], TroubleKey | None]:
    """Cut a place by what the table says of it; the key says what is wrong with that, None if nothing is."""
    whole = [piece for piece in pieces if piece.first is None]
    if len(pieces) == 1 and whole:
        return [msgspec.structs.replace(row, area=whole[0].area)], None
    if not pieces:
        return [], "place_left"
    if whole:
        return [], "place_twice"
    if row.number_from is None or row.number_to is None:
        return [], "unnumbered"
    left = _numbers(row.number_from, row.number_to, row.parity)
    rows: list[PlaceRow] = []
    for piece in pieces:
        parity = row.parity if piece.parity == "all" else piece.parity
        mine = _numbers(piece.first or 0, piece.last or 0, parity) & _numbers(row.number_from, row.number_to, row.parity)
        if mine and not mine <= left:
            return [], "place_twice"
        left -= mine
        if mine:
            rows.append(msgspec.structs.replace(row, area=piece.area, number_from=min(mine), number_to=max(mine), parity=parity))
    return rows, "numbers_wrong" if left else None


def _numbers(first: int, last: int, parity: str) -> set[int]:
    return {number for number in range(first, last + 1) if parity == "all" or (number % 2 == 1) is (parity == "odd")}


def _say(row: PlaceRow) -> str:
    numbers = "" if row.number_from is None or row.number_to is None else f"#{row.number_from}-{row.number_to}"
    side = row.parity if row.parity != "all" and numbers else ""
    return f"{row.parent}/{row.name}{numbers}{side}" if row.parent else f"{row.name}{numbers}{side}"
