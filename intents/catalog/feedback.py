"""有用 / 没用: what the resident says of the last answer. 没用 leads to people."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from intents.actions import EntryFeedback, OpenTicket
from intents.lexicon import lexicon
from intents.spec import Cue, IntentSpec, Turn

if TYPE_CHECKING:
    from intents.actions import Action

SHORT = 40
_NUMBER = re.compile(r"^(?:选|回复?)?[12][。.]?$")


def respond(turn: Turn) -> list[Action]:
    """Keep the verdict; if the answer was no use, its question goes to the desk."""
    if not _is_useless(turn):
        return [EntryFeedback(turn.last_answer, useful=True)]
    draft = turn.draft(reason="unhelpful_answer", asks=True)
    words = "" if _NUMBER.match(turn.text) else turn.utterance.raw.strip()
    text = "\n".join(filter(None, (turn.state.last_question, words))) or turn.utterance.raw.strip()
    return [
        EntryFeedback(turn.last_answer, useful=False, question=turn.state.last_question),
        OpenTicket(msgspec.structs.replace(draft, text=text)),
    ]


def _is_useless(turn: Turn) -> bool:
    """Tell whether the words or the number say 没用."""
    return bool(lexicon("feedback.useless").first(turn.text))


def _judges(turn: Turn) -> bool:
    """Tell whether it is a verdict on the last answer: there is one, and it is what we asked about last."""
    if turn.expects() != "feedback" or len(turn.text) > SHORT:
        return False
    return _is_useless(turn) or bool(lexicon("feedback.useful").first(turn.text))


INTENT = IntentSpec(
    code="feedback",
    title="答复有没有用",
    cues=(Cue.fact("verdict", 60.0, _judges),),
    examples=("1", "2", "有用", "没用", "有用，谢谢", "答非所问", "不是我要问的", "很有帮助", "看不懂"),
    respond=respond,
)
