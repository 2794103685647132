"""Learns how people tell of one matter in different words (knowledge_base/models/senses.npz): part of `make models`.

Read are bench/own/tellings.csv (one matter a group, told as neighbours tell it), our own messages by duty item, and the list's own phrasings.
bench/own/incident_pairs.csv is not read: it measures. All was written by us; nothing of ../shared. The same files give the same model.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from fit_models import MODELS, load, read, read_rows
from measure import print_table
from rig.service import prepare_city

from bot.learning.senses import learn_senses
from knowledge_base.places import hide
from knowledge_base.text import normalize

if TYPE_CHECKING:
    from bot.city import City
    from knowledge_base.linear import LinearModel


def fit_senses() -> LinearModel:
    """Learn from our own texts, their places hidden by the demo city's names."""
    with tempfile.TemporaryDirectory(prefix="jieying-models-") as folder:
        city = asyncio.run(load(prepare_city(Path(folder), 0)))
    rows = [row for row in read_rows() if row["items"] and ";" not in row["items"] and row["items"] != "?"]
    messages = [(_hide(city, row["text"]), row["items"].split("/")[0]) for row in rows]
    messages += [(normalize(text).lower(), item.code) for item in city.triage.items for text in (item.name, *item.phrasings)]
    return learn_senses(messages, [(_hide(city, row["text"]), row["matter"]) for row in read("tellings.csv")])


def _hide(city: City, text: str) -> str:
    normal = normalize(text).lower()
    return hide(normal, city.gazetteer.find(normal))


def main() -> None:
    """Learn, write, say how much it is."""
    model = fit_senses()
    content = model.dump()
    (MODELS / "senses.npz").write_bytes(content)
    figures = model.figures
    print_table(
        ("model", "texts", "matters", "features", "bytes"),
        [("senses", f"{figures['samples']:,}", figures["matters"], f"{len(model.features):,}", f"{len(content):,}")],
    )


if __name__ == "__main__":
    main()
