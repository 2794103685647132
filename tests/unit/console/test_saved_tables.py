"""A list is read for a file part by part: whole where it is short, the beginning where it is long, and never without end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from console.pages.saved_tables import read_all

if TYPE_CHECKING:
    from collections.abc import Callable


def list_up_to(last: int) -> Callable[[int | None, int], tuple[list[int], int | None]]:
    """Give what reads the numbers 1..last, some at a time."""

    def read(after: int | None, limit: int) -> tuple[list[int], int | None]:
        begin = after or 0
        end = min(last, begin + limit)
        return list(range(begin + 1, end + 1)), end if end < last else None

    return read


@pytest.mark.parametrize(("last", "more"), [(0, False), (1, False), (499, False), (500, False), (501, True), (2000, True)])
def test_a_file_holds_the_beginning_of_a_list_and_knows_whether_there_is_more(last: int, more: bool) -> None:
    rows, goes_on = read_all(list_up_to(last), most=500)

    assert (rows, goes_on) == (list(range(1, min(last, 500) + 1)), more)


def test_a_list_of_which_somebody_sees_nothing_ends() -> None:
    asked = []

    def read(after: int | None, _limit: int) -> tuple[list[int], int | None]:
        asked.append(after)
        return [], (after or 0) + 1

    rows, goes_on = read_all(read)

    assert (rows, goes_on, len(asked)) == ([], True, 60)
