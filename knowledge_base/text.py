"""Reading written Chinese: one normal form, words by jieba, and character grams. Only this module and knowledge_base.dictionary know jieba.

Residents type full-width digits, zero-width characters and stray line breaks; everything that compares text compares the normal
form. Words carry meaning, grams of one and two characters survive typing errors and unknown words (a city's own names).
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import jieba
import msgspec

from knowledge_base.dictionary import load_tokenizer
from knowledge_base.variants import settle

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

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


def skim(text: str) -> Utterance:
    """Read a text without cutting it into words: for long texts, where grams say as much and words cost twenty times the time."""
    normal = normalize(text)
    folded = normal.lower()
    return Utterance(raw=text, text=normal, folded=folded, tokens=(), grams=cut_grams(settle(folded)))


class Segmenter:
    """Cuts text into words with a dictionary of its own, so that a city's names can be added without touching anybody else's.

    `cache_dir` is made with mode 0700 and holds the dictionary in a form that loads fast (knowledge_base.dictionary). Reading is safe
    from several threads; `add_words` belongs before the service starts or in one thread.
    """

    def __init__(self, cache_dir: Path, words: Iterable[str] = ()) -> None:
        self._jieba = load_tokenizer(cache_dir)
        self._added: dict[str, None] = {}
        self.edition = object()
        """Another object whenever a text may be cut otherwise than before."""
        self.add_words(words)

    @property
    def fingerprint(self) -> bytes:
        """Give what changes whenever a text may be cut otherwise: jieba's version and the words that were added."""
        return "\n".join((jieba.__version__, *self._added)).encode()

    def add_words(self, words: Iterable[str]) -> None:
        """Teach words that jieba's dictionary lacks: places, unit names, local terms."""
        for word in words:
            folded = normalize(word).lower()
            if folded and folded not in self._added:
                self._added[folded] = None
                self._jieba.add_word(folded)
                self.edition = object()

    def count_characters(self) -> dict[str, int]:
        """Tell how often each character stands in the dictionary's words, each word as often as it is used: half a second."""
        counts: dict[str, int] = {}
        for word, times in self._jieba.FREQ.items():
            for character in word if times else "":
                counts[character] = counts.get(character, 0) + times
        return counts

    def cut(self, folded: str) -> list[str]:
        """Cut lower-case normal text into words that do not overlap, punctuation among them, white space not."""
        return [word for word in self._jieba.lcut(folded) if not word.isspace()]

    def read(self, text: str) -> Utterance:
        """Read a text; any string is welcome, the empty one gives no tokens."""
        normal = normalize(text)
        folded = normal.lower()
        settled = settle(folded)
        tokens: list[str] = []
        for piece in _PIECE.findall(settled):
            if piece.isascii():
                tokens.append(piece)
            else:
                tokens.extend(self._jieba.lcut_for_search(piece))
        return Utterance(raw=text, text=normal, folded=folded, tokens=tuple(tokens), grams=cut_grams(settled))
