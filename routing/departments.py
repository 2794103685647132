"""What a city has learned from its own letters or dispatches: which department or duty item a text belongs to, and the words that say so.

A model's classes are names of departments (a file of letters) or duty items as routing.learned.name_class names them (the city's tickets).
"""

from __future__ import annotations

import re
from copy import copy
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from knowledge_base.letters import cut_letter, is_word, read_feature
from routing.learned import name_class

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from knowledge_base.linear import LinearModel
    from knowledge_base.text import Segmenter
    from routing.terms import DutyItem

_PIECES = 5
"""Words that explain, for and against each: more nobody reads."""
_HALF = 500
"""After so many letters what was learned counts as much as the list: models of fewer are about as good as lists (docs/quality.md)."""
_SOME = 1e-6
"""What every item of a lead gets, though nothing else speaks for it."""
_CLAUSE_END = re.compile(r"[。,!?;:\s]")
_TITLE = 4
"""Characters from which the first clause of a message stands for its title; below, it is a greeting."""


class Reasons(NamedTuple):
    """The pieces of a letter that speak for a department and against it, the weightiest first, each with its weight (0 and up)."""

    speaks_for: tuple[tuple[str, float], ...]
    speaks_against: tuple[tuple[str, float], ...]


class Departments:
    """A learned model of letters, ready to be asked."""

    def __init__(self, model: LinearModel, segmenter: Segmenter) -> None:
        self._model = model
        self._segmenter = segmenter

    def cut_by(self, segmenter: Segmenter) -> Departments:
        """Give the same model, asked of texts as this cuts them."""
        return Departments(self._model, segmenter)

    @property
    def trust(self) -> float:
        """Give how much it counts beside the list, 0..1, by how many letters it was learned from."""
        count = float(self._model.figures.get("samples", 0))
        return count / (count + _HALF)

    def weigh(self, title: str, text: str) -> Mapping[str, float]:
        """Say how likely each department is: shares that add up to 1, the likeliest first."""
        shares = self._model.share(self._model.weigh(cut_letter(title, text, self._segmenter)))
        return dict(sorted(shares.items(), key=lambda pair: -pair[1]))

    def explain(self, title: str, text: str, department: str) -> Reasons:
        """Name the pieces of a letter that weigh most for or against a department: words, and characters where no word says it."""
        features = cut_letter(title, text, self._segmenter)
        weighed = self._model.explain(features, department, limit=len(features))
        return Reasons(_choose([pair for pair in weighed if pair[1] > 0]), _choose([pair for pair in weighed if pair[1] < 0]))


class OwnExperience:
    """What a city's own model says of the items of its list: a class is an item, or a lead whose items share what it gets."""

    def __init__(self, departments: Departments, classes: Sequence[str], items: Sequence[DutyItem]) -> None:
        self._departments = departments
        known = set(classes)
        self._names = [name if (name := name_class(item)) in known else item.lead if item.lead in known else "" for item in items]
        self.knows_any = any(self._names)

    @property
    def trust(self) -> float:
        """Give how much it counts beside the list, 0..1."""
        return self._departments.trust

    def cut_by(self, segmenter: Segmenter) -> OwnExperience:
        """Give the same experience, asked of texts as this cuts them."""
        other = copy(self)
        other._departments = self._departments.cut_by(segmenter)  # noqa: SLF001 - its own copy
        return other

    def knows(self, at: int) -> bool:
        """Tell whether it has seen letters for the item at a place of the list."""
        return bool(self._names[at])

    def share(self, text: str, rivals: NDArray[np.float64]) -> NDArray[np.float64]:
        """Say how likely each item is; items of one lead share by what else speaks for them (`rivals`, one number 0 or more per item)."""
        weighed = self._departments.weigh(take_title(text), text)
        parts = (rivals + _SOME).tolist()
        total = dict.fromkeys(weighed, 0.0)
        for name, part in zip(self._names, parts, strict=True):
            if name:
                total[name] += part
        return np.asarray(
            [weighed[name] * part / total[name] if name else 0.0 for name, part in zip(self._names, parts, strict=True)]
        )

    def explain(self, text: str, at: int) -> Reasons:
        """Name the pieces that speak for and against the item at a place of the list."""
        return self._departments.explain(take_title(text), text, self._names[at])


def take_title(text: str) -> str:
    """Give what stands for the title of a message: its first clause that is more than a greeting, else all of it."""
    return next((clause for clause in _CLAUSE_END.split(text) if len(clause) >= _TITLE), text)


def _choose(weighed: Sequence[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    """Choose the weightiest pieces of two characters and more, words before mere characters, none that lies in another."""
    chosen: dict[str, float] = {}
    for feature, weight in sorted(weighed, key=lambda pair: not is_word(pair[0])):
        piece = read_feature(feature).strip()
        if len(piece) > 1 and not any(piece in other or other in piece for other in chosen):
            chosen[piece] = round(abs(weight), 3)
    return tuple(list(chosen.items())[:_PIECES])
