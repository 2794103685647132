from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from intents.actions import AskSlot, EraseMe, OpenTicket, ShowMyData, ShowPreview, StopNotices, Tell
from intents.dialogue import step
from intents.slots import find_requester
from intents.state import ConversationState

if TYPE_CHECKING:
    from collections.abc import Callable

    from intents.spec import Turn

NEW = ConversationState()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("公交司机骂老人，投诉他", "complaint"),
        ("建议把早班车提前十分钟", "suggestion"),
        ("表扬一下修路灯的师傅，大半夜还在干", "praise"),
    ],
)
def test_what_nobody_has_to_go_to_is_opened_without_asking_where(make_turn: Callable[..., Turn], text: str, kind: str) -> None:
    first, *_ = step(NEW, make_turn(text)).actions

    assert isinstance(first, OpenTicket)
    assert first.draft.kind == kind


def test_a_violation_is_asked_for_its_place_and_is_confidential_from_the_start(make_turn: Callable[..., Turn]) -> None:
    (action,) = step(NEW, make_turn("有人聚众赌博，天天闹到半夜")).actions

    assert isinstance(action, AskSlot)
    assert (action.slot, action.draft.kind, action.draft.confidential) == ("place", "report", True)


def test_an_opinion_goes_to_those_who_asked_for_it(make_turn: Callable[..., Turn]) -> None:
    (action,) = step(NEW, make_turn("停车收费方案我反对")).actions

    assert isinstance(action, OpenTicket)
    assert (action.draft.kind, action.draft.reason) == ("suggestion", "opinion")


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("我的信息", ShowMyData()),
        ("删除我的信息", EraseMe(confirmed=False)),
        ("停止通知", StopNotices(on=True)),
        ("恢复通知", StopNotices(on=False)),
        ("别人会看到什么", ShowPreview()),
    ],
)
def test_what_is_kept_is_in_the_residents_hand(make_turn: Callable[..., Turn], text: str, action: object) -> None:
    assert step(NEW, make_turn(text)).actions == (action,)


@pytest.mark.parametrize(
    ("answer", "actions"),
    [
        ("1", (EraseMe(confirmed=True),)),
        ("确定", (EraseMe(confirmed=True),)),
        ("0", (Tell("erase_kept"),)),
        ("算了，先留着", (Tell("erase_kept"),)),
    ],
)
def test_erasing_is_asked_about_once(make_turn: Callable[..., Turn], answer: str, actions: tuple[object, ...]) -> None:
    asked = step(NEW, make_turn("删除我的信息")).state
    taken = step(asked, make_turn(answer))

    assert taken.actions == actions
    assert taken.state.confirming == ""


def test_a_yes_without_the_question_erases_nothing(make_turn: Callable[..., Turn]) -> None:
    assert EraseMe(confirmed=True) not in step(NEW, make_turn("1")).actions
    assert EraseMe(confirmed=True) not in step(NEW, make_turn("确定")).actions


def test_another_matter_leaves_the_question_unanswered(make_turn: Callable[..., Turn]) -> None:
    asked = step(NEW, make_turn("删除我的信息")).state
    taken = step(asked, make_turn("楼下路灯坏了三天了"))

    assert taken.state.confirming == ""
    assert EraseMe(confirmed=True) not in taken.actions


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("我是开面馆的，门口下水道堵了", "merchant"),
        ("我司三百多人打不到车", "company"),
        ("安居物业报：水泵坏了", "property"),
        ("我校门口车乱停", "unit"),
        ("楼下面馆油烟太大", ""),
        ("公司欠我两个月工资", ""),
        ("物业不管事", ""),
        ("我家漏水了", ""),
    ],
)
def test_who_speaks_is_read_only_where_it_is_said(text: str, kind: str) -> None:
    assert find_requester(text) == kind
