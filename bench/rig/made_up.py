"""Made-up text to measure on: entries and messages put together from the demo city's own tables. No row of ../shared is read here."""

from __future__ import annotations

import random
import re
from functools import cache
from typing import TYPE_CHECKING

from bot.commands.seeding import FOLDER
from knowledge_base.entry import Entry
from routing.duty_list import load_folder
from store.sheets import read_sheet

if TYPE_CHECKING:
    from collections.abc import Iterator

_SENTENCE = re.compile(r"[^。；]+[。；]")
_LETTER = 800  # characters


@cache
def _tables() -> tuple[list[dict[str, str]], list[str], list[str]]:
    """Read the demo city's entries, places, and what residents say of each duty item."""
    entries = [dict(row.cells) for row in read_sheet(FOLDER / "knowledge.csv").rows]
    places = sorted({row.cells["name"] for row in read_sheet(FOLDER / "places.csv").rows})
    matters = [text for item in load_folder()[0].items.values() for text in (item.name, *item.words, *item.phrasings)]
    return entries, places, matters


def make_entries(count: int) -> list[Entry]:
    """Make entries with two further phrasings each and answers of about 150 characters; the same ones each time."""
    dice = random.Random(7)  # noqa: S311 - made-up text, no secret
    rows, places, matters = _tables()
    questions = [text for row in rows for text in (row["question"], *row["phrasings"].split("|")) if text]
    sentences = [sentence for row in rows for sentence in _SENTENCE.findall(row["answer"])] + matters
    return [
        Entry(
            code=f"B{number:06d}",
            question=_ask(dice, questions, places, matters),
            phrasings=(_ask(dice, questions, places, matters), _ask(dice, questions, places, matters)),
            answer=_write(dice, sentences, 150),
            source="bench",
        )
        for number in range(count)
    ]


def make_questions(count: int, seed: int = 1) -> list[str]:
    """Make chat lines: half of them ask, half report something at a place."""
    dice = random.Random(seed)  # noqa: S311 - as above
    rows, places, matters = _tables()
    questions = [text for row in rows for text in (row["question"], *row["phrasings"].split("|")) if text]
    lines = (
        dice.choice(questions) if dice.random() < 0.5 else f"{dice.choice(places)}{dice.randrange(1, 99)}号{dice.choice(matters)}"
        for _ in range(count)
    )
    return list(lines)


def make_letters(count: int, seed: int = 2) -> list[str]:
    """Make letters of about 800 characters that report several things."""
    dice = random.Random(seed)  # noqa: S311 - as above
    _, places, matters = _tables()
    return [f"{dice.choice(places)}，{_write(dice, [f'{matter}。' for matter in matters], _LETTER)}" for _ in range(count)]


def _ask(dice: random.Random, questions: list[str], places: list[str], matters: list[str]) -> str:
    """Make a question that few others share: one half of a real one, a matter, sometimes a place."""
    question = dice.choice(questions)
    return f"{dice.choice(places) if dice.random() < 0.3 else ''}{dice.choice(matters)}{question[len(question) // 2 :]}"


def _write(dice: random.Random, sentences: list[str], length: int) -> str:
    return "".join(_take(dice, sentences, length))


def _take(dice: random.Random, sentences: list[str], length: int) -> Iterator[str]:
    while length > 0:
        sentence = dice.choice(sentences)
        length -= len(sentence)
        yield sentence
