"""The order of a table: by which column its address asks, `sort=name` or `sort=-name`, and where a page of it ends. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from console.cursors import read_cursor, write_cursor
from console.problems import wrong

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


class Sorting(msgspec.Struct, frozen=True, kw_only=True):
    """A column to sort by; `down` from its largest value to its smallest."""

    column: str
    down: bool = False

    def turn(self, column: str) -> str:
        """Say how the address asks for a column: the other way round where the table stands by it already."""
        return f"-{column}" if column == self.column and not self.down else column

    @property
    def said(self) -> str:
        """Say how the address asks for this order."""
        return f"-{self.column}" if self.down else self.column


def read_sorting(query: Mapping[str, str], columns: Collection[str], *, first: str) -> Sorting:
    """Read how a table is wanted, by its `first` column without a wish; Problem (422) for a column that it is not sorted by."""
    given = query.get("sort", "") or first
    column = given.removeprefix("-")
    if column not in columns:
        raise wrong("query.sort", "Expected " + ", ".join(columns))
    return Sorting(column=column, down=given.startswith("-"))


def write_place(value: str, code: str) -> str:
    """Write where a page ends: what its last row is sorted by, and the row's code."""
    return write_cursor(msgspec.json.encode((value, code)).decode())


def read_place(cursor: str) -> tuple[str, str] | None:
    """Read where a page ends; None at the beginning, Problem (422) for what is none of ours."""
    if not cursor:
        return None
    try:
        return msgspec.json.decode(read_cursor(cursor), type=tuple[str, str])
    except msgspec.DecodeError as error:
        raise wrong("query.after", "Expected a cursor that a page gave") from error
