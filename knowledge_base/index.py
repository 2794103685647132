"""The search index: BM25 over words, characters and sounds, in memory, changed entry by entry.

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
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from knowledge_base.row_table import Row
    from knowledge_base.wording import Terms


_LEAST = 1e-9
"""What a share is a share of, at the least."""


class IndexSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How the index weighs. Defaults: the usual BM25 values, checked on question and policy sets (docs/quality.md)."""

    question_weight: float = 2.0
    """Question or title: what the entry is about, said shortest."""
    phrasings_weight: float = 1.5
    """Other ways to ask; many of them are pooled, so each counts a little less."""
    body_weight: float = 1.0
    """The answer or policy text."""
    saturation: float = 1.2
    """BM25's k1: how soon a repeated term stops counting."""
    length: float = 0.75
    """BM25's b: how much long entries are discounted."""
    words: float = 0.25
    """Weight of the words beside characters and sounds: fitted on own questions they add little to both."""
    close: int = 32
    """How many entries are looked at closely: the nearest by words and pairs of sounds."""
    merge_at_least: int = 256
    """Fold the delta into the snapshot when it holds this many entries …"""
    merge_share: float = 0.25
    """… and this share of the snapshot, so that loading n entries merges only about log n times."""


class Fields(NamedTuple):
    """What of an entry is searched, already read."""

    question: Terms
    phrasings: tuple[Terms, ...] = ()
    body: Terms | None = None


class Rows(NamedTuple):
    """What of an entry is searched, as the index keeps it."""

    words: Row
    grams: Row
    sounds: Row


class Hit(NamedTuple):
    """One entry found. All are shares of what an entry that consists of the question would have, so they may be compared between questions."""

    code: str
    score: float
    """Of its characters and sounds, and a little of its words."""
    bare: float
    """The same for what was said without the words that only ask."""
    coverage: float
    """How much of the question's characters and sounds it holds at all, by their rarity."""
    bare_coverage: float


class Index:
    """Entries by code, found by words and grams. One thread at a time."""

    def __init__(self, settings: IndexSettings | None = None) -> None:
        self._settings = settings or IndexSettings()
        self._codes: list[str] = []
        self._slots: dict[str, int] = {}
        self._alive = array("b")
        bm25 = {"saturation": self._settings.saturation, "length": self._settings.length}
        self.words, self.grams, self.sounds = self._postings = Postings(**bm25), Postings(**bm25), Postings(**bm25)
        self._merged = 0

    def __len__(self) -> int:
        return len(self._slots)

    def read(self, fields: Fields) -> Rows:
        """Weigh what an entry says, without taking it in."""
        return Rows(
            *(postings.make_row(self._weigh(fields, kind)) for kind, postings in zip(Rows._fields, self._postings, strict=True))
        )

    def put(self, code: str, fields: Fields) -> None:
        """Add an entry or replace the one of that code; it is found from the next search on."""
        rows = self.read(fields)
        self.remove(code)
        self._give_slot(code)
        for postings, row in zip(self._postings, rows, strict=True):
            postings.add(row)
        waiting = len(self._codes) - self._merged
        if waiting >= max(self._settings.merge_at_least, self._settings.merge_share * self._merged):
            self.merge()

    def put_all(self, entries: Mapping[str, Rows]) -> None:
        """Add or replace many entries that were read before, at the price of one merge."""
        for code in entries:
            self.remove(code)
            self._give_slot(code)
        for postings, rows in zip(self._postings, zip(*entries.values(), strict=True), strict=False):
            postings.extend(rows)
        self.merge()

    def remove(self, code: str) -> None:
        """Take an entry out; nothing happens if it is not there."""
        slot = self._slots.pop(code, None)
        if slot is not None:
            self._alive[slot] = 0
            for postings in self._postings:
                postings.drop(slot)

    def merge(self) -> None:
        """Fold delta and tombstones into a new snapshot; rankings do not change."""
        kept = [slot for slot, alive in enumerate(self._alive) if alive]
        self._codes = [self._codes[slot] for slot in kept]
        self._slots = {code: slot for slot, code in enumerate(self._codes)}
        self._alive = array("b", b"\1" * len(kept))
        for postings in self._postings:
            postings.merge(kept)
        self._merged = len(kept)

    def search(self, asked: Terms, bare: Terms, limit: int, *, also: Sequence[str] = ()) -> list[Hit]:
        """Give the `limit` best entries that share anything with what was asked, best first, ties by code.

        `bare` is what was asked without the words that only ask. Of a large base only the nearest by words and pairs of sounds are
        looked at closely, and the entries of the codes in `also`.
        """
        said = self.words.score(asked.words, len(self._codes))
        slots = self._list_slots(asked, said, max(limit, self._settings.close))
        slots += {self._slots[code] for code in also}.difference(slots)
        if not slots:
            return []
        scores, held = np.zeros((2, len(slots))), np.zeros((2, len(slots)))
        scores[0] = self._settings.words * said[slots]
        ideals = np.array([self._settings.words * self.words.sum_up(asked.words), _LEAST])
        wholes = np.full(2, _LEAST)
        for postings, terms, left in ((self.grams, asked.grams, bare.grams), (self.sounds, asked.sounds, bare.sounds)):
            for kind, look in enumerate(postings.look(slots, (terms, left))):
                scores[kind] += look.scores
                held[kind] += look.held
                wholes[kind] += look.whole
        ideals += wholes
        shares = np.concatenate([scores / ideals[:, None], held / wholes[:, None]]).T.tolist()
        hits = [
            Hit(self._codes[slot], *share)
            for slot, share in zip(slots, shares, strict=True)
            if share[0] > 0.0 or self._codes[slot] in also
        ]
        hits.sort(key=lambda hit: (-hit.score, hit.code))
        return hits[:limit] + [hit for hit in hits[limit:] if hit.code in also]

    def _list_slots(self, asked: Terms, said: NDArray[np.float32], limit: int) -> list[int]:
        """List the slots worth a close look: all of few, of many those with the best words (`said`) and pairs of sounds."""
        alive = np.frombuffer(self._alive, dtype=np.int8)
        if len(self._slots) <= limit:
            return np.flatnonzero(alive).tolist()
        size = len(self._codes)
        total = self.sounds.score([sound for sound in asked.sounds if len(sound) > 1], size)
        total += said
        total *= alive
        found = np.flatnonzero(total > 0)
        if len(found) < limit:
            total += self.sounds.score([sound for sound in asked.sounds if len(sound) == 1], size) * alive
            found = np.flatnonzero(total > 0)
        if len(found) > limit:
            threshold = np.partition(total[found], -limit)[-limit]
            tied = found[total[found] == threshold]
            found = found[total[found] > threshold]
            found = np.concatenate([found, sorted(tied.tolist(), key=self._codes.__getitem__)[: limit - len(found)]])
        return found.tolist()

    def _give_slot(self, code: str) -> None:
        self._slots[code] = len(self._codes)
        self._codes.append(code)
        self._alive.append(1)

    def _weigh(self, fields: Fields, kind: str) -> Mapping[str, float]:
        """Count terms over the fields, each occurrence with its field's weight."""
        settings = self._settings
        counts: dict[str, float] = {}
        for terms, weight in (
            (fields.question, settings.question_weight),
            *((phrasing, settings.phrasings_weight) for phrasing in fields.phrasings),
            (fields.body, settings.body_weight),
        ):
            if terms is not None:
                for term, times in Counter(getattr(terms, kind)).items():
                    counts[term] = counts.get(term, 0.0) + times * weight
        return counts
