"""How well the words of residents become a grid of the demo city, and what it costs: 700 phrasings by another hand than the code's.

bench/own/places.csv: text, grid (the code that a careful local means; 『?』 where the words cannot decide, with all that may be meant in
`among`; empty for a place that is not in the city), kind, part. `open` (200) may be looked at and mended by general means; of `sealed` (500)
nothing is printed but counts. Right is one grid, the one meant; for 『?』 none, with all that may be meant among the candidates (or no candidate
where the words name nothing); for a place elsewhere no decision. Confidently wrong is one grid that is not the one meant.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from measure import print_table, rank, say_machine, time_each
from rig.made_up import make_questions

from bot.commands.seeding import FOLDER
from intents.home import find_home, leave_out
from intents.slots import find_place
from knowledge_base.places import Gazetteer, PlaceRow
from knowledge_base.text import normalize
from store.sheets import read_sheet

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

OWN = Path(__file__).parent / "own" / "places.csv"
_MANY = 10_000
_ENDINGS = ("路", "街", "巷", "小区", "花园", "家园", "新村", "公寓", "苑", "中学", "市场", "公园")


class _Area(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    name: str
    level: str
    parent: str
    aliases: tuple[str, ...]


def load_city() -> Gazetteer:
    """Read the demo city's places and areas."""
    areas = [
        _Area(code=row["code"], name=row["name"], level=row["level"], parent=row["parent"], aliases=_split(row["aliases"]))
        for row in _rows("areas")
    ]
    places = [
        PlaceRow(
            name=row["name"],
            kind=row["kind"],
            area=row["area"],
            number_from=int(row["number_from"]) if row["number_from"] else None,
            number_to=int(row["number_to"]) if row["number_to"] else None,
            parity=row["parity"] or "all",  # type: ignore[arg-type] - the table holds all, odd or even
            parent=row["parent"],
            aliases=_split(row["aliases"]),
            property_unit=row["property_unit"],
        )
        for row in _rows("places")
    ]
    return Gazetteer(places, areas)


def find_areas(city: Gazetteer, text: str) -> tuple[str, ...]:
    """Give the grids that the service takes a message to be about: one if it is decided, all candidates if not."""
    normal = normalize(text)
    mentions = city.find(normal)
    place = find_place(leave_out(find_home(normal, mentions), mentions))
    return place.areas if place else ()


def judge(city: Gazetteer, row: Mapping[str, str]) -> str:
    """Say how one phrasing is understood: right, wrong (decided, and not so), or open (undecided where the words decide)."""
    areas = find_areas(city, row["text"])
    meant = {code for code in (row.get("among") or "").split(";") if code}
    if row["grid"] == "?":
        return "wrong" if len(areas) == 1 else "right" if not areas or meant <= set(areas) else "open"
    if len(areas) == 1:
        return "right" if areas[0] == row["grid"] else "wrong"
    return "open" if row["grid"] else "right"


def count(city: Gazetteer, rows: Iterable[Mapping[str, str]]) -> dict[str, Counter[str]]:
    """Count verdicts by kind; the sum stands under 『all』."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        verdict = judge(city, row)
        for kind in ("all", row["kind"]):
            counts[kind][verdict] += 1
    return counts


def make_many() -> list[PlaceRow]:
    """Make ten thousand places out of two or three characters of the demo city's names and a usual ending."""
    dice = random.Random(1)  # noqa: S311 - made-up names, no secret
    characters = sorted({character for row in _rows("places") for character in row["name"] if not character.isascii()})
    names: set[str] = set()
    while len(names) < _MANY:
        names.add("".join(dice.sample(characters, dice.choice((2, 2, 3)))) + dice.choice(_ENDINGS))
    return [
        PlaceRow(name=name, kind="road" if name[-1] in "路街巷" else "estate", area=f"G{number % 300}")
        for number, name in enumerate(sorted(names))
    ]


def time_finding(name: str, city: Gazetteer, lines: Sequence[str]) -> tuple[str, float, float]:
    """Give the median and the 99th percentile of what a line takes, in microseconds."""
    taken = time_each(city.find, [normalize(line) for line in lines])
    return name, rank(taken, 0.5), rank(taken, 0.99)


def main() -> None:
    """Read the options, count, time, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", action="store_true", help="print the open phrasings that are not understood")
    options = parser.parse_args()
    say_machine()
    city = load_city()
    with OWN.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for part in ("open", "sealed"):
        counts = count(city, [row for row in rows if row["part"] == part])
        print(f"{part}: {counts['all'].total()} phrasings")
        columns = (part, "n", "right", "confidently wrong", "undecided")
        shares = [(kind, found.total(), *_shares(found)) for kind, found in counts.items()]
        print_table(columns, shares if part == "open" else shares[:1])
        asked = [row for row in rows if row["part"] == part and row["grid"] == "?" and not find_areas(city, row["text"])]
        print(f"of those right, {len(asked)} name nothing that could be a candidate: the resident is asked where\n")
    if options.show:
        for row in rows:
            if row["part"] == "open" and (verdict := judge(city, row)) != "right":
                print(verdict, row["kind"], row["grid"], row["text"], [m.text for m in city.find(normalize(row["text"]))])
    many, lines = Gazetteer(make_many()), make_questions(1000)
    print_table(
        ("microseconds", "median", "p99"),
        [time_finding("a chat line, the demo city", city, lines), time_finding(f"a chat line, {_MANY:,} names", many, lines)],
    )


def _shares(counts: Counter[str]) -> list[float]:
    return [round(counts[verdict] / counts.total(), 4) for verdict in ("right", "wrong", "open")]


def _rows(table: str) -> list[dict[str, str]]:
    return [dict(row.cells) for row in read_sheet(FOLDER / f"{table}.csv").rows]


def _split(cell: str) -> tuple[str, ...]:
    return tuple(part for part in cell.split("|") if part)


if __name__ == "__main__":
    main()
