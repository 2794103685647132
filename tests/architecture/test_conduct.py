"""How a source file behaves: it says why it exists, is not too long, prints nothing, and hides no failure."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.sources import sources, text_of

LONGEST = 400
LONG: dict[str, str] = {
    "store/migrations/versions/0001_foundation.py": "a migration is a list of tables; splitting one would only hide what it makes",
}
"""Path -> why this file may be longer."""

CATCHES_ALL = {
    "bot/channels/callback.py": "whatever kept a push from being stored, the platform is asked to send it again",
    "bot/control.py": "whatever a command raises is logged and answered to the one who sent it; the service lives on",
    "bot/channels/web.py": "what could not be stored is logged and answered 503; the browser sends it again",
    "bot/sending.py": "whatever a channel raises after the call, the send may have arrived: it is marked unknown",
    "bot/worker.py": "a duty that fails says so in the log, waits and goes on; it never stops the others",
    "console/exchange/dropping.py": "what keeps one file of the hotline from being taken is logged; the file stays, the others are taken",
    "console/media/decoder.py": "whatever a decoder trips over in a stranger's picture, the word `broken` goes to the service, which tells who sent it",
    "console/pages/door.py": "whatever a page raises is logged and answered as an error page; the service lives on",
    "console/door.py": "whatever a handler raises is logged and answered as a problem; the service lives on",
    "knowledge_base/file_reader.py": "whatever a library trips over in a foreign file, the word `broken` goes to whoever had it read",
    "store/engine.py": "whatever a unit raises is handed to the one who asked; the writer thread lives on",
}
"""Path -> why catching everything is right there, and where the failure goes."""

DISCOVERERS = {
    "bot/channels/__init__.py": "the Channel protocol, and discover()",
    "bot/effects/__init__.py": "what an effect is, discover() and perform()",
    "bot/commands/__init__.py": "the registry of writing commands, and discover()",
    "intents/catalog/__init__.py": "specs() of the folder",
    "knowledge_base/importers/__init__.py": "what an importer is, and discover()",
    "routing/importers/__init__.py": "what an importer is, and discover()",
    "routing/rules/__init__.py": "what a rule is, and discover()",
}
"""Package files that hold more than a docstring: each finds the plug-ins of its folder."""


def find_prints(tree: ast.Module) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]


def find_catch_alls(tree: ast.Module) -> list[int]:
    """Find handlers for everything that do not raise again."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        and _catches_all(node)
        and not any(isinstance(one, ast.Raise) for one in ast.walk(node))
    ]


def _catches_all(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(kind, ast.Name) and kind.id in ("Exception", "BaseException") for kind in kinds)


def has_only_a_docstring(tree: ast.Module) -> bool:
    return len(tree.body) == 1 and ast.get_docstring(tree) is not None


def test_every_module_says_why_it_exists() -> None:
    assert [path for path, tree in sources().items() if not ast.get_docstring(tree)] == []


def test_no_file_is_longer_than_it_may_be() -> None:
    long = {path for path in sources() if text_of(path).count("\n") > LONGEST}

    assert long == set(LONG)


def test_nothing_prints() -> None:
    assert {path: lines for path, tree in sources().items() if (lines := find_prints(tree))} == {}


def test_everything_is_caught_only_where_a_reason_says_where_it_goes() -> None:
    assert {path for path, tree in sources().items() if find_catch_alls(tree)} == set(CATCHES_ALL)


def test_package_files_are_empty_but_for_the_discoverers() -> None:
    filled = {path for path, tree in sources().items() if path.endswith("__init__.py") and not has_only_a_docstring(tree)}

    assert filled == set(DISCOVERERS)


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ("try:\n    f()\nexcept Exception:\n    pass\n", [3]),
        ("try:\n    f()\nexcept:\n    g()\n", [3]),
        ("try:\n    f()\nexcept (OSError, BaseException) as error:\n    g(error)\n", [3]),
        ("try:\n    f()\nexcept Exception:\n    g()\n    raise\n", []),
        ("try:\n    f()\nexcept Exception as error:\n    raise KeyError from error\n", []),
        ("try:\n    f()\nexcept OSError:\n    pass\n", []),
    ],
)
def test_a_planted_catch_all_is_found(planted: str, found: list[int]) -> None:
    assert find_catch_alls(ast.parse(planted)) == found


def test_a_planted_print_and_a_filled_package_file_are_found() -> None:
    assert find_prints(ast.parse("def f():\n    print(1)\n")) == [2]
    assert has_only_a_docstring(ast.parse('"""Why."""\n'))
    assert not has_only_a_docstring(ast.parse('"""Why."""\nX = 1\n'))
    assert not has_only_a_docstring(ast.parse(""))
