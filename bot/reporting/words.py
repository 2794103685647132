"""Which words are heard more than the month before: by how many people, never by how often; of few people none is said. Pure."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

_SHORTEST = 2
"""Characters: single ones are no words of their own."""


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """A word, how many people said it in the period, and how many in the one before."""

    word: str
    people: int
    before: int


def compare(now: Iterable[tuple[int, Iterable[str]]], before: Iterable[tuple[int, Iterable[str]]], *, few: int) -> list[Heard]:
    """List the words of (resident, tokens) that more people say than before, what grew most first. Fewer than `few` people are not told of."""
    present, past = _count(now), _count(before)
    grown = [
        Heard(word=word, people=len(people), before=len(past.get(word, ())))
        for word, people in present.items()
        if len(people) >= few and len(people) > len(past.get(word, ()))
    ]
    return sorted(grown, key=lambda heard: (heard.before - heard.people, -len(heard.word), heard.word))


def drop_parts(heard: Iterable[Heard]) -> list[Heard]:
    """Leave out what only is a part of a longer word that as many people say: 路灯 is enough, 路灯 and 灯坏 is not more."""
    kept: list[Heard] = []
    for one in heard:
        if not any(one.word in other.word and one.people <= other.people for other in kept):
            kept.append(one)
    return kept


def _count(told: Iterable[tuple[int, Iterable[str]]]) -> dict[str, set[int]]:
    people: dict[str, set[int]] = defaultdict(set)
    for resident, tokens in told:
        for token in tokens:
            if len(token) >= _SHORTEST and not token.isdigit() and not token.isascii():
                people[token].add(resident)
    return people
