"""Word lists as data files: one entry a line in lexicons/, 『#』 starts a remark. City staff can read and amend them."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def read_lexicon(name: str) -> frozenset[str]:
    """Read lexicons/<name>.txt of this package; FileNotFoundError if there is none."""
    text = files("knowledge_base").joinpath("lexicons", f"{name}.txt").read_text(encoding="utf-8")
    return frozenset(line.strip() for line in text.split("\n") if line.strip() and not line.startswith("#"))
