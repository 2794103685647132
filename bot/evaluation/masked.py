"""How a message is shown when figures are explained: numbers, names and doors masked, and no more than its beginning."""

from __future__ import annotations

from residents.masking import mask

_SHOWN = 40
"""Characters of a message that are shown: enough to see what it is about, too few to be a letter."""


def show_masked(text: str) -> str:
    """Give the first 40 characters of a text after everything that leads to a person was masked."""
    return mask(text)[:_SHOWN]
