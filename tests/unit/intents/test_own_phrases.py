"""Phrases of our own, written beside the word lists: each is read as what it is. They guard against a word that helps one and hurts another."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

from intents.classify import classify
from intents.tiers import read_tier
from knowledge_base.text import normalize

if TYPE_CHECKING:
    from collections.abc import Callable

    from intents.spec import Turn


def read(name: str) -> list[dict[str, str]]:
    with (Path(__file__).parent / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_every_phrase_is_read_as_the_intent_it_is(make_turn: Callable[..., Turn]) -> None:
    rows = read("own_phrases.csv")
    wrong = [(row["text"], row["intent"], code) for row in rows if (code := classify(make_turn(row["text"])).code) != row["intent"]]

    assert len(rows) > 300
    assert wrong == []


def test_every_phrase_is_read_as_the_danger_it_is() -> None:
    rows = read("own_dangers.csv")
    wrong = [(row["text"], row["tier"], tier) for row in rows if (tier := read_tier(normalize(row["text"])).tier) != row["tier"]]

    assert len(rows) > 200
    assert wrong == []
