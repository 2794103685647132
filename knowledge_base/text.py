"""Reading written Chinese: one normal form, words by jieba, and character grams. Only this module and knowledge_base.dictionary know jieba.

Residents type full-width digits, zero-width characters and stray line breaks; everything that compares text compares the normal
form. Words carry meaning, grams of one and two characters survive typing errors and unknown words (a city's own names).
"""

from __future__ import annotations

import re
import unicodedata
from types import MappingProxyType
from typing import TYPE_CHECKING

import jieba
import msgspec

from knowledge_base.dictionary import load_tokenizer
from knowledge_base.variants import settle

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from knowledge_base.variants import Variants

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\u3007"
_RUN = re.compile(f"[{_HAN}a-z0-9]+")
_PIECE = re.compile(f"[{_HAN}]+|[a-z0-9]+")
_SPACE = re.compile(r"\s+")
_VARIATION_SELECTORS = re.compile("[\ufe00-\ufe0f]")


class Utterance(msgspec.Struct, frozen=True, kw_only=True):
    """语句: a text as it came, its normal form, and what matching reads in it."""

    raw: str
    text: str
    """The normal form, as written otherwise."""
    folded: str
    """The normal form in lower case."""
    tokens: tuple[str, ...]
    """Words in jieba's search mode (long words and the short ones inside them); Han and alphanumeric only, lower case, settled."""
    grams: tuple[str, ...]
    """Single characters, then pairs of neighbours, within each run of Han and alphanumeric characters; lower case, settled."""
    variants: Variants | None = None
    """The city's own groups of words that mean the same, by which entries are compared with it; None: the shipped ones."""


def normalize(text: str) -> str:
    """Give the normal form: NFKC (full-width to half), invisible and control characters dropped, white space in single blanks.

    The same text always comes out when it is normalized again.
    """
    plain = text.isprintable() and not _VARIATION_SELECTORS.search(text)
    visible = text if plain else "".join(filter(_is_visible, text))
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", visible)).strip()


def _is_visible(character: str) -> bool:
    """Tell whether a character can be seen or separates words; categories C* are controls, zero-width, surrogates, unassigned."""
    if character.isspace():
        return True
    return unicodedata.category(character)[0] != "C" and not _VARIATION_SELECTORS.match(character)


def cut_grams(folded: str) -> tuple[str, ...]:
    """Cut lower-case normal text into single characters and pairs of neighbours."""
    runs = _RUN.findall(folded)
    singles = [character for run in runs for character in run]
    pairs = [run[at : at + 2] for run in runs for at in range(len(run) - 1)]
    return (*singles, *pairs)


def skim(text: str, variants: Variants | None = None) -> Utterance:
    """Read a text without cutting it into words: for long texts, where grams say as much and words cost twenty times the time."""
    normal = normalize(text)
    folded = normal.lower()
    return Utterance(raw=text, text=normal, folded=folded, tokens=(), grams=cut_grams(settle(folded)), variants=variants)


class Segmenter:
    """Cuts text into words with a dictionary of its own, so that a city's names can be added without touching anybody else's.

    `cache_dir` is made with mode 0700 and holds the dictionary in a form that loads fast (knowledge_base.dictionary). Reading is safe
    from several threads; `add_words` belongs before the service starts or in one thread. `variants` are the city's own groups of words
    that mean the same, None for the shipped ones.
    """

    def __init__(self, cache_dir: Path, words: Iterable[str] = ()) -> None:
        self._begin(load_tokenizer(cache_dir))
        self.add_words(words)

    def _begin(
        self, tokenizer: jieba.Tokenizer, *, without: frozenset[str] = frozenset(), variants: Variants | None = None
    ) -> None:
        self._jieba = tokenizer
        self._total: int = tokenizer.total
        self._shipped: dict[
            str, int | None
        ] = {}  # how often what was changed is used in the dictionary as shipped; None: it lacks it
        self._added: dict[str, None] = {}
        self._without = without
        self.variants = variants
        self.edition = object()
        """Another object whenever a text may be cut otherwise than before."""
        for word in without & tokenizer.FREQ.keys():
            self._shipped[word] = tokenizer.FREQ[word]
            tokenizer.FREQ[word] = 0  # by hand: jieba's own way would forbid the word in every dictionary of this process

    def renew(self, words: Iterable[str], *, without: Iterable[str] = (), variants: Variants | None = None) -> Segmenter:
        """Make another one that has these words instead of what was added here, and does not take those `without` for words.

        This one stays as it is. It costs a copy of the dictionary, a few hundredths of a second.
        """
        tokenizer = jieba.Tokenizer()
        frequencies = dict(self._jieba.FREQ)
        for word, times in self._shipped.items():
            if times is None:
                frequencies.pop(word, None)
            else:
                frequencies[word] = times
        tokenizer.FREQ, tokenizer.total, tokenizer.initialized = frequencies, self._total, True
        other = Segmenter.__new__(Segmenter)
        other._begin(tokenizer, without=frozenset(map(_fold, without)) - {""}, variants=variants)  # noqa: SLF001 - another of its own kind
        other.add_words(words)
        return other

    @property
    def fingerprint(self) -> bytes:
        """Give what changes whenever a text may be read otherwise: jieba's version, the words that were added and taken away, own variants."""
        groups = () if self.variants is None else ("=", *map(" ".join, self.variants.groups))
        return "\n".join((jieba.__version__, *self._added, *(f"-{word}" for word in sorted(self._without)), *groups)).encode()

    def differ(self, other: Segmenter) -> frozenset[str]:
        """Give the words that only one of the two was taught, or was told to leave."""
        return frozenset((self._added.keys() ^ other._added.keys()) | (self._without ^ other._without))

    def knows(self, word: str) -> bool:
        """Tell whether a word is one of the dictionary, as it was shipped or was added."""
        return bool(self._jieba.FREQ.get(_fold(word)))

    def add_words(self, words: Iterable[str]) -> None:
        """Teach words that jieba's dictionary lacks: places, unit names, local terms."""
        for word in words:
            folded = _fold(word)
            if folded and folded not in self._added and folded not in self._without:
                self._added[folded] = None
                self._shipped[folded] = self._jieba.FREQ.get(folded)
                self._jieba.add_word(folded)
                self.edition = object()

    @property
    def frequencies(self) -> Mapping[str, int]:
        """Tell how often each word of the dictionary is used; 0 for what only begins one, and for what is not to be taken for a word."""
        return MappingProxyType(self._jieba.FREQ)

    def count_characters(self) -> dict[str, int]:
        """Tell how often each character stands in the dictionary's words, each word as often as it is used: half a second."""
        counts: dict[str, int] = {}
        for word, times in self._jieba.FREQ.items():
            for character in word if times else "":
                counts[character] = counts.get(character, 0) + times
        return counts

    def cut(self, folded: str) -> list[str]:
        """Cut lower-case normal text into words that do not overlap, punctuation among them, white space not."""
        return [word for word in self._leave_out(self._jieba.lcut(folded)) if not word.isspace()]

    def read(self, text: str) -> Utterance:
        """Read a text; any string is welcome, the empty one gives no tokens."""
        normal = normalize(text)
        folded = normal.lower()
        shipped = settle(folded)
        settled = shipped if self.variants is None else self.variants.settle(folded)
        tokens: list[str] = []
        for piece in _PIECE.findall(settled):
            if piece.isascii():
                tokens.append(piece)
            else:
                tokens.extend(self._leave_out(self._jieba.lcut_for_search(piece)))
        return Utterance(
            raw=text, text=normal, folded=folded, tokens=tuple(tokens), grams=cut_grams(shipped), variants=self.variants
        )

    def settle(self, text: str) -> str:
        """Give what words are cut from: the normal form of a text in lower case, its variants settled."""
        folded = normalize(text).lower()
        return settle(folded) if self.variants is None else self.variants.settle(folded)

    def skim(self, text: str) -> Utterance:
        """Read a text without cutting it into words."""
        return skim(text, self.variants)

    def _leave_out(self, words: list[str]) -> list[str]:
        """Cut what is not to be taken for a word into those that are: where the dictionary is silent, jieba guesses it again."""
        if self._without.isdisjoint(words):
            return words
        return [part for word in words for part in (self._jieba.lcut(word, HMM=False) if word in self._without else (word,))]


def _fold(word: str) -> str:
    return normalize(word).lower()
