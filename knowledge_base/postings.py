"""Which entries hold which terms, for one kind of term: the rows that BM25 sums.

Each entry is a row: the numbers of its terms and how much each weighs. A snapshot keeps the rows twice in numpy arrays, by entry and by
term; what came since stands in a small delta: where in the table of rows each of its terms is, so that it is found at once. Document frequencies and the mean length are
always those of the living entries.
"""

from __future__ import annotations

from array import array
from collections import Counter
from math import log
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from knowledge_base.row_table import Row, RowTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray


class Look(NamedTuple):
    """What a close look at some slots gives: their scores, and the sum of the weights each holds, one number a slot; and of all weights."""

    scores: NDArray[np.float64]
    held: NDArray[np.float64]
    whole: float


class Postings:
    """Terms by number, rows by slot. `saturation` and `length` are BM25's k1 and b."""

    def __init__(self, *, saturation: float, length: float) -> None:
        self._saturation = saturation
        self._length = length
        self._numbers: dict[str, int] = {}
        self._frequencies = array("i")
        self._lengths = array("f")
        self._living = 0
        self._total = 0.0
        self._rows = RowTable()
        self._starts = np.zeros(1, dtype=np.int64)
        self._slots, self._weights = np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32)
        self._delta: dict[int, array[int]] = {}  # arrays: a hundred thousand lists would keep the garbage collector busy
        self._discounted: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        """Tell how many terms were ever seen: their numbers are all below."""
        return len(self._numbers)

    @property
    def size(self) -> int:
        """Tell how many slots there are, dropped ones too."""
        return len(self._rows)

    @property
    def vocabulary(self) -> Iterable[str]:
        """Give every term ever seen, in the order of its number."""
        return self._numbers

    def adopt(self, vocabulary: Iterable[str]) -> None:
        """Number the terms as somebody else has numbered them; before any row is made."""
        self._numbers = {term: number for number, term in enumerate(vocabulary)}
        self._frequencies = array("i", bytes(4 * len(self._numbers)))

    def make_row(self, weights: Mapping[str, float]) -> Row:
        """Make the row of these terms, numbering the new ones."""
        numbers = self._numbers
        for term in [term for term in weights if term not in numbers]:
            numbers[term] = len(numbers)
            self._frequencies.append(0)
        terms = np.fromiter(map(numbers.__getitem__, weights), dtype=np.int32, count=len(weights))
        values = np.fromiter(weights.values(), dtype=np.float32, count=len(weights))
        order = np.argsort(terms)
        return Row(terms[order], values[order])

    def add(self, row: Row) -> None:
        """Give the next slot to a row, and find it from now on."""
        np.frombuffer(self._frequencies, dtype=np.int32)[row.terms] += 1
        place = len(self._rows.all.terms)
        self._append([row])
        for term in row.terms.tolist():
            held = self._delta.get(term)
            if held is None:
                self._delta[term] = array("i", (place,))
            else:
                held.append(place)
            place += 1

    def extend(self, rows: Sequence[Row]) -> None:
        """Give the next slots to rows and count their terms; the next merge will find them."""
        if rows:
            terms = np.concatenate([row.terms for row in rows])
            np.frombuffer(self._frequencies, dtype=np.int32)[:] += np.bincount(terms, minlength=len(self))
            self._append(rows)

    def _append(self, rows: Sequence[Row]) -> None:
        self._discounted = None
        self._rows.extend(rows)
        self._living += len(rows)
        lengths = [float(row.weights.sum()) for row in rows]
        self._lengths.extend(lengths)
        self._total += sum(lengths)

    def drop(self, slot: int) -> None:
        """Forget a slot in the statistics; its row stays until the next merge."""
        np.frombuffer(self._frequencies, dtype=np.int32)[self._rows[slot].terms] -= 1
        self._discounted = None
        self._living -= 1
        self._total -= self._lengths[slot]

    def merge(self, kept: Sequence[int]) -> None:
        """Build the snapshot anew from the slots that are kept, numbered in their order."""
        self._rows.keep(kept)
        self._lengths = array("f", [self._lengths[slot] for slot in kept])
        self._total = sum(self._lengths)
        self._discounted = None
        self._delta = {}
        terms, weights = self._rows.all
        short = terms.astype(np.min_scalar_type(len(self)))  # two bytes sort in a quarter of the time
        order = np.argsort(short, kind="stable")
        self._slots = np.repeat(np.arange(len(kept), dtype=np.int32), self._rows.sizes)[order]
        self._weights = weights[order]
        self._starts = np.zeros(len(self) + 1, dtype=np.int64)
        np.cumsum(np.bincount(terms, minlength=len(self)), out=self._starts[1:])

    def score(self, terms: Iterable[str], size: int) -> NDArray[np.float32]:
        """Score every slot against these terms; slots that are dropped may still carry a score."""
        slots: list[NDArray[np.int32]] = []
        weights: list[NDArray[np.float32]] = []
        gains: list[float] = []
        for term, count in Counter(terms).items():
            number = self._numbers.get(term)
            if number is None or not self._frequencies[number]:
                continue
            gain = count * self.rarity(term)
            for held, values in self._hold(number):
                slots.append(held)
                weights.append(values)
                gains.append(gain)
        scores = np.zeros(size, dtype=np.float32)
        if slots:
            where = np.concatenate(slots)
            share = np.concatenate(weights)
            scale = self._discounts()[where]
            scale += share  # in place: there are hundreds of thousands of them for a letter
            share *= np.repeat(np.asarray(gains, dtype=np.float32), [len(held) for held in slots])
            share /= scale
            np.add.at(scores, where, share)
        return scores

    def sum_up(self, terms: Iterable[str]) -> float:
        """Give what an entry could hold of these terms at the most: their rarities, each as often as it stands there."""
        return sum(map(self.rarity, terms))

    def rarity(self, term: str) -> float:
        """Give the idf of a term among the living entries; never below 0."""
        number = self._numbers.get(term)
        frequency = 0 if number is None else self._frequencies[number]
        return log(1.0 + (self._living - frequency + 0.5) / (frequency + 0.5))

    def look(self, slots: Sequence[int], askings: Sequence[Sequence[str]]) -> list[Look]:
        """Look closely at some slots: for each of several lists of terms, their scores and what of the weights each holds.

        All terms are terms of the first list.
        """
        counts = [Counter(asking) for asking in askings]
        known = sorted((self._numbers.get(term, -1), term) for term in counts[0])
        rarities = [self.rarity(term) for _, term in known]
        held, share = self._rows.find(slots, np.array([number for number, _ in known], dtype=np.int32))
        share /= share + self._discounts()[slots][:, None]
        gains = np.array([[count[term] for _, term in known] for count in counts], dtype=np.float64) * np.array(rarities)
        # Sums of single precision in double come out the same in any order, so equal entries stay equal.
        products = np.stack((share, held.astype(np.float32)))[None] * gains.astype(np.float32)[:, None, None]
        sums = products.sum(axis=-1, dtype=np.float64)
        return [Look(scores, least, whole) for (scores, least), whole in zip(sums, gains.sum(axis=1).tolist(), strict=True)]

    def _hold(self, number: int) -> Iterable[tuple[NDArray[np.int32], NDArray[np.float32]]]:
        """Give who holds one term, and its weight there: in the snapshot, then in the delta."""
        if number + 1 < len(self._starts):
            start, end = self._starts[number], self._starts[number + 1]
            if start < end:
                yield self._slots[start:end], self._weights[start:end]
        if number in self._delta:
            places = np.array(self._delta[number], dtype=np.int64)
            yield self._rows.name_slots(places), self._rows.all.weights[places]

    def _discounts(self) -> NDArray[np.float32]:
        """Give each slot's saturation, longer entries more."""
        if self._discounted is None:
            mean = self._total / max(self._living, 1) or 1.0
            lengths = np.frombuffer(self._lengths, dtype=np.float32)
            shares = self._saturation * (1.0 - self._length + self._length * lengths / np.float32(mean))
            self._discounted = shares.astype(np.float32)
        return self._discounted
