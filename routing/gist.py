"""What a message is about, as far as two can be compared by it. Neighbours say one thing in quite different words (梯子又停了, 电梯坏了).

Two messages about one place often share words for no better reason than that both stand before the same thing (健身器材断了, 健身器材那里积水).
So what both say in the same words is set aside, and the rest of each has to lead to the same duty items; beside it counts what was learned
of how people tell of one matter (knowledge_base/models/senses.npz). Only where most words are the same they speak for themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from knowledge_base.linear import cut_features, shipped
from knowledge_base.places import SIGNS
from knowledge_base.text import skim
from routing.evidence import cut_pairs, fold

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from knowledge_base.linear import LinearModel
    from routing.triage import Triage

_BEST = 10
"""Items that are looked at beside the likeliest: those for which nothing speaks would make all messages alike."""
_LONGEST = 200
"""Characters of a message that are compared: a letter says first what it is about, then what comes of it."""
_SAME_WORDS = 0.6
"""The share of pairs of characters in common from which two messages say the same in the same words, and nothing is set aside."""
_NO_SIGNS = str.maketrans(dict.fromkeys(SIGNS, " "))

Leaning = tuple[tuple[int, float, float], ...]
"""Of the best items: their place in the list, how likely each is (0..1), and how far it stands above the last of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Gist:
    """What one message is about. Gists of one reader can be compared, 0..1."""

    words: str
    """What it says, without its places."""
    leaning: Leaning
    sense: NDArray[np.float32]
    """A vector of length 1, or of zeros where none of its words is known."""
    reader: GistReader = field(repr=False)

    def glance(self, other: Gist) -> float:
        """Compare at a glance, 0..1: a hundredth of what `compare` takes, for choosing whom to compare."""
        return (compare_leanings(self.leaning, other.leaning) + _compare_senses(self, other)) / 2

    def compare(self, other: Gist) -> float:
        """Say how surely two messages about one place tell of one matter, 0..1; in one to five milliseconds."""
        mine, theirs = set(cut_pairs(self.words)), set(cut_pairs(other.words))
        common = mine & theirs
        if 2 * len(common) >= _SAME_WORDS * (len(mine) + len(theirs)):
            return compare_leanings(self.leaning, other.leaning)
        rest, other_rest = (self._leave_out(common), other._leave_out(common)) if common else (self, other)
        senses = _compare_senses(self, other) + _compare_senses(rest, other_rest)
        return (2 * compare_leanings(rest.leaning, other_rest.leaning) + senses) / 4

    def _leave_out(self, common: set[str]) -> Gist:
        return self.reader.read(leave_out(self.words, common))


class GistReader:
    """Reads what messages are about, by the duty list in force. What it has read it can compare as long as the items are the same."""

    def __init__(self, *, senses: LinearModel | None = None) -> None:
        self._given = senses
        self._triage: Triage | None = None

    @cached_property
    def _senses(self) -> LinearModel:
        """The model of senses, read when the first message comes."""
        return self._given or shipped("senses")

    def follow(self, triage: Triage) -> None:
        """Read by this duty list from now on; nothing that was read holds on to the one before."""
        self._triage = triage

    def read(self, text: str) -> Gist:
        """Read a message in which places are hidden: they say where, not what. One or two milliseconds for a chat line."""
        folded = fold(text)[:_LONGEST]
        return Gist(folded.translate(_NO_SIGNS), self.lean(folded), self._sense(folded), self)

    def lean(self, folded: str) -> Leaning:
        """Say which duty items a text leads to; none before there is a duty list."""
        return () if self._triage is None else make_leaning(self._triage.lean(skim(folded)))

    def _sense(self, folded: str) -> NDArray[np.float32]:
        found = self._senses.weigh(cut_features(folded))
        length = float(np.sqrt(found @ found))
        sense: NDArray[np.float32] = found / np.float32(length) if length else found
        return sense


def make_leaning(leanings: NDArray[np.float64]) -> Leaning:
    """Keep the best of what speaks for each item (logarithms); the last stands for no matter at all."""
    parts = np.exp(leanings - leanings.max())
    shares = parts / parts.sum()
    speaks = leanings[:-1]
    best = np.argsort(-speaks, kind="stable")[:_BEST]
    above = speaks[best] - speaks[best[-1]] if best.size else speaks[best]
    return tuple(zip(best.tolist(), shares[best].tolist(), above.tolist(), strict=True))


def compare_leanings(one: Leaning, other: Leaning) -> float:
    """Compare two leanings by one duty list, 0..1: the mean of how far their likely items and all their best items agree."""
    others = {item: (share, above) for item, share, above in other}
    common = [(share, above, *others[item]) for item, share, above in one if item in others]
    likely = sum(sqrt(share * other_share) for share, _, other_share, _ in common)
    length = sqrt(sum(above**2 for *_, above in one) * sum(above**2 for *_, above in other))
    best = sum(above * other_above for _, above, _, other_above in common) / length if length else 0.0
    return min(1.0, (likely + best) / 2)


def leave_out(text: str, common: set[str]) -> str:
    """Leave out of a text the pairs of characters that another has too."""
    kept = [True] * len(text)
    for at in range(len(text) - 1):
        if text[at : at + 2] in common:
            kept[at] = kept[at + 1] = False
    return " ".join("".join(each if keep else " " for each, keep in zip(text, kept, strict=True)).split())


def _compare_senses(one: Gist, other: Gist) -> float:
    return max(0.0, float(one.sense @ other.sense))
