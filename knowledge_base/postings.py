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
        self._starts = array("q", [0])
        self._slots, self._weights = np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32)
        self._delta: dict[int, int | array[int]] = {}  # no lists: a hundred thousand of them would keep the garbage collector busy
        self._discounted: NDArray[np.float32] | None = None
        self._rarities: dict[int, float] = {}  # by frequency, for as many entries as live now

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

    def holds(self, term: str) -> bool:
        """Tell whether a living entry holds a term."""
        number = self._numbers.get(term)
        return number is not None and self._frequencies[number] > 0

    def adopt(self, vocabulary: Iterable[str]) -> None:
        """Number the terms as somebody else has numbered them; before any row is made."""
        self._numbers = {term: number for number, term in enumerate(vocabulary)}
        self._frequencies = array("i", bytes(4 * len(self._numbers)))

    def make_row(self, weights: Mapping[str, float]) -> Row:
        """Make the row of these terms, numbering the new ones."""
        numbers = self._numbers
        found = list(map(numbers.get, weights))
        if None in found:
            for term in [term for term, number in zip(weights, found, strict=True) if number is None]:
                numbers[term] = len(numbers)
                self._frequencies.append(0)
            found = list(map(numbers.get, weights))
        terms = np.array(found, dtype=np.int32)
        values = np.fromiter(weights.values(), dtype=np.float32, count=len(weights))
        order = np.argsort(terms)
        return Row(terms[order], values[order])

    def row(self, slot: int) -> Row:
        """Give the row of a slot, dropped or not: what it holds never changes."""
        return self._rows[slot]

    def add(self, row: Row) -> None:
        """Give the next slot to a row, and find it from now on."""
        np.frombuffer(self._frequencies, dtype=np.int32)[row.terms] += 1
        place = len(self._rows.all.terms)
        self._append([row])
        delta = self._delta
        for at, term in enumerate(row.terms.tolist(), place):
            held = delta.get(term)
            if held is None:
                delta[term] = at
            elif isinstance(held, int):
                delta[term] = array("i", (held, at))
            else:
                held.append(at)

    def extend(self, rows: Sequence[Row]) -> None:
        """Give the next slots to rows and count their terms; the next merge will find them."""
        if rows:
            terms = np.concatenate([row.terms for row in rows])
            np.frombuffer(self._frequencies, dtype=np.int32)[:] += np.bincount(terms, minlength=len(self))
            self._append(rows)

    def _append(self, rows: Sequence[Row]) -> None:
        self._forget_sums()
        self._rows.extend(rows)
        self._living += len(rows)
        lengths = [float(row.weights.sum()) for row in rows]
        self._lengths.extend(lengths)
        self._total += sum(lengths)

    def drop(self, slot: int) -> None:
        """Forget a slot in the statistics; its row stays until the next merge."""
        np.frombuffer(self._frequencies, dtype=np.int32)[self._rows[slot].terms] -= 1
        self._forget_sums()
        self._living -= 1
        self._total -= self._lengths[slot]

    def merge(self, kept: Sequence[int]) -> None:
        """Build the snapshot anew from the slots that are kept, numbered in their order."""
        self._rows.keep(kept)
        self._lengths = array("f", [self._lengths[slot] for slot in kept])
        self._total = sum(self._lengths)
        self._forget_sums()
        self._delta = {}
        terms, weights = self._rows.all
        short = terms.astype(np.min_scalar_type(len(self)))  # two bytes sort in a quarter of the time
        order = np.argsort(short, kind="stable")
        self._slots = np.repeat(np.arange(len(kept), dtype=np.int32), self._rows.sizes)[order]
        self._weights = weights[order]
        counts = np.bincount(terms, minlength=len(self))
        self._starts = array("q", np.concatenate([[0], counts.cumsum()]).astype(np.int64).tobytes())

    def score(self, terms: Iterable[str], size: int) -> NDArray[np.float32]:
        """Score every slot against these terms; slots that are dropped may still carry a score."""
        slots: list[NDArray[np.int32]] = []
        weights: list[NDArray[np.float32]] = []
        gains: list[float] = []
        for term, count in Counter(terms).items():
            number = self._numbers.get(term)
            if number is None or not self._frequencies[number]:
                continue
            gain = count * self._rate(self._frequencies[number])
            for held, values in self._hold(number):
                slots.append(held)
                weights.append(values)
                gains.append(gain)
        scores = np.zeros(size, dtype=np.float32)
        if slots:
            where = np.concatenate(slots)
            share = np.concatenate(weights)
            scale = self._discounts().take(where)
            scale += share  # in place: there are hundreds of thousands of them for a letter
            share *= np.array(gains, dtype=np.float32).repeat([len(held) for held in slots])
            share /= scale
            np.add.at(scores, where, share)
        return scores

    def sum_up(self, terms: Iterable[str]) -> float:
        """Give what an entry could hold of these terms at the most: their rarities, each as often as it stands there."""
        return sum(map(self.rarity, terms))

    def rarity(self, term: str) -> float:
        """Give the idf of a term among the living entries; never below 0."""
        number = self._numbers.get(term)
        return self._rate(0 if number is None else self._frequencies[number])

    def _rate(self, frequency: int) -> float:
        """Give the idf of what so many living entries hold."""
        rarity = self._rarities.get(frequency)
        if rarity is None:
            rarity = self._rarities[frequency] = log(1.0 + (self._living - frequency + 0.5) / (frequency + 0.5))
        return rarity

    def look(self, slots: Sequence[int], askings: Sequence[Sequence[str]]) -> list[Look]:
        """Look closely at some slots: for each of several lists of terms, their scores and what of the weights each holds.

        All terms are terms of the first list.
        """
        counts = [Counter(asking) for asking in askings]
        numbers, frequencies = self._numbers, self._frequencies
        known = sorted([(number, term) for term in counts[0] if (number := numbers.get(term)) is not None])
        rarities = dict.fromkeys(counts[0], self._rate(0))
        rarities |= {term: self._rate(frequencies[number]) for number, term in known}
        rows, columns, share = self._rows.find(slots, np.array([number for number, _ in known], dtype=np.int32))
        share /= share + self._discounts().take(slots).take(rows)
        looks = []
        for count in counts:
            gains = np.array([count.get(term, 0) * rarities[term] for _, term in known], dtype=np.float32).take(columns)
            # Sums of single precision in double come out the same in any order, so equal entries stay equal.
            scores, held = (_sum_rows(rows, values, len(slots)) for values in (share * gains, gains))
            looks.append(Look(scores, held, sum([times * rarities[term] for term, times in count.items()])))
        return looks

    def _hold(self, number: int) -> Iterable[tuple[NDArray[np.int32], NDArray[np.float32]]]:
        """Give who holds one term, and its weight there: in the snapshot, then in the delta."""
        if number + 1 < len(self._starts):
            start, end = self._starts[number], self._starts[number + 1]
            if start < end:
                yield self._slots[start:end], self._weights[start:end]
        if number in self._delta:
            places = np.array(self._delta[number], dtype=np.int64, ndmin=1)
            yield self._rows.name_slots(places), self._rows.all.weights[places]

    def _forget_sums(self) -> None:
        """Forget what followed from how many entries live, and how long they are."""
        self._discounted = None
        self._rarities = {}

    def _discounts(self) -> NDArray[np.float32]:
        """Give each slot's saturation, longer entries more."""
        if self._discounted is None:
            mean = self._total / max(self._living, 1) or 1.0
            lengths = np.frombuffer(self._lengths, dtype=np.float32)
            shares = self._saturation * (1.0 - self._length + self._length * lengths / np.float32(mean))
            self._discounted = shares.astype(np.float32)
        return self._discounted


def _sum_rows(rows: NDArray[np.int64], values: NDArray[np.float32], count: int) -> NDArray[np.float64]:
    """Sum the values of each of so many rows."""
    return np.bincount(rows, weights=values, minlength=count).astype(np.float64, copy=False)
