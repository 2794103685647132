"""One way to ask, and how alike two of them are. Kept apart from matching because it is nothing but comparison.

Service items and policies carry names, not questions: 『护士执业注册』 is asked for as 『护士执业注册怎么办理』. Words that only ask
(lexicons/asking.txt) are taken off before a question is compared with a name; between questions they stay, there they tell
『怎么办』 from 『在哪办』.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, Protocol

import msgspec
import numpy as np
from rapidfuzz import fuzz

from knowledge_base.lexicon import read_lexicon
from knowledge_base.text import cut_grams
from knowledge_base.variants import settle

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from knowledge_base.text import Utterance

_GRAMS, _WORDS, _LETTERS = 0.4, 0.4, 0.2
"""Shares of the three comparisons: grams forgive typing errors, words carry meaning, letters see the order."""


class Vocabulary(Protocol):
    """Terms by number, and how rare each is (knowledge_base.postings)."""

    def __len__(self) -> int:
        """Tell how many terms are known: their numbers are all below."""
        ...

    def number(self, terms: Iterable[str]) -> NDArray[np.int32]:
        """Give the numbers of those of these terms that are known."""
        ...

    def rarity(self, term: str) -> float:
        """Give the idf of a term, known or not."""
        ...

    def rarities(self, numbers: NDArray[np.int32]) -> NDArray[np.float64]:
        """Give the idf of terms by their numbers."""
        ...


class Wording(msgspec.Struct, frozen=True):
    """One way to ask, ready to be compared: its letters, grams and words."""

    letters: str
    grams: frozenset[str]
    words: frozenset[str]


class KnownWording(NamedTuple):
    """A wording of an entry, its grams and words by number: ten thousand entries have some thirty thousand of these."""

    letters: str
    said: str
    """The words with blanks between them."""
    grams: NDArray[np.int32]
    words: NDArray[np.int32]


def read_wording(utterance: Utterance) -> Wording:
    """Make a wording of all that was said."""
    return Wording(_spell(settle(utterance.folded)), frozenset(utterance.grams), frozenset(utterance.tokens))


def read_name(utterance: Utterance) -> Wording:
    """Make a wording of what was said without the words that only ask; of everything, if nothing else was said."""
    left = _asking().sub(" ", settle(utterance.folded))
    grams = frozenset(cut_grams(left))
    if not grams:
        return read_wording(utterance)
    return Wording(_spell(left), grams, frozenset(token for token in utterance.tokens if token in left))


def keep_wording(wording: Wording, *, grams: Vocabulary, words: Vocabulary) -> KnownWording:
    """Make a wording one of an entry's; both vocabularies must know its terms."""
    return KnownWording(wording.letters, " ".join(sorted(wording.words)), grams.number(wording.grams), words.number(wording.words))


def compare(asked: Wording, known: Sequence[KnownWording], *, grams: Vocabulary, words: Vocabulary) -> list[float]:
    """Tell how alike a wording is to each of some others, 0..1: shared grams and words by their rarity, and the letters' order."""
    if not known:
        return []
    said = " ".join(asked.words)
    letters = [(fuzz.ratio(asked.letters, one.letters) + fuzz.token_set_ratio(said, one.said)) / 200 for one in known]
    likenesses: NDArray[np.float64] = (
        _GRAMS * _overlap(asked.grams, [one.grams for one in known], grams)
        + _WORDS * _overlap(asked.words, [one.words for one in known], words)
        + _LETTERS * np.array(letters)
    )
    return [float(likeness) for likeness in likenesses]


def _overlap(asked: frozenset[str], known: Sequence[NDArray[np.int32]], vocabulary: Vocabulary) -> NDArray[np.float64]:
    """Give the Dice coefficient of a set with each of some others, each term weighing its idf."""
    terms = np.concatenate(known)
    owners = np.repeat(np.arange(len(known)), [len(one) for one in known])
    weights = vocabulary.rarities(terms)
    asked_terms = vocabulary.number(asked)
    is_asked = np.zeros(len(vocabulary), dtype=bool)
    is_asked[asked_terms] = True
    masses = sum(map(vocabulary.rarity, asked)) + np.bincount(owners, weights, len(known))
    common = np.bincount(owners, weights * is_asked[terms], len(known))
    return np.divide(2 * common, masses, out=np.zeros(len(known)), where=masses > 0)


@cache
def _asking() -> re.Pattern[str]:
    """Read the words that only ask, longest first."""
    words = sorted(read_lexicon("asking"), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, words)))


def _spell(text: str) -> str:
    """Keep letters and digits: punctuation tells no two questions apart."""
    return "".join(filter(str.isalnum, text))
