from __future__ import annotations

import pytest

from knowledge_base.pinyin import blur, spell


def test_characters_are_spelt_without_tones_and_the_rest_stands_for_itself() -> None:
    assert spell("安泰路3号b") == ("an", "tai", "lu", "3", "hao", "b")


@pytest.mark.parametrize(
    ("syllable", "blurred"),
    [("zhang", "zan"), ("chi", "ci"), ("shui", "sui"), ("ning", "lin"), ("teng", "ten"), ("ma", "ma"), ("3", "3")],
)
def test_syllables_that_are_easily_confused_are_one(syllable: str, blurred: str) -> None:
    assert blur(syllable) == blurred
