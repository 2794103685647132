"""A turn from a text, with as little else as the test says."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from intents.spec import Turn
from intents.tiers import read_tier
from knowledge_base.match import Answered, Match, NeedsChoice, NoAnswer
from knowledge_base.text import Utterance, normalize

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2025, 3, 4, 2, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def make_turn() -> Callable[..., Turn]:
    def make(text: str = "", **known: Any) -> Turn:
        normal = normalize(text)
        utterance = Utterance(raw=text, text=normal, folded=normal.lower(), tokens=(), grams=())
        return Turn(
            utterance=utterance, reading=read_tier(normal), **{"now": NOW, "decision": NoAnswer(None, "nothing_found"), **known}
        )

    return make


@pytest.fixture
def make_match() -> Callable[..., Match]:
    def make(code: str, question: str = "") -> Match:
        return Match(code=code, question=question, phrasing=question, score=9.0, likeness=0.9, coverage=0.0, confidence=0.9)

    return make


@pytest.fixture
def answered(make_match: Callable[..., Match]) -> Callable[..., Answered]:
    return lambda code, question="": Answered(make_match(code, question))


@pytest.fixture
def choice(make_match: Callable[..., Match]) -> Callable[..., NeedsChoice]:
    return lambda *entries: NeedsChoice(tuple(make_match(code, question) for code, question in entries))
