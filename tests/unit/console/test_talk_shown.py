"""A talk as the page shows it: every answer that our own texts offer is a button that sends it, and a link is one only in what we say."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.texts import fill
from console.pages.talk_shown import find_choices, show_talk, split_links, write_talk
from residents.web_lines import Cursor, Line, Talk

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
RATES = [("1", "已解决"), ("2", "部分解决"), ("3", "未解决")]


def choices_of(text: str) -> list[tuple[str, str]]:
    return [(one.send, one.label) for one in find_choices(text)]


def say(key: str, section: str = "say", **facts: object) -> str:
    names = {
        "question": "居住证怎么办",
        "questions": "1. 居住证怎么办\n2. 居住证丢了怎么办",
        "tickets": "1. 路灯〔A〕\n2. 垃圾〔B〕",
    }
    return fill(
        section, key, {**dict.fromkeys(("title", "ticket", "number", "unit", "reply", "text", "until_at"), "x"), **names, **facts}
    )


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        (say("choice_of_one"), [("1", "是"), ("0", "不是")]),
        (say("choice"), [("1", "居住证怎么办"), ("2", "居住证丢了怎么办"), ("0", "都不是")]),
        (say("ask_ticket"), [("1", "路灯〔A〕"), ("2", "垃圾〔B〕")]),
        (say("ask_ticket_again"), [("1", "路灯〔A〕"), ("2", "垃圾〔B〕"), ("0", "都不是")]),
        (say("rate_ask_solved"), RATES),
        (say("rate_ask_contacted"), [("1", "联系过"), ("2", "没有")]),
        (say("concluded", "notice"), RATES),
        (say("reask", "notice"), [("1", "还好"), ("2", "又坏了")]),
        (say("erase_ask"), [("1", "确定"), ("0", "先留着")]),
        (say("ticket_opened"), [("进度", "进度")]),
        (say("ask_place"), [("不知道", "不知道")]),
        (say("answer_undated", answer="去窗口办", source="社区"), [("1", "有用"), ("2", "没用")]),
        (
            say("proxy_asked", "notice"),
            [("1", "同意他看办理情况"), ("2", "只让他知道办到哪一步"), ("3", "不同意"), ("撤回", "撤回")],
        ),
    ],
    ids=lambda value: value[:12] if isinstance(value, str) else "",
)
def test_every_answer_that_a_text_of_ours_offers_is_a_button(text: str, choices: list[tuple[str, str]]) -> None:
    assert choices_of(text) == choices


@pytest.mark.parametrize(
    "text",
    [
        "",
        "您住在5栋2单元，12345的电话我们打过了。",
        "1. 带身份证\n2. 带户口簿",
        "请在3天内回电话给我们。",
        fill("say", "thanks"),
        "好的。\n" + fill("privacy", "notice", {"handler": "x", "contact": "1", "message_days": 180, "ticket_days": 730}),
    ],
)
def test_what_offers_nothing_has_no_buttons(text: str) -> None:
    assert choices_of(text) == []


def test_a_long_answer_is_shortened_on_its_button_and_sent_whole() -> None:
    text = "您问的是哪一个？回复数字就行：\n1. 外来务工人员的孩子怎么在本市上小学"

    assert choices_of(text) == [("1", "外来务工人员的孩子怎么在本…")]


def test_only_our_last_line_has_buttons_and_only_our_lines_have_links() -> None:
    words = "回复“进度”看 https://city.example/t/abc。"
    lines = [Line(id=str(number), side=side, text=words, at=NOON) for number, side in enumerate(("us", "me", "us"))]
    shown = show_talk(Talk(lines=tuple(lines), cursor=Cursor(3, 4)))

    assert [len(line.choices) for line in shown.lines] == [0, 0, 1]
    assert [[part.href for part in line.parts if part.href] for line in shown.lines] == [
        ["https://city.example/t/abc"],
        [],
        ["https://city.example/t/abc"],
    ]
    assert [len(line.choices) for line in show_talk(Talk(lines=tuple(lines[:2]))).lines] == [0, 0]
    assert shown.after == "3-4"


def test_no_link_leads_to_a_script() -> None:
    text = "javascript:alert(1) data:text/html,x //evil.example vbscript:x http://ok.example"

    assert [part.href for part in split_links(text) if part.href] == ["http://ok.example"]


@given(st.text(max_size=300))
def test_a_line_put_together_again_is_the_same(text: str) -> None:
    assert "".join(part.text for part in split_links(text)) == text


def test_the_json_says_what_the_page_needs() -> None:
    talk = Talk(lines=(Line(id="t1", side="us", text="好", at=NOON),), cursor=Cursor(1, 0))

    assert msgspec.json.decode(write_talk(talk)) == {
        "lines": [
            {
                "id": "t1",
                "side": "us",
                "parts": [{"text": "好"}],
                "at": "2026-11-23T04:00:00Z",
                "pictures": 0,
                "shown": [],
                "coming": 0,
                "choices": [],
            }
        ],
        "after": "1-0",
        "has_older": False,
    }


@pytest.mark.parametrize("text", ["", "1", "-", "1-", "-1-2", "1-2-3", "1-x", "9" * 20 + "-1", "１-２"])
def test_what_is_no_cursor_is_the_beginning(text: str) -> None:
    assert Cursor.read(text) == Cursor()
    assert Cursor.read(str(Cursor(12, 34))) == Cursor(12, 34)
