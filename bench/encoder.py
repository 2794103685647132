"""What the sentence encoder finds by itself, question to question, and what it costs; beside it how fast its table of vectors is searched.

The questions are those of ../shared/data, which nothing was trained on; only counts are printed. Without the folder only the costs are.
"""

from __future__ import annotations

import csv
import time
from typing import TYPE_CHECKING

import numpy as np
from measure import ROOT, peak_megabytes, print_table, rank, say_machine, time_each

from knowledge_base.encoder import Encoder, load_encoder
from knowledge_base.vectors import Vectors

if TYPE_CHECKING:
    from pathlib import Path

DATA = ROOT.parent / "shared" / "data" / "knowledge"
SETS = ("civic", "general", "policy")
_WORDINGS = 10_000
_LOOKED_AT = 20


def load() -> Encoder:
    """Load the encoder and print what that takes."""
    before, begun = peak_megabytes(), time.thread_time()
    encoder = load_encoder()
    if encoder is None:
        raise SystemExit("the extra [semantic] is not installed: make test installs it")
    print_table(("encoder", "seconds to load", "MB"), [(encoder.name, time.thread_time() - begun, peak_megabytes() - before)])
    return encoder


def read(path: Path) -> list[dict[str, str]]:
    """Read a table of the shared data."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def ask(name: str, encoder: Encoder) -> tuple[object, ...]:
    """Ask a set: its questions (a policy's is its title) are embedded, its queries looked up one by one."""
    entries = read(DATA / f"{name}_entries.csv")
    queries = [(row["question"], set(row["expected"].split(";"))) for row in read(DATA / f"{name}_queries.csv") if row["expected"]]
    begun = time.thread_time()
    vectors = Vectors(encoder.dimensions)
    for entry, row in zip(entries, encoder.embed([entry["question"] or entry["title"] for entry in entries]), strict=True):
        vectors.put(entry["code"], row[None])
    each = (time.thread_time() - begun) * 1000 / len(entries)
    found = {text: [code for code, _ in vectors.search(encoder.embed([text])[0], _LOOKED_AT)] for text, _ in queries}
    taken = [spent / 1000 for spent in time_each(lambda text: vectors.search(encoder.embed([text])[0], _LOOKED_AT), [*found])]
    first = sum(found[text][0] in expected for text, expected in queries)
    five = sum(not expected.isdisjoint(found[text][:5]) for text, expected in queries)
    return name, len(entries), len(queries), first / len(queries), five / len(queries), each, rank(taken, 0.5), rank(taken, 0.99)


def search_many() -> tuple[object, ...]:
    """Search a full table of made-up vectors, and change it entry by entry."""
    rows = np.random.default_rng(0).normal(size=(_WORDINGS, Encoder.dimensions)).astype(np.float32)
    vectors = Vectors(Encoder.dimensions)
    changes = time_each(lambda code: vectors.put(code, rows[int(code)][None]), [str(number) for number in range(_WORDINGS)])
    searches = time_each(lambda code: vectors.search(rows[int(code)], _LOOKED_AT), [str(number) for number in range(100)])
    return _WORDINGS, rank(changes, 0.5), rank(searches, 0.5) / 1000, rank(searches, 0.99) / 1000


def main() -> None:
    say_machine()
    encoder = load()
    if DATA.is_dir():
        columns = ("set", "entries", "questions", "R@1", "R@5", "ms an entry", "ms a query", "p99")
        print_table(columns, [ask(name, encoder) for name in SETS])
    else:
        print(f"{DATA} is not there: nothing to ask\n")
    print_table(("wordings", "us a change", "ms a search", "p99"), [search_many()])


if __name__ == "__main__":
    main()
