"""Explanation lines."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path
from string import Formatter

from hypothesis import given
from hypothesis import strategies as st

from routing.why import explain, read_explanation

ROOT = Path(__file__).parents[3]
_names = st.text(st.characters(categories=["Ll"], max_codepoint=127), min_size=1, max_size=8)


def test_a_line_is_key_and_facts() -> None:
    assert explain("territory_unit", {"item": "路灯不亮", "percent": 93}) == "territory_unit|item=路灯不亮|percent=93"
    assert explain("automatic_never", {}) == "automatic_never"


@given(_names, st.dictionaries(_names, st.text(max_size=20), max_size=4))
def test_what_is_written_can_be_read(key: str, facts: dict[str, str]) -> None:
    read = {name: value.replace("|", "/").replace("\n", " ").replace("\r", " ") for name, value in facts.items()}

    assert read_explanation(explain(key, facts)) == (key, read)


def _written_keys() -> dict[str, set[str]]:
    """Collect the keys, and their facts where they are written on the spot, from explain(...) and Finding(key=...) in routing."""
    found: dict[str, set[str]] = {}
    for path in [*ROOT.glob("routing/*.py"), *ROOT.glob("routing/rules/*.py")]:
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.func.id not in {"explain", "Finding"}:
                continue
            given_facts = [*call.args[1:], *(word.value for word in call.keywords if word.arg == "facts")]
            keys = [*call.args[:1], *(word.value for word in call.keywords if word.arg == "key")]
            names = {
                key.value
                for facts in given_facts
                if isinstance(facts, ast.Dict)
                for key in facts.keys
                if isinstance(key, ast.Constant)
            }
            for key in keys:
                if isinstance(key, ast.Constant):
                    found.setdefault(str(key.value), set()).update(str(name) for name in names)
    return found


def test_every_key_has_its_sentence_and_every_sentence_its_facts() -> None:
    texts = tomllib.loads((ROOT / "bot" / "texts.toml").read_text(encoding="utf-8"))["why"]
    written = _written_keys()

    assert sorted(key for key in written if key not in texts) == []
    for key, facts in written.items():
        wanted = {name for _, name, _, _ in Formatter().parse(texts[key]) if name}
        assert not facts or wanted == facts, key
    composed = {f"term_{kind}_{unit}" for kind in ("working", "calendar") for unit in ("days", "hours")}
    assert composed <= texts.keys()


def test_every_reason_of_the_conversation_has_its_sentence() -> None:
    texts = tomllib.loads((ROOT / "bot" / "texts.toml").read_text(encoding="utf-8"))["why"]
    source = ast.parse((ROOT / "routing" / "rules" / "stated_reason.py").read_text(encoding="utf-8"))
    known = next(node for node in source.body if isinstance(node, ast.Assign))
    reasons = {str(node.value) for node in ast.walk(known.value) if isinstance(node, ast.Constant)}

    assert len(reasons) > 4
    assert sorted(reason for reason in reasons if f"stated_{reason}" not in texts) == []
