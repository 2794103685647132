"""What was asked and an entry says nowhere: whether that only tells a story, or asks for something else.

『我妈上个月把证弄丢了』 may be answered though no entry names a mother; 『能不能代办』 may not, where the entry is silent about it. The grams of
such words weigh for or against (models/elsewhere.json), learned from text of our own alone: questions beside the entry that came first,
with an answer or without (bench/fit_confidence.py, `make models`). It is one of the values of knowledge_base.confidence.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from math import fsum, sqrt
from operator import add
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def cut_grams(words: Iterable[str]) -> set[str]:
    """Give the grams of one and two characters of some words."""
    singles: set[str] = set()
    pairs: list[str] = []
    for word in words:
        singles.update(word)
        pairs += map(add, word, word[1:])
    return singles.union(pairs)


def weigh_elsewhere(words: Iterable[str], weights: Mapping[str, float] | None = None) -> float:
    """Say how much these words ask for something else: above 0 if they do, below if they only tell a story; 0 if nothing is known of them.

    weights: of the grams, the shipped ones if None.
    """
    known = read_weights() if weights is None else weights
    found = [known[gram] for gram in cut_grams(words) if gram in known]
    return fsum(found) / sqrt(len(found)) if found else 0.0  # exact, so that the order of a set makes no difference


@cache
def read_weights() -> Mapping[str, float]:
    """Read the shipped weights of grams."""
    return msgspec.json.decode(files("knowledge_base").joinpath("models", "elsewhere.json").read_bytes(), type=dict[str, float])
