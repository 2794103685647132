"""The writer's own home among the places a message names: told by the words right before it (我住…) or after it (…的业主).

A matter may lie elsewhere: then the home is none of its places. Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from intents.lexicon import lexicon

if TYPE_CHECKING:
    from collections.abc import Sequence

    from knowledge_base.places import PlaceMention

_NEAR = 10
"""Characters before or after a place in which it is said to be a home."""


def find_home(text: str, places: Sequence[PlaceMention]) -> PlaceMention | None:
    """Find the place where the writer says they live; None if they do not say."""
    for place in places:
        at = text.find(place.text)
        if at < 0:
            continue
        before, after = text[max(0, at - _NEAR) : at], text[at + len(place.text) :][:_NEAR]
        if lexicon("home.before").first(before) or lexicon("home.after").first(after):
            return place
    return None


def leave_out(home: PlaceMention | None, places: Sequence[PlaceMention]) -> Sequence[PlaceMention]:
    """Give the places where the matter may lie: not the writer's home, unless there is no other."""
    return [place for place in places if place != home] or places
