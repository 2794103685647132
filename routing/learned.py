"""What was learned from messages about duty items, beside what the duty list says of them in its own words.

The model (knowledge_base/models/items.npz, learned by `make models`) knows the items of the shipped list. Its classes are `code name`: a city
that gives a code another meaning has another item, of which nothing was learned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from knowledge_base.linear import cut_features
from knowledge_base.places import SIGNS
from routing.terms import Evidence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from knowledge_base.linear import LinearModel
    from routing.terms import DutyItem

NOTHING = ""
"""The class for what is no matter at all, and for what does not say which (又坏了)."""
PIECES = 3
"""Pieces of a text that explain a candidate of which no word of the list is there."""
_UNHEARD = -1.0
"""The margin of an item that the model has never heard of: as if nothing learned spoke for it."""
_EDGES = f"^$ {SIGNS}"


class Learned:
    """What a model knows of the items of a list. Its figures have the `blend`: what margins, the list's own words and the lack of any matter count."""

    def __init__(self, model: LinearModel, items: Sequence[DutyItem]) -> None:
        self._model = model
        self._classes = {name: at for at, name in enumerate(model.classes)}
        known = [(at, self._classes[name]) for at, item in enumerate(items) if (name := name_class(item)) in self._classes]
        self._known = frozenset(row for row, _ in known)
        self.knows_any = bool(known)
        self._rows = np.asarray([*(row for row, _ in known), len(items)])
        self._columns = np.asarray([*(column for _, column in known), self._classes[NOTHING]])
        self._count = len(items) + 1

    def knows(self, at: int) -> bool:
        """Tell whether anything was learned of the item at a place of the list."""
        return at in self._known

    def share(self, text: str, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Say how likely each item is, from what was learned and from its `scores` by the list; what is left to 1 is no matter at all."""
        speaks = self.lean(text, scores)
        parts = np.exp(speaks - speaks.max())
        shares: NDArray[np.float64] = parts[:-1] / parts.sum()
        return shares

    def lean(self, text: str, scores: NDArray[np.float64], *, heard: bool = True) -> NDArray[np.float64]:
        """Say how much speaks for each item, in logarithms; the last is no matter at all. Not `heard` is by the list alone."""
        blend = self._model.figures["blend"]
        margins = np.full(self._count, _UNHEARD)
        if heard:
            margins[self._rows] = self._model.weigh(cut_features(text))[self._columns]
        speaks: NDArray[np.float64] = blend["learned"] * margins
        speaks[:-1] += blend["listed"] * np.log1p(scores)
        speaks[-1] += blend["nothing"]
        return speaks

    def explain(self, text: str, item: DutyItem) -> list[Evidence]:
        """Name the pieces of a text that speak most for an item."""
        name = name_class(item)
        if name not in self._classes:
            return []
        found = self._model.explain(cut_features(text), name, limit=PIECES)
        return [
            Evidence(found=piece.strip(_EDGES) or piece, weight=round(weight, 2), kind="learned")
            for piece, weight in found
            if weight > 0
        ]


def name_class(item: DutyItem) -> str:
    """Name the class of a duty item."""
    return f"{item.code} {item.name}"
