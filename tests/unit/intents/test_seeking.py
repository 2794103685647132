"""Who wants a person gets one or a call; while a person has the conversation the bot keeps out of it, but never out of danger."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from intents.actions import CallBack, GatherMessage, JoinCopied, LeaveSeat, PassToSeat, RaiseEmergency, SeekPerson, Stay
from intents.dialogue import step
from intents.spec import ResidentFacts
from intents.state import ConversationState

if TYPE_CHECKING:
    from collections.abc import Callable

    from intents.spec import Turn

FIRE = "安泰路12号楼道着火了快来人"


def facing(turn: Turn, seat: str) -> Turn:
    return replace(turn, facts=ResidentFacts(seat=seat))  # type: ignore[arg-type]  # one of its three words


@pytest.mark.parametrize("text", ["转人工", "人工服务", "我要找工作人员", "有没有真人", "别跟机器人聊，找个人来"])
def test_who_wants_a_person_joins_the_queue(make_turn: Callable[..., Turn], text: str) -> None:
    (action,) = step(ConversationState(), make_turn(text)).actions
    assert isinstance(action, SeekPerson)


@pytest.mark.parametrize("text", ["能不能给我回个电话", "麻烦打个电话给我", "找人工，我的号码13800001111"])
def test_who_wants_to_be_called_or_leaves_a_number_is_called(make_turn: Callable[..., Turn], text: str) -> None:
    (action,) = step(ConversationState(), make_turn(text)).actions
    assert isinstance(action, CallBack)


@pytest.mark.parametrize("text", ["进度", "居住证怎么办", "1", "谢谢", "安泰路12号路灯坏了", "不等了"])
def test_while_a_person_has_the_conversation_everything_is_theirs(make_turn: Callable[..., Turn], text: str) -> None:
    assert step(ConversationState(), facing(make_turn(text), "claimed")).actions == (PassToSeat(),)


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("家里漏水", PassToSeat()),
        ("还要等多久", PassToSeat(asks=True)),
        ("有人吗", PassToSeat(asks=True)),
        ("人工", PassToSeat(asks=True)),
        ("不等了", LeaveSeat(call_back=True)),
        ("等不了了", LeaveSeat(call_back=True)),
        ("给我打电话吧", LeaveSeat(call_back=True)),
        ("算了不用了", LeaveSeat()),
        ("不用人工了", LeaveSeat()),
        ("我等了三天路灯还没修", PassToSeat()),
    ],
)
def test_while_waiting_words_wait_too_unless_they_end_it(make_turn: Callable[..., Turn], text: str, action: object) -> None:
    assert step(ConversationState(), facing(make_turn(text), "waiting")).actions == (action,)


@pytest.mark.parametrize("text", ["结束", "退出人工", "不用人工了"])
def test_the_resident_may_end_it(make_turn: Callable[..., Turn], text: str) -> None:
    assert step(ConversationState(), facing(make_turn(text), "claimed")).actions == (LeaveSeat(),)


@pytest.mark.parametrize("seat", ["waiting", "claimed"])
def test_danger_is_answered_at_once_and_the_person_hears_of_it(make_turn: Callable[..., Turn], seat: str) -> None:
    first, *_, last = step(ConversationState(), facing(make_turn(FIRE), seat)).actions
    assert isinstance(first, RaiseEmergency)
    assert last == PassToSeat(quiet=True)


def test_in_a_group_nobody_has_the_conversation(make_turn: Callable[..., Turn]) -> None:
    turn = replace(facing(make_turn("今天天气不错"), "claimed"), scope="group", addressed=False)
    assert step(ConversationState(), turn).actions == (Stay(),)


def test_who_writes_too_fast_is_kept_for_later_but_never_in_danger(make_turn: Callable[..., Turn]) -> None:
    assert step(ConversationState(), replace(make_turn("快点来修"), flooding=True)).actions == (GatherMessage(),)
    assert isinstance(step(ConversationState(), replace(make_turn(FIRE), flooding=True)).actions[0], RaiseEmergency)


def test_what_a_group_copies_is_counted_without_a_word(make_turn: Callable[..., Turn]) -> None:
    turn = replace(make_turn("安泰路12号路灯坏了"), scope="group", copied="20261123-0001")
    assert step(ConversationState(), turn).actions == (JoinCopied("20261123-0001"),)
