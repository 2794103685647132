"""What changed between two texts, piece by piece, for somebody to read: added, removed, left. Pure."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PART = re.compile(r"[0-9]+(?:[.,:/-][0-9]+)*|[A-Za-z]+|\s|.", re.DOTALL)
"""A number stays whole, and so does a Latin word: half a telephone number tells nobody anything."""
_SENTENCE = re.compile(r"[^\n\u3002\uff1b]*[\n\u3002\uff1b]|[^\n\u3002\uff1b]+")
_MOST = 2000
"""Parts from which on texts are compared by sentences: the time grows with the square."""
_ISLAND = 2
"""What stayed between two changes and is shorter than this reads better as a part of them."""


class Piece(msgspec.Struct, frozen=True):
    """A run of text that is in both, only in the new, or only in the old text."""

    kind: Literal["same", "added", "removed"]
    text: str


def compare(old: str, new: str) -> list[Piece]:
    """Compare two texts: the `same` and `removed` pieces make the old one, the `same` and `added` ones the new one."""
    cut = _PART if max(len(old), len(new)) <= _MOST else _SENTENCE
    pieces: list[Piece] = []
    for kind, first, second in _bridge(cut.findall(old), cut.findall(new)):
        if kind == "equal":
            pieces.append(Piece("same", first))
            continue
        pieces += [Piece("removed", first)] if first else []
        pieces += [Piece("added", second)] if second else []
    return pieces


def _bridge(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Give each run that is equal or not, with its text on both sides; short equal runs between changes are made part of them."""
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    first = second = ""
    for place, (kind, begin, end, its_begin, its_end) in enumerate(codes):
        inside = 0 < place < len(codes) - 1
        if kind == "equal" and not (inside and end - begin < _ISLAND):
            if first or second:
                yield "changed", first, second
            first = second = ""
            yield "equal", "".join(old[begin:end]), "".join(new[its_begin:its_end])
        else:
            first += "".join(old[begin:end])
            second += "".join(new[its_begin:its_end])
    if first or second:
        yield "changed", first, second
