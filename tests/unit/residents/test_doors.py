from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from residents.masking import find_details, list_doors, mask, mask_contacts, mask_doors

FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
NUMERALS = str.maketrans("0123456789", "零一二三四五六七八九")
SPOKEN = str.maketrans("0123456789", "〇幺二三四五六七八九")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("我住3号楼501，楼上天天漏水", "我住3号楼〔门牌〕，楼上天天漏水"),
        ("我家5栋2单元302停电", "我家5栋2单元〔门牌〕停电"),
        ("5-2-302没水", "5-2-〔门牌〕没水"),
        ("5 - 2 - 302", "5 - 2 - 〔门牌〕"),
        ("五杠二杠三零二", "五杠二杠〔门牌〕"),
        ("２单元１２０３室没水", "２单元〔门牌〕没水"),
        ("302房漏水", "〔门牌〕漏水"),
        ("302房东不管", "〔门牌〕东不管"),
        ("十二楼1201太吵", "十二楼〔门牌〕太吵"),
        ("三幢二单元五零一", "三幢二单元〔门牌〕"),
        ("五栋三百零二室", "五栋〔门牌〕"),
        ("一千二百零三室", "〔门牌〕"),
        ("3号楼（2单元）501", "3号楼（2单元）〔门牌〕"),
        ("3号楼2单元5楼501", "3号楼2单元5楼〔门牌〕"),
        ("A座1203，b栋12B，B1203室", "A座〔门牌〕，b栋〔门牌〕，〔门牌〕"),
        ("5#302和5#2-302", "5#〔门牌〕和5#2-〔门牌〕"),
        ("5幢302、303和305都停电", "5幢〔门牌〕都停电"),
        ("301-306室都停电", "〔门牌〕都停电"),
        ("安泰路12号501室", "安泰路12号〔门牌〕"),
        ("安泰路12弄3号501", "安泰路12弄3号〔门牌〕"),
        ("安泰公寓1203停电", "安泰公寓〔门牌〕停电"),
        ("楼上601太吵，楼下401多次投诉", "楼上〔门牌〕太吵，楼下〔门牌〕多次投诉"),
        ("501住户，602的业主", "〔门牌〕住户，〔门牌〕的业主"),
        ("门牌号是501", "门牌号是〔门牌〕"),
        ("3号楼5楼东户", "3号楼5楼〔门牌〕"),
        ("3号楼12室，2单元3号", "3号楼〔门牌〕，2单元〔门牌〕"),
        ("1单元10102", "1单元〔门牌〕"),
        ("我是501的", "我是〔门牌〕的"),
        ("安泰花园3号楼着火了，我在501", "安泰花园3号楼着火了，我在〔门牌〕"),
        ("老人在1203出不来", "老人在〔门牌〕出不来"),
        ("3号楼501天天漏水", "3号楼〔门牌〕天天漏水"),
        ("3楼302铺", "3楼〔门牌〕铺"),
        ("5.2.302", "5.2.〔门牌〕"),
        ("3号楼302一直停电，302一直黑着", "3号楼〔门牌〕一直停电，〔门牌〕一直黑着"),
        ("12楼1201三天没水，1201三天了", "12楼〔门牌〕三天没水，〔门牌〕三天了"),
        ("5楼五零一三天了", "5楼〔门牌〕三天了"),
        ("十二楼一二零一三天没水", "十二楼〔门牌〕三天没水"),
        ("十二楼一二零一天天漏水", "十二楼〔门牌〕天天漏水"),
        ("五号楼五零一一直漏水", "五号楼〔门牌〕直漏水"),
        ("3号楼一二零一一直没水", "3号楼〔门牌〕一直没水"),
        ("十二楼一二零一楼上太吵", "十二楼〔门牌〕楼上太吵"),
        ("501停电了，我家在3号楼501。501的电表没动", "〔门牌〕停电了，我家在3号楼〔门牌〕。〔门牌〕的电表没动"),
        ("3号楼501，坐501路到", "3号楼〔门牌〕，坐501路到"),
    ],
)
def test_a_door_is_masked_and_its_building_stays(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "安泰路12号路灯坏了，中心路88号门口积水",
        "安泰路12-3号，人民路501号门口，住在人民路501号",
        "8点到10点，3天没人来，8栋8点半停电，6月12号10点30",
        "2026年11月21日，3号楼2026年建的，3号楼2026-11-23停水",
        "打了110和120，3号楼110来过，5栋120个人，96110",
        "3号楼有350户，楼上装修350天，我家200多平，12楼1000元",
        "2-3楼，3-5号楼，3号楼到5号楼，3号楼2单元，12楼漏水",
        "302路公交站，安泰路12号302路公交，安泰花园305路公交站",
        "100-200米，营业时间0830-1730，G318国道，K302次列车，2号线",
        "一单元二三四层，一二三四单元都停水，三三两两的人，三室两厅",
        "302医院门口，12号院3号楼，1号电梯，2单元1号电梯坏了",
        "我是1988年生的，工单20261121-0007，地址10.0.0.105",
        "我在302路车上",
        "我在120米外",
    ],
)
def test_places_times_amounts_and_numbers_to_call_are_no_doors(text: str) -> None:
    assert mask(text) == text


buildings = st.sampled_from(
    ["3号楼", "5栋", "12幢", "A座", "7#", "8#楼", "十二号楼", "3号楼2单元", "5栋一单元", "2单元", "6号楼3单元6楼"]
)
floors = st.integers(min_value=1, max_value=33)
flats = st.integers(min_value=1, max_value=12)
scripts = st.sampled_from([{}, FULL_WIDTH, NUMERALS, SPOKEN])
gaps = st.sampled_from(["", " ", "的", "，", "-", "\u200b", "\u3000", " - "])
endings = st.sampled_from(["", "室", "号房", "房", "号", "房间", "户"])
before = st.sampled_from(["", "我住", "我家在", "安泰花园", "安泰路12号", "你好，", "我家8点起没水，"])
after = st.sampled_from(
    [
        "停电",
        "，楼上天天漏水",
        "的水管爆了",
        "。8点来人",
        "，3天没人修",
        "没水，打了110",
        " 请尽快",
        "时常漏水",
        "多次报修",
        "一直没水",
        "三天没电",
        "",
    ]
)


def apart(rest: str, script: dict[int, int]) -> str:
    """Keep a numeral that begins the rest apart from a door in numerals: 五零一一直 is masked too, with one numeral more."""
    return f"，{rest}" if rest[:1] in ("一", "三") and script in (NUMERALS, SPOKEN) else rest


@given(start=before, building=buildings, gap=gaps, floor=floors, flat=flats, script=scripts, ending=endings, rest=after)
@example(start="我家在", building="5栋一单元", gap="", floor=1, flat=20, script=NUMERALS, ending="", rest="停电")
def test_every_door_behind_a_building_in_any_spelling_is_masked(
    *, start: str, building: str, gap: str, floor: int, flat: int, script: dict[int, int], ending: str, rest: str
) -> None:
    door = f"{floor}{flat:02d}"
    if door in {"110", "119", "120"}:
        ending = "室"  # otherwise a number to call
    written = door.translate(script)
    rest = apart(rest, script)

    masked = mask(f"{start}{building}{gap}{written}{ending}{rest}")

    assert written not in masked
    assert masked == f"{start}{building}{gap}〔门牌〕{'户' if ending == '户' else ''}{rest}"


@given(
    building=st.integers(min_value=1, max_value=30),
    unit=st.integers(min_value=1, max_value=6),
    floor=floors,
    flat=flats,
    script=scripts,
    dash=st.sampled_from(["-", "—", "－", "#", "/", " - ", "之"]),
    rest=after,
)
def test_every_door_with_dashes_is_masked(
    *, building: int, unit: int, floor: int, flat: int, script: dict[int, int], dash: str, rest: str
) -> None:
    door = f"{floor}{flat:02d}" if (floor, flat) != (1, 10) else "101"
    written = door.translate(script)
    rest = apart(rest, script)

    assert mask(f"我家{building}{dash}{unit}{dash}{written}{rest}") == f"我家{building}{dash}{unit}{dash}〔门牌〕{rest}"


@given(
    st.sampled_from(["安泰路", "中心路", "柳塘街", "幸福里"]),
    st.integers(min_value=1, max_value=999),
    st.sampled_from(["门口", "旁边", "对面的路灯", "，8点", "院里", ""]),
    scripts,
)
def test_no_house_number_of_a_street_is_masked(street: str, number: int, rest: str, script: dict[int, int]) -> None:
    text = f"{street}{str(number).translate(script)}号{rest}坏了3天"

    assert mask(text) == text


@given(st.integers(min_value=0, max_value=23), st.integers(min_value=1, max_value=59), st.integers(min_value=2000, max_value=2035))
def test_no_time_date_or_year_is_masked(hour: int, minute: int, year: int) -> None:
    text = f"3号楼{hour}点{minute}分停水，5栋{hour}:{minute:02d}，2单元{year}年{minute}天，{year}-11-{minute % 28 + 1:02d}又来"

    assert mask(text) == text


@given(st.text(alphabet="0123456789零五一二两十百 -－#/，。.号楼栋单元室房户层我家住楼上安泰路a〔〕门牌年", max_size=40))
def test_masking_doors_twice_changes_nothing_more(text: str) -> None:
    masked = mask(text)

    assert mask(masked) == masked
    assert not re.search(r"(?<![0-9])[0-9]{3,5}室", masked)


def test_a_door_written_before_is_found_without_any_sign() -> None:
    assert mask_doors("501修好了，请打61007777", of="我住3号楼501") == "〔门牌〕修好了，请打61007777"
    assert mask_doors("五零一修好了，坐501路到", of="3号楼501") == "〔门牌〕修好了，坐501路到"
    assert mask_doors("501修好了", of="安泰路12号路灯坏了") == "501修好了"
    assert list_doors("我住3号楼501，电话13912345678找我，5-2-302") == frozenset({"501", "302"})


def test_who_goes_to_a_door_reads_it_and_no_number_or_name() -> None:
    assert mask_contacts("我叫张小满，住3号楼501，电话13912345678") == "我叫〔姓名〕，住3号楼501，电话〔电话〕"


def test_a_door_is_named_among_what_leads_to_a_person() -> None:
    assert find_details("我住3号楼501") == {"door"}
