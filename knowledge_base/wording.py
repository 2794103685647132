"""What is asked, and one way to ask it, brought to a form in which they can be compared: words, characters and sounds.

Residents type by voice and by pinyin, so each text stands twice: as its characters, and as its sounds, where 『社宝』 is 『社保』. Words
that only ask (lexicons/asking.txt) tell 『怎么办』 from 『在哪办』 between questions; against the name of a service or the text of a
policy they tell nothing, so both are kept, with and without them. How one asks (lexicons/asking_forms.txt) and what only fills a
sentence (lexicons/fillers.txt) makes no difference.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from rapidfuzz import fuzz, process

from knowledge_base.lexicon import read_lexicon
from knowledge_base.pinyin import sound_table
from knowledge_base.rarity import read_shipped
from knowledge_base.text import cut_grams, normalize
from knowledge_base.variants import shipped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from knowledge_base.text import Utterance
    from knowledge_base.variants import Variants

_COMMON = 0.1
"""The least a word weighs: one that everybody says."""


class Terms(NamedTuple):
    """What a text is searched by: its words, its characters and pairs of them, and the same of their sounds."""

    words: tuple[str, ...]
    grams: tuple[str, ...]
    sounds: tuple[str, ...]


class Wording(msgspec.Struct, frozen=True):
    """One way to ask as sounds, one sign a character: all of it, and without the words that only ask."""

    sounds: str
    bare: str


class Word(NamedTuple):
    """A word as it was written, as it sounds, and how rare it is in text of our own."""

    written: str
    sound: str
    rarity: float


class Asked(NamedTuple):
    """A question ready to be looked up: plain, its terms, those left without the words that only ask, its wording, and its words."""

    plain: str
    terms: Terms
    bare: Terms
    wording: Wording
    words: tuple[Word, ...]
    """Each word that does not only ask."""
    weight: float
    """How rare all of them are together."""


def read_asked(utterance: Utterance) -> Asked:
    """Read a question."""
    text = make_plain(utterance.folded, utterance.variants)
    left = drop_asking(text, utterance.variants)
    words = _weigh_words(utterance.tokens, left)
    return Asked(text, _cut(text, utterance.tokens), _cut(left, ()), _word(text, left), words, sum([word.rarity for word in words]))


def read_terms(utterance: Utterance) -> Terms:
    """Read what a text of an entry is found by."""
    return _cut(make_plain(utterance.folded, utterance.variants), utterance.tokens)


def read_wording(utterance: Utterance) -> Wording:
    """Read one way to ask."""
    text = make_plain(utterance.folded, utterance.variants)
    return _word(text, drop_asking(text, utterance.variants))


def join_sounds(known: Sequence[Wording], answer: str) -> str:
    """Give all that an entry says, as it sounds: its wordings, then its answer."""
    return "|".join((*(wording.sounds for wording in known), normalize(answer).lower().translate(sound_table())))


def find_unsaid(asked: Asked, saying: str) -> list[Word]:
    """Find the words that were asked and stand nowhere in what an entry says (join_sounds)."""
    return [word for word in asked.words if word.sound not in saying]


def miss(asked: Asked, unsaid: Sequence[Word]) -> float:
    """Tell what share (0..1) of the words that were asked, by their rarity, these are."""
    return sum([word.rarity for word in unsaid]) / asked.weight if asked.weight else 0.0


def make_plain(folded: str, variants: Variants | None = None) -> str:
    """Bring lower-case text to the one form of all ways to say it: variants (None: the shipped ones) and ways to ask by their first word, fillers gone."""
    pattern, forms = _forms()
    return pattern.sub(lambda found: forms[found[0]], (variants or shipped()).settle(folded))


def drop_asking(plain: str, variants: Variants | None = None) -> str:
    """Take the words that only ask off a text that is plain by these variants; if nothing else was said, leave it."""
    left = _asking(variants).sub(" ", plain)
    return left if any(map(str.isalnum, left)) else plain


def liken(asked: Wording, known: Sequence[Wording]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Tell how alike a wording sounds to each of some others, 0..1: whole, and without the words that only ask."""
    whole = process.cdist([asked.sounds], [one.sounds for one in known], scorer=fuzz.ratio)[0]
    bare = process.cdist([asked.bare], [one.bare for one in known], scorer=fuzz.ratio)[0]
    return whole / 100, bare / 100


def _weigh_words(tokens: Sequence[str], left: str) -> tuple[Word, ...]:
    """Weigh the words that are left without those that only ask; of a word and the shorter ones inside it the longest."""
    words = [token for token in dict.fromkeys(tokens) if token in left]
    joined = "|".join(words)  # what stands in another word stands there twice
    longest = [word for word in words if joined.count(word) == 1]
    table, rarity = sound_table(), read_shipped()
    return tuple(Word(word, word.translate(table), max(_COMMON, rarity.weigh(word))) for word in longest)


def _cut(plain: str, words: tuple[str, ...]) -> Terms:
    return Terms(words, cut_grams(plain), cut_grams(plain.translate(sound_table())))


def _word(plain: str, left: str) -> Wording:
    table = sound_table()
    return Wording(_spell(plain).translate(table), _spell(left).translate(table))


@cache
def _forms() -> tuple[re.Pattern[str], Mapping[str, str]]:
    """Read what takes whose place: ways to ask that of the first of their group, fillers that of nothing."""
    groups = [line.split() for line in read_lexicon("asking_forms")]
    forms = dict.fromkeys(read_lexicon("fillers"), "") | {word: group[0] for group in groups for word in group}
    return _match_longest(forms), forms


def asks_alike(one: Variants | None, other: Variants | None) -> bool:
    """Tell whether the words that only ask are the same ones by both variants."""
    return _asking(one).pattern == _asking(other).pattern


@lru_cache(maxsize=16)
def _asking(variants: Variants | None) -> re.Pattern[str]:
    """Read the words that only ask, as they stand in plain text."""
    return _match_longest({plain for word in read_lexicon("asking") if (plain := make_plain(word, variants))})


def _match_longest(words: Mapping[str, str] | set[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(words, key=lambda word: (-len(word), word)))))


def _spell(text: str) -> str:
    """Keep letters and digits: punctuation tells no two questions apart."""
    return "".join(filter(str.isalnum, text))
