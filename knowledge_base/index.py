"""The search index: BM25 over words and over character grams, in memory, changed entry by entry.

A snapshot in numpy arrays (rows of one term lie together), a small delta in growing arrays for what came since, and tombstones for
what went. Document frequencies and the mean length are always those of the living entries, so an index that grew step by step
ranks exactly like one built afresh (tests/unit/knowledge_base/test_index.py). Folding the delta in happens when it has grown.

BM25: S. Robertson, H. Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009); fields are weighted by adding
their weighted counts before the saturation, as in BM25F.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from math import log
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from knowledge_base.text import Utterance


class IndexSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How the index weighs. Defaults: the usual BM25 values, checked on question and policy sets (docs/quality.md)."""

    question_weight: float = 3.0
    """Question or title: what the entry is about, said shortest."""
    phrasings_weight: float = 2.0
    """Other ways to ask; many of them are pooled, so each counts a little less."""
    body_weight: float = 1.0
    """The answer or policy text."""
    saturation: float = 1.2
    """BM25's k1: how soon a repeated term stops counting."""
    length: float = 0.75
    """BM25's b: how much long entries are discounted."""
    words: float = 0.5
    """Weight of the word score beside the gram score."""
    merge_at_least: int = 256
    """Fold the delta into the snapshot when it holds this many entries …"""
    merge_share: float = 0.25
    """… and this share of the snapshot, so that loading n entries merges only about log n times."""


class Fields(NamedTuple):
    """What of an entry is searched, already read."""

    question: Utterance
    phrasings: tuple[Utterance, ...] = ()
    body: Utterance | None = None


class Hit(NamedTuple):
    """One entry found; scores are comparable within one search only."""

    code: str
    score: float
    words: float
    grams: float


class Index:
    """Entries by code, found by words and grams. One thread at a time."""

    def __init__(self, settings: IndexSettings | None = None) -> None:
        self._settings = settings or IndexSettings()
        self._codes: list[str] = []
        self._slots: dict[str, int] = {}
        self._alive = array("b")
        self.words = Postings(self._settings)
        self.grams = Postings(self._settings)
        self._merged = 0

    def __len__(self) -> int:
        return len(self._slots)

    def put(self, code: str, fields: Fields) -> None:
        """Add an entry or replace the one of that code; it is found from the next search on."""
        self.remove(code)
        slot = len(self._codes)
        self._codes.append(code)
        self._alive.append(1)
        self._slots[code] = slot
        self.words.add(slot, self._weigh(fields, "tokens"))
        self.grams.add(slot, self._weigh(fields, "grams"))
        waiting = len(self._codes) - self._merged
        if waiting >= max(self._settings.merge_at_least, self._settings.merge_share * self._merged):
            self.merge()

    def remove(self, code: str) -> None:
        """Take an entry out; nothing happens if it is not there."""
        slot = self._slots.pop(code, None)
        if slot is not None:
            self._alive[slot] = 0
            self.words.drop(slot)
            self.grams.drop(slot)

    def merge(self) -> None:
        """Fold delta and tombstones into a new snapshot; rankings do not change."""
        kept = [slot for slot, alive in enumerate(self._alive) if alive]
        self._codes = [self._codes[slot] for slot in kept]
        self._slots = {code: slot for slot, code in enumerate(self._codes)}
        self._alive = array("b", b"\1" * len(kept))
        self.words.merge(kept)
        self.grams.merge(kept)
        self._merged = len(kept)

    def search(self, utterance: Utterance, limit: int) -> list[Hit]:
        """Give the `limit` best entries that share anything with the utterance, best first, ties by code."""
        size = len(self._codes)
        if not self._slots:
            return []
        words = self.words.score(utterance.tokens, size)
        grams = self.grams.score(utterance.grams, size)
        total = (grams + self._settings.words * words) * np.frombuffer(self._alive, dtype=np.int8)
        found = np.flatnonzero(total > 0)
        if len(found) > limit:
            # Everything that ties with the last place stays in, so that cutting at the limit does not depend on the order of entry.
            threshold = np.partition(total[found], -limit)[-limit]
            found = found[total[found] >= threshold]
        hits = [Hit(self._codes[slot], float(total[slot]), float(words[slot]), float(grams[slot])) for slot in found.tolist()]
        hits.sort(key=lambda hit: (-hit.score, hit.code))
        return hits[:limit]

    def coverage(self, code: str, grams: Iterable[str]) -> float:
        """Tell how much of what these grams say is held by an entry: the share of their idf, 0..1."""
        return self.grams.coverage(self._slots[code], grams)

    def _weigh(self, fields: Fields, kind: str) -> Mapping[str, float]:
        """Count terms over the fields, each occurrence with its field's weight."""
        settings = self._settings
        counts: Counter[str] = Counter()
        for utterance, weight in (
            (fields.question, settings.question_weight),
            *((phrasing, settings.phrasings_weight) for phrasing in fields.phrasings),
            (fields.body, settings.body_weight),
        ):
            if utterance is not None:
                for term in getattr(utterance, kind):
                    counts[term] += weight  # type: ignore[assignment] # a Counter adds floats as well
        return counts


class Postings:
    """Which entries hold which terms, for one kind of term."""

    def __init__(self, settings: IndexSettings) -> None:
        self._settings = settings
        self._ids: defaultdict[str, int] = defaultdict()
        self._ids.default_factory = self._ids.__len__
        self._frequencies: list[int] = []
        self._entries: dict[int, tuple[NDArray[np.int32], NDArray[np.float32]]] = {}
        self._lengths = array("f")
        self._total = 0.0
        self._starts = np.zeros(1, dtype=np.int64)
        self._slots = np.zeros(0, dtype=np.int32)
        self._weights = np.zeros(0, dtype=np.float32)
        self._delta: dict[int, tuple[array[int], array[float]]] = {}

    def add(self, slot: int, weights: Mapping[str, float]) -> None:
        """Add the terms of a new slot to the delta."""
        ids = np.fromiter(map(self._ids.__getitem__, weights), dtype=np.int32, count=len(weights))
        self._frequencies.extend([0] * (len(self._ids) - len(self._frequencies)))
        values = np.fromiter(weights.values(), dtype=np.float32, count=len(weights))
        order = np.argsort(ids)
        ids, values = ids[order], values[order]
        self._entries[slot] = (ids, values)
        for identity, value in zip(ids.tolist(), values.tolist(), strict=True):
            self._frequencies[identity] += 1
            rows = self._delta.get(identity)
            if rows is None:
                rows = self._delta[identity] = (array("i"), array("f"))
            rows[0].append(slot)
            rows[1].append(value)
        self._lengths.append(float(values.sum()))
        self._total += self._lengths[-1]

    def drop(self, slot: int) -> None:
        """Forget a slot in the statistics; its rows stay until the next merge."""
        ids, _ = self._entries.pop(slot)
        for identity in ids.tolist():
            self._frequencies[identity] -= 1
        self._total -= self._lengths[slot]

    def merge(self, kept: list[int]) -> None:
        """Build the snapshot anew from the slots that are kept, numbered in their order."""
        entries = [self._entries[slot] for slot in kept]
        self._entries = dict(enumerate(entries))
        self._lengths = array("f", [self._lengths[slot] for slot in kept])
        self._total = sum(self._lengths)
        self._delta = {}
        terms = np.concatenate([ids for ids, _ in entries]) if entries else np.zeros(0, dtype=np.int32)
        order = np.argsort(terms, kind="stable")
        slots = np.repeat(np.arange(len(entries), dtype=np.int32), [len(ids) for ids, _ in entries])
        self._slots = slots[order]
        self._weights = np.concatenate([values for _, values in entries])[order] if entries else np.zeros(0, dtype=np.float32)
        self._starts = np.searchsorted(terms[order], np.arange(len(self._frequencies) + 1))

    def score(self, terms: Iterable[str], size: int) -> NDArray[np.float32]:
        """Score every slot against these terms; slots that are dropped may still carry a score."""
        slots: list[NDArray[np.int32]] = []
        weights: list[NDArray[np.float32]] = []
        gains: list[float] = []
        for term, count in Counter(terms).items():
            identity = self._ids.get(term)
            if identity is None or not self._frequencies[identity]:
                continue
            for rows, values in self._rows(identity):
                slots.append(rows)
                weights.append(values)
                gains.append(count * self.rarity(term))
        scores = np.zeros(size, dtype=np.float32)
        if slots:
            where = np.concatenate(slots)
            weight = np.concatenate(weights)
            gain = np.repeat(np.asarray(gains, dtype=np.float32), [len(rows) for rows in slots])
            np.add.at(scores, where, gain * weight / (weight + self._discounts()[where]))
        return scores

    def rarity(self, term: str) -> float:
        """Give the idf of a term among the living entries; never below 0."""
        identity = self._ids.get(term)
        frequency = 0 if identity is None else self._frequencies[identity]
        return log(1.0 + (len(self._entries) - frequency + 0.5) / (frequency + 0.5))

    def coverage(self, slot: int, terms: Iterable[str]) -> float:
        """Give the share of the terms' idf that this slot holds, 0..1."""
        asked = {term: self.rarity(term) for term in terms}
        total = sum(asked.values())
        if not total:
            return 0.0
        held, _ = self._entries[slot]
        wanted = np.fromiter((self._ids.get(term, -1) for term in asked), dtype=np.int32, count=len(asked))
        places = np.minimum(np.searchsorted(held, wanted), len(held) - 1)
        found = held[places] == wanted if len(held) else np.zeros(len(wanted), dtype=bool)
        return float(np.dot(np.fromiter(asked.values(), dtype=np.float64, count=len(asked)), found) / total)

    def _rows(self, identity: int) -> Iterable[tuple[NDArray[np.int32], NDArray[np.float32]]]:
        """Give the rows of one term: those of the snapshot, then those of the delta."""
        if identity + 1 < len(self._starts):
            start, end = self._starts[identity], self._starts[identity + 1]
            if start < end:
                yield self._slots[start:end], self._weights[start:end]
        if identity in self._delta:
            slots, values = self._delta[identity]
            yield np.frombuffer(slots, dtype=np.int32), np.frombuffer(values, dtype=np.float32)

    def _discounts(self) -> NDArray[np.float32]:
        """Give each slot's saturation, longer entries more."""
        mean = self._total / max(len(self._entries), 1) or 1.0
        lengths = np.frombuffer(self._lengths, dtype=np.float32)
        settings = self._settings
        return (settings.saturation * (1.0 - settings.length + settings.length * lengths / np.float32(mean))).astype(np.float32)
