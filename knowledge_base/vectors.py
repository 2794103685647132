"""The vectors of the entries in memory, changed one entry at a time, and which of them come nearest to a question's: exact, in numpy.

An entry has a vector for each of its wordings and is as near as the nearest of them. All stand in one matrix without gaps: what is taken
out is replaced by the last row, so a search is one product. 10,000 wordings of 512 float32 are 20 MB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

_DIGITS = 6
"""Likeness is kept to these digits: sums come out in any order, and equal entries must stay equal."""
_ROOM = 64
"""Rows of the first matrix; a full one is doubled."""


class Vectors:
    """Vectors by an entry's code; likeness is the dot product. Not safe for several threads: its owner keeps a lock."""

    def __init__(self, dimensions: int) -> None:
        self._matrix = np.zeros((_ROOM, dimensions), dtype=np.float32)
        self._owners = np.zeros(_ROOM, dtype=np.int64)
        self._used = 0
        self._rows: dict[str, list[int]] = {}
        self._numbers: dict[str, int] = {}
        self._codes: list[str] = []
        self._free: list[int] = []

    def __len__(self) -> int:
        """Tell how many entries are here."""
        return len(self._rows)

    def put(self, code: str, vectors: NDArray[np.float32]) -> None:
        """Add an entry, or replace the one of that code: a matrix of one row per wording. No rows at all take the entry out.

        ValueError if it is no matrix with as many columns as this table.
        """
        if vectors.ndim != self._matrix.ndim or vectors.shape[1] != self._matrix.shape[1]:
            raise ValueError(f"{vectors.shape} does not fit a table of {self._matrix.shape[1]} columns")
        self.remove(code)
        if not len(vectors):
            return
        self._make_room(len(vectors))
        rows = slice(self._used, self._used + len(vectors))
        self._matrix[rows] = vectors
        self._owners[rows] = self._give_number(code)
        self._rows[code] = list(range(rows.start, rows.stop))
        self._used = rows.stop

    def remove(self, code: str) -> None:
        """Take an entry out; nothing happens if it is not here."""
        if code not in self._rows:
            return
        for row in sorted(self._rows.pop(code), reverse=True):
            self._fill(row)
        self._free.append(self._numbers.pop(code))

    def search(self, vector: NDArray[np.float32], limit: int) -> list[tuple[str, float]]:
        """Give the nearest entries and how alike they are, the nearest first, equals by code; at most `limit`."""
        nearest = self._compare(vector)
        count = min(limit, len(self._rows))
        if count <= 0:
            return []
        least = np.partition(nearest, len(nearest) - count)[len(nearest) - count]
        found = [(self._codes[number], float(nearest[number])) for number in np.flatnonzero(nearest >= least)]
        return sorted(found, key=lambda one: (-one[1], one[0]))[:count]

    def likeness(self, vector: NDArray[np.float32], codes: Iterable[str]) -> dict[str, float]:
        """Say how alike each of these entries is; those that are not here are left out."""
        rows = {code: self._rows[code] for code in codes if code in self._rows}
        return {code: float(np.round(_multiply(self._matrix[own], vector), _DIGITS).max()) for code, own in rows.items()}

    def _compare(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """Give the likeness of each entry by its number, minus infinity where a number is free."""
        likenesses = np.round(_multiply(self._matrix[: self._used], vector), _DIGITS)
        nearest = np.full(len(self._codes), -np.inf, dtype=np.float32)
        np.maximum.at(nearest, self._owners[: self._used], likenesses)
        return nearest

    def _make_room(self, count: int) -> None:
        """Make sure that so many rows can follow."""
        room = len(self._matrix)
        while room < self._used + count:
            room *= 2
        if room > len(self._matrix):
            more = room - len(self._matrix)
            self._matrix = np.pad(self._matrix, ((0, more), (0, 0)))
            self._owners = np.pad(self._owners, (0, more))

    def _give_number(self, code: str) -> int:
        """Number an entry; numbers of those taken out are given again."""
        if self._free:
            number = self._free.pop()
            self._codes[number] = code
        else:
            number = len(self._codes)
            self._codes.append(code)
        self._numbers[code] = number
        return number

    def _fill(self, row: int) -> None:
        """Put the last row in the place of one that is no longer needed."""
        self._used -= 1
        if row == self._used:
            return
        self._matrix[row] = self._matrix[self._used]
        self._owners[row] = self._owners[self._used]
        moved = self._rows[self._codes[self._owners[row]]]
        moved[moved.index(self._used)] = row


def _multiply(rows: NDArray[np.float32], vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give the dot product of each row, on one core: BLAS shares it out, and waits where the cores are busy (12 ms instead of 1)."""
    products: NDArray[np.float32] = np.einsum("ij,j->i", rows, vector)
    return products
