"""A word is proposed for a duty item if several residents' corrected tickets have it and hardly another item's."""

from __future__ import annotations

import random

import pytest

from routing.lessons import Lesson
from routing.terms import NOBODY
from routing.word_proposals import WordProposal, find_written, propose_words
from tests.town import LAMP, STALL

ITEMS = {item.code: item for item in (LAMP, STALL)}


def lesson(resident: int, *words: str, item: str = LAMP.code, corrected: bool = True) -> tuple[Lesson, frozenset[str]]:
    return Lesson(ticket=resident, text="", item=item, resident=resident, corrected=corrected), frozenset(words)


THREE = [lesson(resident, "灯泡") for resident in (1, 2, 3)]


def propose(lessons: list[tuple[Lesson, frozenset[str]]]) -> list[WordProposal]:
    return propose_words(lessons, ITEMS, residents=3, share=0.8)


def test_what_three_residents_wrote_is_proposed() -> None:
    agreed = lesson(4, "灯泡", corrected=False)

    assert propose([*THREE, agreed]) == [WordProposal(item=LAMP.code, word="灯泡", residents=3, times=4)]


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
def test_what_is_not_proposed(lessons: list[tuple[Lesson, frozenset[str]]]) -> None:
    assert propose(lessons) == []


def test_those_of_most_residents_come_first() -> None:
    lessons = [*THREE, *(lesson(resident, "油烟", item=STALL.code) for resident in (1, 2, 3, 4))]

    assert [(one.item, one.residents) for one in propose(lessons)] == [(STALL.code, 4), (LAMP.code, 3)]


def test_what_holds_no_word_of_enough_residents_need_not_be_looked_at() -> None:
    dice = random.Random(1)
    words = ("灯泡", "油烟", "井盖", "占道", "噪声")
    for _ in range(200):
        lessons = [
            lesson(
                dice.randrange(6), *dice.sample(words, 2), item=dice.choice((LAMP.code, STALL.code)), corrected=dice.random() < 0.5
            )
            for _ in range(20)
        ]
        wanted = find_written([one for one in lessons if one[0].corrected], residents=3)
        looked = [one for one in lessons if one[0].corrected or not wanted.isdisjoint(one[1])]
        assert propose(looked) == propose(lessons)


def test_two_residents_words_are_not_looked_for() -> None:
    assert find_written(THREE, residents=3) == {"灯泡"}
    assert find_written(THREE, residents=4) == frozenset()
    assert find_written([lesson(NOBODY, "灯泡"), *THREE[:2]], residents=3) == frozenset()
