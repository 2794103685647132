from __future__ import annotations

import re
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.lexicon import compile_list, lexicon, read_table

FILES = sorted(path.name.removesuffix(".toml") for path in (files("intents") / "lexicons").iterdir() if path.name.endswith(".toml"))


def lists_of(table: dict[str, Any]) -> list[dict[str, Any]]:
    rows = table.get("hazard", [table, *table.values()])
    return [row for row in rows if isinstance(row, dict) and ("words" in row or "patterns" in row)]


@pytest.mark.parametrize("name", FILES)
def test_every_shipped_list_compiles_and_matches_no_empty_text(name: str) -> None:
    for row in lists_of(read_table(name)):
        assert compile_list(row).find("") == ()


def test_a_longer_word_wins_over_the_shorter_one_in_it() -> None:
    assert compile_list({"words": ["停水", "停水通知"]}).find("贴了停水通知") == ("停水通知",)


def test_an_exception_wins_over_the_word_in_it_and_only_there() -> None:
    words = compile_list({"words": ["想死"], "except": ["想死你"]})

    assert words.find("想死你了") == ()
    assert words.find("想死你了，想死") == ("想死",)


def test_chinese_punctuation_in_a_list_stands_for_plain_one_too() -> None:
    """Texts come in normal form, where a comma is a plain one."""
    words = compile_list({"words": ["没用，还是"], "patterns": ["快来！", "打(?:老婆|人)[，。]", "没(?:人)?[^，]管"]})

    assert words.find("没用,还是快来!打人,") == ("没用,还是", "快来!", "打人,")
    assert words.find("没用，还是快来！打人，") == ("没用，还是", "快来！", "打人，")
    assert words.find("没人,管") == ()


def test_an_empty_list_finds_nothing() -> None:
    assert compile_list({}).find("什么都没有") == ()


def test_words_are_found_once_in_order() -> None:
    assert compile_list({"words": ["水", "电"]}).find("电没了水没了电还没了") == ("电", "水")


def test_a_word_is_no_pattern() -> None:
    assert compile_list({"words": ["a.c"]}).find("abc a.c") == ("a.c",)


def test_a_broken_pattern_is_refused() -> None:
    with pytest.raises(re.error):
        compile_list({"patterns": ["("]})


def test_a_table_is_named_with_its_file() -> None:
    assert lexicon("feedback.useless").first("答非所问") == "答非所问"
    with pytest.raises(KeyError):
        lexicon("feedback.unheard_of")
    with pytest.raises(FileNotFoundError):
        lexicon("unheard_of")


@given(st.text(alphabet="水电停通知，abc", max_size=30))
def test_blanking_keeps_every_other_character_in_its_place(text: str) -> None:
    words = compile_list({"words": ["停水", "停电通知"], "except": ["停水通知"]})
    blanked = words.blank(text)

    assert len(blanked) == len(text)
    assert all(after in {before, "·"} for before, after in zip(text, blanked, strict=True))
    assert words.find(blanked) == ()
