"""What was learned from messages about duty items, beside what the duty list says of them in its own words.

The model (knowledge_base/models/items.npz, learned by `make models`) knows the items of the shipped list. Its classes are `code name`: a city
that gives a code another meaning has another item, of which nothing was learned.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from knowledge_base.letters import cut_letter
from knowledge_base.linear import cut_features, shipped
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
_SOME = 0.01
"""What every function gets at least: nothing is impossible."""
_LITTLE = 0.001
"""The same for every item, of which there are ten times as many."""
_LEAST = 1e-6
_EDGES = f"^$ {SIGNS}"


class Learned:
    """What models know of the items of a list: one of duty items, learned from messages, and one of functions, learned from letters.

    Their figures have the blends: what each of them and the list's own words count, in a message and in a letter.
    """

    def __init__(self, model: LinearModel, functions: LinearModel | None, items: Sequence[DutyItem]) -> None:
        self._model = model
        self._given = functions
        self._leads = [item.lead for item in items]
        self._classes = {name: at for at, name in enumerate(model.classes)}
        known = [(at, self._classes[name]) for at, item in enumerate(items) if (name := name_class(item)) in self._classes]
        self._known = frozenset(row for row, _ in known)
        self.knows_any = bool(known)
        self._rows = np.asarray([*(row for row, _ in known), len(items)])
        self._columns = np.asarray([*(column for _, column in known), self._classes[NOTHING]])
        self._count = len(items) + 1

    @cached_property
    def _functions(self) -> LinearModel:
        """The model of functions, read when the first letter comes: most texts are messages."""
        return self._given or shipped("functions")

    @cached_property
    def _groups(self) -> NDArray[np.intp]:
        """The column of each item's function, one beyond the last where nothing was learned of it."""
        known = {name: at for at, name in enumerate(self._functions.classes)}
        return np.asarray([known.get(lead, len(known)) for lead in self._leads], dtype=np.intp)

    def knows(self, at: int) -> bool:
        """Tell whether anything was learned of the item at a place of the list."""
        return at in self._known

    def share(self, text: str, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Say how likely each item is, from what was learned and from its `scores` by the list; what is left to 1 is no matter at all."""
        return _share(self.lean(text, scores))[:-1]

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

    def share_letter(self, speaks: NDArray[np.float64]) -> NDArray[np.float64]:
        """Say how likely each item is in a letter, from what lean_letter gave."""
        blend = self._functions.figures["blend"]
        return _share(speaks @ [blend["listed"], blend["title"], blend["function"]])

    def lean_letter(self, title: str, text: str, scores: NDArray[np.float64], shares: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give what speaks for each item in a letter, in logarithms, a column each.

        They are the whole letter by the list (`shares`), its title by the list (`scores`) and by what messages taught, its function by what letters did.
        """
        by_title = np.log(np.maximum(_share(self.lean(title, scores))[:-1], _LEAST))
        return np.column_stack([np.log(shares + _LITTLE), by_title, self.weigh_functions(title, text)])

    def weigh_functions(self, title: str, text: str) -> NDArray[np.float64]:
        """Say how likely the function of each item is, in logarithms, by what letters taught."""
        shares = self._functions.share(self._functions.weigh(cut_letter(title, text, None)))
        return np.log(np.asarray([*shares.values(), 0.0]) + _SOME)[self._groups]

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


def _share(speaks: NDArray[np.float64]) -> NDArray[np.float64]:
    parts = np.exp(speaks - speaks.max())
    shares: NDArray[np.float64] = parts / parts.sum()
    return shares


def name_class(item: DutyItem) -> str:
    """Name the class of a duty item."""
    return f"{item.code} {item.name}"
