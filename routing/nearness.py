"""How alike two messages are by their words: what they are titled, what they say, and what may be the names of places in them.

Each part is a vector of features, weighed by rarity and scaled to length 1; two messages are as near as the sum of the parts' cosines, each
with its weight. An index of what stands where finds the near ones without comparing all. In time order, and what is old is forgotten.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from math import log, sqrt
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from knowledge_base.place_cues import cut_place_pairs
from routing.evidence import cut_pairs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from knowledge_base.rarity import Rarity
    from knowledge_base.text import Utterance

_FAINT = 0.03
"""A feature that weighs less than this in a message (of 1) finds nobody by it: it could add a thousandth."""

_STRONG = 40
"""Features of a message that are remembered to say later what it had in common with another."""
_NAMED = 5


class NearnessSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the parts of a message count; together 1."""

    title: float = 0.36
    """The words of the title: in a line or two it says what it is about. A message without a title is its own."""
    text: float = 0.24
    """The words of the text: a letter tells of much besides."""
    place: float = 0.4
    """What may be the names of places: neighbours have the place in common and little else, each says it in their own words."""
    place_rarity: float = 1.5
    """The exponent of rarity among places: an estate's name weighs more than the city's and than everyday words near them."""
    road: float = 1.0
    """How much the name of a road may count, in multiples of all else: a road is long and has many lamps, so sharing it alone joins nobody."""
    place_read: int = 200
    """Characters of a text in which places are looked for: people say at once where, then name what else is near."""


class Parts(msgspec.Struct, frozen=True):
    """The features of a message, with how often each stands there."""

    title: Mapping[str, int]
    text: Mapping[str, int]
    place: Mapping[str, int]
    roads: frozenset[str]
    """Those of them that are part of a road's name."""


def take_apart(title: Utterance, text: Utterance, *, settings: NearnessSettings) -> Parts:
    """Give the features of a message; one without a title (or without a text) is compared by what it has."""
    first, second = (title if title.text else text), (text if text.text else title)
    found = [cut_place_pairs(title.folded), cut_place_pairs(text.folded[: settings.place_read])]
    places = Counter(pair for pairs in found for pair in (*pairs.narrow, *pairs.roads))
    pairs_of_roads = frozenset(pair for pairs in found for pair in pairs.roads)
    words, others = Counter(_pick_words(first)), Counter(_pick_words(second))
    roads = {word for word in (*words, *others) if not pairs_of_roads.isdisjoint(cut_pairs(word))} if pairs_of_roads else set()
    return Parts(words, others, places, pairs_of_roads | roads)


def list_features(utterance: Utterance) -> set[str]:
    """Give all features that a text may have in any part: its words, and all its pairs of characters."""
    return {*_pick_words(utterance), *cut_pairs(utterance.folded)}


def _pick_words(utterance: Utterance) -> list[str]:
    """Pick the words that say something: all but single letters and digits."""
    return [token for token in utterance.tokens if len(token) > 1 or not token.isascii()]


class Nearness:
    """The messages so far, and how near a new one is to each. Numbers are given out from 0, in the order of arrival."""

    def __init__(self, rarity: Rarity, *, settings: NearnessSettings | None = None) -> None:
        self.settings = settings or NearnessSettings()
        self._rarity = rarity
        self._parts: tuple[dict[str, _Holders], ...] = (defaultdict(_Holders), defaultdict(_Holders), defaultdict(_Holders))
        self._strong: list[tuple[str, ...]] = []

    def add(self, title: Utterance, text: Utterance, *, oldest: int = 0) -> NDArray[np.float64]:
        """Add a message and give how near it is (0..1) to each before it, from number `oldest` on: the first value is that of `oldest`."""
        parts = take_apart(title, text, settings=self.settings)
        self._rarity.learn(
            {*parts.title, *parts.text, *cut_pairs(title.folded), *cut_pairs(text.folded[: self.settings.place_read])}
        )
        number = len(self._strong)
        near, street = np.zeros(max(0, number - oldest)), np.zeros(max(0, number - oldest))
        strong: dict[str, float] = defaultdict(float)
        weights = (self.settings.title, self.settings.text, self.settings.place)
        powers = (1.0, 1.0, self.settings.place_rarity)
        for holders, counts, weight, power in zip(
            self._parts, (parts.title, parts.text, parts.place), weights, powers, strict=True
        ):
            for feature, value in self._weigh(counts, power=power).items():
                held = holders[feature]
                held.add_to(street if feature in parts.roads else near, weight * value, oldest=oldest)
                held.append(number, value)
                strong[feature] += weight * value
        self._strong.append(tuple(sorted(strong, key=lambda feature: (-strong[feature], feature))[:_STRONG]))
        shown: NDArray[np.float64] = near + np.minimum(street, self.settings.road * near)
        return shown

    def share(self, one: int, other: int) -> tuple[str, ...]:
        """Name what two messages have in common, of what weighs most in the first; pairs of a longer word are left out."""
        common = frozenset(self._strong[other])
        words = [feature for feature in self._strong[one] if feature in common]
        return tuple(word for word in words if not any(word != longer and word in longer for longer in words))[:_NAMED]

    def _weigh(self, counts: Mapping[str, int], *, power: float) -> dict[str, float]:
        """Give the vector of one part, without what weighs next to nothing in it."""
        rarity = self._rarity
        values = {feature: (1.0 + log(count)) * rarity.weigh(feature) ** power for feature, count in counts.items()}
        length = sqrt(sum(value * value for value in values.values()))
        return {feature: value / length for feature, value in values.items() if value > _FAINT * length}


class _Holders:
    """The messages that hold a feature, in their order, and what it weighs in each."""

    __slots__ = ("_numbers", "_values")

    def __init__(self) -> None:
        self._numbers = array("q")
        self._values = array("d")

    def append(self, number: int, value: float) -> None:
        """Add a message that comes after all others."""
        self._numbers.append(number)
        self._values.append(value)

    def add_to(self, near: NDArray[np.float64], value: float, *, oldest: int) -> None:
        """Add what this feature has in common with each message from `oldest` on, and forget those before."""
        if self._numbers and self._numbers[0] < oldest:
            past = bisect_left(self._numbers, oldest)
            del self._numbers[:past], self._values[:past]
        if self._numbers:
            near[np.frombuffer(self._numbers, dtype=np.int64) - oldest] += value * np.frombuffer(self._values)
