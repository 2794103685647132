"""Whom a text accuses: by every name a unit has, by name or post of a person, and somebody whom no list has."""

from __future__ import annotations

import pytest

from routing.accused import find_in_text, find_stated
from routing.naming import collect
from tests.town import AREAS, UNITS, build_town

TOWN = build_town()


def accused(text: str) -> dict[str, tuple[tuple[str, ...], tuple[str, ...], bool]]:
    return {each.word: (each.units, each.staff, each.unknown) for each in find_in_text(text, TOWN)}


def test_a_unit_has_short_names() -> None:
    names = collect(UNITS, {area.code: area for area in AREAS}).units

    assert names["安心物业"] == ("P1",)
    assert names["河东街道执法队"] == ("S1-law",)
    assert names["柳树居委会"] == ("C1-jwh",)
    assert names["居委会"] == ("C1-jwh", "C2-jwh", "C3-jwh")
    assert "物业" not in names


@pytest.mark.parametrize(
    ("text", "word", "found"),
    [
        ("安心物业乱收费", "安心物业", (("P1",), (), False)),
        ("柳树居委会推诿", "柳树居委会", (("C1-jwh",), (), False)),
        ("柳树社区不作为", "柳树社区", (("C1-jwh",), (), False)),
        ("郑小满态度恶劣", "郑小满", ((), ("W1",), False)),
        ("何主任收红包", "何主任", ((), ("K1",), True)),
        ("马主任收红包", "马主任", ((), (), True)),
        ("网格员郑小满收了人家的红包，所以不管这事", "郑小满", ((), ("W1",), False)),
        ("郑小满收人家好处", "郑小满", ((), ("W1",), False)),
        ("郑小满拿了装修公司老板的回扣", "郑小满", ((), ("W1",), False)),
        ("郑小满收过两条烟酒", "郑小满", ((), ("W1",), False)),
        ("投诉鑫源达保洁公司", "鑫源达保洁公司", ((), (), True)),
        ("这家公司威胁我", "这家公司", ((), (), True)),
        ("请向纪委转交此信", "纪委", ((), (), True)),
    ],
)
def test_whom_a_text_accuses(text: str, word: str, found: tuple[object, ...]) -> None:
    assert accused(text)[word] == found


@pytest.mark.parametrize(
    "text",
    [
        "柳树社区3号楼的路灯坏了，没人管真失望，谢谢",
        "请安心物业来看看",
        "希望何主任帮忙",
        "鑫源达公司门口的路灯坏了",
        "楼上邻居打人",
        "请郑小满讲讲垃圾回收有什么好处",
        "郑小满，烟酒店收了我的钱不退",
        "郑小满帮我拿了烟酒店的小票",
    ],
)
def test_naming_somebody_is_no_accusation(text: str) -> None:
    assert accused(text) == {}


def test_a_companys_name_is_what_stands_before_it() -> None:
    assert "鑫源达公司" in accused("我要举报小区的鑫源达公司")
    assert accused("投诉小区物业公司").keys() == {"物业"}


def test_a_part_of_a_name_is_no_other_name() -> None:
    assert accused("投诉河东街道指挥室").keys() == {"河东街道指挥室"}
    assert [each.units for each in find_stated("河东街道指挥室", TOWN)] == [("S1-desk",)]
    assert [each.word for each in find_stated("姓王的科长", TOWN)] == ["科长"]
