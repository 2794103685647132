"""Hot words: counted by people, compared with the month before, and silent about what few people say."""

from __future__ import annotations

from bot.reporting.words import Heard, compare, drop_parts


def say(word: str, *people: int) -> list[tuple[int, tuple[str, ...]]]:
    return [(who, (word,)) for who in people]


def test_a_word_counts_once_for_each_person() -> None:
    assert compare(say("路灯", 1, 1, 1, 2, 3), say("路灯", 9), few=3) == [Heard(word="路灯", people=3, before=1)]


def test_a_word_of_few_people_is_not_said() -> None:
    assert compare(say("路灯", 1, 1, 1, 2), (), few=3) == []


def test_a_word_that_did_not_grow_is_not_hot() -> None:
    assert compare(say("路灯", 1, 2, 3), say("路灯", 4, 5, 6), few=3) == []


def test_what_grew_most_comes_first() -> None:
    heard = compare(say("路灯", 1, 2, 3) + say("暖气", 1, 2, 3, 4, 5), say("暖气", 5), few=2)

    assert [(one.word, one.people - one.before) for one in heard] == [("暖气", 4), ("路灯", 3)]


def test_single_characters_numbers_and_letters_are_no_words() -> None:
    told = [(who, ("灯", "12", "ktv", "路灯")) for who in range(5)]

    assert [one.word for one in compare(told, (), few=3)] == ["路灯"]


def test_a_part_of_a_longer_word_that_as_many_say_is_left_out() -> None:
    heard = [
        Heard(word="消防通道", people=5, before=0),
        Heard(word="消防", people=5, before=0),
        Heard(word="通道", people=6, before=0),
    ]

    assert [one.word for one in drop_parts(heard)] == ["消防通道", "通道"]
