"""What the city makes of a group's line, before anything is kept: what was learned of requests and talk is asked of every line that says something."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.listening import read_known
from intents.request import weigh_request
from intents.tiers import CALM

if TYPE_CHECKING:
    from pathlib import Path

    from bot.city import City


@pytest.mark.parametrize("text", ["楼下的灯不亮了，什么时候能修", "晚上打牌三缺一，谁来"])
def test_a_line_is_asked_what_was_learned_of_requests_and_talk(demo_city: tuple[Path, City], text: str) -> None:
    assert read_known(demo_city[1], text).request == weigh_request(text)


@pytest.mark.parametrize("text", ["早", "#接龙 1. 小吴 垃圾袋 2. 老冯 路灯款台灯"])
def test_what_is_too_short_or_a_list_is_not_asked(demo_city: tuple[Path, City], text: str) -> None:
    assert read_known(demo_city[1], text).request is None


def test_danger_to_life_is_read_whatever_was_learned(demo_city: tuple[Path, City]) -> None:
    known = read_known(demo_city[1], "救命，三楼着火了，里面还有人")

    assert known.reading.tier == "red"
    assert read_known(demo_city[1], "晚上打牌三缺一，谁来").reading == CALM
