"""Masking: what is handed on about a matter carries no number that leads to a person.

Titles, summaries, notices, lists and logs pass through mask(). It finds mobile and fixed phones, identity documents, bank cards, plates
and e-mail addresses, every one of them, also in full-width digits, with spaces or dashes between, and read out in Chinese numerals; and
people's names by the words around them (residents.personal_names); and the doors of homes, below the building (residents.doors).
Short public numbers (119, 12345), dates, buildings, house numbers of streets and ticket numbers stay. In doubt a number is masked.

How: every character is folded to one plain character (so positions stay the same), patterns run on the folded text, and what they
find is replaced in the original.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Literal

from residents.doors import INVISIBLE, find_doors, read_doors
from residents.personal_names import find_names

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

Detail = Literal["phone", "identity", "card", "plate", "email", "name", "door"]
"""What leads to a person: 电话, 证件号, 卡号, 车牌, 邮箱, 姓名, 门牌."""

_SPOKEN = "零〇○一二三四五六七八九幺壹贰叁肆伍陆柒捌玖两"
_NUMERALS = str.maketrans(_SPOKEN, "00012345678911234567892")
_INVISIBLE = INVISIBLE


class _Plain(dict[int, int | str]):
    """What each character is folded to, found out when it is first met; one that would become several stays as it is."""

    def __missing__(self, code: int) -> int | str:
        character = chr(code)
        folded = character if character.isascii() else unicodedata.normalize("NFKC", character)
        self[code] = folded if len(folded) == 1 else code
        return self[code]


_PLAIN = _Plain()

_ONE = rf"[\s\-‐-―_.·•,，{_INVISIBLE}]"
_GAP = rf"{_ONE}{{0,2}}"  # between the digits of a mobile, a document or a card
_STEP = rf"[\s\-‐-―·•{_INVISIBLE}]?"  # between the parts of a fixed phone: house numbers stand in rows as short
_JOINT = rf"[\s·•{_INVISIBLE}]?"  # between the characters of a plate
_ALONE = r"(?<![0-9])"
_END = r"(?![0-9])"
_DATE = r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_NO_DATE = r"(?!(?:19|20)[0-9]{2}[\s\-._]{1,2}(?:0?[1-9]|1[0-2])[\s\-._])"  # two dates in a row have as many digits as a card
_YEARS = r"20[0-9]{2}-20[0-9]{2}(?![0-9])"
_EXTENSION = r"(?:\s?(?:-|转|分机)\s?[0-9]{1,6})?"
_PLATE_HEAD = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领"
_AFTER_LETTER = rf"[\s·•.\-{_INVISIBLE}]?"
_WITH_DIGIT = rf"(?:{_JOINT}[a-z]){{0,5}}{_JOINT}[0-9]"  # letters alone are a word
_AT = r"\s?(?:@|#|艾特|[(\[【]\s?(?:at|艾特)\s?[)\]】])\s?"
_DOT = r"\s?(?:[.。]|点|[(\[【]\s?(?:dot|点)\s?[)\]】])\s?"

_LABELS: dict[Detail, str] = {
    "email": "〔邮箱〕",
    "identity": "〔证件号〕",
    "card": "〔卡号〕",
    "phone": "〔电话〕",
    "plate": "〔车牌〕",
    "name": "〔姓名〕",
    "door": "〔门牌〕",
}
DOOR = _LABELS["door"]
"""What stands where a door was: whoever has to go there opens the original for it (routing.secrecy)."""
_BEHIND = re.compile(rf"(?<=[楼栋幢座元洞层]){DOOR}(?![的和跟与])")

_MOBILE = re.compile(rf"(?<=[{_SPOKEN}])1[3-9](?:{_GAP}[0-9]){{9}}{_END}", re.ASCII)
"""Looked for before Chinese numerals are digits: in 张三139… the 三 is a name."""

# Order matters: the longer and more certain kinds first; what one has replaced, the next no longer sees.
_WRITTEN: tuple[tuple[str, Detail], ...] = (
    (rf"[a-z0-9][a-z0-9._%+\-]*{_AT}[a-z0-9\-]+(?:{_DOT}[a-z0-9\-]+)*{_DOT}[a-z]{{2,}}", "email"),
    (rf"{_ALONE}(?<![0-9]{_ONE}){_NO_DATE}(?:[0-9]{_GAP}){{17}}[0-9x](?![0-9a-z]|{_GAP}[0-9](?![0-9]))", "identity"),
    (rf"{_ALONE}{_NO_DATE}(?:[0-9]{_GAP}){{15,18}}[0-9]{_END}", "card"),
    (rf"{_ALONE}{_NO_DATE}[1-9](?:{_GAP}[0-9]){{14}}{_END}", "identity"),  # the documents issued before 1999
    (rf"(?:{_ALONE}(?:\+|00)?86{_GAP})?{_ALONE}1{_GAP}[3-9](?:{_GAP}[0-9]){{9}}{_END}", "phone"),
    (
        rf"[(（]?{_ALONE}0[0-9]{{2,3}}[)）]?{_GAP}[1-9](?:{_STEP}[0-9]){{6,7}}{_END}(?:\s?(?:-|转|分机)\s?[0-9]{{1,6}}{_END})?",
        "phone",
    ),
    (rf"{_ALONE}0(?P<area>[\s\-·•.{_INVISIBLE}])[0-9](?:(?P=area)[0-9]){{8,10}}{_END}", "phone"),  # 0 9 0 0 6 1 …, each digit apart
    (rf"{_ALONE}[48]00{_STEP}[0-9]{{3,4}}{_STEP}[0-9]{{3,4}}{_END}", "phone"),
    (r"(?<![0-9a-z])[a-z]{1,2}[0-9]{7,10}(?![0-9a-z])", "identity"),  # passports and travel permits
    (
        rf"[{_PLATE_HEAD}]{_JOINT}[a-z]{_AFTER_LETTER}(?={_WITH_DIGIT})(?:[a-z0-9]{_JOINT}){{4,5}}[a-z0-9挂学警港澳](?![a-z0-9])",
        "plate",
    ),
    (
        rf"{_ALONE}(?!{_DATE}{_END}|{_YEARS})(?:[0-9]{{7,8}}|[2-9][0-9]{{2,3}}{_STEP}[0-9]{{4}}){_EXTENSION}{_END}(?!\s?元)",
        "phone",
    ),
    (rf"{_ALONE}[2-9](?P<apart>[\s\-·•.{_INVISIBLE}])[0-9](?:(?P=apart)[0-9]){{5,6}}{_END}", "phone"),  # each digit apart
    (rf"{_ALONE}[0-9]{{9,}}", "phone"),
)
_PATTERNS = tuple((re.compile(pattern, re.IGNORECASE | re.ASCII), kind) for pattern, kind in _WRITTEN)

_MAY_TELL = re.compile(rf"[a-z]|(?:[0-9{_SPOKEN}][^0-9{_SPOKEN}]*){{7}}", re.IGNORECASE | re.ASCII)
"""What each of the patterns needs: a letter, or seven digits, which the shortest number that leads to somebody has."""


def mask(text: str, *, names: Sequence[str] = (), of: str = "") -> str:
    """Replace every number that leads to a person, their names, and the doors of homes, by a word for its kind; masking twice changes nothing more.

    `names` are known to be somebody's and are found without any sign beside them; so are the doors of the text `of`, which it is a part of.
    """
    return _replace(text, names=names, of=of)[0]


def mask_contacts(text: str) -> str:
    """Replace what mask() does but the doors: for whoever has to go to one."""
    return _replace(text, doors=False)[0]


def mask_doors(text: str, *, of: str = "") -> str:
    """Replace the doors of homes alone, in what the staff wrote: public numbers stay. Those of the text `of` are found without any sign."""
    return _replace_doors(text, known=list_doors(of) if of else frozenset())


def shorten_doors(masked: str) -> str:
    """Leave out the word for a door that stands right behind its building, unit or floor: a title reads better without."""
    return _BEHIND.sub("", masked)


def list_doors(text: str) -> frozenset[str]:
    """List the numbers of the doors in a text, as digits."""
    return read_doors(text.translate(_PLAIN))


def find_details(text: str) -> frozenset[Detail]:
    """Tell what in a text leads to a person."""
    return _replace(text)[1]


def show_partly(phone: str) -> str:
    """Show its owner which number we have, and nobody else what it is: 138****1234, of a short one the last two digits."""
    digits = "".join(character for character in _fold(phone) if character.isdigit())
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 10 else f"****{digits[-2:]}"  # noqa: PLR2004 - a number with its area code


def _replace(text: str, *, names: Sequence[str] = (), of: str = "", doors: bool = True) -> tuple[str, frozenset[Detail]]:
    found: set[Detail] = set()
    plain = text.translate(_PLAIN)
    if _MAY_TELL.search(plain):
        for start, end in reversed([match.span() for match in _MOBILE.finditer(plain)]):
            text = f"{text[:start]}{_LABELS['phone']}{text[end:]}"
            found.add("phone")
        folded = _fold(text)
        for pattern, kind in _PATTERNS:
            for start, end in reversed([match.span() for match in pattern.finditer(folded)]):
                text, folded = (f"{one[:start]}{_LABELS[kind]}{one[end:]}" for one in (text, folded))
                found.add(kind)
    if doors:
        before, text = text, mask_doors(text, of=of)
        found.update({"door"} if text != before else ())
    for start, end in reversed(find_names(text, names=names, labels=(_LABELS["phone"],))):
        text = f"{text[:start]}{_LABELS['name']}{text[end:]}"
        found.add("name")
    return text, frozenset(found)


def _replace_doors(text: str, *, known: Collection[str] = ()) -> str:
    while spans := find_doors(text.translate(_PLAIN), known=known):  # what has gone may bring two parts together
        for start, end in reversed(spans):
            text = f"{text[:start]}{DOOR}{text[end:]}"
    return text


def _fold(text: str) -> str:
    """Fold each character to one plain one: full-width to half-width, Chinese numerals to digits."""
    return text.translate(_PLAIN).translate(_NUMERALS)
