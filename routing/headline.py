"""What a ticket is called and shown by: a title and a summary without anything that leads to a person. Pure.

Residents read titles, so a duty item whose official name says little to them is called in plain words there (lexicons/titles.toml); the
duty list keeps its own names for the staff.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from residents.masking import mask, shorten_doors

if TYPE_CHECKING:
    from routing.terms import DutyItem, Report

_SENTENCE = re.compile(r"[。！？；!?;\n]")
_TITLE = 30  # characters that fit one line of a phone
_SUMMARY = 2000  # characters: a letter; what is longer is read at the desk


@cache
def _plain() -> dict[str, str]:
    text = resources.files("routing").joinpath("lexicons/titles.toml").read_text(encoding="utf-8")
    return dict(tomllib.loads(text)["plain"])


def name_plainly(item: str) -> str:
    """Give what a duty item's name ("" for none) is in the words of residents; as it stands where that is plain enough."""
    return _plain().get(item, item)


def make_title(report: Report, item: DutyItem | None) -> str:
    """Name the matter: place and duty item where both are sure, else the first words of the resident."""
    if item is not None and report.public_place:
        return f"{mask(report.public_place)}{name_plainly(item.name)}"
    # Masked before it is cut: what makes a number a door may stand in another sentence.
    masked = shorten_doors(mask(report.text, of=report.said))
    first = next((part.strip() for part in _SENTENCE.split(masked) if part.strip()), "")
    return shorten(first, _TITLE) or mask(report.public_place)


def make_summary(report: Report) -> str:
    """Give what a handling unit may read of the matter."""
    return shorten(mask(report.text.strip(), of=report.said), _SUMMARY)


def shorten(text: str, length: int) -> str:
    """Cut a text to a length in characters, with an ellipsis in place of the rest."""
    return text if len(text) <= length else text[: length - 1] + "…"
