"""Every sentence that people can receive stands in texts.toml; this reads it once and fills in the facts."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def load_texts() -> dict[str, dict[str, str]]:
    """Read texts.toml: section -> key -> text with {placeholders}."""
    return tomllib.loads(files("bot").joinpath("texts.toml").read_text(encoding="utf-8"))


def has_text(section: str, key: str) -> bool:
    """Tell whether there is a text of this key."""
    return key in load_texts().get(section, {})


def fill(section: str, key: str, facts: dict[str, Any] | None = None) -> str:
    """Fill a text with facts; KeyError names the text or the fact that is missing."""
    text = load_texts()[section][key]
    try:
        return text.format(**(facts or {}))
    except KeyError as missing:
        raise KeyError(f"texts.toml [{section}] {key} needs the fact {missing}") from missing
