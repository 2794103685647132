"""Reading what follows the name of a place: house number, building, unit, floor, room, in digits or Chinese numerals.

What others may see ends at the house number or building; what stands behind it leads to somebody's door.
"""

from __future__ import annotations

import re

import msgspec

_DIGITS = {
    sign: at
    for at, signs in enumerate(("零〇", "一壹幺", "二两贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"))
    for sign in signs
}
_TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000}
_SCORES = {"廿": "二十", "卅": "三十"}
_SIGNS = "".join((*_DIGITS, *_TENS, *_SCORES))

_NUMERAL = f"(?:[0-9]{{1,5}}|[{_SIGNS}]{{1,7}})"
_GAP = r"[\s,、的]{0,2}"
_INTO = rf"{_GAP}(?:小区)?(?:里[面头边]?)?的?(?:那个)?第?"
_NAMED = rf"(?P<building>{_NUMERAL}|[a-z](?![a-z]))\s?(?:号楼|号|#楼?|栋楼?|幢楼?|座|舍)"
_CERTAIN = rf"(?P<building>{_NUMERAL}(?=\s?号楼)|[0-9]{{1,3}}(?=\s?[栋幢#]))\s?(?:号楼|#楼?|[栋幢]楼?)"
_UNIT = rf"(?:{_GAP}(?P<unit>{_NUMERAL})\s?(?:单元|门洞))"
_FLOOR = rf"(?:{_GAP}(?P<floor>{_NUMERAL})\s?[楼层])"
_ROOM = r"(?:{gap}(?P<room>[0-9]{{3,4}}(?![0-9])|[零〇幺一二三四五六七八九]{{3,4}}|{numeral}(?=\s?[室户]))\s?[室户号房]?)"
_ROOM = _ROOM.format(gap=_GAP, numeral=_NUMERAL)

_ABOUT = re.compile(
    "(?:[零〇一二两三四五六七八九十百千]*[十百千])?(?:一二|二三|两三|三四|四五|五六|六七|七八|八九)[十百]?|[一二三四五六七八九]{2}"
)
"""『八九十号』, 『三五号』: about there, no number."""
_ALONG = r"(?:路?上的?|[这那][边里]的?|门牌号?|no\.?)?\s?"
_MARKED = r"号(?!楼(?![下上道里顶])|线)院?|弄|\#(?!楼)"
_UNMARKED = rf"(?=\s?[、和到至~]\s?{_NUMERAL}\s?号)|(?![0-9])(?=门[口前面]|[这那]|附近|旁|对面|路边|[,。]|$)"
_NUMBER = re.compile(
    rf"{_GAP}{_ALONG}(?P<number>{_NUMERAL})(?:(?:[-之][0-9]{{1,3}})?\s?(?:{_MARKED})|(?<=[0-9])(?:{_UNMARKED})|(?=\s?[、到至~]\s?{_NUMERAL}\s?号))",
    re.IGNORECASE,
)
_FURTHER = re.compile(rf"\s?[、和跟与到至~,-]\s?(?P<number>{_NUMERAL})\s?号(?!楼|线)")
_DASHED = re.compile(
    rf"{_INTO}-?(?P<building>[0-9]{{1,3}}|[a-z](?![a-z])|[{_SIGNS}]{{1,3}})\s?[-—/.~]\s?(?:(?P<unit>[0-9]{{1,2}})\s?[-—/.~]\s?)?(?P<room>[0-9]{{3,4}})(?![0-9])\s?[室户]?",
    re.IGNORECASE,
)
_WRITTEN = re.compile(rf"{_INTO}{_NAMED}{_UNIT}?{_FLOOR}?{_ROOM}?", re.IGNORECASE)
_LOOSE = re.compile(
    rf"(?<![0-9a-z{_SIGNS}有共这那几、和跟与到至~-])(?P<building>{_NUMERAL})\s?(?:号楼|[栋幢](?!楼都|楼全|房子))", re.IGNORECASE
)
_FURTHER_BUILDING = re.compile(rf"\s?[、和跟与到至~,]\s?(?P<building>{_NUMERAL})\s?(?:号楼|[栋幢])")
_INSIDE = re.compile(rf"{_UNIT}{_FLOOR}?{_ROOM}?|{_FLOOR.replace('<floor>', '<floor_>')}{_ROOM.replace('<room>', '<room_>')}")
_BARE = re.compile(rf"(?<![0-9a-z{_SIGNS}-]){_CERTAIN}{_UNIT}?{_FLOOR}?{_ROOM}?", re.IGNORECASE)


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
    written = "".join(_SCORES.get(character, character) for character in written)
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


def is_about(written: str) -> bool:
    """Tell whether a Chinese numeral names no certain number: 『八九十』, 『三五』, 『十七八』; 『五零一』 and 『八十九』 do."""
    return _ABOUT.fullmatch(written) is not None


def read_number(text: str, at: int) -> tuple[str, int] | None:
    """Read a house number at this position of normal text; its digits and where it ends, None if there is none."""
    found = _NUMBER.match(text, at)
    return (read_numeral(found["number"]), found.end()) if found and not is_about(found["number"]) else None


def read_further(text: str, at: int) -> tuple[str, int] | None:
    """Read another house number that follows one which ends here (『12号和14号』, 『12到20号』); its digits and where it ends."""
    found = _FURTHER.match(text, at)
    return (read_numeral(found["number"]), found.end()) if found and not is_about(found["number"]) else None


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


def read_further_building(text: str, at: int) -> str:
    """Read another building that follows one which ends here (『4号楼和5号楼』), in digits; "" if there is none."""
    found = _FURTHER_BUILDING.match(text, at)
    return read_numeral(found["building"]) if found else ""


def find_building(text: str) -> str:
    """Find the one building that a text names apart from its estate (『听涛苑，我住五栋』), in digits; "" if there is none or several."""
    named = {read_numeral(found["building"]) for found in _LOOSE.finditer(text) if not is_about(found["building"])}
    return named.pop() if len(named) == 1 else ""


def _make_door(found: re.Match[str], at: int) -> Door:
    """Make a door of what a pattern found at this position."""
    said = {name.rstrip("_"): read_numeral(value) for name, value in found.groupdict().items() if value and not is_about(value)}
    shown = ""
    if "building" in said and found.re is _DASHED:
        shown = f"{found['building']}号楼"
    elif "building" in said:
        inside = [found.start(name) for name in ("unit", "floor", "room") if found[name]]
        shown = found.string[at : min(inside, default=found.end())].rstrip(" ,、的")
    return Door(**said, shown=shown, start=at, end=found.end())
