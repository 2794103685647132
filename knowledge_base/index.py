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
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from knowledge_base.postings import Postings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from knowledge_base.row_table import Row
    from knowledge_base.wording import Terms


_SOUND = "~"
"""Stands before a sound where sounds and characters are kept as one kind of term: no character that is searched."""
_SHARES = (0.5, 0.25, 0.0)
"""Of the highest score: the best are looked for among those above the first share that leaves enough, so that few are sorted."""
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
    signs: Row
    """Its characters, its sounds, and pairs of both."""


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


_CODE, _SCORE = attrgetter("code"), attrgetter("score")


class Index:
    """Entries by code, found by words and grams. One thread at a time."""

    def __init__(self, settings: IndexSettings | None = None) -> None:
        self._settings = settings or IndexSettings()
        self._codes: list[str] = []
        self._slots: dict[str, int] = {}
        self._alive = array("b")
        bm25 = {"saturation": self._settings.saturation, "length": self._settings.length}
        self.words, self.signs = self._postings = Postings(**bm25), Postings(**bm25)
        self._merged = 0

    def __len__(self) -> int:
        return len(self._slots)

    def read(self, fields: Fields) -> Rows:
        """Weigh what an entry says, without taking it in."""
        return Rows(self.words.make_row(self._weigh(fields, "words")), self._read_signs(fields))

    def find_words(self, code: str) -> Row | None:
        """Give the row of an entry's words, None if it is not here."""
        slot = self._slots.get(code)
        return None if slot is None else self.words.row(slot)

    def put(self, code: str, fields: Fields, *, words: Row | None = None) -> None:
        """Add an entry or replace the one of that code; it is found from the next search on.

        `words` is the row of its words if that is known, from find_words; those of `fields` do not count then.
        """
        rows = self.read(fields) if words is None else Rows(words, self._read_signs(fields))
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
        looks = self.signs.look(slots, (_list_signs(asked), _list_signs(bare)))
        wholes = [look.whole + _LEAST for look in looks]
        scores = looks[0].scores + self._settings.words * said[slots]
        ideal = wholes[0] + self._settings.words * self.words.sum_up(asked.words)
        shares = (scores / ideal, looks[1].scores / wholes[1], looks[0].held / wholes[0], looks[1].held / wholes[1])
        found = map(Hit, map(self._codes.__getitem__, slots), *(share.tolist() for share in shares))
        hits = [hit for hit in found if hit.score > 0.0 or hit.code in also]
        hits.sort(key=_CODE)
        hits.sort(key=_SCORE, reverse=True)  # equals stay in the order of their codes
        return hits[:limit] + [hit for hit in hits[limit:] if hit.code in also]

    def _list_slots(self, asked: Terms, said: NDArray[np.float32], limit: int) -> list[int]:
        """List the slots worth a close look: all of few, of many those with the best words (`said`) and pairs of sounds."""
        alive = np.frombuffer(self._alive, dtype=np.bool_)
        if len(self._slots) <= limit:
            return np.flatnonzero(alive).tolist()
        size = len(self._codes)
        total = self.signs.score([_SOUND + sound for sound in asked.sounds if len(sound) > 1], size)
        total += said
        found = self._list_best(total, alive, limit)
        if len(found) < limit:
            total += self.signs.score([_SOUND + sound for sound in asked.sounds if len(sound) == 1], size)
            found = self._list_best(total, alive, limit)
        return found

    def _list_best(self, total: NDArray[np.float32], alive: NDArray[np.bool_], limit: int) -> list[int]:
        """List the slots that are alive and score most, ties by code; those that score nothing never."""
        if len(self._slots) < len(alive):
            total *= alive
        most = total.max(initial=0.0)
        for share in _SHARES:
            found = np.flatnonzero(total > share * most)
            if len(found) >= limit:
                break
        if len(found) <= limit:
            return found.tolist()
        scores = total[found]
        threshold = np.partition(scores, -limit)[-limit]
        best: list[int] = found[scores >= threshold].tolist()
        if len(best) == limit:
            return best
        near = scores > threshold
        tied = sorted(found[scores == threshold].tolist(), key=self._codes.__getitem__)
        return [*found[near].tolist(), *tied[: limit - int(np.count_nonzero(near))]]

    def _read_signs(self, fields: Fields) -> Row:
        sounds = {_SOUND + sound: weight for sound, weight in self._weigh(fields, "sounds").items()}
        return self.signs.make_row(self._weigh(fields, "grams") | sounds)

    def _give_slot(self, code: str) -> None:
        self._slots[code] = len(self._codes)
        self._codes.append(code)
        self._alive.append(1)

    def _weigh(self, fields: Fields, kind: str) -> dict[str, float]:
        """Count terms over the fields, each occurrence with its field's weight."""
        settings = self._settings
        # The longest first: what it says stands nowhere yet.
        counts: dict[str, float] = dict(Counter(getattr(fields.body, kind, ())))
        if settings.body_weight != 1.0:
            counts = {term: times * settings.body_weight for term, times in counts.items()}
        for terms, weight in (
            (fields.question, settings.question_weight),
            *((phrasing, settings.phrasings_weight) for phrasing in fields.phrasings),
        ):
            for term, times in Counter(getattr(terms, kind)).items():
                counts[term] = counts.get(term, 0.0) + times * weight
        return counts


def _list_signs(terms: Terms) -> list[str]:
    """List characters and sounds as the terms of one index."""
    return [*terms.grams, *(_SOUND + sound for sound in terms.sounds)]
