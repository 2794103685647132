"""The resident is angry and says nothing else. Nobody is lectured: sorry, and the three ways on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intents.actions import Tell
from intents.spec import Cue, IntentSpec, Turn

if TYPE_CHECKING:
    from intents.actions import Action

SHORT = 20
"""Who writes more tells what the anger is about."""


def respond(turn: Turn) -> list[Action]:  # noqa: ARG001 - every intent is asked with the turn
    """Say sorry and how to get on: tell what it is, hurry what was told, talk to a person."""
    return [Tell("upset")]


INTENT = IntentSpec(
    code="upset",
    title="发火",
    cues=(Cue.lexicon("upset", 3.2, within=SHORT),),
    examples=(
        "气死我了",
        "你个傻逼机器人",
        "滚",
        "一群骗子",
        "什么破平台，一点用都没有",
        "要你们有什么用",
        "反映了多少次都没用",
        "垃圾公众号",
        "烦死了",
    ),
    respond=respond,
)
