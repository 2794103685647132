"""A word is proposed for a duty item if several residents' corrected tickets have it and hardly another item's."""

from __future__ import annotations

from collections import defaultdict
from itertools import count

import pytest

from routing.lessons import Lesson
from routing.terms import NOBODY
from routing.word_proposals import WordProposal, propose_words
from tests.town import LAMP, STALL

ITEMS = {item.code: item for item in (LAMP, STALL)}


NUMBERS: defaultdict[str, int] = defaultdict(count().__next__)
"""The numbers that words stand for."""


def lesson(resident: int, *words: str, item: str = LAMP.code, corrected: bool = True, ticket: int = 0) -> tuple[Lesson, list[int]]:
    made = Lesson(ticket=ticket or resident, text=" ".join(words), item=item, resident=resident, corrected=corrected)
    return made, [NUMBERS[word] for word in words]


def spell(lesson: Lesson, number: int) -> str:
    return next((word for word in lesson.text.split() if NUMBERS[word] == number), "")


THREE = [lesson(resident, "灯泡") for resident in (1, 2, 3)]


def propose(lessons: list[tuple[Lesson, list[int]]]) -> list[WordProposal]:
    return propose_words(lessons, ITEMS, residents=3, share=0.8, spell=spell)


def test_what_three_residents_wrote_is_proposed() -> None:
    agreed = lesson(4, "灯泡", corrected=False)

    again = lesson(3, "灯泡", "门口", ticket=7)
    writers = {1: 1, 2: 2, 3: 7}  # of each their latest ticket
    assert propose([*THREE, agreed, again]) == [WordProposal(item=LAMP.code, word="灯泡", writers=writers, times=5)]


@pytest.mark.parametrize(
    "lessons",
    [
        pytest.param(THREE[:2], id="two residents"),
        pytest.param([*THREE[:2], lesson(2, "灯泡")], id="one of them twice"),
        pytest.param([*THREE[:2], lesson(3, "灯泡", corrected=False)], id="one was proposed rightly"),
        pytest.param([lesson(NOBODY, "灯泡"), *THREE[:2]], id="nobody's ticket counts for nobody"),
        pytest.param([*THREE, lesson(4, "灯泡", item=STALL.code)], id="another item has it too"),
        pytest.param([lesson(resident, LAMP.words[0]) for resident in (1, 2, 3)], id="the item says it already"),
        pytest.param([lesson(resident, "灯泡", item="GONE") for resident in (1, 2, 3)], id="the item is gone"),
        pytest.param([], id="nothing was decided"),
    ],
)
def test_what_is_not_proposed(lessons: list[tuple[Lesson, list[int]]]) -> None:
    assert propose(lessons) == []


def test_those_of_most_residents_come_first() -> None:
    lessons = [*THREE, *(lesson(resident, "油烟", item=STALL.code) for resident in (1, 2, 3, 4))]

    assert [(one.item, len(one.writers)) for one in propose(lessons)] == [(STALL.code, 4), (LAMP.code, 3)]


def test_a_word_that_cannot_be_spelt_any_more_is_not_proposed() -> None:
    assert propose_words(THREE, ITEMS, residents=3, share=0.8, spell=lambda _lesson, _number: "") == []
