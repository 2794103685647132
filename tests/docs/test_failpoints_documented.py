"""docs/testing.md lists the failpoints that the code has, each of them and no other."""

from __future__ import annotations

import ast
import re

from tests.architecture.sources import sources, text_of


def failpoints() -> set[str]:
    calls = (node for tree in sources().values() for node in ast.walk(tree) if isinstance(node, ast.Call))
    names = (call.args[0] for call in calls if isinstance(call.func, ast.Name) and call.func.id == "failpoint" and call.args)
    return {str(name.value) if isinstance(name, ast.Constant) else ast.unparse(name) for name in names}


def test_every_failpoint_is_documented_and_none_that_is_gone() -> None:
    documented = set(re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \|", text_of("docs/testing.md"), re.MULTILINE))

    assert documented == failpoints()
