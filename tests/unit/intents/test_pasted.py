from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.pasted import read

COPIED = "3-502王姐 2026/11/21 19:03\n北门路灯不亮\n好几天了\n\n小马 2026/11/21 19:04\n[图片]\n\n听涛管家小周 2026/11/21 下午7:05\n@3-502王姐 已报修"
MAILED = "Dear：\n以下是微信群聊“安泰花园”的聊天记录\n\n—————  2026-11-21  —————\n\n王姐  19:03\n\n北门井盖坏了\n\n—————  2026-11-22  —————\n\n小马  08:00\n\n还没修"
MERGED = "[聊天记录]\n王姐: 北门井盖坏了\n小马：是啊\n天天绊人"
QUOTED = "「王姐：北门井盖坏了」\n- - - - - - - - - - - - - - -\n麻烦看看"


def said(raw: str) -> list[tuple[int, str]]:
    return [(one.who, one.text) for one in read(raw)]


def test_a_copied_excerpt_has_speakers_times_and_texts_and_no_name() -> None:
    lines = read(COPIED)

    assert [(one.who, one.text, one.at, one.picture, one.office) for one in lines] == [
        (0, "北门路灯不亮\n好几天了", timedelta(hours=19, minutes=3), False, False),
        (1, "", timedelta(hours=19, minutes=4), True, False),
        (2, "@#1 已报修", timedelta(hours=19, minutes=5), False, True),
    ]


def test_a_mailed_excerpt_counts_the_days() -> None:
    assert [(one.who, one.text, one.at) for one in read(MAILED)] == [
        (0, "北门井盖坏了", timedelta(hours=19, minutes=3)),
        (1, "还没修", timedelta(days=1, hours=8)),
    ]


def test_a_merged_forward_goes_on_with_lines_that_have_no_name() -> None:
    assert said(MERGED) == [(0, "北门井盖坏了"), (1, "是啊\n天天绊人")]


def test_a_name_may_stand_alone_above_the_words() -> None:
    assert said("王姐:\n北门井盖坏了\n\n小马:\n是的") == [(0, "北门井盖坏了"), (1, "是的")]


def test_of_a_quoted_reply_both_are_read() -> None:
    assert said(QUOTED) == [(0, "北门井盖坏了"), (1, "麻烦看看")]
    assert said(QUOTED.replace("麻烦看看", "@接应")) == [(0, "北门井盖坏了")]


def test_inside_an_excerpt_the_quoted_words_are_not_said_again() -> None:
    raw = "王姐 昨天 19:03\n北门灯坏了\n小马 昨天 19:04\n「王姐：北门灯坏了」\n- - - - - -\n我也看到"

    assert said(raw) == [(0, "北门灯坏了"), (1, "我也看到")]


@pytest.mark.parametrize(
    "head",
    [
        "王姐 2026/11/21 19:03",
        "王姐 2026-11-21 19:03:15",
        "王姐 11月21日 晚上 7:03",
        "王姐: 2026年11月21日 19:03",
        "王姐 昨天 19:03",
        "王姐 星期五 19:03",
    ],
)
def test_one_head_with_a_time_is_an_excerpt(head: str) -> None:
    assert said(f"{head}\n北门灯坏了") == [(0, "北门灯坏了")]


def test_windows_line_ends_and_odd_blanks_change_nothing() -> None:
    assert read(COPIED.replace("\n", "\r\n").replace(" 2026", "\u20052026")) == read(COPIED)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "路灯坏了",
        "你好，北门路灯坏了，谢谢",
        "地点：北门\n时间：昨天",
        "时间: 19:03\n地点: 北门",
        "诉求：修路灯\n电话：139",
        "1. 路灯坏了\n2. 井盖没了",
        "王姐: 路灯坏了",
        "—————  2026-11-21  —————",
    ],
)
def test_what_has_no_such_form_is_no_excerpt(raw: str) -> None:
    assert read(raw) == ()


@given(raw=st.text(alphabet="王姐小马灯坏了:：\n 0123456789/-—「」[]年月日上下午", max_size=120))
def test_anything_can_be_read_and_times_never_go_back(raw: str) -> None:
    lines = read(raw)

    assert [one.at for one in lines] == sorted(one.at for one in lines)
    assert sorted({one.who for one in lines}) == list(range(len({one.who for one in lines})))


@given(name=st.sampled_from(["王姐", "3-502王姐", "小马理发", "A快递小陈"]), other=st.sampled_from(["老冯", "安静一点", "2-701"]))
def test_no_name_is_left(name: str, other: str) -> None:
    lines = read(f"{name} 2026/11/21 19:03\n灯坏了@{other}\n{other} 2026/11/21 19:04\n{name}说得对")

    assert not any(one in line.text for line in lines for one in (name, other))
