from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from intents.gathering import gather
from intents.listening import GroupSettings, Line

START = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
SETTINGS = GroupSettings()


def talk(*said: tuple[str, str, float]) -> list[Line]:
    return [Line(speaker=who, at=START + timedelta(seconds=after), text=text) for who, text, after in said]


DAY = (
    ("a", "早上好", 0),
    ("b", "安泰花园北门那个", 600),
    ("b", "路灯全灭了,有三四天了,天天摸黑", 610),
    ("c", "我家楼下也是", 640),
    ("a", "收到", 700),
    ("d", "怎么又停水了,楼上楼下都没水,锅里还煮着面", 4000),
    ("c", "来水了来水了", 4060),
    ("a", "菜场门口下水道冒黑水,漫得一地都是,臭得不行", 9000),
)


def test_a_day_leaves_one_draft_a_matter() -> None:
    found = gather(talk(*DAY), settings=SETTINGS)

    assert [(one.lines, one.speakers, one.settled) for one in found] == [
        ((1, 2), ("b", "c"), False),
        ((5,), ("d",), True),
        ((7,), ("a",), False),
    ]


def test_nothing_comes_of_nothing() -> None:
    assert gather([], settings=SETTINGS) == ()


@given(picked=st.lists(st.sampled_from(DAY), max_size=12))
def test_no_line_is_in_two_drafts_and_every_draft_has_one(picked: list[tuple[str, str, float]]) -> None:
    lines = talk(*((who, text, 30.0 * at) for at, (who, text, _) in enumerate(picked)))
    taken = [number for one in gather(lines, settings=SETTINGS) for number in one.lines]

    assert len(taken) == len(set(taken))
    assert all(one.lines and one.speakers for one in gather(lines, settings=SETTINGS))
