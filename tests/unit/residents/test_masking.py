from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from residents.masking import find_details, mask, show_partly

FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
NUMERALS = str.maketrans("0123456789", "零一二三四五六七八九")

mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("请打13912345678找我", "请打〔电话〕找我"),
        ("１３９ １２３４ ５６７８", "〔电话〕"),
        ("139-1234-5678", "〔电话〕"),
        ("1 3 9 1 2 3 4 5 6 7 8", "〔电话〕"),
        ("139\u200b12345678", "〔电话〕"),
        ("+86 139 1234 5678", "〔电话〕"),
        ("8613912345678", "〔电话〕"),
        ("幺三九，一二三四，五六七八", "〔电话〕"),
        ("一三九1234五六七八", "〔电话〕"),
        ("两个都行：13912345678、13700001111", "两个都行：〔电话〕、〔电话〕"),
        ("(0900)61007777", "〔电话〕"),
        ("0900-6100777转803", "〔电话〕"),
        ("座机 6100 7778", "座机 〔电话〕"),
        ("61007778-803", "〔电话〕"),
        ("400-820-0000", "〔电话〕"),
        ("110101199001010000", "〔证件号〕"),
        ("110101 19900101 000x", "〔证件号〕"),
        ("110101900101000", "〔证件号〕"),
        ("护照E00000000", "护照〔证件号〕"),
        ("6222 0000 0000 0000 000", "〔卡号〕"),
        ("６２２２００００００００００００", "〔卡号〕"),
        ("车是浙A·D0000", "车是〔车牌〕"),
        ("浙a00000停在门口", "〔车牌〕停在门口"),
        ("京AD00000堵着通道", "〔车牌〕堵着通道"),
        ("写信到 a.b-c@mail.example.com 即可", "写信到 〔邮箱〕 即可"),
        ("账号000011112222", "账号〔电话〕"),
        ("浙 A 0 0 0 0 0 停在门口", "〔车牌〕 停在门口"),
        ("沪ＡＤ００００１", "〔车牌〕"),
        ("邮箱 wang.xm(at)mail.example.com", "邮箱 〔邮箱〕"),
        ("wangxm艾特example点com", "〔邮箱〕"),
        ("打6 1 0 0 7 7 7 8就行", "打〔电话〕就行"),
        ("六一零零七七七八", "〔电话〕"),
    ],
)
def test_mask_replaces_what_leads_to_a_person(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "",
        "火警119，急救120，热线12345，妇女热线12338",
        "安泰路12号3栋2单元",
        "2026年11月21日8:30到10:00",
        "2026-11-21 10:30",
        "20261121",
        "工单20261121-0007没人管",
        "2023-2024年供暖季",
        "营业时间0830-1730",
        "维修基金1350000元",
        "二〇二六年十一月，一栋二单元",
        "京津冀一带，京东快递A座",
        "2026-11-21 2026-11-22两天都停水",
        "从2026.11.21 10.30停到2026.11.22",
        "12345打了三次，96110也打了",
        "3楼2#1.2米宽",
    ],
)
def test_mask_leaves_public_numbers_places_and_times(text: str) -> None:
    assert mask(text) == text


@given(st.text(alphabet="我家在路号，。 \nab", max_size=20), mobiles, st.text(alphabet="我家在路号，。 \nab", max_size=20))
def test_mask_finds_a_mobile_in_any_surroundings(before: str, mobile: str, after: str) -> None:
    for written in (mobile, mobile.translate(FULL_WIDTH), mobile.translate(NUMERALS)):
        assert mask(f"{before}，{written}，{after}") == f"{before}，〔电话〕，{after}"


@given(st.text(alphabet="0123456789０５一五九 -－，.Xx号转ab@浙京路", max_size=60))
def test_mask_leaves_no_long_run_of_digits_and_masks_only_once(text: str) -> None:
    masked = mask(text)

    assert re.search(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])|(?<![0-9])[0-9]{9,}(?![0-9元])", masked) is None
    assert mask(masked) == masked


# --- names -------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("我叫张小满住在3号楼", "我叫〔姓名〕住在3号楼"),
        ("联系人：李小雪，电话13912345678", "联系人：〔姓名〕，电话〔电话〕"),
        ("张小满先生和王女士吵架", "〔姓名〕先生和〔姓名〕女士吵架"),
        ("隔壁王奶奶摔倒了", "隔壁〔姓名〕奶奶摔倒了"),
        ("我是周小暑，住3号楼", "我是〔姓名〕，住3号楼"),
        ("请找李小雪 138 1234 5678", "请找李小雪 〔电话〕"),
        ("路灯坏了，李小雪 138 1234 5678", "路灯坏了，〔姓名〕 〔电话〕"),
        ("张三13912345678", "〔姓名〕〔电话〕"),
        ("欧阳小寒女士", "〔姓名〕女士"),
        ("于是王先生来了", "于是〔姓名〕先生来了"),
        ("业主王小满反映", "业主〔姓名〕反映"),
        ("我妈妈李谷雨今年80岁", "我妈妈〔姓名〕今年80岁"),
        ("本人叫孙惊蛰。", "本人叫〔姓名〕。"),
        ("她叫王秀英，住3楼", "她叫〔姓名〕，住3楼"),
        ("楼上那个女的叫李翠花，天天跳操", "楼上那个女的叫〔姓名〕，天天跳操"),
        ("这家的老板，叫石大明，骂人", "这家的老板，叫〔姓名〕，骂人"),
        ("有个叫钱多多的上门推销", "有个叫〔姓名〕的上门推销"),
        ("邻居叫欧阳小寒", "邻居叫〔姓名〕"),
        ("名字叫王秀英", "名字叫〔姓名〕"),
        ("姓名：王秀英", "姓名：〔姓名〕"),
        ("叫王秀英。", "叫〔姓名〕。"),
    ],
)
def test_mask_finds_names_by_what_stands_beside_them(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "找王主任问过了，李书记、张科长也知道",
        "给王师傅打电话，刘警官、陈医生都来过",
        "我是安泰花园的业主，我是高中生，我是马上要搬家的",
        "老大爷、有位阿姨、向女士反映",
        "楼上住户高空抛物，住户白天装修，居民高兴",
        "张家村路、李子园、白马桥、方庄、何家湾12号",
        "物业经理不管，网格员郑小满来过",
        "叫人来修，叫外卖，叫了半天没人，叫停施工，叫高层住户下来",
        "叫王师傅来，让他叫王师傅来，请她叫李主任，孩子叫张老师",
        "他叫马上来，她叫管事的出来，老人叫白天在家的帮忙",
        "楼下那家叫金源，这条路叫黄河路，水渠叫白马渠，有个叫龙湖村的地方，有个叫余庆巷的路口",
        "叫黄河路，叫石庄",
    ],
)
def test_mask_leaves_roles_places_and_ordinary_words(text: str) -> None:
    assert mask(text) == text


def test_mask_finds_known_names_without_any_sign_beside_them() -> None:
    assert mask("灯修好了，已跟钱有余说过", names=("钱有余", "")) == "灯修好了，已跟〔姓名〕说过"


# --- disguises ---------------------------------------------------------------------------------------------------------------------------

SPOKEN = str.maketrans("0123456789", "零幺二三四五六七八九")
FORMAL = str.maketrans("0123456789", "零壹贰叁肆伍陆柒捌玖")
scripts = st.sampled_from([{}, FULL_WIDTH, NUMERALS, SPOKEN, FORMAL])
separators = st.sampled_from(["", " ", "-", "\u3000", "\u200b", "·", "－"])
digits = st.text(alphabet="0123456789", min_size=8, max_size=8)


def disguise(number: str, data: st.DataObject, *, groups: tuple[int, ...]) -> str:
    """Write a number as people do: in another script, in groups, or with every digit apart."""
    separator = data.draw(separators)
    cuts = data.draw(st.sampled_from([(len(number),), groups, (1,) * len(number)]))
    parts, at = [], 0
    for length in cuts:
        parts.append(number[at : at + length].translate(data.draw(scripts)))
        at += length
    return separator.join([*parts, number[at:]] if number[at:] else parts)


@given(mobiles, st.data())
def test_every_mobile_in_any_disguise_is_masked(number: str, data: st.DataObject) -> None:
    assert mask(f"打{disguise(number, data, groups=(3, 4, 4))}找我") == "打〔电话〕找我"


@given(st.from_regex(r"0[2-9][0-9]{2}[2-8][0-9]{6,7}", fullmatch=True), st.data())
def test_every_fixed_phone_with_its_area_in_any_disguise_is_masked(number: str, data: st.DataObject) -> None:
    masked = mask(f"打{disguise(number, data, groups=(4, 4, 4))}找我")

    assert masked == "打〔电话〕找我"


@given(st.from_regex(r"[2-8][0-9]{7}", fullmatch=True), st.data())
def test_every_fixed_phone_without_its_area_in_any_disguise_is_masked(number: str, data: st.DataObject) -> None:
    assume(not re.match(r"20[0-9]{2}(0[1-9]|1[0-2])", number))  # a date
    assert mask(f"打{disguise(number, data, groups=(4, 4))}找我") == "打〔电话〕找我"


@given(st.from_regex(r"[1-6][1-5][0-9]{4}19[5-9][0-9](0[1-9]|1[0-2])[0-2][1-8][0-9]{3}[0-9X]", fullmatch=True), st.data())
def test_every_identity_number_in_any_disguise_is_masked(number: str, data: st.DataObject) -> None:
    assert mask(f"证件{disguise(number, data, groups=(6, 8, 4))}") == "证件〔证件号〕"


@given(st.from_regex(r"62[0-9]{14}|62[0-9]{15}|62[0-9]{17}", fullmatch=True), st.data())
def test_every_bank_card_in_any_disguise_is_masked(number: str, data: st.DataObject) -> None:
    assert re.fullmatch("卡〔(卡号|证件号)〕", mask(f"卡{disguise(number, data, groups=(4, 4, 4, 4))}"))


@given(
    st.sampled_from("京沪浙粤川"),
    st.sampled_from("ABCDEFG"),
    st.from_regex(r"[0-9]{5}|[DF][0-9]{5}|[A-H][0-9]{4}", fullmatch=True),
    st.data(),
)
def test_every_plate_also_of_new_energy_in_any_disguise_is_masked(
    province: str, city: str, number: str, data: st.DataObject
) -> None:
    head = f"{province}{data.draw(st.sampled_from(['', ' ']))}{city}{data.draw(st.sampled_from(['', '·', ' ', '-', '.']))}"
    rest = data.draw(st.sampled_from(["", " ", "·"])).join(number)
    for written in (head + rest, (head + rest).lower(), (head + rest).translate(FULL_WIDTH)):
        assert mask(f"车{written}，挡路") == "车〔车牌〕，挡路"


@given(
    st.from_regex(r"[a-z][a-z0-9._]{2,10}[a-z0-9]", fullmatch=True),
    st.from_regex(r"[a-z0-9]{2,8}", fullmatch=True),
    st.sampled_from(["@", "＠", " @ ", "(at)", "（at）", "[at]", "艾特", "#"]),
    st.sampled_from([".", "。", "点", "．", "(dot)"]),
)
def test_every_e_mail_address_in_any_disguise_is_masked(name: str, host: str, at: str, dot: str) -> None:
    assert mask(f"写到：{name}{at}{host}{dot}com，谢谢") == "写到：〔邮箱〕，谢谢"


@given(st.text(alphabet="0123456789零幺三 -·X浙A@我叫张三先生王女士，。电话号楼", max_size=60))
def test_masking_twice_changes_nothing_more(text: str) -> None:
    masked = mask(text)

    assert mask(masked) == masked


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("安泰路12号路灯不亮，工单20261123-0001", set()),
        ("我叫张小满，电话13912345678", {"name", "phone"}),
        ("身份证110101199001010000，卡6222000000000000000", {"identity", "card"}),
        ("浙A00000，a@b.com", {"plate", "email"}),
    ],
)
def test_what_leads_to_a_person_is_named(text: str, found: set[str]) -> None:
    assert find_details(text) == found


@pytest.mark.parametrize(
    ("phone", "shown"),
    [("13800001234", "138****1234"), ("138 0000 1234", "138****1234"), ("61007778", "****78"), ("0900-61007778", "090****7778")],
)
def test_its_owner_is_shown_a_number_in_part(phone: str, shown: str) -> None:
    assert show_partly(phone) == shown


def test_a_door_is_found_without_a_digit() -> None:
    assert mask("甲栋十室漏水") == "甲栋〔门牌〕漏水"
    assert mask("甲栋东户漏水") == "甲栋〔门牌〕漏水"
