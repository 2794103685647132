"""In a group the bot is called by its name: the name is no part of what is asked, and what only looks like one stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.understanding import read_text

if TYPE_CHECKING:
    from bot.city import City

ASKED = "户口本丢了怎么补？"


@pytest.mark.parametrize("called", ["@接应 ", "@接应\u2005", "@接应 @网格员小陈 ", " @接应\u2005 "])
def test_who_is_called_changes_nothing_that_is_found(demo_city: tuple[object, City], called: str) -> None:
    city = demo_city[1]

    plain, with_name, at_the_end = (
        [(match.code, match.confidence) for match in read_text(city, text).matches]
        for text in (ASKED, called + ASKED, f"{ASKED} {called.strip()}")
    )

    assert with_name == at_the_end == plain
    assert plain[0][1] > 0.9


@pytest.mark.parametrize("text", ["@接应户口本丢了怎么补？", "@接应", "发到a@b.cn 可以吗"])
def test_what_is_no_name_is_looked_up_as_it_stands(demo_city: tuple[object, City], text: str) -> None:
    city = demo_city[1]

    assert list(read_text(city, text).matches) == city.matcher.match(city.segmenter.read(text))
