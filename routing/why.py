"""Explanation lines: every automatic decision says why in facts, `key|name=value|name=value`; bot.replies turns them into Chinese.

The sentences stand in bot/texts.toml, section [why], one per key. Values come from data or from residents, so the separators are
taken out of them here and nowhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_SEPARATORS = str.maketrans({"|": "/", "\n": " ", "\r": " "})


def explain(key: str, facts: Mapping[str, object]) -> str:
    """Write one line: the key of its sentence, then the facts in the order given."""
    return "|".join([key, *(f"{name}={str(value).translate(_SEPARATORS)}" for name, value in facts.items())])


def read_explanation(line: str) -> tuple[str, dict[str, str]]:
    """Read a line back into its key and facts; what has no `=` is left out."""
    key, *rest = line.split("|")
    pairs = (part.partition("=") for part in rest)
    return key, {name: value for name, equals, value in pairs if equals}


def hide_facts(line: str, *, names: Collection[str], by: str) -> str:
    """Give a line with these facts replaced by a word that says nothing."""
    key, facts = read_explanation(line)
    return explain(key, {name: by if name in names and value else value for name, value in facts.items()})
