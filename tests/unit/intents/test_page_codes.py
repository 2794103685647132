"""A resident asks in their talk for the code of a web page: understood by its form alone, at any moment, in private only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from intents.actions import AskSlot, EnterPages, LeavePages
from intents.dialogue import step
from intents.state import ConversationState

if TYPE_CHECKING:
    from collections.abc import Callable

    from intents.spec import Turn

NEW = ConversationState()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("网页 4831", 4831),
        ("网页4831", 4831),
        ("网页验证码：4831。", 4831),
        ("验证码 4831", 4831),
        ("网页验证码", 0),
        ("网页登录", 0),
    ],
)
def test_who_sends_the_page_s_number_is_given_a_code(make_turn: Callable[..., Turn], text: str, number: int) -> None:
    assert step(NEW, make_turn(text)).actions == (EnterPages(number),)


@pytest.mark.parametrize("text", ["退出网页", "退出所有网页", "网页退出登录"])
def test_who_wants_all_browsers_out_has_them_put_out(make_turn: Callable[..., Turn], text: str) -> None:
    assert step(NEW, make_turn(text)).actions == (LeavePages(),)


@pytest.mark.parametrize(
    "text", ["4831", "政务网页打不开，一直转圈", "网页4831打不开", "收到验证码4831怎么办", "网页 48312", "退出网吧的未成年人没人管"]
)
def test_what_only_mentions_it_is_something_else(make_turn: Callable[..., Turn], text: str) -> None:
    kinds = {type(action) for action in step(NEW, make_turn(text)).actions}

    assert kinds & {EnterPages, LeavePages} == set()


def test_in_a_group_nobody_is_given_a_code(make_turn: Callable[..., Turn]) -> None:
    actions = step(NEW, make_turn("网页 4831", scope="group")).actions

    assert EnterPages(4831) not in actions


def test_what_was_asked_before_stays_asked(make_turn: Callable[..., Turn]) -> None:
    """The number is no place and no answer: the question of the matter before is still open."""
    asked = step(NEW, make_turn("楼道里的灯坏了三天"))
    assert isinstance(asked.actions[0], AskSlot)

    taken = step(asked.state, make_turn("网页 4831"))

    assert taken.actions == (EnterPages(4831),)
    assert (taken.state.slot, taken.state.draft) == (asked.state.slot, asked.state.draft)
