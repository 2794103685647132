"""What in a text speaks for which duty item: compiled once from the duty list, then asked for every message.

Three kinds, from sure to vague: the item's own words as written; phrasings of residents that resemble a part of the text; and pairs of
characters (grams), which still see 没给发工资 where the list says 不发工资. Rare ones weigh more. Built for about 400 items, a chat
line or a letter of 800 characters in about a millisecond: dictionaries and one numpy sum, no automaton.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np
from rapidfuzz import fuzz

from knowledge_base.text import normalize

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from routing.terms import DutyItem

_BREAK = re.compile(r"[^\w]+")
_LENGTH_BONUS = 0.25  # a word of four characters says half as much again as one of two
_OWN_WORD = 6  # a gram of a name or word counts like six of a phrasing, which is full of everyday talk
_RARITY = 1.5  # exponent of a gram's rarity
_SATURATION, _LENGTH = 1.2, 0.5  # the k1 and b of BM25


class Piece(msgspec.Struct, frozen=True):
    """A piece of evidence before it is ranked: the text found, and its weight."""

    found: str
    weight: float


def fold(text: str) -> str:
    """Give the form in which list and text are compared: normal form, lower case."""
    return normalize(text).lower()


def cut_pairs(folded: str) -> list[str]:
    """Cut a folded text into pairs of neighbouring characters, never across punctuation."""
    return [run[at : at + 2] for run in _BREAK.split(folded) for at in range(len(run) - 1)]


class WordIndex:
    """The items' names and own words, found as written."""

    def __init__(self, items: Sequence[DutyItem]) -> None:
        texts = [fold(" ".join((item.name, *item.words, *item.phrasings))) for item in items]
        holders: dict[str, set[int]] = {}
        for at, item in enumerate(items):
            for word in filter(None, map(fold, (item.name, *item.words))):
                holders.setdefault(word, set()).add(at)
        self._by_head = _group_by_head(holders)
        occurs = Counter(word for text in texts for word in _list_words(text, self._by_head))
        self._holders = {word: tuple(sorted(found)) for word, found in holders.items()}
        self._weight = {
            word: math.log(1 + len(items) / max(1, occurs[word])) * (1 + _LENGTH_BONUS * (len(word) - 2)) for word in holders
        }

    def find(self, folded: str, negations: tuple[str, ...] = ()) -> dict[int, list[Piece]]:
        """Find by item the words that stand in a text; one that only stands right after a negation does not count."""
        found: dict[int, list[Piece]] = {}
        said = [negation for negation in negations if negation in folded]
        for word in _list_words(folded, self._by_head):
            times = folded.count(word) - sum(folded.count(negation + word) for negation in said)
            if times > 0:
                piece = Piece(word, self._weight[word] * (1 + math.log(times)))
                for at in self._holders[word]:
                    found.setdefault(at, []).append(piece)
        return found


class GramIndex:
    """The items as bags of character pairs, compared by BM25."""

    def __init__(self, items: Sequence[DutyItem]) -> None:
        bags = [_bag(item) for item in items]
        self.size = len(bags)
        spread = Counter(gram for bag in bags for gram in bag)
        mean = max(1.0, sum(bag.total() for bag in bags) / max(1, len(bags)))
        self.weights: list[dict[str, float]] = []
        """By item, the weight of each of its grams."""
        for bag in bags:
            damp = _SATURATION * _OWN_WORD * (1 - _LENGTH + _LENGTH * bag.total() / mean)
            self.weights.append(
                {
                    gram: math.log(1 + (len(bags) - spread[gram] + 0.5) / (spread[gram] + 0.5)) ** _RARITY
                    * count
                    * (_SATURATION + 1)
                    / (count + damp)
                    for gram, count in bag.items()
                }
            )
        self._postings = _invert(self.weights)

    def score(self, counts: dict[str, float]) -> NDArray[np.float64]:
        """Sum up what the grams of a text, counted, say for each item."""
        known = [(self._postings[gram], 1 + math.log(count)) for gram, count in counts.items() if gram in self._postings]
        if not known:
            return np.zeros(self.size)
        rows = np.concatenate([posting[0] for posting, _ in known])
        factors = np.repeat([factor for _, factor in known], [len(posting[0]) for posting, _ in known])
        values = np.concatenate([posting[1] for posting, _ in known]) * factors
        return np.bincount(rows, weights=values, minlength=self.size).astype(np.float64)

    def find_pieces(self, folded: str, at: int, *, limit: int) -> list[Piece]:
        """Find the heaviest pieces of a text whose every pair of characters speaks for one item."""
        weights = self.weights[at]
        pieces: dict[str, float] = {}
        for run in _BREAK.split(folded):
            begin, weight = 0, 0.0
            for end in range(1, len(run) + 1):
                gain = weights.get(run[end - 1 : end + 1], 0.0) if end < len(run) else 0.0
                weight += gain
                if not gain:
                    if weight:
                        pieces[run[begin:end]] = weight
                    begin, weight = end, 0.0
        heaviest = sorted(pieces.items(), key=lambda piece: (-piece[1], piece[0]))
        return [Piece(piece, weight) for piece, weight in heaviest[:limit]]


class PhrasingIndex:
    """How residents say it: phrasings that resemble a part of the text."""

    def __init__(self, items: Sequence[DutyItem]) -> None:
        self._phrasings = [[(text, fold(text), frozenset(cut_pairs(fold(text)))) for text in item.phrasings] for item in items]
        spread = Counter(pair for phrasings in self._phrasings for *_, pairs in phrasings for pair in pairs)
        total = max(1, sum(len(phrasings) for phrasings in self._phrasings))
        self._rarity = {pair: math.log(1 + total / count) for pair, count in spread.items()}
        self._masses = [[sum(map(self._rarity.__getitem__, pairs)) for *_, pairs in phrasings] for phrasings in self._phrasings]

    def find_best(self, folded: str, pairs: frozenset[str], at: int, *, floor: float) -> Piece | None:
        """Find an item's phrasing most like a part of the text, its likeness (0..1) as weight; None below `floor`.

        Likeness: the mean of the rarity-weighted share of its character pairs and rapidfuzz's ratio to the part that fits best.
        """
        best: Piece | None = None
        for (phrasing, folded_phrasing, own), mass in zip(self._phrasings[at], self._masses[at], strict=True):
            share = sum(map(self._rarity.__getitem__, own & pairs)) / mass if mass else 0.0
            if share < 2 * floor - 1:
                continue
            compare = fuzz.partial_ratio if len(folded_phrasing) <= len(folded) else fuzz.ratio
            likeness = (share + compare(folded_phrasing, folded) / 100) / 2
            if likeness >= floor and (best is None or likeness > best.weight):
                best = Piece(phrasing, likeness)
        return best


class ListEvidence(NamedTuple):
    """Everything in the words of one duty list that may speak for its items. Asking changes nothing of it."""

    words: WordIndex
    grams: GramIndex
    phrasings: PhrasingIndex


@lru_cache(maxsize=2)
def compile_evidence(items: tuple[DutyItem, ...]) -> ListEvidence:
    """Compile the words of a duty list (a quarter of a second for 400 items). The last two are kept: a city is loaded anew far oftener than its list changes."""
    return ListEvidence(WordIndex(items), GramIndex(items), PhrasingIndex(items))


def _group_by_head(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Group words by their first two characters."""
    grouped: dict[str, list[str]] = {}
    for word in words:
        grouped.setdefault(word[:2], []).append(word)
    return {head: tuple(sorted(found)) for head, found in grouped.items()}


def _list_words(folded: str, by_head: dict[str, tuple[str, ...]]) -> list[str]:
    """List the words that occur in a text, each once, in the order of their first two characters there."""
    heads = dict.fromkeys(folded[at : at + 2] for at in range(len(folded)))
    return [word for head in heads for word in by_head.get(head, ()) if word in folded]


def _invert(weights: Sequence[dict[str, float]]) -> dict[str, tuple[NDArray[np.intp], NDArray[np.float64]]]:
    """Give by gram the places of the items that have it, in their order, and its weights there: slices of two long arrays."""
    numbers = {gram: number for number, gram in enumerate(dict.fromkeys(chain.from_iterable(weights)))}
    held = np.fromiter((numbers[gram] for each in weights for gram in each), dtype=np.intp)
    order = np.argsort(held, kind="stable")
    places = np.repeat(np.arange(len(weights)), np.fromiter(map(len, weights), dtype=np.intp))[order]
    values = np.fromiter(chain.from_iterable(each.values() for each in weights), dtype=np.float64)[order]
    counts = np.bincount(held, minlength=len(numbers))
    ends = np.cumsum(counts)
    slices = map(slice, (ends - counts).tolist(), ends.tolist())
    return {gram: (places[part], values[part]) for gram, part in zip(numbers, slices, strict=True)}


def _bag(item: DutyItem) -> Counter[str]:
    bag: Counter[str] = Counter()
    for word in (item.name, *item.words):
        for pair in cut_pairs(fold(word)):
            bag[pair] += _OWN_WORD
    for phrasing in item.phrasings:
        bag.update(cut_pairs(fold(phrasing)))
    return bag
