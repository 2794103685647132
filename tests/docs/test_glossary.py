"""docs/glossary.md explains every state, outcome, kind and value that the code names, and no word that the code has dropped."""

from __future__ import annotations

import ast
import re

from tests.architecture.sources import sources, text_of

TECHNICAL = {
    "bot/commands/results.py Decision": "words of a command; what they do is reassign, carry, explain",
    "bot/channels/__init__.py Kind": "what a message consists of: plain words",
    "bot/doctor/finding.py Level": "how a line of doctor is coloured",
    "bot/reporting": "how a report is laid out",
    "bot/simulator": "the simulator's own ledger",
    "console/login_port.py Why": "why a platform does not say who somebody is; the words stand on the page",
    "residents/entering.py": "why a code is not given or not taken; the words stand on the page",
    "console/routes.py Method": "methods of HTTP",
    "intents/spec.py Kind": "what a message consists of: plain words",
    "knowledge_base/importers/__init__.py ProblemKey": "names of sentences about a bad file",
    "knowledge_base/places.py Parity": "odd and even house numbers",
    "residents/ledger.py OpenedBy": "what opened a platform's window",
    "routing/duplicates.py Because": "names of explanations",
    "routing/figures.py": "figures and what they are asked by: docs/figures.md",
    "routing/handover.py Fault": "what a summary may not say; the words are shown with it",
    "routing/importers/__init__.py ProblemKey": "names of sentences about a bad file",
    "routing/reorganising.py CodeKind": "what a column names",
    "routing/reorganising.py TroubleKey": "names of sentences about a change that cannot be",
    "routing/ordering.py Order": "by which column a list stands; the words stand on the page",
    "store/sends.py Trouble": "names of explanations of what kept a send from leaving",
    "routing/listing.py Part": "columns by whose index a list is walked",
    "routing/lifecycle.py Need": "what an act has to come with",
    "routing/notice_table.py Who": "lists of receivers, resolved to Audience",
}
"""Alias -> why a reader of the field needs no translation."""

EXPLAINED_CLASSES = ("routing/terms.py", "intents/actions.py")
"""Files whose every class is a word of the field."""


def explained() -> set[str]:
    return set(re.findall(r"^\| `([A-Za-z_]+)` \|", text_of("docs/glossary.md"), re.MULTILINE))


def literals_of(node: ast.AST) -> set[str]:
    return {
        str(one.value)
        for sub in ast.walk(node)
        if isinstance(sub, ast.Subscript) and isinstance(sub.value, ast.Name) and sub.value.id == "Literal"
        for one in ast.walk(sub.slice)
        if isinstance(one, ast.Constant)
    }


def is_enum(node: ast.ClassDef) -> bool:
    return any(isinstance(base, ast.Name) and base.id == "StrEnum" for base in node.bases)


def named_values() -> dict[str, set[str]]:
    """Collect what code names as a closed set: enums, and module-level aliases of Literal."""
    found: dict[str, set[str]] = {}
    for path, tree in sources().items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and is_enum(node):
                values = (one.value for one in node.body if isinstance(one, ast.Assign))
                found[f"{path} {node.name}"] = {str(value.value) for value in values if isinstance(value, ast.Constant)}
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and (values := literals_of(node.value)):
                found[f"{path} {node.targets[0].id}"] = values
    return found


def is_technical(alias: str) -> bool:
    return any(alias.startswith(prefix) for prefix in TECHNICAL)


def test_every_value_the_code_names_is_explained() -> None:
    words = explained()

    assert {alias: values - words for alias, values in named_values().items() if not is_technical(alias) and values - words} == {}


def test_every_word_of_the_field_is_explained() -> None:
    classes = {node.name for path in EXPLAINED_CLASSES for node in sources()[path].body if isinstance(node, ast.ClassDef)}

    assert classes - explained() == set()


def test_every_explained_word_is_in_use() -> None:
    used = set(re.findall(r"[A-Za-z_]+", "\n".join(text_of(path) for path in sources())))

    assert explained() - used == set()


def test_every_exception_is_still_needed() -> None:
    aliases = named_values()

    assert [prefix for prefix in TECHNICAL if not any(alias.startswith(prefix) for alias in aliases)] == []


def test_what_the_code_names_is_found() -> None:
    values = named_values()

    assert values["routing/terms.py Level"] == {"grid", "community", "street", "district", "city"}
    assert "quarantined" in values["intents/actions.py OutcomeName"]
