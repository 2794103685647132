"""A knowledge entry's answer as a page shows it: what it says of material, place, hours and telephone apart, numbers to call and addresses as links. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from knowledge_base.columns import DETAILS, FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterator

_LABELS = {FIELDS[name].label: name for name in DETAILS}
_COLON = "\uff1a"
_BETWEEN = "\uff1b"
"""Stands between the materials of one line, as compose_answer puts them together."""
_LIST = "materials"
_CALL = re.compile(r"(?<![\d-])(?:0\d{2,3}-\d{7,8}|0\d{9,11}|1[3-9]\d{9}|400-?\d{3}-?\d{4}|123\d\d)(?![\d-])")
"""What can be rung, wherever it stands: numbers with an area code, mobile ones, 12345 and its sisters."""
_SHORT = re.compile(r"(?<![\d-])(?:110|119|120|122|1[12]\d{3}|9[56]\d{3})(?![\d-])")
"""Shorter ones, which may be an amount elsewhere."""
_LINK = re.compile(r"https?://[!-~]+?(?=[.,;:!?)\]]*(?:[^!-~]|$))")


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """Words of an answer, and where they lead: `tel:…`, an address, or "" for plain words."""

    text: str
    href: str = ""


class Detail(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a service is described by: its name in FIELDS, its label, and what it says, a line each."""

    name: str
    label: str
    lines: tuple[tuple[Piece, ...], ...]


class ShownAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer: its paragraphs, then its details."""

    paragraphs: tuple[tuple[Piece, ...], ...]
    details: tuple[Detail, ...]


def read_answer(answer: str) -> ShownAnswer:
    """Read an answer into paragraphs and details; together they say all of it, in its order."""
    paragraphs: list[tuple[Piece, ...]] = []
    details: list[Detail] = []
    for line in filter(None, map(str.strip, answer.splitlines())):
        label, colon, value = line.partition(_COLON)
        if colon and label in _LABELS and value.strip():
            details.append(_read_detail(label, value.strip()))
        else:
            paragraphs.append(tuple(split(line)))
    return ShownAnswer(paragraphs=tuple(paragraphs), details=tuple(details))


def split(text: str, *, calls: bool = False) -> Iterator[Piece]:
    """Split words into plain ones, addresses, and numbers to call; put together again they are the same. `calls`: short numbers are to be rung too."""
    at = 0
    found = [(match, match[0]) for match in _LINK.finditer(text)]
    taken = [match.span() for match, _ in found]
    for pattern in (_CALL, _SHORT) if calls else (_CALL,):
        free = (match for match in pattern.finditer(text) if not any(start <= match.start() < end for start, end in taken))
        found += [(match, f"tel:{match[0]}") for match in free]
    for match, href in sorted(found, key=lambda one: one[0].start()):
        if match.start() > at:
            yield Piece(text=text[at : match.start()])
        yield Piece(text=match[0], href=href)
        at = match.end()
    if at < len(text):
        yield Piece(text=text[at:])


def _read_detail(label: str, value: str) -> Detail:
    name = _LABELS[label]
    lines = value.split(_BETWEEN) if name == _LIST else [value]
    calls = name == "phone"
    return Detail(name=name, label=label, lines=tuple(tuple(split(line.strip(), calls=calls)) for line in lines if line.strip()))
