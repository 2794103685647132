"""Is a text a request or a question to the community at all, or is it only talk? What was learned of both answers.

The model (knowledge_base/models/gate.npz, learned by `make models` from texts of our own; a city learns its own with `jieying learn gate`) sees
the characters alone. How somebody punctuates says nothing of what they want, and every program and generation does it in its own way: all of
it counts as a blank.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from knowledge_base.linear import cut_features, shipped
from knowledge_base.text import normalize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from knowledge_base.linear import LinearModel

REQUEST, TALK = "request", "talk"
"""The classes of a gate's model."""
_SIGNS = re.compile(r"[\W_]+")
_EMPTY = len(cut_features(""))
"""Grams of a text without words: the marks of its beginning and end."""


def read_features(text: str) -> Sequence[str]:
    """Cut a text as it came into what a gate's model sees: the grams of its characters, signs and pictures left out."""
    return cut_features(_SIGNS.sub(" ", normalize(text).lower()).strip())


def weigh_request(text: str, model: LinearModel | None = None) -> float:
    """Say what speaks for a request: a margin, about -2 to 2, above 0 rather a request; a text without words is none (-1).

    By default the shipped model answers. ValueError if the model is no gate's.
    """
    model = model or shipped("gate")
    features = read_features(text)
    if len(features) == _EMPTY:
        return -1.0
    return float(model.weigh(features)[model.classes.index(REQUEST)])
