from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.duplicates import DuplicateSettings, Matter, choose, compare, likeness, place_key

SETTINGS = DuplicateSettings()
LAMP = Matter(resident_id=1, item="SZ-1", area="G1", place="柳树街12号", text="柳树街12号路灯坏了三天", public=True)
WORDS = "柳树街口的井盖不见了，一个大坑，电动车差点掉进去"


def alike(**changes: object) -> str | None:
    near = compare(msgspec.structs.replace(LAMP, resident_id=2, **changes), LAMP, ticket_id=5, settings=SETTINGS)
    return near.because if near else None


@pytest.mark.parametrize(
    ("changes", "because"),
    [
        ({"text": "灯又不亮了"}, "place_and_item"),
        ({"item": "", "text": "12号路灯坏了三天没人修"}, "place_and_words"),
        ({"place": "", "text": "路灯坏了三天了"}, "grid_and_item"),
        ({"place": "", "item": "", "text": "柳树街12号的路灯坏了"}, "grid_and_words"),
        ({"item": "ZF-1", "text": "摊贩把人行道占了"}, None),
        ({"place": "柳树街80号"}, None),
        ({"place": "", "text": "楼下的灯黑了"}, None),
        ({"area": "G2"}, None),
        ({"area": "", "place": ""}, None),
        ({"public": False}, None),
    ],
)
def test_a_neighbour_joins_only_the_same_matter_at_the_same_place(changes: dict[str, object], because: str | None) -> None:
    assert alike(**changes) == because


def test_a_shared_street_alone_never_joins() -> None:
    street = msgspec.structs.replace(LAMP, place=place_key("柳树街"), text="柳树街的路灯坏了")
    other = msgspec.structs.replace(street, resident_id=2, text="柳树街中间那盏灯闪", item="")

    assert street.place == ""
    assert compare(other, street, ticket_id=5, settings=SETTINGS) is None


@pytest.mark.parametrize(
    ("changes", "joins"),
    [
        ({}, True),
        ({"public": False, "place": ""}, True),
        ({"place": "柳树街80号"}, False),
        ({"text": "楼上天天咚咚响"}, False),
        ({"red": True}, False),
        ({"call": True}, False),
    ],
)
def test_a_resident_adds_only_to_the_same_matter(changes: dict[str, object], joins: bool) -> None:
    near = compare(msgspec.structs.replace(LAMP, **changes), LAMP, ticket_id=5, settings=SETTINGS)

    assert (near is not None) == joins


def test_one_open_call_back_is_enough() -> None:
    call = msgspec.structs.replace(LAMP, call=True, public=False, text="转人工")
    again = msgspec.structs.replace(call, text="有人吗")

    assert compare(again, call, ticket_id=5, settings=SETTINGS) is not None
    assert compare(msgspec.structs.replace(again, resident_id=2), call, ticket_id=5, settings=SETTINGS) is None


def test_a_repeated_alarm_joins_the_resident_s_own() -> None:
    fire = msgspec.structs.replace(LAMP, red=True, public=False, text="着火了快来人")

    assert compare(fire, fire, ticket_id=5, settings=SETTINGS) is not None
    assert compare(msgspec.structs.replace(fire, resident_id=2), fire, ticket_id=5, settings=SETTINGS) is None


def test_of_several_the_resident_s_own_then_the_nearest_then_the_oldest_is_chosen() -> None:
    new = msgspec.structs.replace(LAMP, resident_id=2)
    far = msgspec.structs.replace(LAMP, text="灯")
    own = msgspec.structs.replace(new, public=False)

    def chosen(*old: tuple[int, Matter]) -> int | None:
        near = choose(new, old, settings=SETTINGS)
        return near.ticket_id if near else None

    assert chosen((1, far), (2, LAMP), (3, LAMP)) == 2
    assert chosen((1, far), (2, LAMP), (4, own)) == 4
    assert chosen() is None


@pytest.mark.parametrize(
    ("place", "key"),
    [
        ("安泰路12号门口", "安泰路12号"),
        ("安泰路１２号附近", "安泰路12号"),
        ("安泰路与和平路口", "安泰路与和平路口"),
        ("安泰花园3栋", "安泰花园3栋"),
        ("柳浪新村", "柳浪新村"),
        ("安泰路", ""),
        ("安泰社区", ""),
        ("门口", "门口"),
        ("路", ""),
        ("", ""),
    ],
)
def test_place_key_keeps_what_is_narrower_than_a_street(place: str, key: str) -> None:
    assert place_key(place) == key


@given(st.text(max_size=80), st.text(max_size=80))
def test_likeness_is_a_share_and_even(one: str, other: str) -> None:
    assert 0 <= likeness(one, other) <= 1
    assert likeness(one, other) == likeness(other, one)


def test_likeness_knows_the_same_and_the_wholly_other() -> None:
    assert likeness(WORDS, WORDS) == 1
    assert likeness(WORDS, "楼上孩子半夜跑跳") == 0
    assert likeness("", "") == 0


def test_naming_the_same_place_makes_two_texts_no_more_alike() -> None:
    house = msgspec.structs.replace(LAMP, item="", place="榕树街道八十八号院", text="榕树街道八十八号院井盖翻了")
    said = {"item": "ZF-1", "place": house.place, "text": "榕树街道八十八号院摊贩太吵"}

    assert likeness(house.text, said["text"]) >= SETTINGS.near_text
    assert compare(msgspec.structs.replace(house, resident_id=2, **said), house, ticket_id=5, settings=SETTINGS) is None
