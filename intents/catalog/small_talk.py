"""A greeting or chat: answered kindly and briefly, with a hint what to write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intents.actions import Tell
from intents.lexicon import lexicon
from intents.spec import Cue, IntentSpec, Turn

if TYPE_CHECKING:
    from intents.actions import Action


CHAT = 120
"""A longer text has a matter somewhere."""


def respond(turn: Turn) -> list[Action]:
    """Greet and invite; who asks whether a person is here hears the truth."""
    if lexicon("small_talk.who").first(turn.text):
        return [Tell("who_we_are")]
    return [Tell("small_talk")]


def _chats(turn: Turn) -> bool:
    """A story of the day, and nothing that is broken or disturbs."""
    trouble = any(lexicon(table).first(turn.text) for table in ("damage", "nuisance", "matter", "complaint.bad"))
    return len(turn.text) <= CHAT and bool(lexicon("small_talk.chat").first(turn.text)) and not (trouble or turn.places)


INTENT = IntentSpec(
    code="small_talk",
    title="寒暄",
    cues=(
        Cue.lexicon("small_talk", 2.8, within=16),
        Cue.fact("chat", 3.0, _chats),
        Cue.lexicon("small_talk.who", 3.0, within=16),
    ),
    examples=("你好", "在吗", "早上好", "哈哈哈", "你是机器人吗", "讲个笑话", "吃饭了吗", "晚安"),
    respond=respond,
)
