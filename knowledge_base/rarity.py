"""How rare a word or gram is: known from text of our own when a city starts, and learned on from what its residents write.

The shipped counts (models/rarity.npz) come from messages that we wrote; they count as so many messages of the city's own and fade as these
come in. Nothing but counts is kept.
"""

from __future__ import annotations

import io
from functools import cache
from importlib.resources import files
from math import log
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PRIOR = 2000.0
"""Messages of a city that the shipped counts are worth: our lines are short, a letter says more, so a city's own soon outweigh them."""


class Rarity:
    """Counts in how many messages a feature stands. `learn` adds a message, `weigh` gives ln((1 + all) / (1 + those with it)), at least 0."""

    def __init__(self, counts: Mapping[str, float] | None = None, total: float = 0.0) -> None:
        self._counts = dict(counts or {})
        self._total = total

    def learn(self, features: Iterable[str]) -> None:
        """Count one message more; a feature that stands there several times counts once."""
        self._total += 1.0
        counts = self._counts
        for feature in set(features):
            counts[feature] = counts.get(feature, 0.0) + 1.0

    def weigh(self, feature: str) -> float:
        """Give the weight of a feature, 0 for one that stands in every message."""
        return max(0.0, log((1.0 + self._total) / (1.0 + self._counts.get(feature, 0.0))))

    def share(self, feature: str) -> float:
        """Give the share of messages (0..1) that have a feature; 0 of none."""
        return self._counts.get(feature, 0.0) / self._total if self._total else 0.0


def dump_counts(counts: Mapping[str, int], total: int) -> bytes:
    """Write counts of features and the number of messages; the same counts give the same bytes."""
    content = io.BytesIO()
    names = sorted(counts)
    np.savez_compressed(
        content,
        features=np.frombuffer("\n".join(names).encode(), dtype=np.uint8),
        counts=np.array([counts[name] for name in names], dtype=np.uint32),
        total=np.array([total], dtype=np.uint32),
    )
    return content.getvalue()


def load_counts(content: bytes) -> tuple[dict[str, int], int]:
    """Read what dump_counts wrote; ValueError, KeyError or OSError if it is something else."""
    with np.load(io.BytesIO(content), allow_pickle=False) as parts:
        names = parts["features"].tobytes().decode().split("\n")
        return dict(zip(names, parts["counts"].tolist(), strict=True)), int(parts["total"][0])


def start(prior: float = PRIOR) -> Rarity:
    """Give the rarity that a city starts with: the shipped counts, worth so many messages. The caller's own: learning changes it."""
    counts, total = _read_shipped()
    worth = prior / total
    return Rarity({name: count * worth for name, count in counts.items()}, prior)


@cache
def read_shipped() -> Rarity:
    """Read the shipped counts as they are, for what must not change as a city learns: everybody's, so learn nothing with it."""
    return Rarity(*_read_shipped())


@cache
def _read_shipped() -> tuple[dict[str, int], int]:
    return load_counts(files("knowledge_base").joinpath("models", "rarity.npz").read_bytes())
