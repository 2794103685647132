"""How Chinese characters are spelt, without tones: a table that is shipped, one reading a character, the commonest."""

from __future__ import annotations

from functools import cache

from knowledge_base.lexicon import read_lexicon

_FIRST = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"))
_LAST = (("ing", "in"), ("eng", "en"), ("ang", "an"))


def spell(text: str) -> tuple[str, ...]:
    """Give the syllable of each character of a text in small letters; whatever is no Chinese character stands for itself."""
    table = read_syllables()
    return tuple(table.get(character, character) for character in text)


@cache
def read_syllables() -> dict[str, str]:
    """Read the syllable of each character (about 20,900 of them)."""
    rows = (line.split(" ") for line in read_lexicon("pinyin"))
    return {character: syllable for syllable, characters in rows for character in characters}


@cache
def blur(syllable: str) -> str:
    """Give what many speakers take a syllable for: zh as z, ch as c, sh as s, n as l, ing as in, eng as en, ang as an."""
    for clear, dull in _FIRST:
        if syllable.startswith(clear):
            syllable = dull + syllable[len(clear) :]
            break
    for clear, dull in _LAST:
        if syllable.endswith(clear):
            return syllable.removesuffix(clear) + dull
    return syllable


@cache
def sound_table() -> dict[int, str]:
    """Give the table for str.translate() that puts one Chinese character in the place of all that sound much like it."""
    signs: dict[str, str] = {}
    return {ord(character): signs.setdefault(blur(syllable), character) for character, syllable in sorted(read_syllables().items())}
