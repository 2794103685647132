"""The resident wants to talk to a person: now, with whoever is on duty, or by telephone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intents.seeking import seek_person
from intents.spec import Cue, IntentSpec, Slot, Turn

if TYPE_CHECKING:
    from intents.actions import Action


def respond(turn: Turn) -> list[Action]:
    """Look for a person at once; nobody is argued with or asked for reasons first."""
    return [seek_person(turn, turn.draft(reason="asked_person"))]


INTENT = IntentSpec(
    code="ask_person",
    title="找人工",
    cues=(Cue.lexicon("person", 8.0, within=40),),
    slots=(Slot("phone", required=False),),
    examples=(
        "转人工",
        "人工服务",
        "我要找工作人员",
        "有没有真人",
        "能不能给我回个电话",
        "我想跟人说",
        "别跟机器人聊，找个人来",
        "麻烦打个电话给我",
    ),
    respond=respond,
)
