"""How places are written when no gazetteer knows them: 『幸福路8号』, 『幸福家园3栋』. Such a place is kept as text."""

from __future__ import annotations

import re
from functools import cache, lru_cache
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
_OTHER_CITY = (
    "[\u4e00-\u9fff](?![超菜夜早城门我本全集闹房股上都花鱼们的这那该各个])[\u4e00-\u9fff](?:市(?![场民政里区容监价面])|(?<!节)省|县)"
    "|[\u4e00-\u9fff](?![小社园片辖地景校市城郊老新西东南北中厂住院灾山湖矿营战禁盲误专特后前本全我们该各])[\u4e00-\u9fff]区"
)
"""What reads like the name of a city, county or district; ours are known by name."""
_CLAUSE_END = re.compile(r"[,，。!！?？;；:：\n]")
_FAR = 14
"""Characters before a name in which another city is looked for."""
_SHORTEST_HEAD = 2
_REMEMBERED = 50_000
_BEFORE = 8
"""Characters before a name that are looked at to see whether it may begin there."""
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
TAILS = re.compile(f"(?<=.){_WITH_BUILDING}$")
"""The same of names that end in one common character."""


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


def may_begin(text: str, at: int) -> bool:
    """Tell whether a name may begin here: nothing stands before, no Chinese character, or a word that stands before names."""
    before = text[max(0, at - _BEFORE) : at]
    return (
        not before
        or not "\u4e00" <= before[-1] <= "\u9fff"
        or before[-1] in "家住"
        or _read_before_name().fullmatch(before) is not None
    )


@lru_cache(maxsize=_REMEMBERED)
def find_tail(name: str) -> int:
    """Find where the words begin that say what kind of place a name means (花苑小区: at the second character); its length if none do."""
    kinds = read_kinds()
    end = len(name)
    while found := ENDINGS.search(name, 0, end) or kinds.search(name, 0, end) or TAILS.search(name, 0, end):
        if found.start() < _SHORTEST_HEAD:
            break
        end = found.start()
    return end


@cache
def read_kinds() -> re.Pattern[str]:
    """Read the words that say what kind of place a name means."""
    words = sorted(read_lexicon("place_kinds"), key=len, reverse=True)
    return re.compile(f"(?:{'|'.join(map(re.escape, words))})$")


def is_elsewhere(text: str, at: int) -> bool:
    """Tell whether a name that begins here is said to be of another city: 『上海的和平路』, 『临江市和平路』.

    In the text all that is ours must be blanked: our own city is not another one.
    """
    clause = _CLAUSE_END.split(text[max(0, at - _FAR) : at])[-1]
    return _read_elsewhere().search(clause) is not None


@cache
def _read_elsewhere() -> re.Pattern[str]:
    """Read the names of other cities, unless they are a road's (『南京路』) or one only came from there."""
    words = sorted(read_lexicon("elsewhere"), key=len, reverse=True)
    return re.compile(f"(?:(?:{'|'.join(words)})(?!{_ROADS})|{_OTHER_CITY})(?!.*[回来过])")


@cache
def _read_before_name() -> re.Pattern[str]:
    """Read what may stand right before a name: all up to the last such word is no part of it."""
    words = sorted(read_lexicon("before_place"), key=len, reverse=True)
    return re.compile(f".*(?:{_BEFORE_NAME}|{'|'.join(map(re.escape, words))})")
