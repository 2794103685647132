"""收到: somebody on duty takes up the alarm that rang them. From anybody else, or when nothing rings, it is a nod."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intents.actions import AcknowledgeAlarm
from intents.lexicon import lexicon
from intents.spec import Cue, IntentSpec, Turn

if TYPE_CHECKING:
    from intents.actions import Action

SHORT = 30


def respond(turn: Turn) -> list[Action]:
    """Take up the alarm that is named, else the one that rang last."""
    alarms = turn.facts.alarms
    named = [number for number in alarms if number in turn.text]
    return [AcknowledgeAlarm(number) for number in named or alarms[:1]]


def _takes_up(turn: Turn) -> bool:
    """Tell whether somebody who was rung says that they have it."""
    return bool(turn.facts.alarms) and len(turn.text) <= SHORT and bool(lexicon("taking_up").first(turn.text))


INTENT = IntentSpec(
    code="acknowledge",
    title="接警",
    cues=(Cue.fact("rung", 60.0, _takes_up),),
    examples=("收到", "收到，我马上去", "我来处理", "已经在路上了", "知道了，我去", "马上到", "正在处理", "已出发"),
    respond=respond,
)
