from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from residents.masking import mask

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
    ],
)
def test_mask_replaces_what_leads_to_a_person(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "",
        "火警119，急救120，热线12345，妇女热线12338",
        "安泰路12号3栋2单元501",
        "12-3-1201的楼道灯坏了",
        "2026年11月21日8:30到10:00",
        "2026-11-21 10:30",
        "20261121",
        "工单20261121-0007没人管",
        "2023-2024年供暖季",
        "营业时间0830-1730",
        "维修基金1350000元",
        "二〇二六年十一月，一栋二单元",
        "京津冀一带，京东快递A座",
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
