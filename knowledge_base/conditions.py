"""What only a condition tells apart: 『二级残疾护理补贴』 and 『三级残疾护理补贴』, 本地户口 and 外地户口, a card's first issue and its replacement.

Two questions are twins if they are equal but for one short piece, found by comparing them, not in a list. Then the score says little:
most of what is asked fits both. What the asker said of the piece decides: who names one of them does not mean the other, and who names
neither is to be asked. A policy's title is no question, so policies have no twins here.
"""

from __future__ import annotations

from functools import cache, cached_property, lru_cache
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from knowledge_base.lexicon import read_lexicon
from knowledge_base.pinyin import sound_table
from knowledge_base.text import cut_grams, normalize
from knowledge_base.wording import drop_asking, make_plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from knowledge_base.entry import Entry
    from knowledge_base.match import Match
    from knowledge_base.variants import Variants

_PIECE = 6
"""Characters of the piece at the most: what differs in more is another question."""
_SHARED = 4
"""Characters that twins have in common at the least, those that only ask not counted, and never fewer than the piece has."""
_PAIR = 2
_KEPT = 32768
"""So many questions, and pairs of them that may be twins, are remembered as they were read: more than a city has entries."""


class Condition(NamedTuple):
    """What tells one of two twins from the other: its piece, or its piece with a neighbour where that is a single character."""

    names: frozenset[str]
    sounds: frozenset[str]
    """The names as they sound."""
    frame: str
    """The question without its piece: the same of both."""


def find_condition(question: str, other: str) -> tuple[Condition, Condition] | None:
    """Give what tells two questions apart if it is one short piece in each, first that of the first; None if they are no twins."""
    return _compare(_spell(question), _spell(other))


def tell_apart(asked: str, matches: Sequence[Match], entries: Mapping[str, Entry], variants: Variants | None = None) -> list[Match]:
    """Mark the matches of one question by their conditions; `asked` is the plain, lower-case question, by these variants.

    One whose twin's condition is named, and its own not, is `excluded`; those of which neither is named, or both are, get the other's
    code in `undecided`. Which of the two comes first never matters.
    """
    twins = _find_twins([match for match in matches if entries[match.code].kind != "policy"], variants)
    if not twins:
        return list(matches)
    said = _Said(asked, variants)
    excluded: set[str] = set()
    undecided: dict[str, list[str]] = {}
    for first, second, conditions in twins:
        named = said.name(*conditions)
        if named[0] != named[1]:
            excluded.add((second if named[0] else first).code)
        elif any(named) or not said.hints(conditions[0].frame, entries[first.code], entries[second.code]):
            undecided.setdefault(first.code, []).append(second.code)
            undecided.setdefault(second.code, []).append(first.code)
    return [
        msgspec.structs.replace(match, excluded=match.code in excluded, undecided=tuple(undecided.get(match.code, ())))
        if match.code in excluded or match.code in undecided
        else match
        for match in matches
    ]


def _find_twins(matches: Sequence[Match], variants: Variants | None) -> list[tuple[Match, Match, tuple[Condition, Condition]]]:
    """Find the matches whose questions are twins, and what tells each two apart.

    Most pairs are not worth comparing: twins begin or end alike, and neither is longer by more than a piece.
    """
    looks = []
    for match in matches:
        spelt = _spell(match.question, variants)
        looks.append((spelt[0][:1], spelt[0][-1:], len(spelt[0]), spelt, match))
    return [
        (match, its_match, conditions)
        for (start, end, length, spelt, match), (its_start, its_end, its_length, its_spelt, its_match) in combinations(looks, 2)
        if (start == its_start or end == its_end)
        and -_PIECE < length - its_length < _PIECE
        and (conditions := _compare(spelt, its_spelt)) is not None
    ]


class _Said:
    """What was asked, `asked` plain and in lower case; each form of it is made when it is looked at, which is seldom."""

    def __init__(self, asked: str, variants: Variants | None) -> None:
        self._asked, self._variants = asked, variants
        self._text = _keep(asked)

    @cached_property
    def _sounds(self) -> str:
        return self._text.translate(sound_table())

    @cached_property
    def _pairs(self) -> frozenset[str]:
        return _pair(drop_asking(self._asked, self._variants))

    def name(self, first: Condition, second: Condition) -> tuple[bool, bool]:
        """Tell which conditions are named: as they are written, or, where none is, as they sound."""
        written = _holds(self._text, first.names), _holds(self._text, second.names)
        return written if any(written) else (_holds(self._sounds, first.sounds), _holds(self._sounds, second.sounds))

    def hints(self, frame: str, first: Entry, second: Entry) -> bool:
        """Tell whether the asker said what only one of two entries has among its phrasings, so that it is not for the piece to decide."""
        own = self._pairs - _pair(frame)
        one, other = (own & _list_pairs(entry.phrasings, self._variants) for entry in (first, second))
        return bool(one - other) != bool(other - one)


@lru_cache(maxsize=_KEPT)
def _spell(question: str, variants: Variants | None = None) -> tuple[str, str]:
    """Spell a question as it is compared, and without the words that only ask."""
    plain = make_plain(normalize(question).lower(), variants)
    return _keep(plain), _keep(drop_asking(plain, variants))


@lru_cache(maxsize=_KEPT)
def _compare(one: tuple[str, str], other: tuple[str, str]) -> tuple[Condition, Condition] | None:
    if one[1] == other[1]:
        return None
    first, second = one[0], other[0]
    start = _share(first, second)
    end = _share(first[start:][::-1], second[start:][::-1])
    while start and first[start - 1].isdigit() and (first[start : start + 1] + second[start : start + 1]).isdigit():
        start -= 1
    pieces = len(first) - start - end, len(second) - start - end
    shared = min(len(one[1]) - pieces[0], len(other[1]) - pieces[1])
    if not 0 < min(pieces) <= max(pieces) <= _PIECE or shared < max(_SHARED, *pieces):
        return None
    return _name(first, start, len(first) - end), _name(second, start, len(second) - end)


def _share(one: str, other: str) -> int:
    """Count the characters with which both begin."""
    return next((at for at, (own, its) in enumerate(zip(one, other, strict=False)) if own != its), min(len(one), len(other)))


def _name(text: str, start: int, end: int) -> Condition:
    """Name the piece from `start` to `end`: itself, or if it is a single character, with the neighbour on either side."""
    names = {text[start:end]} if end - start >= _PAIR else {text[max(0, start - 1) : end], text[start : end + 1]}
    kept = frozenset(name for name in names if len(name) >= _PAIR)
    return Condition(kept, frozenset(name.translate(sound_table()) for name in kept), text[:start] + text[end:])


def _holds(text: str, names: frozenset[str]) -> bool:
    return any(name in text for name in names)


@lru_cache(maxsize=4096)
def _list_pairs(phrasings: tuple[str, ...], variants: Variants | None) -> frozenset[str]:
    plain = (make_plain(normalize(phrasing).lower(), variants) for phrasing in phrasings)
    return frozenset().union(*(_pair(drop_asking(one, variants)) for one in plain))


def _keep(text: str) -> str:
    """Keep letters and digits, and write the digits one way."""
    return "".join(filter(str.isalnum, text)).translate(_digits())


def _pair(plain: str) -> frozenset[str]:
    """List the pairs of neighbours, none of them across what was left out."""
    return frozenset(gram for gram in cut_grams(plain.translate(_digits())) if len(gram) == _PAIR)


@cache
def _digits() -> dict[int, str]:
    """Read the digit that each of its written forms stands for."""
    return {ord(form): digit for digit, forms in map(str.split, read_lexicon("digits")) for form in forms}
