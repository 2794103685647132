"""How well messages of one incident are put together: pairs of our own, and a city's letters in ../shared/data where they are at hand.

The pairs (bench/own/incident_pairs.csv) stand in the made-up city: 200 that must not join (the same street, another matter; the same matter,
another estate) and 200 of neighbours who say one thing in their own words. A third of them is open and was looked at; the rest is only counted.
They are judged by routing.incidents, and beside it by routing.duplicates, which is stricter: it joins a neighbour's words to a ticket that
others see, so it leaves all that is not in public space alone. Of the letters only counts are kept.
"""

from __future__ import annotations

import csv
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from measure import ROOT, print_table

from bot.cli.made_up_city import borrow_city
from bot.evaluation.incidents import KNOWN, STREAM, measure_incidents
from bot.evaluation.samples import read_samples
from bot.settings import load
from bot.understanding import describe_message
from intents.slots import find_place
from knowledge_base.places import hide
from knowledge_base.rarity import start
from knowledge_base.text import Segmenter, normalize, skim
from routing.dispatch import decide
from routing.duplicates import Matter, compare, place_key
from routing.incidents import Incidents, IncidentSettings
from routing.nearness import Nearness
from routing.terms import Report

if TYPE_CHECKING:
    from bot.city import City

OWN = Path(__file__).parent / "own"
DATA = ROOT.parent / "shared" / "data" / "routing"
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
_BESIDE = "beside it: TF-IDF of title and text, mean of the 3 nearest: F .87-.90"


def measure_pairs(city: City) -> None:
    """Count the pairs that join, by kind and part, as incidents and as duplicates."""
    counts = Counter[tuple[str, str, str]]()
    with (OWN / "incident_pairs.csv").open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            for part in (row["part"], "all"):
                counts[row["kind"], part, "pairs"] += 1
                counts[row["kind"], part, "incidents"] += joins_as_incident(city, row["one"], row["other"])
                counts[row["kind"], part, "duplicates"] += joins_as_duplicate(city, row["one"], row["other"])
    kinds = sorted({(kind, part) for kind, part, _ in counts})
    shown = [(kind, part, *(counts[kind, part, name] for name in ("pairs", "incidents", "duplicates"))) for kind, part in kinds]
    print("Own pairs: how many join (same_street and same_matter must not, neighbours must)\n")
    print_table(("kind", "part", "pairs", "join as incidents", "join as duplicates"), shown)


def joins_as_incident(city: City, one: str, other: str) -> bool:
    """Tell whether two messages of two residents become one incident."""
    incidents = Incidents(IncidentSettings(), Nearness(start()))
    joined = [incidents.add(describe_message(city, text, id=text, resident=text, sent_at=NOW)) for text in (one, f"{other} ")]
    return joined[0].cluster == joined[1].cluster


def joins_as_duplicate(city: City, one: str, other: str) -> bool:
    """Tell whether the second message would join the first one's ticket."""
    first, second = describe_matter(city, one, resident_id=1), describe_matter(city, other, resident_id=2)
    return compare(second, first, ticket_id=1, settings=city.settings.duplicates) is not None


def describe_matter(city: City, text: str, *, resident_id: int) -> Matter:
    """Say what of a message is compared with open tickets, as opening a ticket does."""
    place = find_place(city.gazetteer.find(normalize(text)))
    report = (
        Report(text=text, place=place.text, public_place=place.public or place.name, areas=place.areas)
        if place
        else Report(text=text)
    )
    candidates = city.triage.rank(skim(hide(normalize(text), [place] if place else [])))
    decided = decide(report, candidates, city.org, now=NOW, settings=city.settings.routing, statistics={})
    return Matter(
        resident_id=resident_id,
        item=decided.item,
        area=report.areas[0] if len(report.areas) == 1 else "",
        place=place_key(report.public_place),
        text=text,
        public=bool(candidates) and candidates[0].item.public_space,
    )


def measure_stream() -> None:
    """Measure on a city's letters."""
    with tempfile.TemporaryDirectory(prefix="jieying-words-") as folder:
        figures = measure_incidents(
            read_samples(DATA / "incidents_stream.csv", STREAM),
            read_samples(DATA / "incidents_known.csv", KNOWN),
            Segmenter(Path(folder)),
            IncidentSettings(),
        )
    print("A city's letters: incidents that are known in them\n")
    rows = [
        (name, f"{value:.4f}" if isinstance(value, float) else str(value))
        for name, value in figures.items()
        if name not in {"incidents", "left_out"}
    ]
    rows += [(f"left out: {name}", f"{value:.4f}") for name, value in figures["left_out"].items()]
    print_table(("figure", "value"), rows)
    print(_BESIDE)


def main() -> None:
    """Measure both."""
    with borrow_city(load(environ={})) as city:
        measure_pairs(city)
    if DATA.is_dir():
        measure_stream()
    else:
        print(f"{DATA} is not there: the letters are not measured.")


if __name__ == "__main__":
    main()
