from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.address import find_door, is_about, read_door, read_further, read_number, read_numeral
from knowledge_base.text import normalize


@pytest.mark.parametrize(
    ("written", "digits"),
    [("12", "12"), ("007", "7"), ("0", "0"), ("三", "3"), ("十", "10"), ("十二", "12"), ("二十", "20"), ("一百零五", "105"), ("两百三十", "230"),
     ("二百零三", "203"), ("五零一", "501"), ("一千", "1000"), ("廿三", "23"), ("伍", "5"), ("幺零二", "102"), ("b", "B")],
)  # fmt: skip
def test_a_numeral_is_read_as_digits(written: str, digits: str) -> None:
    assert read_numeral(written) == digits


def to_chinese(number: int) -> str:
    """Write a number below 1,000 the formal way."""
    digits = "零一二三四五六七八九"
    hundreds, tens, ones = number // 100, number // 10 % 10, number % 10
    text = f"{digits[hundreds]}百" if hundreds else ""
    text += f"{digits[tens]}十" if tens else ("零" if hundreds and ones else "")
    return text + (digits[ones] if ones else "")


@given(st.integers(min_value=1, max_value=999))
def test_every_formal_numeral_is_read(number: int) -> None:
    assert read_numeral(to_chinese(number)) == str(number)


@pytest.mark.parametrize(
    ("written", "number", "rest"),
    [
        ("12号门口", "12", "门口"),
        (" 十二 号", "12", ""),
        ("12-3号", "12", ""),
        ("12弄5号", "12", "5号"),
        ("12号院3号楼", "12", "3号楼"),
        ("12号楼下", "12", "楼下"),
        ("12#", "12", ""),
        ("上的12号", "12", ""),
        ("门牌12号", "12", ""),
        ("12门口", "12", "门口"),
        ("12", "12", ""),
        ("12、14号", "12", "、14号"),
    ],
)
def test_a_house_number_is_read(written: str, number: str, rest: str) -> None:
    found = read_number(written, 0)

    assert found is not None
    assert (found[0], written[found[1] :]) == (number, rest)


@pytest.mark.parametrize("written", ["12号楼", "2号线", "12个", "3个路灯", "号", "门口12号", "八九十号", "三五号", "一百多号"])
def test_what_is_no_house_number_is_not_read(written: str) -> None:
    assert read_number(written, 0) is None


@pytest.mark.parametrize(
    ("written", "door", "shown", "rest"),
    [
        ("3号楼2单元501漏水", ("3", "2", "", "501"), "3号楼", "漏水"),
        ("3栋", ("3", "", "", ""), "3栋", ""),
        ("三幢二单元五零一", ("3", "2", "", "501"), "三幢", ""),
        ("3号2单元", ("3", "2", "", ""), "3号", ""),
        ("3-2-501", ("3", "2", "", "501"), "3号楼", ""),
        ("A-1203室", ("A", "", "", "1203"), "A号楼", ""),
        ("b座1203", ("B", "", "", "1203"), "b座", ""),
        ("3号楼4楼", ("3", "", "4", ""), "3号楼", ""),
        ("的3号楼，2单元 501室", ("3", "2", "", "501"), "的3号楼", ""),
        ("2单元501", ("", "2", "", "501"), "", ""),
        ("4楼401", ("", "", "4", "401"), "", ""),
        ("8号楼下水道", ("8", "", "", ""), "8号楼", "下水道"),
        ("门口", ("", "", "", ""), "", "门口"),
        ("3-5号楼", ("", "", "", ""), "", "3-5号楼"),
    ],
)
def test_a_door_is_read_and_only_its_building_shown(written: str, door: tuple[str, ...], shown: str, rest: str) -> None:
    normal = normalize(written)
    found = read_door(normal, 0)

    assert (found.building, found.unit, found.floor, found.room) == door
    assert (found.shown, normal[found.end :]) == (shown, rest)


@pytest.mark.parametrize(
    ("text", "building", "room"),
    [("请来修3号楼2单元501的水管", "3", "501"), ("住在十二号楼", "12", ""), ("5栋停电", "5", "")],
)
def test_a_building_is_found_without_its_estate(text: str, building: str, room: str) -> None:
    door = find_door(text)

    assert door is not None
    assert (door.building, door.room) == (building, room)


@pytest.mark.parametrize("text", ["路灯坏了", "一栋楼都停电", "2号线", "楼道", "3楼"])
def test_what_names_no_building_is_not_found(text: str) -> None:
    assert find_door(text) is None


@given(st.text("3五十A号楼栋单元室-501 ，门", max_size=15), st.integers(min_value=0, max_value=15))
def test_any_text_can_be_read_and_nothing_below_the_building_is_shown(text: str, at: int) -> None:
    normal = normalize(text)
    door = read_door(normal, min(at, len(normal)))

    assert door.start <= door.end <= len(normal)
    assert not any(word in door.shown for word in ("单元", "室"))


@pytest.mark.parametrize(
    "written", ["5栋", "第五栋", "里5栋", "小区5栋", "那个5栋", "伍栋", "5舍", "5-302", "5-1-302", "5/1/302", "五-302", "-5-302"]
)
def test_a_building_is_read_however_it_is_written(written: str) -> None:
    assert read_door(written, 0).building == "5"


@pytest.mark.parametrize(
    ("written", "about"), [("八九十", True), ("三五", True), ("十七八", True), ("八十九", False), ("五零一", False), ("12", False)]
)
def test_a_numeral_may_name_no_certain_number(written: str, about: bool) -> None:
    assert is_about(written) is about


@pytest.mark.parametrize(
    ("written", "number"), [("、14号", "14"), ("到二十号", "20"), ("和14号", "14"), ("、14号楼", None), ("门口", None)]
)
def test_a_second_house_number_is_read(written: str, number: str | None) -> None:
    found = read_further(written, 0)

    assert (found[0] if found else None) == number
