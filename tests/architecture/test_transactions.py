"""Only store/ ends a transaction: a stray commit elsewhere would keep half of a message."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.sources import sources

_ENDS = frozenset({"commit", "rollback"})


def find_ends(tree: ast.Module) -> list[int]:
    """Find the lines that commit or roll back, called or handed on, also by name."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and node.attr in _ENDS) or (isinstance(node, ast.Constant) and node.value in _ENDS)
    ]


def test_only_the_store_ends_transactions() -> None:
    found = {path: lines for path, tree in sources().items() if not path.startswith("store/") and (lines := find_ends(tree))}

    assert found == {}


@pytest.mark.parametrize(
    "planted",
    [
        "def f(session):\n    session.commit()\n",
        "async def f(session):\n    await session.rollback()\n",
        "def f(session, run):\n    run(session.commit)\n",
        "def f(session):\n    getattr(session, 'commit')()\n",
    ],
)
def test_a_planted_commit_is_found(planted: str) -> None:
    assert find_ends(ast.parse(planted)) == [2]


def test_what_is_no_commit_is_not_found() -> None:
    assert find_ends(ast.parse("def f(store):\n    '''Returns after the commit.'''\n    store.write(commits)\n")) == []
