"""删除我的信息: the resident wants everything we keep of them gone. Asked once whether that is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intents.actions import EraseMe
from intents.spec import Cue, IntentSpec, Turn

if TYPE_CHECKING:
    from intents.actions import Action

SHORT = 60
"""Longer texts mention these words and want something else."""


def respond(turn: Turn) -> list[Action]:  # noqa: ARG001 - every intent is asked with the turn
    """Ask whether it is meant; the dialogue takes the answer."""
    return [EraseMe(confirmed=False)]


INTENT = IntentSpec(
    code="erase_me",
    title="删除我的信息",
    cues=(Cue.lexicon("erasing", 5.5, within=SHORT),),
    examples=(
        "删除我的信息",
        "把我的资料都删掉",
        "我要注销",
        "清空我的聊天记录",
        "不要留我的电话了",
        "删除我的账号",
        "请删除我的全部个人信息",
        "把我登记的东西都清掉",
    ),
    respond=respond,
)
