"""A matter told as it is after a correction: what was wrong, what is right, and the words with the one put for the other."""

from __future__ import annotations

import re

import msgspec

from intents.lexicon import lexicon

_SHORT = 60
"""Longer texts say 不是…是… in an argument."""
_MORE = re.compile(r"[,，。;；!！]\s*\w")


class Correction(msgspec.Struct, frozen=True, kw_only=True):
    """What was wrong ("" if that is not said) and what is right, in the resident's words."""

    right: str
    wrong: str = ""


def read_correction(text: str) -> Correction | None:
    """Read a correction in a normalized text; of several the last one counts. None if nothing is corrected."""
    if len(text) > _SHORT or not (lexicon("correcting").first(text) or lexicon("amending.midway").first(text)):
        return None
    right = lexicon("amending.right").find(text)
    if not right:
        return None
    last = right[-1]
    tail = lexicon("amending.trailing").first(last)
    wrong = [words for words in lexicon("amending.wrong").find(text) if words != last]
    return Correction(right=last.removesuffix(tail).strip(), wrong=wrong[-1].strip() if wrong else "")


def retell(text: str, correction: Correction) -> str:
    """Tell a matter as it is after a correction: the wrong words replaced, or the thing it is about; "" if the correction is about neither."""
    if correction.wrong and correction.wrong in text:
        return text.replace(correction.wrong, correction.right)
    right, wrong = lexicon("matter").find(correction.right), lexicon("matter").find(text)
    return text.replace(wrong[0], right[0]) if right and wrong and right[0] not in text else ""


def corrects_itself(text: str) -> bool:
    """Tell whether a text takes back at its end what it said before (停水了, 哦不对, 是停电了), and tells nothing more."""
    turning = next(lexicon("amending.midway").spans(text), None)
    return turning is not None and read_correction(text) is not None and not _MORE.search(text, turning.end(1))


def retell_midway(text: str) -> str:
    """Tell a matter as its own last words correct it; "" if they correct a place, or nothing."""
    correction = read_correction(text) if corrects_itself(text) else None
    if correction is None or not lexicon("matter").first(correction.right):
        return ""
    before = next(lexicon("amending.midway").spans(text)).start(1)
    return retell(text[:before], correction)
