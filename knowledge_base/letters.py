"""What a model of letters sees of one: its words and its pairs and triples of characters, those of the title once more under names of their own.

A title says what a letter is about, so what stands there may weigh otherwise than the same word further down. Kept apart from
knowledge_base.linear, whose grams are made for chat lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from knowledge_base.text import normalize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from knowledge_base.text import Segmenter

LONGEST = 1_500
"""Characters of a letter that are looked at: nine of ten are shorter, and what comes later says nothing new."""
_TITLE = "T"
_SIZES = (2, 3)
_TITLE_SIZES = (1, 2, 3)


class Letter(NamedTuple):
    """A letter and the department that it went to; title or text may be empty."""

    title: str
    text: str
    department: str


def cut_letter(title: str, text: str, segmenter: Segmenter | None) -> list[str]:
    """Cut a letter into its features; the title alone is a letter too. `w` marks words, `c` characters, `T` those of the title.

    Without a segmenter there are no words, only characters: a little less is told right, at half the time.
    """
    head, body = normalize(title).lower(), normalize(text).lower()[:LONGEST]
    features = _cut_grams("c", head, _SIZES) + _cut_grams("c", body, _SIZES) + _cut_grams(f"{_TITLE}c", head, _TITLE_SIZES)
    if segmenter is not None:
        words = segmenter.cut(head)
        features += [f"w{word}" for word in (*words, *segmenter.cut(body))] + [f"{_TITLE}w{word}" for word in words]
    return features


def read_feature(feature: str) -> str:
    """Give the piece of the letter that a feature stands for."""
    return feature.removeprefix(_TITLE)[1:]


def is_word(feature: str) -> bool:
    """Tell whether a feature is a word, not mere characters."""
    return feature.removeprefix(_TITLE).startswith("w")


def _cut_grams(mark: str, text: str, sizes: Sequence[int]) -> list[str]:
    return [mark + text[at : at + size] for size in sizes for at in range(len(text) - size + 1)]
