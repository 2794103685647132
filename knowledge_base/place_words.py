"""How places are written when no gazetteer knows them: 『幸福路8号』, 『幸福家园3栋』. Such a place is kept as text."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Literal

import msgspec

from knowledge_base.lexicon import read_lexicon

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROADS = "(?:大道|路|街|巷|弄|胡同)"
_ESTATES = "(?:小区|花园|家园|新村|公寓|佳园|雅苑|嘉园|名苑|宿舍|家属院|大厦|山庄|人家|华庭|新苑)"
_WITH_BUILDING = "[苑里府居庭城村院]"
"""Endings too common to tell an estate, unless a building follows."""
_NUMBER = "[0-9零〇一二两三四五六七八九十百]"
_HEAD = "(?P<head>[\u4e00-\u9fff]{1,8}?)"
_UNKNOWN_ROAD = re.compile(rf"{_HEAD}{_ROADS}(?=\s?{_NUMBER}+(?:[-之][0-9]+)?\s?(?:号|弄))")
_UNKNOWN_ESTATE = re.compile(
    rf"{_HEAD}(?:{_ESTATES}|{_WITH_BUILDING}(?=\s?(?:{_NUMBER}+|[a-zA-Z])\s?(?:号楼|[栋幢座#]|[-—][0-9])))"
)
_BEFORE_NAME = "[在到去住从是的于了往离跟们咱你他她请把对找我]|小区|单元|号楼|室"
_JOINING = ("和", "与", "及", "或", "等")
"""A head that ends so belongs to the words before it: 『学位和小区』 names no estate."""
ENDINGS = re.compile(f"(?:{_ROADS}|{_ESTATES})$")
"""What kind of place a name means; another ending is another place, not a slip."""


class Unknown(msgspec.Struct, frozen=True):
    """A name that is written like a place's."""

    start: int
    end: int
    kind: Literal["road", "estate"]


def find_unknown(text: str) -> Iterator[Unknown]:
    """Find names that look like roads with a house number, or like estates; normal text."""
    patterns: tuple[tuple[Literal["road", "estate"], re.Pattern[str]], ...] = (("road", _UNKNOWN_ROAD), ("estate", _UNKNOWN_ESTATE))
    for kind, pattern in patterns:
        for found in pattern.finditer(text):
            before = _read_before_name().match(found["head"])
            head = found["head"][before.end() :] if before else found["head"]
            if head and not head.endswith(_JOINING) and head not in read_lexicon("no_estate"):
                yield Unknown(found.end("head") - len(head), found.end(), kind)


@cache
def _read_before_name() -> re.Pattern[str]:
    """Read what may stand right before a name: all up to the last such word is no part of it."""
    words = sorted(read_lexicon("before_place"), key=len, reverse=True)
    return re.compile(f".*(?:{_BEFORE_NAME}|{'|'.join(map(re.escape, words))})")
