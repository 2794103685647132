"""How well chat messages are understood, measured on our own corpus: 1,680 messages by other hands than those that wrote the word lists.

bench/own/messages.csv (two thirds) is open: what is wrong there may be mended by general means. sealed.csv (one third) is for this program alone:
nothing of it is printed but counts, and nothing is tuned on it. sealed_second.csv is a second sealed set by other hands. Both were labelled
again by two people who saw the texts and bench/own/LABELS.md alone; the vote of the three counts (`first labels`: the writer's own).
danger_terms, self_harm and care are open too.

What is counted, and the rule for ties, stands in bot/evaluation/turns.py: `jieying evaluate turns FILE` prints the same figures of one file.
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from measure import ROOT, print_table

from bot.cli.made_up_city import borrow_city
from bot.evaluation.labels import read_turns
from bot.evaluation.turns import FIGURES, make_turn, measure_turns
from bot.settings import load
from intents.classify import classify
from intents.danger import shipped_reader
from knowledge_base.text import normalize

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.city import City

OWN = Path(__file__).parent / "own"
DATA = ROOT.parent / "shared" / "data"
_CARE = frozenset({"legal_aid", "mental_health", "domestic_violence", "child_protection", "medical"})


def measure_corpus(city: City, name: str, *, voted: bool = True) -> dict[str, str]:
    """Count what is understood of one part of the corpus; where three people labelled, by their vote, or (not `voted`) as its writer did."""
    figures = measure_turns(read_turns(OWN / name, voted=voted), city)
    print(f"{name}: tier by label (rows) and as read (columns)\n")
    read_as: Mapping[str, Mapping[str, int]] = figures["read_as"]
    print_table(("label", *read_as), [(true, *read.values()) for true, read in read_as.items()])
    counts: Mapping[str, Mapping[str, int]] = figures["counts"]
    return {"messages": str(figures["count"])} | {
        figure: f"{figures[figure]:.3f} of {each['count']:,}" for figure in FIGURES if (each := counts.get(figure))
    }


def read_rows(name: str) -> list[dict[str, str]]:
    """Read a table of sentences."""
    with (OWN / name).open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def measure_phrases(city: City) -> list[tuple[str, str]]:
    """Count the sentences around danger words, those of self-harm and those that need care."""
    danger = read_rows("danger_terms.csv")
    harm = read_rows("self_harm.csv")
    care = read_rows("care.csv")
    right = sum(shipped_reader().read(normalize(row["text"])).tier == row["tier"] for row in danger)
    hit = sum((shipped_reader().read(normalize(row["text"])).tier == "red") == (row["expected"] == "hit") for row in harm)
    cared = 0
    for row in care:
        turn = make_turn(city, row["text"])
        needs = turn.reading.tier == "red" or classify(turn).code in _CARE
        cared += needs == (row["expected"] == "care")
    return [
        ("sentences around 21 danger words, tier right", f"{right}/{len(danger)}"),
        ("self-harm said or only sounding like it", f"{hit}/{len(harm)}"),
        ("care needed, or an ordinary matter in the same words", f"{cared}/{len(care)}"),
    ]


def measure_shared() -> list[tuple[str, str]]:
    """Read danger in the shared phrases and letters; every false red is printed, here only."""
    crisis: Mapping[str, Any] = json.loads((DATA / "lexicon" / "crisis_seed.json").read_text(encoding="utf-8"))
    rows = []
    for key, wanted in (("self_harm_must_hit", "red"), ("idiom_must_not_hit", "none")):
        phrases = crisis[key]["phrases"]
        right = sum(shipped_reader().read(normalize(phrase)).tier == wanted for phrase in phrases)
        rows.append((key, f"{right}/{len(phrases)} {wanted}"))
    count = 0
    reds: list[str] = []
    for text in read_letters():
        count += 1
        reading = shipped_reader().read(normalize(text))
        if reading.tier == "red":
            reds.append(f"{reading.hazard}: {' '.join(reading.why)} | {text}")
    print("Read as red in the shared letters and messages:\n")
    print("\n".join(reds))
    print(flush=True)
    return [*rows, ("red in all shared letters and messages", f"{len(reds)}/{count:,} = {len(reds) / count:.3%}")]


def read_letters() -> Iterator[str]:
    """Give every letter and message of the shared data."""
    for name in ("tickets_train", "incidents_known", "incidents_stream"):
        with (DATA / "routing" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as lines:
            yield from (f"{row.get('title', '')}。{row.get('text', '')}" for row in csv.DictReader(lines))
    with (DATA / "gate" / "group_messages.csv").open(encoding="utf-8-sig", newline="") as lines:
        yield from (row["text"] for row in csv.DictReader(lines))


def main() -> None:
    """Read the options, load the city, measure what is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--open", action="store_true", help="measure the open part only")
    options = parser.parse_args()
    with borrow_city(load(environ={})) as city:
        parts = ["messages.csv"] if options.open else ["messages.csv", "sealed.csv", "sealed_second.csv"]
        columns = {part.removesuffix(".csv"): measure_corpus(city, part) for part in parts}
        for part in parts[1:]:
            columns[f"{part.removesuffix('.csv')}, first labels"] = measure_corpus(city, part, voted=False)
        figures = [(figure, *(column[figure] for column in columns.values())) for figure in columns["messages"]]
        print_table(("figure", *columns), figures)
        print_table(("sentences", "right"), measure_phrases(city))
    if DATA.is_dir():
        print_table(("shared data", "figure"), measure_shared())
    else:
        print(f"{DATA} is not there: shared letters and phrases are not measured.")


if __name__ == "__main__":
    main()
