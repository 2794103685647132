"""The writer's own home among the places of a message: found by the words around it, and no place of the matter where there is another."""

from __future__ import annotations

import pytest

from intents.home import find_home, leave_out
from knowledge_base.places import PlaceMention

HERE = PlaceMention(text="柳树街12号", public="柳树街12号")
THERE = PlaceMention(text="桃园路3号", public="桃园路3号")


@pytest.mark.parametrize(
    "text",
    [
        "我住柳树街12号，桃园路3号天天吵",
        "我家住在柳树街12号，桃园路3号天天吵",
        "家住柳树街12号,桃园路3号天天吵",
        "我们家在柳树街12号，桃园路3号天天吵",
        "桃园路3号天天吵，我是柳树街12号的业主",
        "桃园路3号天天吵，住址:柳树街12号",
    ],
)
def test_a_home_is_none_of_the_places_of_the_matter(text: str) -> None:
    home = find_home(text, [HERE, THERE])

    assert home == HERE
    assert leave_out(home, [HERE, THERE]) == [THERE]


@pytest.mark.parametrize(
    "text", ["柳树街12号天天吵", "我在柳树街12号看到有人打架", "住在柳树街12号的那家人天天吵", "我们柳树街12号门口路灯坏了"]
)
def test_a_place_alone_is_no_home(text: str) -> None:
    assert find_home(text, [HERE]) is None


def test_where_there_is_no_other_place_the_matter_lies_at_home() -> None:
    assert leave_out(HERE, [HERE]) == [HERE]
    assert leave_out(None, [HERE, THERE]) == [HERE, THERE]
