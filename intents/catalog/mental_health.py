"""The resident is at the end of their strength and wants to be heard; danger to life is read by the tiers before."""

from __future__ import annotations

from functools import partial

from intents.caring import bring_to_person
from intents.spec import Cue, IntentSpec

LETTER = 150
"""A longer text tells a story in which these words may be somebody else's."""

INTENT = IntentSpec(
    code="mental_health",
    title="心理疏导",
    cues=(
        Cue.lexicon("mental_health", 5.0, within=LETTER),
        Cue.lexicon("ordinary", -4.0),
    ),
    examples=(
        "最近总失眠，心里难受想找人聊聊",
        "抑郁症吃药两年了，最近又不好了",
        "孩子厌学不肯出门，想找心理老师",
        "产后情绪很差天天哭",
        "压力太大快撑不住了",
        "老伴走了以后我心里空得慌",
        "想做心理咨询",
        "一个人在这里很孤独，没人说话",
    ),
    respond=partial(bring_to_person, topic="mental_health"),
)
