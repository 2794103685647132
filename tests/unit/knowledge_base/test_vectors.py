"""The table of vectors: after any sequence of changes a search finds what comparing with each entry finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.vectors import Vectors

if TYPE_CHECKING:
    from numpy.typing import NDArray

COLUMNS = 3
CODES = [f"K{number}" for number in range(6)]
VALUES = st.sampled_from([-1.0, -0.5, 0.0, 0.25, 0.5, 1.0])
"""Exact in binary, and few: equal likenesses are frequent."""


def matrix(*rows: tuple[float, ...]) -> NDArray[np.float32]:
    return np.asarray(rows, dtype=np.float32).reshape(-1, COLUMNS)


vectors = st.tuples(VALUES, VALUES, VALUES)
puts = st.tuples(st.sampled_from(CODES), st.lists(vectors, max_size=40))
removes = st.tuples(st.sampled_from(CODES), st.none())


def compare_with_each(kept: dict[str, list[tuple[float, ...]]], asked: tuple[float, ...]) -> list[tuple[str, float]]:
    nearest = {
        code: max(sum(one * other for one, other in zip(row, asked, strict=True)) for row in rows) for code, rows in kept.items()
    }
    return sorted(nearest.items(), key=lambda one: (-one[1], one[0]))


@given(changes=st.lists(puts | removes, max_size=30), asked=vectors, limit=st.integers(min_value=-1, max_value=8))
def test_a_search_finds_what_comparing_with_each_finds(
    changes: list[tuple[str, list[tuple[float, ...]] | None]], asked: tuple[float, ...], limit: int
) -> None:
    table = Vectors(COLUMNS)
    kept: dict[str, list[tuple[float, ...]]] = {}
    for code, rows in changes:
        if rows is None:
            table.remove(code)
        else:
            table.put(code, matrix(*rows))
        kept.pop(code, None)
        if rows:
            kept[code] = rows

    expected = compare_with_each(kept, asked)
    vector = np.asarray(asked, dtype=np.float32)

    assert table.search(vector, limit) == expected[: max(limit, 0)]
    assert table.likeness(vector, CODES) == dict(expected)
    assert len(table) == len(kept)


def test_many_random_vectors_come_out_as_one_product_ranks_them() -> None:
    dice = np.random.default_rng(0)
    rows = dice.normal(size=(500, 16)).astype(np.float32)
    table = Vectors(16)
    for number, row in enumerate(rows):
        table.put(f"K{number:03}", row[None])
    for number in range(0, 500, 3):
        table.remove(f"K{number:03}")

    left = [number for number in range(500) if number % 3]
    likenesses = rows[left].astype(np.float64) @ rows[7].astype(np.float64)
    ranked = [f"K{left[at]:03}" for at in np.argsort(-likenesses)[:50]]

    assert [code for code, _ in table.search(rows[7], 50)] == ranked
    assert ranked[0] == "K007"


def test_an_entry_is_as_near_as_its_nearest_wording() -> None:
    table = Vectors(COLUMNS)
    table.put("far", matrix((0.0, 0.5, 0.0)))
    table.put("near", matrix((-1.0, 0.0, 0.0), (1.0, 0.0, 0.0)))

    assert table.search(matrix((1.0, 0.0, 0.0))[0], 5) == [("near", 1.0), ("far", 0.0)]


def test_putting_again_replaces_and_nothing_takes_out() -> None:
    table = Vectors(COLUMNS)
    asked = matrix((1.0, 0.0, 0.0))[0]
    table.put("K1", matrix((1.0, 0.0, 0.0)))
    table.put("K1", matrix((0.5, 0.0, 0.0)))

    assert table.search(asked, 5) == [("K1", 0.5)]

    table.put("K1", matrix())

    assert (len(table), table.search(asked, 5), table.likeness(asked, ["K1"])) == (0, [], {})


def test_the_table_keeps_its_own_copy() -> None:
    table = Vectors(COLUMNS)
    given_rows = matrix((1.0, 0.0, 0.0))
    table.put("K1", given_rows)
    given_rows[:] = 0.0

    assert table.search(matrix((1.0, 0.0, 0.0))[0], 1) == [("K1", 1.0)]


def test_an_entry_that_is_not_here_cannot_be_taken_out_or_compared() -> None:
    table = Vectors(COLUMNS)
    table.remove("K1")

    assert table.search(matrix((1.0, 0.0, 0.0))[0], 3) == []
    assert table.likeness(matrix((1.0, 0.0, 0.0))[0], ["K1"]) == {}


@pytest.mark.parametrize("shape", [(COLUMNS,), (1, COLUMNS + 1), (1, 1, COLUMNS)])
def test_what_does_not_fit_is_refused_and_changes_nothing(shape: tuple[int, ...]) -> None:
    table = Vectors(COLUMNS)
    table.put("K1", matrix((1.0, 0.0, 0.0)))

    with pytest.raises(ValueError, match="does not fit"):
        table.put("K1", np.zeros(shape, dtype=np.float32))

    assert table.search(matrix((1.0, 0.0, 0.0))[0], 3) == [("K1", 1.0)]
