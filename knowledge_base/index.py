"""The search index: BM25 over words and over character grams, in memory, changed entry by entry.

A snapshot in numpy arrays, a small delta for what came since (knowledge_base.postings), and tombstones for what went, so an index that
grew step by step ranks exactly like one built afresh (tests/unit/knowledge_base/test_index.py). Folding the delta in happens when it
has grown; many entries at once never pass through it.

BM25: S. Robertson, H. Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009); fields are weighted by adding
their weighted counts before the saturation, as in BM25F.
"""

from __future__ import annotations

from array import array
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from knowledge_base.postings import Postings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from knowledge_base.postings import Row
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


class Rows(NamedTuple):
    """What of an entry is searched, as the index keeps it."""

    words: Row
    grams: Row


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
        bm25 = {"saturation": self._settings.saturation, "length": self._settings.length}
        self.words = Postings(**bm25)
        self.grams = Postings(**bm25)
        self._merged = 0

    def __len__(self) -> int:
        return len(self._slots)

    def read(self, fields: Fields) -> Rows:
        """Weigh what an entry says, without taking it in."""
        return Rows(
            words=self.words.make_row(self._weigh(fields, "tokens")), grams=self.grams.make_row(self._weigh(fields, "grams"))
        )

    def put(self, code: str, fields: Fields) -> None:
        """Add an entry or replace the one of that code; it is found from the next search on."""
        rows = self.read(fields)
        self.remove(code)
        self._give_slot(code)
        self.words.add(rows.words)
        self.grams.add(rows.grams)
        waiting = len(self._codes) - self._merged
        if waiting >= max(self._settings.merge_at_least, self._settings.merge_share * self._merged):
            self.merge()

    def put_all(self, entries: Mapping[str, Rows]) -> None:
        """Add or replace many entries that were read before, at the price of one merge."""
        for code in entries:
            self.remove(code)
            self._give_slot(code)
        self.words.extend([rows.words for rows in entries.values()])
        self.grams.extend([rows.grams for rows in entries.values()])
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

    def _give_slot(self, code: str) -> None:
        self._slots[code] = len(self._codes)
        self._codes.append(code)
        self._alive.append(1)

    def _weigh(self, fields: Fields, kind: str) -> Mapping[str, float]:
        """Count terms over the fields, each occurrence with its field's weight."""
        settings = self._settings
        counts: dict[str, float] = {}
        for utterance, weight in (
            (fields.question, settings.question_weight),
            *((phrasing, settings.phrasings_weight) for phrasing in fields.phrasings),
            (fields.body, settings.body_weight),
        ):
            if utterance is not None:
                for term, times in Counter(getattr(utterance, kind)).items():
                    counts[term] = counts.get(term, 0.0) + times * weight
        return counts
