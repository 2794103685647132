"""The resident asks what this service is for, or writes nothing that could be understood."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intents.actions import Tell
from intents.lexicon import lexicon
from intents.reporting import report_matter
from intents.spec import Cue, IntentSpec, Turn
from knowledge_base.match import Answered

if TYPE_CHECKING:
    from intents.actions import Action

UNCLEAR = 12
"""Shorter texts that fit nothing else get the help text; longer ones are a matter for people (report_problem)."""


def respond(turn: Turn) -> list[Action]:
    """Say what can be written here, with examples; who calls for police or doctor gets the numbers, which are faster than we are.

    Who asks where to complain hears that it is here; once the next piece has said where it is, that is a matter.
    """
    if lexicon("help.numbers").first(turn.text):
        return [Tell("call_numbers")]
    if not lexicon("help.where").first(turn.text):
        return [Tell("help")]
    goes_on = "\n" in turn.utterance.raw and turn.written_place() is not None
    return report_matter(turn, kind="complaint") if goes_on else [Tell("say_it_here")]


def _asks_where_to_complain(turn: Turn) -> bool:
    """Nothing but how or where to complain (哪里能投诉噪音), no danger, and no entry of the city says it better."""
    is_calm = turn.reading.tier == "none" and not turn.reading.private
    return is_calm and not isinstance(turn.decision, Answered) and bool(lexicon("help.where").first(turn.text))


INTENT = IntentSpec(
    code="help",
    title="怎么用",
    cues=(
        Cue.lexicon("help", 3.0, within=30),
        Cue.lexicon("help.numbers", 60.0, within=20),
        Cue.fact("where_to_complain", 90.0, _asks_where_to_complain),
        Cue.fact("unclear", 0.4, lambda turn: len(turn.text) < UNCLEAR),
    ),
    examples=("帮助", "怎么用", "你能做什么", "菜单", "？", "有什么功能", "这个公众号能干什么", "使用说明"),
    respond=respond,
)
