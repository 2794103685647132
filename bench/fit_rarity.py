"""Counts how common words and pairs of characters are, for telling incidents apart (knowledge_base/models/rarity.npz): part of `make models`.

Read are bench/own/training.csv and the open part of our own corpus, all written by us; nothing of ../shared. The same data give the same file.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

from fit_models import MODELS, read_rows, read_talk
from measure import print_table

from knowledge_base.rarity import dump_counts, load_counts
from knowledge_base.text import Segmenter
from routing.nearness import list_features

_LEAST = 3
"""What stands in fewer messages is as rare as what was never seen: two of our own lines are chance."""


def count_all() -> bytes:
    """Count in how many of our own texts each word and pair stands, those in very few left out; gives the file's content."""
    texts = [row["text"] for row in read_rows()] + read_talk()
    with tempfile.TemporaryDirectory(prefix="jieying-words-") as folder:
        segmenter = Segmenter(Path(folder))
        counts = Counter(feature for text in texts for feature in list_features(segmenter.read(text)))
    return dump_counts({feature: count for feature, count in counts.items() if count >= _LEAST}, len(texts))


def main() -> None:
    """Count, write, say how much it is."""
    content = count_all()
    (MODELS / "rarity.npz").write_bytes(content)
    counts, total = load_counts(content)
    print_table(("model", "messages", "features", "bytes"), [("rarity", f"{total:,}", f"{len(counts):,}", f"{len(content):,}")])


if __name__ == "__main__":
    main()
