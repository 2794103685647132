"""Counts what our own sentences are made of: part of `make models`.

How common words and pairs of characters are, for telling incidents apart (knowledge_base/models/rarity.npz), and how often phrases stand
in them, for reading what is mistyped (phrases.npz).

Read are bench/own/training.csv and the open part of our own corpus, all written by us; nothing of ../shared. The same data give the same file.
"""

from __future__ import annotations

import re
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
_PHRASE = range(2, 5)
_OFTEN = 10
"""A phrase that we wrote less often is no better guess than a word."""
_HAN = re.compile(r"[\u4e00-\u9fff]+")


def count_all() -> bytes:
    """Count in how many of our own texts each word and pair stands, those in very few left out; gives the file's content."""
    texts = _read_texts()
    with tempfile.TemporaryDirectory(prefix="jieying-words-") as folder:
        segmenter = Segmenter(Path(folder))
        counts = Counter(feature for text in texts for feature in list_features(segmenter.read(text)))
    return dump_counts({feature: count for feature, count in counts.items() if count >= _LEAST}, len(texts))


def _read_texts() -> list[str]:
    return [row["text"] for row in read_rows()] + read_talk()


def count_phrases() -> bytes:
    """Count how often each phrase of two to four characters stands in our own texts; gives the file's content."""
    texts = _read_texts()
    runs = [run for text in texts for run in _HAN.findall(text)]
    counts = Counter(run[at : at + size] for run in runs for size in _PHRASE for at in range(len(run) - size + 1))
    return dump_counts({phrase: count for phrase, count in counts.items() if count >= _OFTEN}, len(texts))


def main() -> None:
    """Count, write, say how much it is."""
    rows = []
    for name, content in (("rarity", count_all()), ("phrases", count_phrases())):
        (MODELS / f"{name}.npz").write_bytes(content)
        counts, total = load_counts(content)
        rows.append((name, f"{total:,}", f"{len(counts):,}", f"{len(content):,}"))
    print_table(("model", "messages", "features", "bytes"), rows)


if __name__ == "__main__":
    main()
