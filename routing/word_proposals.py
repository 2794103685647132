"""Words that a duty item lacks, as the clerks' corrections show: several corrected tickets of it have them, and hardly another's. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import msgspec

from routing.terms import NOBODY

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from routing.lessons import Lesson
    from routing.terms import DutyItem


class WordProposal(msgspec.Struct, frozen=True, kw_only=True):
    """A word that may be added to a duty item: who wrote it in corrected tickets, the latest ticket of each, and in how many tickets it stands."""

    item: str
    word: str
    writers: dict[int, int]
    times: int


def propose_words(
    lessons: Sequence[tuple[Lesson, Collection[int]]],
    items: Mapping[str, DutyItem],
    *,
    residents: int,
    share: float,
    spell: Callable[[Lesson, int], str],
) -> list[WordProposal]:
    """Propose words, those of most residents first. Each lesson comes with the numbers of its words; `spell` gives one of them, "" if it cannot.

    A word is proposed if the corrected tickets of at least so many `residents` have it, if at least this `share` (0..1) of all decided
    tickets with it are of that item, and if the item says it nowhere yet.
    """
    written = {key: wrote for key, wrote in _list_writers(lessons).items() if len(wrote) >= residents and key[0] in items}
    wanted = {number for _, number in written}
    of_item = Counter((lesson.item, number) for lesson, numbers in lessons for number in numbers if number in wanted)
    everywhere: Counter[int] = Counter()
    for (_, number), times in of_item.items():
        everywhere[number] += times
    found = [
        WordProposal(
            item=item,
            word=spell(next(iter(wrote.values())), number),
            writers={resident: lesson.ticket for resident, lesson in wrote.items()},
            times=of_item[item, number],
        )
        for (item, number), wrote in written.items()
        if of_item[item, number] >= share * everywhere[number]
    ]
    new = [one for one in found if not _says(items[one.item], one.word)]
    return sorted(new, key=lambda one: (-len(one.writers), one.item, one.word))


def _list_writers(lessons: Sequence[tuple[Lesson, Collection[int]]]) -> Mapping[tuple[str, int], dict[int, Lesson]]:
    """List, by item and word, who wrote it in corrected tickets, and the latest of these."""
    writers: defaultdict[tuple[str, int], dict[int, Lesson]] = defaultdict(dict)
    for lesson, numbers in lessons:
        if lesson.corrected and lesson.resident != NOBODY:
            for number in numbers:
                writers[lesson.item, number][lesson.resident] = lesson
    return writers


def _says(item: DutyItem, word: str) -> bool:
    return any(word in known for known in (item.name, *item.words, *item.phrasings))
