from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.actions import AskSlot, Draft, OpenTicket
from intents.dialogue import step, timeout
from intents.forms import ask_next, fits
from intents.state import ConversationState

if TYPE_CHECKING:
    from collections.abc import Callable

    from intents.spec import Turn

NEW = ConversationState()


def _talk(make_turn: Callable[..., Turn], *texts: str) -> list[object]:
    """Say one after the other; gives the last action of each turn."""
    state, said = NEW, []
    for text in texts:
        taken = step(state, make_turn(text))
        state = taken.state
        said.append(taken.actions[-1])
    return said


def test_an_appointment_asks_when_and_whom_to_call(make_turn: Callable[..., Turn]) -> None:
    when, whom, opened = _talk(make_turn, "我想预约上门安检", "周六上午", "13800001111")

    assert isinstance(when, AskSlot)
    assert isinstance(whom, AskSlot)
    assert isinstance(opened, OpenTicket)
    assert (when.slot, whom.slot) == ("time", "phone")
    assert (opened.draft.text, opened.draft.phone, opened.draft.reason) == (
        "我想预约上门安检\n周六上午\n13800001111",
        "13800001111",
        "appointment",
    )


def test_what_was_said_is_not_asked(make_turn: Callable[..., Turn]) -> None:
    (opened,) = _talk(make_turn, "帮我约下周三上午的体检，电话13800001111")

    assert isinstance(opened, OpenTicket)
    assert (opened.draft.time, opened.draft.phone) == ("下周三上午", "13800001111")


def test_whoever_does_not_want_to_say_is_not_asked_again(make_turn: Callable[..., Turn]) -> None:
    *_, opened = _talk(make_turn, "想约律师咨询", "随便", "就这样")

    assert isinstance(opened, OpenTicket)
    assert (opened.draft.text, opened.draft.time, opened.draft.phone) == ("想约律师咨询", "", "")


def test_a_form_without_an_answer_is_opened_with_what_is_known(make_turn: Callable[..., Turn]) -> None:
    waiting = step(NEW, make_turn("预约清运大件垃圾"))
    late = timeout(waiting.state, make_turn("").now + timedelta(minutes=31))

    assert [type(action) for action in late.actions] == [OpenTicket]
    assert isinstance(late.actions[0], OpenTicket)
    assert late.actions[0].draft.reason == "appointment"


@pytest.mark.parametrize(
    ("slot", "text", "is_answer"), [("phone", "13800001111", True), ("time", "明天下午", True), ("time", "路灯坏了", False)]
)
def test_what_is_beyond_doubt_an_answer_is_taken_as_one(slot: str, text: str, is_answer: bool) -> None:
    assert fits(slot, text) is is_answer


@given(
    text=st.sampled_from(["", "办证"]),
    time=st.sampled_from(["", "周六"]),
    phone=st.sampled_from(["", "13800001111"]),
    asked=st.sets(st.sampled_from(["matter", "time", "phone"])),
)
def test_nothing_is_asked_twice_and_nothing_that_was_given(text: str, time: str, phone: str, asked: set[str]) -> None:
    asking = ask_next(Draft(text=text, time=time, phone=phone), asked=tuple(asked))

    given_fields = {name for name, value in (("matter", text), ("time", time), ("phone", phone)) if value}
    missing = {"matter", "time", "phone"} - given_fields - asked
    assert (asking is None) == (not missing)
    assert asking is None or asking.slot in missing
