from __future__ import annotations

import numpy as np
import pytest

from knowledge_base.row_table import Row, RowTable


def make_row(*held: tuple[int, float]) -> Row:
    terms, weights = zip(*held, strict=True) if held else ((), ())
    return Row(np.array(terms, dtype=np.int32), np.array(weights, dtype=np.float32))


def make_table(*rows: Row) -> RowTable:
    table = RowTable()
    table.extend(rows)
    return table


def read_row(table: RowTable, slot: int) -> list[tuple[int, float]]:
    terms, weights = table[slot]
    return list(zip(terms.tolist(), weights.tolist(), strict=True))


def find(table: RowTable, slots: list[int], *terms: int) -> list[tuple[int, int, float]]:
    rows, columns, weights = table.find(slots, np.array(terms, dtype=np.int32))
    return list(zip(rows.tolist(), columns.tolist(), weights.tolist(), strict=True))


def test_rows_stand_by_slot_however_they_came() -> None:
    one, empty, two = make_row((1, 2.0), (5, 1.0)), make_row(), make_row((0, 3.0))
    grown = RowTable()
    for row in (one, empty, two):
        grown.extend([row])

    for table in (grown, make_table(one, empty, two)):
        assert [read_row(table, slot) for slot in range(len(table))] == [[(1, 2.0), (5, 1.0)], [], [(0, 3.0)]]
        assert table.sizes.tolist() == [2, 0, 1]
        assert table.all.terms.tolist() == [1, 5, 0]


def test_there_is_no_slot_beyond_the_last() -> None:
    with pytest.raises(IndexError):
        make_table(make_row((1, 1.0)))[1]


def test_terms_are_found_in_the_rows_that_hold_them_and_in_no_neighbour() -> None:
    table = make_table(make_row((1, 2.0), (5, 1.0)), make_row(), make_row((5, 3.0), (7, 4.0)))

    assert find(table, [2, 0, 1], 1, 5, 7) == [(0, 1, 3.0), (0, 2, 4.0), (1, 0, 2.0), (1, 1, 1.0)]
    assert find(table, [1, 2], 5) == [(1, 0, 3.0)]


def test_one_search_leaves_nothing_behind_for_the_next() -> None:
    table = make_table(make_row((1, 2.0), (5, 1.0), (40, 4.0)))

    assert find(table, [0], 1, 5) == [(0, 0, 2.0), (0, 1, 1.0)]
    assert find(table, [0], 40) == [(0, 0, 4.0)]
    assert find(table, [0], 2) == []


def test_a_term_beyond_all_is_in_no_row_and_a_row_beyond_it_holds_none() -> None:
    table = make_table(make_row((0, 2.0)), make_row((3, 1.0)))

    assert find(table, [0, 1], 9) == []
    assert find(table, [0, 1], 0) == [(0, 0, 2.0)]
    assert find(make_table(make_row((99, 1.0))), [0], 1, 2) == []


def test_nothing_is_found_where_there_is_nothing() -> None:
    assert find(RowTable(), [], 1) == []
    assert find(make_table(make_row()), [0], 1) == []
    assert find(make_table(make_row((1, 1.0))), [0]) == []


def test_what_is_kept_is_numbered_in_its_order() -> None:
    table = make_table(make_row((1, 1.0)), make_row((2, 2.0)), make_row((3, 3.0)))

    table.keep([2, 0])
    table.extend([make_row((4, 4.0))])

    assert [read_row(table, slot) for slot in range(len(table))] == [[(3, 3.0)], [(1, 1.0)], [(4, 4.0)]]

    table.keep([])

    assert (len(table), table.all.terms.tolist()) == (0, [])


def test_each_place_is_in_the_row_that_holds_it_and_empty_rows_hold_none() -> None:
    table = make_table(make_row(), make_row((1, 2.0), (5, 1.0)), make_row(), make_row((7, 3.0)))

    assert table.name_slots(np.arange(3)).tolist() == [1, 1, 3]
    assert table.name_slots(np.zeros(0, dtype=np.int64)).tolist() == []
