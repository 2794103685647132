"""What a ticket is called and shown by: a title and a summary without anything that leads to a person. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from residents.masking import mask

if TYPE_CHECKING:
    from routing.terms import DutyItem, Report

_SENTENCE = re.compile(r"[。！？；!?;\n]")
_TITLE = 30  # characters that fit one line of a phone
_SUMMARY = 2000  # characters: a letter; what is longer is read at the desk


def make_title(report: Report, item: DutyItem | None) -> str:
    """Name the matter: place and duty item where both are sure, else the first words of the resident."""
    if item is not None and report.public_place:
        return f"{mask(report.public_place)}{item.name}"
    first = next((part.strip() for part in _SENTENCE.split(report.text) if part.strip()), "")
    return shorten(mask(first), _TITLE) or mask(report.public_place)


def make_summary(report: Report) -> str:
    """Give what a handling unit may read of the matter."""
    return shorten(mask(report.text.strip()), _SUMMARY)


def shorten(text: str, length: int) -> str:
    """Cut a text to a length in characters, with an ellipsis in place of the rest."""
    return text if len(text) <= length else text[: length - 1] + "…"
