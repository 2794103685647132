"""停止通知 / 恢复通知: whether broadcasts come. What becomes of own matters is told in any case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intents.actions import StopNotices
from intents.lexicon import lexicon
from intents.spec import Cue, IntentSpec, Turn

if TYPE_CHECKING:
    from intents.actions import Action

SHORT = 60
"""Longer texts mention these words and want something else."""


def respond(turn: Turn) -> list[Action]:
    """Stop them, or let them come again."""
    return [StopNotices(on=not lexicon("notices.resume").first(turn.text))]


INTENT = IntentSpec(
    code="stop_notices",
    title="停止通知",
    cues=(
        Cue.lexicon("notices.stop", 6.0, within=SHORT),
        Cue.lexicon("notices.resume", 6.5, within=SHORT),
    ),
    examples=(
        "停止通知",
        "退订",
        "TD",
        "不要再给我发通知了",
        "取消推送",
        "恢复通知",
        "活动消息别发了",
        "停水通知不用发给我",
    ),
    respond=respond,
)
