"""我的信息: the resident wants to see what we keep of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intents.actions import ShowMyData
from intents.spec import Cue, IntentSpec, Turn

if TYPE_CHECKING:
    from intents.actions import Action

SHORT = 60
"""Longer texts mention these words and want something else."""


def respond(turn: Turn) -> list[Action]:  # noqa: ARG001 - every intent is asked with the turn
    """Show it."""
    return [ShowMyData()]


INTENT = IntentSpec(
    code="my_data",
    title="我的信息",
    cues=(Cue.lexicon("my_data", 5.0, within=SHORT),),
    examples=(
        "我的信息",
        "你们存了我哪些信息",
        "查一下我登记的资料",
        "你们怎么知道我住哪里",
        "看看我留的电话是哪个",
        "我在你们这里登记的名字是什么",
        "申请查阅我的个人信息",
        "你们记了我什么",
    ),
    respond=respond,
)
