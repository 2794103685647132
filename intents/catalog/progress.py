"""The resident asks how far it is: who has it, by when, what happened."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from intents.actions import ShowProgress
from intents.lexicon import lexicon
from intents.spec import Cue, IntentSpec, Turn

if TYPE_CHECKING:
    from intents.actions import Action

SHORT = 40
_ENDING = re.compile(r"(?:吗|没|没有|呢|么|不|伐|没得|哪|[?？])[?？。!！呀啊]*$")
"""进度 in a long letter is a building site's."""


def respond(turn: Turn) -> list[Action]:
    """Show the ticket that is meant, or all open ones: showing too much harms nobody, so nothing is asked."""
    return [ShowProgress(turn.named_ticket())]


def _asks_after(turn: Turn) -> bool:
    """A question about what was reported before, from somebody with an open ticket."""
    spoken_of = bool(turn.open_tickets and lexicon("reference").first(turn.text))
    return spoken_of and len(turn.text) <= SHORT and bool(_ENDING.search(turn.text))


INTENT = IntentSpec(
    code="progress",
    title="查进度",
    cues=(
        Cue.fact("command", 60.0, lambda turn: turn.commands("progress")),
        Cue.fact("asks_after", 4.0, _asks_after),
        Cue.lexicon("progress", 4.5, within=SHORT),
        Cue.fact("number", 2.5, lambda turn: len(turn.text) <= SHORT and any(t.ticket in turn.text for t in turn.facts.tickets)),
    ),
    examples=(
        "进度",
        "查一下我的工单",
        "我上次反映的路灯怎么样了",
        "处理得怎么样了",
        "办到哪一步了",
        "有结果了吗",
        "现在是哪个部门在处理",
        "看看处理情况",
    ),
    respond=respond,
)
