"""别人会看到什么: the resident wants to know what those who handle a matter see of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intents.actions import ShowPreview
from intents.spec import Cue, IntentSpec, Turn

if TYPE_CHECKING:
    from intents.actions import Action

SHORT = 60
"""Longer texts mention these words and want something else."""


def respond(turn: Turn) -> list[Action]:
    """Show it for the matter that is meant, else for the latest."""
    return [ShowPreview(turn.named_ticket())]


INTENT = IntentSpec(
    code="preview",
    title="别人会看到什么",
    cues=(Cue.lexicon("preview", 60.0, within=SHORT),),
    examples=(
        "别人会看到什么",
        "他们能看到我的名字吗",
        "我反映的内容物业会看到吗",
        "投诉以后对方知道是我吗",
        "承办单位能看到我的电话吗",
        "会不会泄露我的信息",
        "你们会告诉他是我举报的吗",
        "我的名字别人看得到吗",
    ),
    respond=respond,
)
