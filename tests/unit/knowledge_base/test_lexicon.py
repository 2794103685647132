from __future__ import annotations

import pytest

from knowledge_base.lexicon import read_lexicon


def test_a_lexicon_holds_its_lines_without_remarks() -> None:
    words = read_lexicon("asking")

    assert {"怎么办", "在哪里"} < words
    assert all(word == word.strip() and word and not word.startswith("#") for word in words)


def test_a_lexicon_that_is_not_there_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        read_lexicon("nothing")
