"""What our XML promises: no text becomes markup, no document hurts the reader, no cut splits a character or a link."""

from __future__ import annotations

import re

import pytest
import xmltodict
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.xml import MAX_BYTES, XmlError, clean_text, cut_text, decode, read_fields, render, shorten_text

LINK = re.compile(r"<a [^>]*>.*?</a>|https?://[!-~]+")
legal = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="".join(map(chr, [*range(32), 0xFFFE, 0xFFFF]))))
written = st.lists(
    st.one_of(
        st.text(max_size=30),
        st.sampled_from(
            [
                "]]>",
                "。",
                "\n",
                "👨‍👩‍👧‍👦",
                "👍🏽",
                "🇨🇳",
                "e\u0301",
                '<a href="weixin://m?id=1">满意 1</a>',
                "https://h5.example/t/JY-1?a=b ",
            ]
        ),
    )
).map("".join)


def test_injected_nodes_stay_text() -> None:
    attack = "a]]></Content><MsgType><![CDATA[image]]></MsgType><x><![CDATA["

    document = render({"MsgType": "text", "Content": attack})

    assert xmltodict.parse(document)["xml"] == {"MsgType": "text", "Content": attack}


def test_control_characters_are_dropped() -> None:
    assert xmltodict.parse(render({"Content": "路\x0b灯\x00\ud800\ufffe"}))["xml"] == {"Content": "路灯"}


def test_numbers_stand_bare_and_fields_nest() -> None:
    assert render({"CreateTime": 1, "Image": {"MediaId": "m"}}) == (
        "<xml><CreateTime>1</CreateTime><Image><MediaId><![CDATA[m]]></MediaId></Image></xml>"
    )


@given(st.dictionaries(st.sampled_from(["Content", "Title", "Url"]), legal, min_size=1))
def test_what_is_rendered_is_read_back(fields: dict[str, str]) -> None:
    assert read_fields(render(fields)) == fields


@given(st.text(st.characters()))
def test_any_text_renders_to_a_document_of_one_field(text: str) -> None:
    fields = read_fields(render({"Content": text}))

    assert fields == {"Content": clean_text(text).replace("\r\n", "\n").replace("\r", "\n")}


@pytest.mark.parametrize(
    "document",
    [
        "",
        "not xml",
        "<xml>",
        "<xml><a></xml></a>",
        "<other><MsgType>text</MsgType></other>",
        '<!DOCTYPE xml [<!ENTITY a "b">]><xml><Content>&a;</Content></xml>',
        '<!DOCTYPE xml SYSTEM "http://198.51.100.1/x.dtd"><xml/>',
        "<xml><Content>&a;</Content></xml>",
        "<xml><Content>\x0b</Content></xml>",
        "<xml><Content>\ud800</Content></xml>",
        "<xml>" + "<a>" * 8 + "</a>" * 8 + "</xml>",
        "<xml/><xml/>",
    ],
)
def test_what_is_not_for_us_is_refused(document: str) -> None:
    with pytest.raises(XmlError):
        read_fields(document)


def test_the_deepest_documented_push_is_read() -> None:
    document = "<xml><SendPicsInfo><PicList><item><PicMd5Sum>ab</PicMd5Sum></item></PicList></SendPicsInfo></xml>"

    assert read_fields(document) == {"SendPicsInfo": "ab"}


def test_the_first_of_repeated_fields_counts() -> None:
    assert read_fields("<xml><Encrypt>a</Encrypt><Encrypt>b</Encrypt></xml>") == {"Encrypt": "a"}


@pytest.mark.parametrize("body", [b"\xff\xfe<\x00x\x00", b"<xml>\xc3</xml>", b"x" * (MAX_BYTES + 1)])
def test_bytes_that_are_no_utf8_or_too_many_are_refused(body: bytes) -> None:
    with pytest.raises(XmlError):
        decode(body)


def test_a_byte_order_mark_is_no_text() -> None:
    assert decode(b"\xef\xbb\xbf<xml/>") == "<xml/>"


@given(written, st.integers(4, 200))
def test_the_parts_of_a_cut_text_are_the_text(text: str, limit: int) -> None:
    parts = cut_text(text, limit)

    assert "".join(parts) == text
    assert [part for part in parts if not 0 < len(part.encode("utf-8", "surrogatepass")) <= limit] == []


@given(written)
def test_no_link_and_no_joined_character_is_split(text: str) -> None:
    parts = cut_text(text, 80)

    assert [link for part in parts for link in LINK.findall(part)] == LINK.findall(text)
    assert sum(part.count("👨‍👩‍👧‍👦") for part in parts) == text.count("👨‍👩‍👧‍👦")
    assert [part for part in parts if part.startswith(("\u0301", "\u200d", "🏽"))] == [
        part for part in parts[:1] if part.startswith(("\u0301", "\u200d", "🏽"))
    ]


PHONE = re.compile(r"\+?\d(?:[ -]?\d)+")
PHONES = ["13800001111", "138 0000 1111", "0900-6100211", "+86 13800001111", "95598"]


@given(
    st.lists(st.tuples(st.text(alphabet="路灯坏了，。请打电话\n", max_size=12), st.sampled_from(PHONES)), max_size=8),
    st.integers(24, 90),
)
def test_no_telephone_number_is_split(pieces: list[tuple[str, str]], limit: int) -> None:
    text = "".join(f"{words}打{phone}。" for words, phone in pieces)
    parts = cut_text(text, limit)

    assert [phone for part in parts for phone in PHONE.findall(part)] == [phone for _, phone in pieces]


@pytest.mark.parametrize(
    ("text", "limit", "parts"),
    [
        ("", 10, []),
        ("路灯", 0, ["路灯"]),
        ("路灯", 6, ["路灯"]),
        ("路灯坏", 6, ["路灯", "坏"]),
        ("一二三。四五六", 18, ["一二三。", "四五六"]),
        ("一二三\n四。五六七", 20, ["一二三\n", "四。五六七"]),
        ("a" * 9, 4, ["aaaa", "aaaa", "a"]),
        ("看https://a.cn/b吧", 18, ["看https://a.cn/b", "吧"]),
    ],
)
def test_a_cut_falls_where_it_reads_best(text: str, limit: int, parts: list[str]) -> None:
    assert cut_text(text, limit) == parts


@pytest.mark.parametrize("limit", [-1, 1, 3])
def test_a_limit_that_holds_no_character_is_refused(limit: int) -> None:
    with pytest.raises(ValueError, match="holds no character"):
        cut_text("路", limit)


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        ("路灯不亮", 12, "路灯不亮"),
        ("路灯不亮了", 14, "路灯不…"),
        ("路灯不亮了", 0, "路灯不亮了"),
        ("看 https://h5.example/t/JY-1 后回", 28, "看…"),
        ("看 https://h5.example/t/JY-1 后回", 33, "看 https://h5.example/t/JY-1…"),
        ("https://h5.example/" + "a" * 40, 30, "…"),
        ("电话 139 1234 5678 请打", 20, "电话…"),
    ],
)
def test_a_shortened_text_ends_with_a_mark_and_splits_nothing(text: str, limit: int, short: str) -> None:
    assert shorten_text(text, limit) == short


@given(written, st.integers(3, 200))
def test_a_shortened_text_fits_and_every_link_of_it_is_whole(text: str, limit: int) -> None:
    short = shorten_text(text, limit)

    assert len(short.encode()) <= limit
    assert short == text or text.startswith(short.removesuffix("…"))
    assert [link for link in LINK.findall(short.removesuffix("…")) if link not in LINK.findall(text)] == []
