"""Doors of people's homes in free text: 3号楼501, 5-2-302, 2单元1203室, 302房, 十二楼1201, 我家501; the building before them is public and stays.

A number is a door by what stands beside it: a building, a unit or a floor right before it, dashes between the three, 室 or 房 behind it, or
words that say whose it is (我家, 楼上). Behind a building or a unit nearly every number is one; elsewhere a number that counts something
(350户, 2026年, 302路) is none, nor is a number to call. House numbers of streets (安泰路12号) are where a matter lies and no doors.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

INVISIBLE = "\u00ad\u200b-\u200f\u2060\ufeff"

_NUMERALS = str.maketrans("零〇○一二三四五六七八九幺壹贰叁肆伍陆柒捌玖", "0001234567891123456789")
"""Without 两, which no door is read with."""
_RUN = re.compile(r"(?<![0-9零〇○一二三四五六七八九幺壹贰叁肆伍陆柒捌玖])[零〇○一二三四五六七八九幺壹贰叁肆伍陆柒捌玖]+(?![0-9])")
"""Numerals that stand apart from digits: in 302一直 the 一 is none of the door."""
_COUNT_BEHIND = re.compile(
    r"(?<=[零〇○一二三四五六七八九幺]{3})[一二三四五六七八九](?=[天年个次人点月日遍回直家层户块元楼小分周星])"
)
"""The last numeral of a run that may belong to what comes next: 五零一三天."""
_FROM = r"(?<![0-9a-z.])"
_GAP = rf"[\s,;:的()\[\]\-‐-―−/_·•|之杠{INVISIBLE}]{{0,3}}"
_DASH = rf"[\s{INVISIBLE}]{{0,2}}[\-‐-―−/#·_之杠][\s{INVISIBLE}]{{0,2}}"

_SPOKEN = r"[1-9][百千][0-9百十]{0,4}[0-9十](?![0-9])"  # 五百零一, 一千二百零三
_TO_CALL = r"(?:110|119|120|122|100[0-9]{2}|12[0-9]{3})(?![0-9])"
_LIKELY = rf"(?!{_TO_CALL})(?:[1-9][0-9]?|[1-4][0-9]{{2}})(?:0[1-9]|[1-5][0-9])"  # its floor, then 01 to 59
_BARE = rf"(?:[a-z]?{_LIKELY}(?![0-9])[a-z]?|{_SPOKEN})(?:[-之][0-9a-z]{{1,2}}(?![0-9a-z]))?"
_SUFFIX = r"(?:\s?(?:号房间?|号室|房间|室|房(?!价)|号(?![楼线院门公令台])))?"
_JOINT = r"(?:\s?(?:[、,/\-~和与及跟到至]|以及)\s?|\s)"

_DATED = r"(?<!19[0-9]{2})(?<!20[0-9]{2})"
_BETWEEN = r"[-/.:~][0-9]"
_STRONG_END = rf"(?!\s?(?:{_BETWEEN}|[元块米层栋幢#]|楼(?![上下道梯里])|单元|号[楼线院]|路(?!灯)|平[米方]))(?:{_DATED}|(?!年))"
_COUNTED = (
    r"[元块角万亿米斤吨克升余几届瓦辆棵盏层栋幢#街弄巷院医厂线%‰℃千百]|楼(?![上下道梯里])|单元|号[楼线院门公令台]|路(?!灯)|平[米方]|人|户(?!主)|度(?!假)"
    r"|个(?!人|个)|次(?!卧|次|日)|台(?!阶|面)|根(?!本)|多(?![次年天日])|天(?![天花台然井气没黑亮])|年(?![久年老轻纪])|[国省]道|高地"
)
_WEAK_END = rf"(?!\s?(?:{_BETWEEN}|{_COUNTED}))"

_NUMBER = r"[0-9十百]{1,5}"
_BUILDING = rf"(?:{_NUMBER}|[a-z甲乙丙丁戊东西南北])\s?(?:号楼|#\s?楼?|[栋幢]楼?|座|单元|门洞)"
_STAIRS = rf"{_NUMBER}\s?(?:号门|号院|单|门|梯|[楼层](?!道|梯|栋))"
_STREET = rf"(?<=[路街巷弄道里村园苑庭府居城寓区院]){_GAP}{_NUMBER}\s?号"
_ESTATE = r"(?:公寓|大厦|大楼|花园|小区|家园|嘉园|新村|宿舍|公馆|[苑府])"
_OWNED = (
    r"(?:(?:我|俺|咱|我们|咱们|他|她|他们|自己)(?:家|住|屋)|家住|住在?|[我人]在|家[在是]|邻居|楼[上下]|对门|对面|隔壁|房间?号|室号|门牌号?|住户|业主|租户|房东)"
    rf"(?:家|住户|邻居|[的是为在:,号\s{INVISIBLE}]){{0,3}}"
)
_PEOPLE = r"(?:住户|业主|租户|租客|房客|邻居|那[家户]|这[家户]|户主|人家)"

_SAID = r"(?=[\s,。;!?的业住租]|$)"


def _rooms(bare: str, end: str) -> str:
    """One door or several of them: 302, 303和305室."""
    one = rf"{bare}{_SUFFIX}"
    return rf"(?P<room>{one}(?:{_JOINT}{one}){{0,9}}){end}"


_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_FROM}(?<![0-9a-z]-)(?:[a-z]?[0-9]{{1,3}}|[a-z]){_DASH}(?:[0-9]{{1,2}}{_DASH}){{1,2}}{_rooms(_BARE, _STRONG_END)}",
        rf"{_FROM}[0-9]{{1,3}}\.[0-9]{{1,2}}\.{_rooms(_BARE, _STRONG_END)}",
        rf"{_FROM}(?<![0-9a-z]-)(?:[a-z]?[0-9]{{1,2}}|[a-z])\s?[\-‐-―−#]\s?{_rooms(_BARE, _WEAK_END)}",
        rf"{_FROM}{_BUILDING}{_GAP}(?:{_NUMBER}\s?[楼层]{_GAP})?{_rooms(_BARE, _STRONG_END)}",
        rf"{_FROM}{_BUILDING}{_GAP}(?P<room>[0-9十]{{1,3}}\s?(?:号房间?|房间|室(?!\s?[0-9两]\s?厅))|[0-9]{{1,2}}[a-h](?![0-9a-z]))",
        rf"{_FROM}{_NUMBER}\s?(?:单元|门洞){_GAP}(?P<room>[0-9十]{{1,3}}\s?号(?![楼线院门公]|电梯|梯|车|井|杆|灯|表))",
        rf"{_FROM}(?:{_BUILDING}|{_STAIRS}){_GAP}(?P<room>[东西南北中左右](?:边|侧|面|间|首)?\s?[户首])",
        rf"(?:{_FROM}{_STAIRS}|{_STREET}){_GAP}{_rooms(_BARE, _WEAK_END)}",
        rf"{_ESTATE}\s?{_rooms(_BARE, _WEAK_END)}",
        rf"{_OWNED}{_rooms(_BARE, _WEAK_END)}",
        rf"我是{_rooms(_BARE, _SAID)}",
        rf"(?<![0-9])(?P<room>(?:{_BARE}{_JOINT}){{0,9}}[a-z]?(?:[0-9]{{3,5}}|{_SPOKEN})[a-z]?\s?(?:号房间?|号室|房间|室))",
        rf"{_FROM}(?P<room>{_BARE}\s?房)(?!价)",
        rf"{_FROM}(?P<room>{_BARE})(?=[号的]?{_PEOPLE})",
    )
)  # fmt: skip
_DIGITS = re.compile(r"[0-9]+")
_LONG = re.compile(r"[0-9]{3}|[1-9][百千]")
"""What every door has that is read with `_BARE`; most texts hold none, and are looked through with the few other patterns."""
_SHORT = tuple(pattern for pattern in _PATTERNS if _LIKELY not in pattern.pattern and "[0-9]{3,5}" not in pattern.pattern)
"""What finds a door of fewer digits (3栋12室) or of none (甲栋东户)."""
_FIGURE = "0-9零〇○一二三四五六七八九幺壹贰叁肆伍陆柒捌玖"
_MAY_STAND = re.compile(rf"[{_FIGURE}]{{3}}|[{_FIGURE}][百千]|号(?![楼线院门公])|[室间户首]|[{_FIGURE}][a-h]", re.IGNORECASE)
"""What a text with a door holds before its numerals are read: three figures in a row (_LONG), or what stands behind a shorter one (_SHORT)."""


def find_doors(text: str, *, known: Collection[str] = ()) -> list[tuple[int, int]]:
    """Find where doors stand in a text of half-width characters: (start, end), in order, none over another.

    A door that was found once, or is `known` (read_doors) from what was written before, is found again wherever it stands alone.
    """
    again = set(known)
    if not again and not _MAY_STAND.search(text):
        return []
    readings = _read(text)
    spans: list[tuple[int, int]] = []
    for folded in readings:
        patterns = _PATTERNS if _LONG.search(folded) else _SHORT
        found = [match.span("room") for pattern in patterns for match in pattern.finditer(folded)]
        again |= _list_numbers(folded, found)
        spans += found
    if again:
        alone = rf"(?<![0-9a-z.路街巷弄道\-:])(?:{'|'.join(sorted(map(re.escape, again)))})(?![0-9]){_SUFFIX}{_WEAK_END}"
        spans += [match.span() for folded in readings for match in re.finditer(alone, folded, re.IGNORECASE)]
    return _merge(spans)


def read_doors(text: str) -> frozenset[str]:
    """Read the numbers of the doors in a text of half-width characters, as digits, to find them again in what is written later."""
    spans = find_doors(text)
    return frozenset().union(*(_list_numbers(folded, spans) for folded in _read(text)))


def _read(text: str) -> tuple[str, ...]:
    """Read Chinese numerals as digits: in one way, or in two where the last of a run may count what comes next."""
    readings = (text, _COUNT_BEHIND.sub("~", text))
    folded = (_RUN.sub(lambda run: run[0].translate(_NUMERALS), reading) for reading in readings)
    return tuple(dict.fromkeys(folded))


def _list_numbers(folded: str, spans: Collection[tuple[int, int]]) -> frozenset[str]:
    numbers = (number for start, end in spans for number in _DIGITS.findall(folded[start:end]))
    return frozenset(number for number in numbers if re.fullmatch(_LIKELY, number))


def _merge(spans: Collection[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
