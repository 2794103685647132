"""Every setting is read somewhere: one that nobody reads would be a promise that nobody keeps."""

from __future__ import annotations

import ast
from functools import cache

import pytest

from bot.settings import sections
from bot.settings_reading import keys_of
from tests.architecture.sources import sources

SECTIONS = sections()


@cache
def find_attributes() -> set[str]:
    return {
        node.attr
        for tree in sources().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)
    }


@pytest.mark.parametrize("name", SECTIONS)
def test_every_key_of_a_section_is_read(name: str) -> None:
    read = find_attributes()

    assert [key for key in keys_of(SECTIONS[name]) if key.rpartition(".")[2] not in read] == []
