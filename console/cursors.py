"""Cursors of lists: opaque to whoever gets them, and where the next page begins to us. Pure."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, TypeVar

from console.problems import wrong

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

_NUMBER = re.compile(r"[1-9]\d{0,17}")


def write_cursor(value: str) -> str:
    """Make a cursor."""
    return base64.urlsafe_b64encode(value.encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> str:
    """Read a cursor; Problem (422) if it is none of ours. "" is the beginning of a list."""
    try:
        value = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise wrong("query.cursor", "Expected a cursor that a page gave as `next`") from error
    if "\0" in value:
        raise wrong("query.cursor", "Expected a cursor that a page gave as `next`")
    return value


def read_number(cursor: str) -> int | None:
    """Read a cursor that is a number; None at the beginning of a list."""
    value = read_cursor(cursor)
    if value and not _NUMBER.fullmatch(value):
        raise wrong("query.cursor", "Expected a cursor that a page gave as `next`")
    return int(value) if value else None


def cut_page(ordered: Sequence[tuple[str, T]], *, cursor: str, limit: int) -> tuple[list[T], str | None]:
    """Cut a page out of values that are sorted by their codes: those behind the cursor, and the cursor of the rest."""
    after = read_cursor(cursor)
    rest = [pair for pair in ordered if pair[0] > after]
    page = rest[:limit]
    return [value for _, value in page], write_cursor(page[-1][0]) if len(rest) > limit else None
