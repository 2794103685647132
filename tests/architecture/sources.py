"""The source files of the packages, parsed once, for the tests that keep the house's rules."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("bot", "console", "intents", "routing", "knowledge_base", "residents", "store")


@cache
def sources() -> dict[str, ast.Module]:
    """Give every source file by its path from the root, parsed."""
    files = sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))
    return {file.relative_to(ROOT).as_posix(): ast.parse(file.read_text(encoding="utf-8")) for file in files}


def text_of(path: str) -> str:
    """Read a file by its path from the root."""
    return (ROOT / path).read_text(encoding="utf-8")
