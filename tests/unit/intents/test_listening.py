from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from intents.hearing import Known, hear
from intents.listening import Begin, CallOff, GroupSettings, Join, Line, Pass, Talk, follow, sounds_like_matter

NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
SETTINGS = GroupSettings()
COVER = "北门外面人行道上那个井盖裂了一大块,一踩就翘,差点陷进去"
LAMPS = "湖边那一段路灯全灭了,有三四天了,天天摸黑"
TALK = Talk(id=7, speaker="a", last_at=NOW, things=frozenset({"井盖", "人行道"}), item="SZ-1")


def line(text: str, *, who: str = "b", after: float = 30, **facts: object) -> Line:
    return Line(speaker=who, at=NOW + timedelta(seconds=after), text=text, **facts)  # type: ignore[arg-type]  # the tests name the fields


def test_a_matter_begins() -> None:
    assert isinstance(follow(line(COVER), settings=SETTINGS), Begin)


def test_chatter_passes() -> None:
    assert follow(line("晚上谁打羽毛球"), talks=[TALK], settings=SETTINGS) == Pass()


def test_a_neighbour_who_tells_of_the_same_thing_joins_it_hours_later() -> None:
    followed = follow(line("人行道那个井盖又翘起来了,还没人修,晚上看不见", after=3600 * 5), talks=[TALK], settings=SETTINGS)

    assert isinstance(followed, Join)
    assert (followed.talk, followed.adds) == (7, True)


def test_the_same_thing_at_another_place_or_days_later_is_another_matter() -> None:
    there = msgspec.structs.replace(TALK, place="安泰路12号")
    elsewhere = line(COVER, known=Known(place="文昌路3号"))

    assert isinstance(follow(elsewhere, talks=[there], settings=SETTINGS), Begin)
    assert isinstance(follow(line(COVER, after=3600 * 13), talks=[TALK], settings=SETTINGS), Begin)


def test_what_is_said_in_one_breath_is_one_matter_and_later_another() -> None:
    assert isinstance(follow(line(LAMPS), talks=[TALK], settings=SETTINGS), Join)
    assert isinstance(follow(line(LAMPS, after=3600), talks=[TALK], settings=SETTINGS), Begin)


def test_whoever_chimes_in_counts_without_words() -> None:
    followed = follow(line("我也看到过"), talks=[TALK], settings=SETTINGS)

    assert isinstance(followed, Join)
    assert followed.adds is False


def test_chiming_in_late_is_chatter() -> None:
    assert follow(line("我也看到过", after=600), talks=[TALK], settings=SETTINGS) == Pass()


@pytest.mark.parametrize(("after", "joins"), [(20, True), (21, False)])
def test_a_piece_of_the_same_person_belongs_to_it_for_twenty_seconds(after: float, joins: bool) -> None:
    followed = follow(line("推婴儿车的", who="a", after=after), talks=[TALK], settings=SETTINGS)

    assert isinstance(followed, Join) is joins


def test_pieces_that_say_nothing_alone_say_it_together() -> None:
    last = "坏了三天都没人修,天天摸黑"

    assert follow(line(last), settings=GroupSettings(enough=6.0)) == Pass()
    assert isinstance(follow(line(last), before=["安泰花园北门那一排", "路灯"], settings=GroupSettings(enough=6.0)), Begin)


@pytest.mark.parametrize(
    ("text", "facts", "settles"),
    [
        ("修好了", {}, True),
        ("修好了", {"after": 181}, False),
        ("不好意思", {}, False),
        ("马上安排师傅过去", {"office": True}, True),
        ("马上安排师傅过去", {}, False),
        ("这个归市政管,我们没有权,只能转告", {"office": True}, False),
    ],
)
def test_what_settles_a_matter_that_nobody_was_shown(text: str, facts: dict[str, object], settles: bool) -> None:
    assert (follow(line(text, **facts), talks=[TALK], settings=SETTINGS) == CallOff(7)) is settles


def test_what_was_shown_is_not_called_off() -> None:
    shown = msgspec.structs.replace(TALK, waits=False)

    assert follow(line("修好了"), talks=[shown], settings=SETTINGS) == Pass()


def test_an_apology_settles_what_lies_between_neighbours() -> None:
    assert follow(line("不好意思,马上来"), talks=[msgspec.structs.replace(TALK, between=True)], settings=SETTINGS) == CallOff(7)


def test_who_speaks_for_the_property_company_reports_nothing() -> None:
    assert follow(line(COVER, office=True), settings=SETTINGS) == Pass()


def test_what_accuses_the_grid_worker_is_never_theirs_to_see() -> None:
    text = f"{COVER},反映三次了网格员不管事,态度恶劣"

    assert follow(line(text), settings=SETTINGS) == Pass()
    assert sounds_like_matter(line(text), before=(), goes_on=True, settings=SETTINGS) is False


def test_a_picture_after_words_says_that_they_are_meant() -> None:
    shy = "楼道里这个门"
    settings = GroupSettings(enough=hear(shy).score + 0.5)

    assert sounds_like_matter(line(shy), before=(), goes_on=False, settings=settings) is False
    assert sounds_like_matter(line("", picture=True), before=[shy], goes_on=False, settings=settings) is True
    assert isinstance(follow(line("", picture=True), before=[shy], settings=settings), Begin)
    assert follow(line("", picture=True), settings=settings) == Pass()


@pytest.mark.parametrize(
    ("text", "goes_on", "kept"),
    [
        (COVER, False, True),
        ("晚上谁打羽毛球", False, False),
        ("推车的都绕着走", True, True),
        ("[红包]", True, False),
        ("", True, False),
    ],
)
def test_whether_words_may_be_kept_is_told_from_memory(text: str, goes_on: bool, kept: bool) -> None:
    assert sounds_like_matter(line(text), before=(), goes_on=goes_on, settings=SETTINGS) is kept
