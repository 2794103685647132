"""The entries in memory, and which of them come nearest to a question: candidates from the index, then compared closely."""

from __future__ import annotations

from threading import Lock
from types import MappingProxyType
from typing import TYPE_CHECKING

from rapidfuzz import fuzz

from knowledge_base import snapshot
from knowledge_base.cache_file import read_cache, write_cache
from knowledge_base.index import Fields, Index
from knowledge_base.match import Match, MatchSettings, weigh
from knowledge_base.snapshot import Read
from knowledge_base.text import skim
from knowledge_base.wording import compare, keep_wording, read_name, read_wording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from knowledge_base.entry import Entry
    from knowledge_base.index import Hit
    from knowledge_base.text import Segmenter, Utterance
    from knowledge_base.wording import KnownWording, Wording

_DIGITS = 6
"""Likeness and coverage are kept to these digits: sums come out in any order, and equal entries must stay equal."""


class Matcher:
    """Entries in memory, found by their wordings and changed one by one or many at once. Safe to call from several threads."""

    def __init__(self, settings: MatchSettings | None = None) -> None:
        self.settings = settings or MatchSettings()
        self._index = Index(self.settings.index)
        self._entries: dict[str, Entry] = {}
        self._wordings: dict[str, tuple[KnownWording, ...]] = {}
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
        if len(published) < self.settings.index.merge_at_least:
            for entry in published:
                self.put(entry, segmenter)
        else:
            self._put_many(published, segmenter, cache)
        for entry in changed:
            if entry.status != "published":
                self.remove(entry.code)

    def put(self, entry: Entry, segmenter: Segmenter) -> None:
        """Add an entry or replace the one of that code; the next question can find it."""
        fields, wordings = _read(entry, segmenter)
        with self._lock:
            self._index.put(entry.code, fields)
            self._keep(entry, self._number(wordings))

    def remove(self, code: str) -> None:
        """Take an entry out; nothing happens if it is not here."""
        with self._lock:
            self._index.remove(code)
            self._entries.pop(code, None)
            self._wordings.pop(code, None)

    def match(self, utterance: Utterance) -> list[Match]:
        """Give the nearest entries, whatever their status, dates and area, surest first; decide() says which may answer."""
        with self._lock:
            hits = self._index.search(utterance, self.settings.candidates)
            asking = [hit for hit in hits if self._entries[hit.code].kind == "question"]
            named = [hit for hit in hits if self._entries[hit.code].kind != "question"]
            found = [
                *(self._compare(read_wording(utterance), asking) if asking else ()),
                *(self._compare(read_name(utterance), named) if named else ()),
            ]
            return weigh(found, entries=self._entries, settings=self.settings)

    def _put_many(self, entries: Sequence[Entry], segmenter: Segmenter, cache: Path) -> None:
        """Add or replace many entries: what the file knows of them is taken from there, the rest is read.

        If they are all there are, so that each was read with the same dictionary, the file keeps the reading.
        """
        key = snapshot.make_key(segmenter, self.settings.index)
        with self._lock:
            marks = {entry.code: snapshot.mark(entry) for entry in entries}
            packed = None if len(self._index.grams) else read_cache(cache)  # its numbers of terms fit no index that has its own
            reads = snapshot.unpack(packed, key=key, marks=marks, index=self._index) if packed else {}
        unread = [entry for entry in entries if entry.code not in reads]
        for entry in unread:
            fields, wordings = _read(entry, segmenter)
            with self._lock:
                rows = self._index.read(fields)
                reads[entry.code] = Read(rows, self._number(wordings))
        with self._lock:
            self._index.put_all({code: read.rows for code, read in reads.items()})
            for entry in entries:
                self._keep(entry, reads[entry.code].wordings)
            if len(unread) < self.settings.index.merge_at_least or len(reads) < len(self._entries):
                return
            content = snapshot.pack(reads, key=key, marks=marks, index=self._index)
        write_cache(cache, content)

    def _keep(self, entry: Entry, wordings: tuple[KnownWording, ...]) -> None:
        self._entries[entry.code] = entry
        self._wordings[entry.code] = wordings

    def _number(self, wordings: Sequence[Wording]) -> tuple[KnownWording, ...]:
        """Number the terms of an entry's wordings as the index does."""
        return tuple(keep_wording(wording, grams=self._index.grams, words=self._index.words) for wording in wordings)

    def _compare(self, asked: Wording, hits: Sequence[Hit]) -> list[Match]:
        """Compare a question with entries: with the question of each, and with whichever phrasing of it looks nearest."""
        own = [self._wordings[hit.code] for hit in hits]
        nearest = [_find_nearest(asked, wordings) for wordings in own]
        known = [wordings[0] for wordings in own] + [wordings[at] for wordings, at in zip(own, nearest, strict=True)]
        likenesses = compare(asked, known, grams=self._index.grams, words=self._index.words)
        return [
            self._describe(asked, hit, likeness=round(likeness, _DIGITS), phrasing=at, rival=round(rival, _DIGITS))
            for hit, at, likeness, rival in zip(hits, nearest, likenesses, likenesses[len(hits) :], strict=False)
        ]

    def _describe(self, asked: Wording, hit: Hit, *, likeness: float, phrasing: int, rival: float) -> Match:
        """Make the match of an entry whose question is so alike, and its phrasing of this number so."""
        entry = self._entries[hit.code]
        wording = entry.question
        if rival > likeness:
            likeness, wording = rival, entry.phrasings[phrasing - 1]
        coverage = 0.0
        if entry.kind == "policy":
            likeness = round(likeness * self.settings.title, _DIGITS)
            coverage = round(self._index.coverage(hit.code, asked.grams), _DIGITS)
        return Match(
            code=hit.code, question=entry.question, phrasing=wording, score=hit.score, likeness=likeness, coverage=coverage
        )


def _find_nearest(asked: Wording, wordings: Sequence[KnownWording]) -> int:
    """Give the number of the phrasing whose letters look nearest; 0, the question itself, if there is none."""
    numbers = range(1, len(wordings))
    return max(numbers, key=lambda number: fuzz.ratio(asked.letters, wordings[number].letters), default=0)


def _read(entry: Entry, segmenter: Segmenter) -> tuple[Fields, list[Wording]]:
    """Read an entry's wordings and text."""
    question, *phrasings = (segmenter.read(wording) for wording in (entry.question, *entry.phrasings))
    read = read_wording if entry.kind == "question" else read_name
    return Fields(question, tuple(phrasings), skim(entry.answer)), [read(utterance) for utterance in (question, *phrasings)]
