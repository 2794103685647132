"""What was typed by its sound, written as it was probably meant: 『署假』 as 『暑假』, 『物页费』 as 『物业费』.

Matching compares sounds anyway. This is for what reads characters: the sentence encoder, to which a mistyped question says something else
(docs/quality.md). Of all ways to write the sounds of a text, the one is taken whose words are the commonest, each changed character against
it: words of the dictionary, of the entries, and phrases of our own sentences, which tell 『怎么查』 from 『怎么擦』 where no word does. It is a
guess, so its reader looks at the text as it was typed, too.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from importlib.resources import files
from itertools import islice, pairwise
from math import inf, log
from typing import TYPE_CHECKING

from knowledge_base.pinyin import sound_table
from knowledge_base.rarity import load_counts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from knowledge_base.index import Index
    from knowledge_base.postings import Postings
    from knowledge_base.text import Segmenter, Utterance

_RUN = re.compile(r"[\u4e00-\u9fff]{2,}")
_LONGEST = 4
"""Characters of a word or phrase at the most."""
_COMMON = 50
"""Words that the dictionary counts less often are no guess, unless an entry has them: most of its words are names and rare terms."""
_PHRASE = 50
"""Uses in the dictionary that one in our own sentences is worth: it counts sixty million words, they are half a million."""
_KNOWN = 60_000
"""Uses that a word of the entries is worth: as many as an everyday word has."""
_CHANGED = 5.0
"""What a changed character costs, in natural logarithms of how common a word is: from 4 to 7 it makes little difference."""
_SINGLE = 2.0
"""What a word of one character costs more: the dictionary counts them often, next to one another they are seldom meant."""
_NEVER = 0.5
"""Uses of what was never counted."""


class Retyper:
    """Words by how they sound, and how common each is, by the dictionary of a segmenter as it is now. One thread at a time."""

    def __init__(self, segmenter: Segmenter) -> None:
        self._segmenter = segmenter
        self._edition = segmenter.edition
        self._frequencies = frequencies = segmenter.frequencies
        self._phrases = _read_phrases()
        self._most = log(sum(frequencies.values()) or 1)
        self._sounding: dict[str, list[str]] = defaultdict(list)
        self._known: set[str] = set()
        self._learned = 0
        self._take(word for word, times in frequencies.items() if times >= _COMMON)
        self._take(word for word in self._phrases if frequencies.get(word, 0) < _COMMON)

    def fits(self, segmenter: Segmenter) -> bool:
        """Tell whether this one reads with the dictionary of a segmenter as it is now."""
        return self._edition is segmenter.edition

    def read(self, utterance: Utterance, index: Index) -> Utterance | None:
        """Read a question as it was probably meant, None if nothing in it looks mistyped.

        Words of the entries in the index are common ones, and two neighbours that stand so in an entry are never changed.
        """
        self._learn(index.words)
        text = _RUN.sub(lambda found: self._retype(found[0], index.signs.holds), utterance.text)
        return None if text == utterance.text else self._segmenter.read(text)

    def _learn(self, words: Postings) -> None:
        """Take the words of entries that came since for common ones; they stay it when their entry goes."""
        new = list(islice(words.vocabulary, self._learned, None))
        self._learned += len(new)
        self._known.update(new)
        self._take(word for word in new if self._frequencies.get(word, 0) < _COMMON and word not in self._phrases)

    def _take(self, words: Iterable[str]) -> None:
        table = sound_table()
        for word in words:
            if len(word) <= _LONGEST and _RUN.fullmatch(word):
                self._sounding[word.translate(table)].append(word)

    def _retype(self, run: str, is_pair: Callable[[str], bool]) -> str:
        sounds, end = run.translate(sound_table()), len(run)
        pairs = [False, *(is_pair(run[at : at + 2]) for at in range(end - 1)), False]
        is_kept = [before or after for before, after in pairwise(pairs)]
        cheapest: list[tuple[float, int, str]] = [(0.0, 0, ""), *[(inf, 0, "")] * end]
        for start in range(end):
            for stop in range(start + 1, min(start + _LONGEST, end) + 1):
                own = run[start:stop]
                words = self._sounding.get(sounds[start:stop], ()) if stop > start + 1 else (own,)
                for word in words:
                    changed = [at for at, character in enumerate(word, start) if character != run[at]]
                    if len(changed) == len(word) or any(is_kept[at] for at in changed):
                        continue
                    cost = cheapest[start][0] + self._cost(word) + _CHANGED * len(changed)
                    if cost < cheapest[stop][0]:
                        cheapest[stop] = (cost, start, word)
        words, at = [], end
        while at:
            _, at, word = cheapest[at]
            words.append(word)
        return "".join(reversed(words))

    def _cost(self, word: str) -> float:
        uses = self._frequencies.get(word, 0) + _PHRASE * self._phrases.get(word, 0) + _KNOWN * (word in self._known)
        return self._most - log(uses + _NEVER) + (_SINGLE if len(word) == 1 else 0.0)


@cache
def _read_phrases() -> Mapping[str, int]:
    """Read how often phrases of two to four characters stand in our own sentences."""
    return load_counts(files("knowledge_base").joinpath("models", "phrases.npz").read_bytes())[0]
