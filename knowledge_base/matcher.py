"""The entries in memory, and which of them come nearest to a question: candidates from the index, then compared closely."""

from __future__ import annotations

from itertools import accumulate
from operator import itemgetter
from threading import Lock
from types import MappingProxyType
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from knowledge_base import snapshot
from knowledge_base.cache_file import read_cache, write_cache
from knowledge_base.conditions import tell_apart
from knowledge_base.index import Fields, Index
from knowledge_base.kept_vectors import embed_kept
from knowledge_base.match import Match, MatchSettings, is_delicate, is_sure, weigh
from knowledge_base.retyping import Retyper
from knowledge_base.snapshot import Read
from knowledge_base.vectors import Vectors
from knowledge_base.wording import find_unsaid, join_sounds, liken, miss, read_asked, read_terms, read_wording

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from knowledge_base.encoder import Encoder
    from knowledge_base.entry import Entry
    from knowledge_base.index import Hit
    from knowledge_base.text import Segmenter, Utterance
    from knowledge_base.variants import Variants
    from knowledge_base.wording import Asked, Wording

_UNRELATED = 0.94
"""Two questions of the same field that ask something else are often so alike to the encoder; below that its likeness only misleads."""
_BARE = 0.7
"""Weight, for all but questions, of what was said without the words that only ask."""
_NUMBER = 3
"""Digits from which a number may be asked for, like 12345."""
_CERTAIN = 0.99
"""The encoder is not asked where words alone are so precise."""
_KEPT = 64
"""So many entries are worth keeping as they were read when the service starts with them: reading them takes a tenth of a second."""
_VECTORS = "vectors.cache"
_FIRST = itemgetter(0)
_DIGITS = 6
"""Likeness and coverage are kept to these digits: sums come out in any order, and equal entries must stay equal."""


class Matcher:
    """Entries in memory, found by their wordings and changed one by one or many at once. Safe to call from several threads."""

    def __init__(self, settings: MatchSettings | None = None, encoder: Encoder | None = None) -> None:
        self.settings = settings or MatchSettings()
        self._index = Index(self.settings.index)
        self._entries: dict[str, Entry] = {}
        self._wordings: dict[str, tuple[Wording, ...]] = {}
        self._editions: dict[str, object] = {}  # of the dictionary each entry was read with
        self._sayings: dict[str, str] = {}  # of the entries that came near a question
        self._encoder = encoder
        self._segmenter: Segmenter | None = None  # what the entries were read with last
        self._retyper: Retyper | None = None
        self._vectors = Vectors(encoder.dimensions) if encoder else None
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def entries(self) -> Mapping[str, Entry]:
        """Give the entries by code, for decide(): a view that follows every change."""
        return MappingProxyType(self._entries)

    def entry(self, code: str) -> Entry | None:
        """Give one entry, None if it is not here."""
        return self._entries.get(code)

    def take_over(self, changed: Sequence[Entry], segmenter: Segmenter, *, cache: Path) -> None:
        """Take over entries that changed, retired ones too. Many at once are read from `cache` where it knows them, and kept there."""
        published = [entry for entry in changed if entry.status == "published"]
        vectors = self._embed(published, cache.with_name(_VECTORS) if len(published) >= _KEPT or not self._entries else None)
        if len(published) < self._many():
            for entry in published:
                self._put(entry, segmenter, vectors.get(entry.code))
        else:
            self._put_many(published, segmenter, cache, vectors)
        for entry in changed:
            if entry.status != "published":
                self.remove(entry.code)

    def put(self, entry: Entry, segmenter: Segmenter) -> None:
        """Add an entry or replace the one of that code; the next question can find it."""
        self._put(entry, segmenter, self._embed([entry]).get(entry.code))

    def _put(self, entry: Entry, segmenter: Segmenter, vectors: NDArray[np.float32] | None) -> None:
        edition = segmenter.edition
        with self._lock:
            words = self._index.find_words(entry.code) if self._is_asked_as_before(entry, edition) else None
        fields, wordings = _read(entry, segmenter.read if words is None else segmenter.skim, segmenter.skim)
        with self._lock:
            if self._vectors is not None and vectors is not None:
                self._vectors.put(entry.code, vectors)
            self._index.put(entry.code, fields, words=words)
            self._keep(entry, wordings, edition)
            self._segmenter = segmenter

    def remove(self, code: str) -> None:
        """Take an entry out; nothing happens if it is not here."""
        with self._lock:
            self._index.remove(code)
            self._entries.pop(code, None)
            self._wordings.pop(code, None)
            self._editions.pop(code, None)
            self._sayings.pop(code, None)
            if self._vectors is not None:
                self._vectors.remove(code)

    def match(self, utterance: Utterance) -> list[Match]:
        """Give the nearest entries, whatever their status, dates and area, surest first; decide() says which may answer.

        A digit or two alone ask nothing: they answer something that somebody else asked.
        """
        if utterance.folded.isdigit() and len(utterance.folded) < _NUMBER:
            return []
        asked, delicate = read_asked(utterance), is_delicate(utterance.folded)
        with self._lock:
            found = weigh(self._find(asked, utterance.variants, delicate=delicate), entries=self._entries, settings=self.settings)
            if self._encoder is None or not self._vectors or is_sure(found, entries=self._entries, precision=_CERTAIN):
                return found
            retyped = self._retype(utterance)
        vector = self._encoder.embed([(retyped or utterance).text])[0]
        with self._lock:
            near = [code for code, _ in self._vectors.search(vector, self.settings.candidates)]
            found = self._find(asked, utterance.variants, delicate=delicate, also=near)
            if retyped:
                again = self._find(read_asked(retyped), retyped.variants, delicate=delicate, also=near)
                found = _take_better(found, [msgspec.structs.replace(match, read_as=retyped.text) for match in again])
            return weigh(self._mean(found, vector, self._vectors), entries=self._entries, settings=self.settings)

    def _retype(self, utterance: Utterance) -> Utterance | None:
        """Read a question as it was probably meant, None if nothing in it looks mistyped."""
        if self._segmenter is None:
            return None
        if self._retyper is None or not self._retyper.fits(self._segmenter):
            self._retyper = Retyper(self._segmenter)
        return self._retyper.read(utterance, self._index)

    def _mean(self, found: Sequence[Match], vector: NDArray[np.float32], vectors: Vectors) -> list[Match]:
        """Add how alike in meaning each match is to what was asked; one that carries no question stays as it is."""
        alike = vectors.likeness(vector, [match.code for match in found])
        meant = {code: max(0.0, likeness - _UNRELATED) for code, likeness in alike.items()}
        return [
            msgspec.structs.replace(
                match,
                meaning=alike.get(match.code, 0.0),
                score=round(match.score + self.settings.meaning * meant.get(match.code, 0.0), _DIGITS),
            )
            for match in found
        ]

    def _embed(self, entries: Sequence[Entry], kept: Path | None = None) -> dict[str, NDArray[np.float32]]:
        """Make the vectors of the entries' wordings, of a policy none: its title asks nothing; nothing without an encoder.

        kept: the file that knows those made before, and is to know these.
        """
        if self._encoder is None:
            return {}
        texts = {entry.code: () if entry.kind == "policy" else (entry.question, *entry.phrasings) for entry in entries}
        wordings = [text for each in texts.values() for text in each]
        matrix = embed_kept(self._encoder, wordings, kept, is_all=not self._entries) if kept else self._encoder.embed(wordings)
        ends = accumulate(map(len, texts.values()))
        return {code: matrix[end - len(each) : end] for (code, each), end in zip(texts.items(), ends, strict=True)}

    def _put_many(
        self, entries: Sequence[Entry], segmenter: Segmenter, cache: Path, vectors: Mapping[str, NDArray[np.float32]]
    ) -> None:
        """Add or replace many entries: what the file knows of them is taken from there, the rest is read.

        If they are all there are, so that each was read with the same dictionary, the file keeps the reading.
        """
        edition = segmenter.edition
        key, many = snapshot.make_key(segmenter, self.settings.index), self._many()
        with self._lock:
            marks = {entry.code: snapshot.mark(entry) for entry in entries}
            packed = None if len(self._index.signs) else read_cache(cache)  # its numbers of terms fit no index that has its own
            reads = snapshot.unpack(packed, key=key, marks=marks, index=self._index) if packed else {}
        unread = [entry for entry in entries if entry.code not in reads]
        for entry in unread:
            fields, wordings = _read(entry, segmenter.read, segmenter.skim)
            with self._lock:
                rows = self._index.read(fields)
                reads[entry.code] = Read(rows, wordings)
        with self._lock:
            if self._vectors is not None:
                for code, matrix in vectors.items():
                    self._vectors.put(code, matrix)
            self._index.put_all({code: read.rows for code, read in reads.items()})
            for entry in entries:
                self._keep(entry, reads[entry.code].wordings, edition)
            self._segmenter = segmenter
            if len(unread) < many or len(reads) < len(self._entries):
                return
            content = snapshot.pack(reads, key=key, marks=marks, index=self._index)
        write_cache(cache, content)

    def _many(self) -> int:
        """Tell from how many entries on they are taken over at once: fewer at the start, when the index has nothing to merge them with."""
        return self.settings.index.merge_at_least if self._entries else min(_KEPT, self.settings.index.merge_at_least)

    def _is_asked_as_before(self, entry: Entry, edition: object) -> bool:
        """Tell whether an entry has the wordings that were read of it, so that they need not be cut into words again."""
        known = self._entries.get(entry.code)
        is_same = known is not None and (known.question, known.phrasings) == (entry.question, entry.phrasings)
        return is_same and self._editions[entry.code] is edition

    def _keep(self, entry: Entry, wordings: tuple[Wording, ...], edition: object) -> None:
        self._entries[entry.code] = entry
        self._wordings[entry.code] = wordings
        self._editions[entry.code] = edition
        self._sayings.pop(entry.code, None)

    def _find(self, asked: Asked, variants: Variants | None, *, delicate: bool, also: Sequence[str] = ()) -> list[Match]:
        """Find the nearest entries by what they hold, then compare how they are asked for."""
        hits, most = self._index.search(asked.terms, asked.bare, self.settings.index.close, also=also), self.settings.candidates
        rated = sorted([(self._rate(hit), hit) for hit in hits], key=_FIRST, reverse=True)  # equals stay in their order
        rated = rated[:most] + ([pair for pair in rated[most:] if pair[1].code in also] if also else [])
        wordings = [wording for _, hit in rated for wording in self._wordings[hit.code]]
        if not wordings:
            return []
        whole, bare = liken(asked.wording, wordings)
        alike, alike_bare = ((whole.astype(np.float64) + bare) / 2).tolist(), bare.tolist()
        end, found = 0, []
        for score, hit in rated:
            start, end = end, end + len(self._wordings[hit.code])
            entry = self._entries[hit.code]
            found.append(
                self._describe(
                    asked, entry, hit, score, (alike if entry.kind == "question" else alike_bare)[start:end], delicate=delicate
                )
            )
        return tell_apart(asked.plain, found, self._entries, variants)

    def _say(self, entry: Entry) -> str:
        """Give all that an entry says, as it sounds."""
        saying = self._sayings.get(entry.code)
        if saying is None:
            saying = self._sayings[entry.code] = join_sounds(self._wordings[entry.code], entry.answer)
        return saying

    def _rate(self, hit: Hit) -> float:
        """Rate a hit; the words that only ask say little of a policy, a service or its place: neither asks."""
        return hit.score if self._entries[hit.code].kind == "question" else (1.0 - _BARE) * hit.score + _BARE * hit.bare

    def _describe(self, asked: Asked, entry: Entry, hit: Hit, score: float, alike: list[float], *, delicate: bool) -> Match:
        """Make the match of an entry that was rated so, and whose wordings are so alike.

        A policy says in other words what was asked: its wording does not count, and nothing is missing from it.
        """
        highest = max(alike)
        phrasing, likeness, is_policy = alike.index(highest), round(highest, _DIGITS), entry.kind == "policy"
        if not is_policy:
            score += self.settings.wording * (likeness + (likeness == 1.0))  # word for word counts twice
        unsaid = [] if is_policy else find_unsaid(asked, self._say(entry))
        return Match(
            code=entry.code,
            question=entry.question,
            phrasing=entry.phrasings[phrasing - 1] if phrasing else entry.question,
            score=round(score, _DIGITS),
            likeness=likeness,
            coverage=round(hit.bare_coverage if is_policy else hit.coverage, _DIGITS),
            length=len(asked.wording.sounds),
            delicate=delicate,
            unsaid=round(miss(asked, unsaid), _DIGITS),
            unsaid_words=tuple([written for written, _, _ in unsaid]),
        )


def _take_better(found: Sequence[Match], retyped: Sequence[Match]) -> list[Match]:
    """Take of two readings of a question the better match of each entry."""
    better = {match.code: match for match in found}
    for match in retyped:
        known = better.get(match.code)
        if known is None or match.score > known.score:
            better[match.code] = match
    return list(better.values())


def _read(
    entry: Entry, reader: Callable[[str], Utterance], skimmer: Callable[[str], Utterance]
) -> tuple[Fields, tuple[Wording, ...]]:
    """Read an entry's wordings, with `reader`, and its text, with `skimmer`."""
    read = [reader(wording) for wording in (entry.question, *entry.phrasings)]
    question, *phrasings = map(read_terms, read)
    return Fields(question, tuple(phrasings), read_terms(skimmer(entry.answer))), tuple(map(read_wording, read))
