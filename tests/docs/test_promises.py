"""docs/conversation.md and docs/privacy.md name a test or a dialogue for each promise: every one that is named is there."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import pytest

from tests.architecture.sources import ROOT, text_of

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENTS = ("docs/conversation.md", "docs/privacy.md")
_DIALOGUES = ROOT / "tests" / "dialogues"
_REFERENCE = re.compile(r"`((?:[a-z_]+/)*test_\w+\.py)?(?:::(test_\w+))?`")
_DIALOGUE = re.compile(r"([\u3400-\u9fff]+)\.md")


def find_files(named: str) -> list[Path]:
    """Find the files that a name with or without folders may mean."""
    return [path for path in (ROOT / "tests").rglob(named.rpartition("/")[2]) if path.as_posix().endswith(f"/{named}")]


def read_tests(paths: list[Path]) -> set[str]:
    trees = [ast.parse(path.read_text("utf-8")) for path in paths]
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for tree in trees for node in ast.walk(tree) if isinstance(node, functions) and node.name.startswith("test_")}


def find_broken(text: str) -> list[str]:
    """Give what a document names and what is not there; `::name` belongs to the file named before it."""
    broken = [found[0] for found in _DIALOGUE.finditer(text) if not (_DIALOGUES / found[0]).exists()]
    files: list[Path] = []
    for found in _REFERENCE.finditer(text):
        named, test = found.groups()
        if named:
            files = find_files(named)
            broken += [named] if len(files) != 1 else []
        if test and test not in read_tests(files):
            broken.append(found[0])
    return broken


@pytest.mark.parametrize("document", DOCUMENTS)
def test_whatever_is_named_is_there(document: str) -> None:
    assert find_broken(text_of(document)) == []


def test_every_dialogue_is_named() -> None:
    named = {found[0] for document in DOCUMENTS for found in _DIALOGUE.finditer(text_of(document))}

    assert {path.name for path in _DIALOGUES.glob("*.md")} - named == set()


def test_every_promise_of_a_table_says_where_it_is_checked() -> None:
    lines = [line for line in text_of("docs/conversation.md").splitlines() if line.startswith("| ")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]

    assert [row[0] for row in rows if len(row) != 3 or not row[2]] == []


def test_what_is_not_there_would_be_found() -> None:
    said = "没有的.md、`test_promises.py::test_every_dialogue_is_named`、`::test_nothing`、`test_nowhere.py`"

    assert find_broken(said) == ["没有的.md", "`::test_nothing`", "test_nowhere.py"]
