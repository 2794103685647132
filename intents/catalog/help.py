"""The resident asks what this service is for, or writes nothing that could be understood."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intents.actions import Tell
from intents.lexicon import lexicon
from intents.spec import Cue, IntentSpec, Turn

if TYPE_CHECKING:
    from intents.actions import Action

UNCLEAR = 12
"""Shorter texts that fit nothing else get the help text; longer ones are a matter for people (report_problem)."""


def respond(turn: Turn) -> list[Action]:
    """Say what can be written here, with examples; who calls for police or doctor gets the numbers, which are faster than we are."""
    if lexicon("help.numbers").first(turn.text):
        return [Tell("call_numbers")]
    return [Tell("help")]


INTENT = IntentSpec(
    code="help",
    title="怎么用",
    cues=(
        Cue.lexicon("help", 3.0, within=30),
        Cue.lexicon("help.numbers", 5.0, within=20),
        Cue.fact("unclear", 0.4, lambda turn: len(turn.text) < UNCLEAR),
    ),
    examples=("帮助", "怎么用", "你能做什么", "菜单", "？", "有什么功能", "这个公众号能干什么", "使用说明"),
    respond=respond,
)
