"""One way to ask, and how alike two of them are. Kept apart from matching because it is nothing but comparison.

Service items and policies carry names, not questions: 『护士执业注册』 is asked for as 『护士执业注册怎么办理』. Words that only ask
(lexicons/asking.txt) are taken off before a question is compared with a name; between questions they stay, there they tell
『怎么办』 from 『在哪办』.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import msgspec
from rapidfuzz import fuzz

from knowledge_base.lexicon import read_lexicon
from knowledge_base.text import cut_grams

if TYPE_CHECKING:
    from collections.abc import Callable

    from knowledge_base.text import Utterance

    Rarity = Callable[[str], float]

_GRAMS, _WORDS, _LETTERS = 0.4, 0.4, 0.2
"""Shares of the three comparisons: grams forgive typing errors, words carry meaning, letters see the order."""


class Wording(msgspec.Struct, frozen=True):
    """One way to ask, ready to be compared: its letters, grams and words."""

    letters: str
    grams: frozenset[str]
    words: frozenset[str]


def read_wording(utterance: Utterance) -> Wording:
    """Make a wording of all that was said."""
    return Wording(_spell(utterance.folded), frozenset(utterance.grams), frozenset(utterance.tokens))


def read_name(utterance: Utterance) -> Wording:
    """Make a wording of what was said without the words that only ask; of everything, if nothing else was said."""
    left = _asking().sub(" ", utterance.folded)
    grams = frozenset(cut_grams(left))
    if not grams:
        return read_wording(utterance)
    return Wording(_spell(left), grams, frozenset(token for token in utterance.tokens if token in left))


def compare(asked: Wording, known: Wording, *, grams: Rarity, words: Rarity) -> float:
    """Tell how alike two wordings are, 0..1; `grams` and `words` give the idf of one term."""
    letters = (fuzz.ratio(asked.letters, known.letters) + fuzz.token_set_ratio(" ".join(asked.words), " ".join(known.words))) / 200
    return (
        _GRAMS * _overlap(asked.grams, known.grams, grams) + _WORDS * _overlap(asked.words, known.words, words) + _LETTERS * letters
    )


def _overlap(one: frozenset[str], other: frozenset[str], rarity: Rarity) -> float:
    """Give the Dice coefficient of two sets, each term weighing its idf."""
    total = sum(map(rarity, one)) + sum(map(rarity, other))
    return 2 * sum(map(rarity, one & other)) / total if total else 0.0


@cache
def _asking() -> re.Pattern[str]:
    """Read the words that only ask, longest first."""
    words = sorted(read_lexicon("asking"), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, words)))


def _spell(text: str) -> str:
    """Keep letters and digits: punctuation tells no two questions apart."""
    return "".join(filter(str.isalnum, text))
