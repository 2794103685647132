"""Masking: what is handed on about a matter carries no number that leads to a person.

Titles, summaries, notices, lists and logs pass through mask(). It finds mobile and fixed phones, identity documents, bank cards, plates
and e-mail addresses, every one of them, also in full-width digits, with spaces or dashes between, and read out in Chinese numerals.
Short public numbers (119, 12345), dates, house numbers and ticket numbers stay. In doubt a number is masked.

How: every character is folded to one plain character (so positions stay the same), patterns run on the folded text, and what they
find is replaced in the original.
"""

from __future__ import annotations

import re
import unicodedata

_NUMERALS = str.maketrans("零〇○一二三四五六七八九幺壹贰叁肆伍陆柒捌玖", "0001234567891123456789")
_INVISIBLE = "\u00ad\u200b-\u200f\u2060\ufeff"

_GAP = rf"[\s\-‐-―_.·•,，{_INVISIBLE}]{{0,2}}"  # between the digits of a phone
_STEP = rf"[\s\-‐-―{_INVISIBLE}]?"  # between the digits of a document or card
_ALONE = r"(?<![0-9])"
_END = r"(?![0-9])"
_DATE = r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_YEARS = r"20[0-9]{2}-20[0-9]{2}(?![0-9])"
_EXTENSION = r"(?:\s?(?:-|转|分机)\s?[0-9]{1,6})?"
_PLATE_HEAD = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领"

_EMAIL = "〔邮箱〕"
_IDENTITY = "〔证件号〕"
_CARD = "〔卡号〕"
_PHONE = "〔电话〕"
_PLATE = "〔车牌〕"

# Order matters: the longer and more certain kinds first; what one has replaced, the next no longer sees.
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE | re.ASCII), label)
    for pattern, label in (
        (r"[a-z0-9][a-z0-9._%+\-]*@[a-z0-9\-]+(?:\.[a-z0-9\-]+)+", _EMAIL),
        (rf"{_ALONE}(?:[0-9]{_STEP}){{17}}[0-9x](?![0-9a-z])", _IDENTITY),
        (rf"{_ALONE}(?:[0-9]{_STEP}){{15,18}}[0-9]{_END}", _CARD),
        (rf"{_ALONE}[1-9](?:{_STEP}[0-9]){{14}}{_END}", _IDENTITY),  # the documents issued before 1999
        (rf"(?:{_ALONE}(?:\+|00)?86{_GAP})?{_ALONE}1{_GAP}[3-9](?:{_GAP}[0-9]){{9}}{_END}", _PHONE),
        (
            rf"[(（]?{_ALONE}0[0-9]{{2,3}}[)）]?{_GAP}[1-9](?:{_STEP}[0-9]){{6,7}}{_END}(?:\s?(?:-|转|分机)\s?[0-9]{{1,6}}{_END})?",
            _PHONE,
        ),
        (rf"{_ALONE}[48]00{_STEP}[0-9]{{3,4}}{_STEP}[0-9]{{3,4}}{_END}", _PHONE),
        (r"(?<![0-9a-z])[a-z]{1,2}[0-9]{7,10}(?![0-9a-z])", _IDENTITY),  # passports and travel permits
        (rf"[{_PLATE_HEAD}]\s?[a-z][\s·•.\-]?(?=[a-z0-9]{{0,5}}[0-9])[a-z0-9]{{4,5}}[a-z0-9挂学警港澳](?![a-z0-9])", _PLATE),
        (
            rf"{_ALONE}(?!{_DATE}{_END}|{_YEARS})(?:[0-9]{{7,8}}|[2-9][0-9]{{2,3}}{_STEP}[0-9]{{4}}){_EXTENSION}{_END}(?!\s?元)",
            _PHONE,
        ),
        (rf"{_ALONE}[0-9]{{9,}}", _PHONE),
    )
)


def mask(text: str) -> str:
    """Replace every number that leads to a person by a word for its kind; masking twice changes nothing more."""
    folded = _fold(text)
    for pattern, label in _PATTERNS:
        for start, end in reversed([found.span() for found in pattern.finditer(folded)]):
            text = text[:start] + label + text[end:]
            folded = folded[:start] + label + folded[end:]
    return text


def _fold(text: str) -> str:
    """Fold each character to one plain one: full-width to half-width, Chinese numerals to digits."""
    return "".join(_plain(character) for character in text).translate(_NUMERALS)


def _plain(character: str) -> str:
    if character.isascii():
        return character
    plain = unicodedata.normalize("NFKC", character)
    return plain if len(plain) == 1 else character
