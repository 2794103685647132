"""Word lists as data. The one place that reads lexicons/*.toml, so that a city's staff can add a word without touching code.

A list has `words` (as they are), `patterns` (regular expressions) and `except` (phrases that contain a word and mean something
else: 想死你了). A file holds one list, or several as tables named `file.table`. Its table `parts` names pieces that its patterns share:
<person> stands for the piece of that name.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NOTHING = r"(?!)"
_PART = re.compile(r"(?<!\?)<([a-z_]+)>")
_PLAIN = {"，": ",", "！": "!", "？": "?", "：": ":", "；": ";"}
"""Punctuation that the normal form of a text writes otherwise than people who keep these lists do."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One compiled word list. Longer words win over shorter ones at the same place, exceptions over both."""

    expression: re.Pattern[str]

    def spans(self, text: str) -> Iterator[re.Match[str]]:
        """Give every place where the list speaks, from left to right; exceptions are skipped."""
        return (match for match in self.expression.finditer(text) if match[1] is not None)

    def find(self, text: str) -> tuple[str, ...]:
        """Give the distinct words found, in order of appearance."""
        return tuple(dict.fromkeys(match[1] for match in self.spans(text)))

    def first(self, text: str) -> str:
        """Give the first word found, "" if none."""
        return next((match[1] for match in self.spans(text)), "")

    def blank(self, text: str) -> str:
        """Replace every word found by dots of the same length, so that its parts mean nothing any more."""
        return self.expression.sub(lambda match: match[0] if match[1] is None else "·" * len(match[0]), text)


def compile_list(table: Mapping[str, Any], parts: Mapping[str, str] | None = None) -> Lexicon:
    """Compile one table with `words`, `patterns` and `except`; re.error if a pattern is none, KeyError if a part is missing."""
    words = sorted(table.get("words", ()), key=len, reverse=True)
    wanted = "|".join([*table.get("patterns", ()), *map(re.escape, words)]) or _NOTHING
    unwanted = "|".join(table.get("except", ())) or _NOTHING
    whole = _PART.sub(lambda name: f"(?:{(parts or {})[name[1]]})", f"(?:{unwanted})|({wanted})")
    return Lexicon(re.compile(_accept_plain(whole)))


def _accept_plain(pattern: str) -> str:
    """Let Chinese punctuation in a pattern match its plain form too, inside brackets and outside."""
    parts: list[str] = []
    inside = False
    for before, character in zip(f" {pattern}", pattern, strict=False):
        if character in "[]" and before != "\\":
            inside = character == "["
        both = character + _PLAIN.get(character, "")
        parts.append(both if inside or both == character else f"[{both}]")
    return "".join(parts)


@cache
def read_table(file: str) -> dict[str, Any]:
    """Read lexicons/<file>.toml as it is; FileNotFoundError if there is none."""
    return tomllib.loads((files("intents") / "lexicons" / f"{file}.toml").read_text("utf-8"))


@cache
def lexicon(name: str) -> Lexicon:
    """Give the list `file` or `file.table`, compiled once; KeyError if the file has no such table."""
    file, _, table = name.partition(".")
    content = read_table(file)
    return compile_list(content[table] if table else content, content.get("parts"))
