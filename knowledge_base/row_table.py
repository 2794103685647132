"""The rows of many entries, one after the other in two arrays that grow: what one kind of term weighs in each entry."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_SLACK = 4
"""Arrays that are full grow by one part in so many; what is never written takes no memory."""


class Row(NamedTuple):
    """What one entry holds: the numbers of its terms, ascending, and the weight of each."""

    terms: NDArray[np.int32]
    weights: NDArray[np.float32]


class Found(NamedTuple):
    """What some rows hold of some terms, one place after the other: which of the rows, which of the terms, and the weight."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    weights: NDArray[np.float32]


class RowTable:
    """Rows by slot, counted from 0. Not safe for several threads: its owner keeps a lock."""

    def __init__(self) -> None:
        self._terms, self._weights = _make_room(0)
        self._bounds = array("q", [0])
        self._marks = np.zeros(
            1, dtype=np.bool_
        )  # of each term that was ever looked for; all down between two searches, the last always

    def __len__(self) -> int:
        return len(self._bounds) - 1

    def __getitem__(self, slot: int) -> Row:
        """Give one row: a view, good until the table changes. IndexError if there is no such slot."""
        rows = slice(self._bounds[slot], self._bounds[slot + 1])
        return Row(self._terms[rows], self._weights[rows])

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Tell how many terms each row holds."""
        return np.diff(np.array(self._bounds))

    @property
    def all(self) -> Row:
        """Give the terms and weights of all rows, one row after the other: views, good until the table changes."""
        used = self._bounds[-1]
        return Row(self._terms[:used], self._weights[:used])

    def name_slots(self, places: NDArray[np.int64]) -> NDArray[np.int32]:
        """Tell in which row each of these places of `all` is."""
        bounds = np.frombuffer(self._bounds, dtype=np.int64)
        return (bounds.searchsorted(places, side="right") - 1).astype(np.int32)

    def extend(self, rows: Sequence[Row]) -> None:
        """Give the next slots to rows; they are copied."""
        used = self._bounds[-1]
        for row in rows:
            self._bounds.append(self._bounds[-1] + len(row.terms))
        needed = self._bounds[-1]
        if needed > len(self._terms):
            old, (self._terms, self._weights) = (self._terms, self._weights), _make_room(needed + needed // _SLACK)
            self._terms[:used], self._weights[:used] = old[0][:used], old[1][:used]
        if needed > used:
            np.concatenate([row.terms for row in rows], out=self._terms[used:needed])
            np.concatenate([row.weights for row in rows], out=self._weights[used:needed])

    def keep(self, slots: Sequence[int]) -> None:
        """Keep these rows alone, numbered in this order."""
        if list(slots) == list(range(len(self))):
            return
        kept = [self[slot] for slot in slots]  # views of the old arrays
        self._terms, self._weights, self._bounds = *_make_room(0), array("q", [0])
        self.extend(kept)

    def find(self, slots: Sequence[int], terms: NDArray[np.int32]) -> Found:
        """Find terms, ascending, none negative, in the rows of some slots: row by row, in each in the order of the terms."""
        if not slots or not len(terms):
            return Found(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32))
        if terms[-1] + 1 >= len(self._marks):
            self._marks = np.zeros(terms[-1] + 1 + terms[-1] // _SLACK + 1, dtype=np.bool_)
        bounds = np.frombuffer(self._bounds, dtype=np.int64)
        starts, stops = bounds.take(slots), bounds[1:].take(slots)
        held = np.concatenate([self._terms[start:stop] for start, stop in zip(starts.tolist(), stops.tolist(), strict=True)])
        self._marks[terms] = True
        places = self._marks.take(held, mode="clip").nonzero()[0]  # one pass: a search for each term in each row takes longer
        self._marks[terms] = False
        ends = (stops - starts).cumsum()
        rows = ends.searchsorted(places, side="right")
        return Found(rows, terms.searchsorted(held.take(places)), self._weights.take(places + (stops - ends).take(rows)))


def _make_room(size: int) -> Row:
    """Give arrays for so many terms; what they hold is not said."""
    return Row(np.empty(size, dtype=np.int32), np.empty(size, dtype=np.float32))
