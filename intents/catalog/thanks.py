"""Thanks, or a nod. Never reopens anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intents.actions import Tell
from intents.spec import Cue, IntentSpec, Turn

if TYPE_CHECKING:
    from intents.actions import Action


def respond(turn: Turn) -> list[Action]:  # noqa: ARG001 - every intent is asked with the turn
    """Thank back."""
    return [Tell("thanks")]


INTENT = IntentSpec(
    code="thanks",
    title="道谢",
    cues=(Cue.lexicon("thanks", 3.0, within=16),),
    examples=("谢谢", "好的", "辛苦了", "收到，谢谢", "知道了", "太感谢你们了", "嗯嗯", "好的谢谢"),
    respond=respond,
)
