"""Learns the models that are shipped (knowledge_base/models) from bench/own/training.csv and the open part of our own corpus: `make models`.

All of it was written by us for this purpose; nothing of ../shared is read. The sealed parts are never opened. The same data give the same files.
"""

from __future__ import annotations

import asyncio
import csv
import tempfile
from collections import Counter
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from measure import ROOT, print_table
from rig.service import prepare_city

from bot.control import open_city
from bot.learning import fit
from bot.understanding import rank_topics
from intents.catalog import specs
from intents.matters import BEGINS, Clause, cut, describe
from intents.several import OPENING
from knowledge_base.linear import cut_features
from knowledge_base.text import normalize

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.city import City
    from bot.settings import Settings
    from knowledge_base.linear import LinearModel

OWN = Path(__file__).parent / "own"
MODELS = ROOT / "knowledge_base" / "models"
_FEW = 12
"""A kind of danger with fewer messages than this is not learned: five folds need some of each."""

_EXAMPLES = 3
"""How often an example of the catalog counts: it is what an intent stands for."""
_NEAR = 2
"""Characters by which a mark may miss the beginning of a clause."""
_SEALED_DAY = "3"

Row = dict[str, str]


def read(name: str) -> list[Row]:
    """Read a table of our own."""
    with (OWN / name).open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def read_rows() -> list[Row]:
    """Read all messages that may be learned from, each text once."""
    rows: dict[str, Row] = {}
    for name in ("training.csv", "messages.csv"):
        for row in read(name):
            rows.setdefault(normalize(row["text"]).lower(), row)
    return [{**row, "written": row["text"], "text": text} for text, row in rows.items()]


def cut_all(texts: Iterable[str]) -> list[list[str]]:
    """Cut texts into what the models of texts see."""
    return [list(cut_features(text)) for text in texts]


def fit_intents(rows: list[Row]) -> LinearModel:
    """Learn what a message is about; the catalog's own examples count as messages."""
    known = {row["intent"] for row in rows}
    examples = [(normalize(text).lower(), spec.code) for spec in specs().values() if spec.code in known for text in spec.examples]
    pairs = [(row["text"], row["intent"]) for row in rows] + examples * _EXAMPLES
    return fit(cut_all(text for text, _ in pairs), [code for _, code in pairs], strength=2.0)


def fit_danger(rows: list[Row]) -> LinearModel:
    """Learn how urgent a message is; what neighbours say to each other all day is no danger."""
    talk = [normalize(row["text"]).lower() for row in read("group_days.csv") if row["day"] != _SEALED_DAY and not row["matter"]]
    talk += [normalize(row["text"]).lower() for row in read("chatter.csv")]
    talk += [normalize(row["text"]).lower() for row in read("group_lines.csv") if row["matter"] == "0"]
    pairs = [(row["text"], row["tier"]) for row in rows] + [(text, "none") for text in talk if text]
    return fit(cut_all(text for text, _ in pairs), [tier for _, tier in pairs], least=3)


def fit_hazards(rows: list[Row]) -> LinearModel:
    """Learn which danger an urgent message tells of."""
    named = [(row["text"], f"{row['tier']}.{row['hazard']}") for row in rows if row["hazard"]]
    counts = Counter(name for _, name in named)
    pairs = [(text, name) for text, name in named if counts[name] >= _FEW]
    return fit(cut_all(text for text, _ in pairs), [name for _, name in pairs])


def fit_matters(rows: list[Row], city: City) -> LinearModel:
    """Learn where a message begins another matter, from the marks that people set; what has one duty item is one matter."""
    samples: list[list[str]] = []
    labels: list[str] = []
    for row in rows:
        several = ";" in row["items"]
        if row["intent"] not in OPENING or not row["items"] or several != bool(row["split"]):
            continue
        marked = row["split"] or row["written"]
        clauses = [Clause(text=part, topics=rank_topics(city, part)) for part in cut(row["written"])]
        if len(clauses) > 1 and len(row["written"]) <= city.settings.conversation.matters.letter:
            starts = find_starts(marked, [clause.text for clause in clauses])
            for at in range(1, len(clauses)):
                samples.append(describe(clauses, at))
                labels.append(BEGINS if at in starts else "goes_on")
    return fit(samples, labels, least=3, strength=0.5)


def find_starts(marked: str, parts: Sequence[str]) -> set[int]:
    """Say which clauses begin where a mark (‖) stands, give or take a blank or a comma."""
    edges = [0, *accumulate(len(part) for part in parts)][:-1]
    marks = [at - number for number, at in enumerate(at for at, sign in enumerate(marked) if sign == "‖")]
    return {number for number, edge in enumerate(edges) if any(abs(edge - mark) <= _NEAR for mark in marks)}


async def load(settings: Settings) -> City:
    """Load the demo city: its duty list says what clauses are about."""
    async with open_city(settings) as (_, city):
        return city


def main() -> None:
    """Learn, write, say how good each is on folds it was not learned from."""
    rows = read_rows()
    MODELS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="jieying-models-") as folder:
        city = asyncio.run(load(prepare_city(Path(folder), 0)))
        models = {
            "intents": fit_intents(rows),
            "danger": fit_danger(rows),
            "hazards": fit_hazards(rows),
            "matters": fit_matters(rows, city),
        }
    table = []
    for name, model in models.items():
        content = model.dump()
        (MODELS / f"{name}.npz").write_bytes(content)
        figures = model.figures
        table.append(
            (
                name,
                f"{figures['samples']:,}",
                len(model.classes),
                f"{len(model.features):,}",
                figures["accuracy"],
                f"{len(content):,}",
            )
        )
    print_table(("model", "samples", "classes", "features", "accuracy on folds", "bytes"), table)


if __name__ == "__main__":
    main()
