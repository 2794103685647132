"""Reading what follows the name of a place: house number, building, unit, floor, room, in digits or Chinese numerals.

What others may see ends at the house number or building; what stands behind it leads to somebody's door.
"""

from __future__ import annotations

import re

import msgspec

_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_TENS = {"十": 10, "百": 100, "千": 1000}

_NUMERAL = "(?:[0-9]{1,5}|[零〇一二两三四五六七八九十百千]{1,7})"
_GAP = r"[\s,、的]{0,2}"
_NAMED = rf"(?P<building>{_NUMERAL}|[a-z](?![a-z]))\s?(?:号楼|号|#楼?|栋楼?|幢楼?|座)"
_CERTAIN = rf"(?P<building>{_NUMERAL}(?=\s?号楼)|[0-9]{{1,3}}(?=\s?[栋幢#]))\s?(?:号楼|#楼?|[栋幢]楼?)"
_UNIT = rf"(?:{_GAP}(?P<unit>{_NUMERAL})\s?(?:单元|门洞))"
_FLOOR = rf"(?:{_GAP}(?P<floor>{_NUMERAL})\s?[楼层])"
_ROOM = r"(?:{gap}(?P<room>[0-9]{{3,4}}(?![0-9])|[零〇一二三四五六七八九]{{3,4}}|{numeral}(?=\s?[室户]))\s?[室户号房]?)"
_ROOM = _ROOM.format(gap=_GAP, numeral=_NUMERAL)

_NUMBER = re.compile(rf"{_GAP}(?P<number>{_NUMERAL})(?:[-之][0-9]{{1,3}})?\s?(?:号(?!楼|线)院?|弄)")
_DASHED = re.compile(
    r"[\s,]?(?P<building>[0-9]{1,3}|[a-z](?![a-z]))[-—](?:(?P<unit>[0-9]{1,2})[-—])?(?P<room>[0-9]{3,4})(?![0-9])\s?[室户]?",
    re.IGNORECASE,
)
_WRITTEN = re.compile(rf"{_GAP}{_NAMED}{_UNIT}?{_FLOOR}?{_ROOM}?", re.IGNORECASE)
_INSIDE = re.compile(rf"{_UNIT}{_FLOOR}?{_ROOM}?|{_FLOOR.replace('<floor>', '<floor_>')}{_ROOM.replace('<room>', '<room_>')}")
_BARE = re.compile(rf"(?<![0-9a-z零〇一二两三四五六七八九十百千-]){_CERTAIN}{_UNIT}?{_FLOOR}?{_ROOM}?", re.IGNORECASE)


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """What was read behind a name. Numbers are digits without leading zeros, a lettered building is a capital; "" if not said."""

    building: str = ""
    unit: str = ""
    floor: str = ""
    room: str = ""
    shown: str = ""
    """What others may see of it: the building as written, nothing behind it."""
    start: int
    end: int


def read_numeral(written: str) -> str:
    """Turn digits or a Chinese numeral into digits: 『十二』 12, 『二百零三』 203, 『五零一』 501, 『b』 B."""
    if written.isascii():
        return written.lstrip("0") or "0" if written.isdigit() else written.upper()
    if not any(character in _TENS for character in written):
        return "".join(str(_DIGITS[character]) for character in written).lstrip("0") or "0"
    total, digit = 0, None
    for character in written:
        if character in _TENS:
            total += (1 if digit is None else digit) * _TENS[character]
            digit = None
        else:
            digit = _DIGITS[character] or None
    return str(total + (digit or 0))


def read_number(text: str, at: int) -> tuple[str, int] | None:
    """Read a house number at this position of normal text; its digits and where it ends, None if there is none."""
    found = _NUMBER.match(text, at)
    return (read_numeral(found["number"]), found.end()) if found else None


def read_door(text: str, at: int) -> Door:
    """Read building, unit, floor and room at this position of normal text; an empty door if nothing of it stands there."""
    for pattern in (_DASHED, _WRITTEN, _INSIDE):
        if found := pattern.match(text, at):
            return _make_door(found, at)
    return Door(start=at, end=at)


def find_door(text: str) -> Door | None:
    """Find the first building that is named without an estate, and what follows it."""
    found = _BARE.search(text)
    return _make_door(found, found.start()) if found else None


def _make_door(found: re.Match[str], at: int) -> Door:
    """Make a door of what a pattern found at this position."""
    said = {name.rstrip("_"): read_numeral(value) for name, value in found.groupdict().items() if value}
    shown = ""
    if "building" in said and found.re is _DASHED:
        shown = f"{found['building']}号楼"
    elif "building" in said:
        inside = [found.start(name) for name in ("unit", "floor", "room") if found[name]]
        shown = found.string[at : min(inside, default=found.end())].rstrip(" ,、的")
    return Door(**said, shown=shown, start=at, end=found.end())
