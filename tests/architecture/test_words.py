"""Sentences that people receive stand in bot/texts.toml, words to recognise in lexicons: no Chinese literal in code but where it is the matter itself."""

from __future__ import annotations

import ast
import re

from tests.architecture.sources import sources

_CHINESE = re.compile(r"[\u3400-\u9fff]")

ALLOWED = {
    "bot/evaluation/gate.py": "yes and no in labelled files",
    "bot/logs.py": "the mask for a platform's id of a person",
    "bot/settings.py": "the default of the service's name",
    "console/exchange/dropped_rows.py": "yes in the hotline's tables",
    "console/pages/talk_shown.py": "reader of the answers that a message of ours offers",
    "intents/catalog/": "an intent's cues, title and example sentences are the matter itself",
    "intents/open_question.py": "reader of Chinese numerals",
    "intents/pasted.py": "reader of excerpts as WeChat writes them",
    "intents/ratings.py": "reader of the number a rating begins with",
    "intents/slots.py": "reader of phones and of what a list's number means",
    "intents/times.py": "reader of times",
    "knowledge_base/address.py": "reader of house numbers",
    "knowledge_base/columns.py": "column names of cities' files",
    "knowledge_base/importers/": "importers' column names and dates",
    "knowledge_base/names.py": "reader of places",
    "knowledge_base/place_relations.py": "reader of places",
    "knowledge_base/place_words.py": "reader of places",
    "knowledge_base/places.py": "reader of places",
    "knowledge_base/short_names.py": "reader of places",
    "knowledge_base/slips.py": "reader of places",
    "knowledge_base/text.py": "the range of Han characters",
    "residents/doors.py": "reader of doors",
    "residents/masking.py": "masks",
    "routing/accused.py": "reads how people are called: 老王, 小李, a company's name",
    "routing/cells.py": "yes and no in cities' tables",
}
"""Path (a folder with a slash at its end) -> why Chinese is the matter itself there."""


def is_allowed(path: str) -> bool:
    return any(path == prefix or (prefix.endswith("/") and path.startswith(prefix)) for prefix in ALLOWED)


def find_chinese(tree: ast.Module) -> list[tuple[int, str]]:
    """Find string literals with Chinese in them, docstrings left out (of modules, classes, functions and attributes)."""
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and id(node) not in documentation
        if isinstance(node.value, str) and _CHINESE.search(node.value)
    ]


def test_no_chinese_literal_but_where_it_is_the_matter_itself() -> None:
    found = {path: literals for path, tree in sources().items() if not is_allowed(path) and (literals := find_chinese(tree))}

    assert found == {}


def test_every_allowance_is_still_needed() -> None:
    with_chinese = [path for path, tree in sources().items() if find_chinese(tree)]

    assert [prefix for prefix in ALLOWED if not any(path.startswith(prefix) for path in with_chinese)] == []


def test_a_planted_sentence_is_found() -> None:
    planted = (
        '"""模块说明."""\n\ndef f(name):\n    """说明."""\n    x: str = "a"\n    """属性说明."""\n    return f"您好，{name}"\n'
    )

    assert find_chinese(ast.parse(planted)) == [(7, "您好，")]
