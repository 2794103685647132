"""Words that a duty item lacks, as the clerks' corrections show: several corrected tickets of it have them, and hardly another's. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import msgspec

from routing.terms import NOBODY

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from routing.lessons import Lesson
    from routing.terms import DutyItem


class WordProposal(msgspec.Struct, frozen=True, kw_only=True):
    """A word that may be added to a duty item: how many residents wrote it in corrected tickets, and in how many tickets it stands."""

    item: str
    word: str
    residents: int
    times: int


def propose_words(
    lessons: Sequence[tuple[Lesson, Collection[str]]], items: Mapping[str, DutyItem], *, residents: int, share: float
) -> list[WordProposal]:
    """Propose words, those of most residents first. Each lesson comes with its words.

    A word is proposed if the corrected tickets of at least so many `residents` have it, if at least this `share` (0..1) of all decided
    tickets with it are of that item, and if the item says it nowhere yet.
    """
    everywhere = Counter(word for _, words in lessons for word in set(words))
    of_item = Counter((lesson.item, word) for lesson, words in lessons for word in set(words))
    writers = _list_writers(lessons)
    found = [
        WordProposal(item=item, word=word, residents=len(wrote), times=of_item[item, word])
        for (item, word), wrote in writers.items()
        if len(wrote) >= residents
        and of_item[item, word] >= share * everywhere[word]
        and item in items
        and not _says(items[item], word)
    ]
    return sorted(found, key=lambda one: (-one.residents, one.item, one.word))


def find_written(lessons: Sequence[tuple[Lesson, Collection[str]]], *, residents: int) -> frozenset[str]:
    """Find the words that so many residents wrote in corrected tickets of one item: no other can be proposed, whatever else was decided."""
    return frozenset(word for (_, word), wrote in _list_writers(lessons).items() if len(wrote) >= residents)


def _list_writers(lessons: Sequence[tuple[Lesson, Collection[str]]]) -> Mapping[tuple[str, str], set[int]]:
    """List, by item and word, who wrote it in corrected tickets."""
    writers: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for lesson, words in lessons:
        if lesson.corrected and lesson.resident != NOBODY:
            for word in words:
                writers[lesson.item, word].add(lesson.resident)
    return writers


def _says(item: DutyItem, word: str) -> bool:
    return any(word in known for known in (item.name, *item.words, *item.phrasings))
