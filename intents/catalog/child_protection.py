"""A child is beaten, neglected, alone or touched: whoever tells of it is thanked, a person follows at once."""

from __future__ import annotations

from functools import partial

from intents.caring import bring_to_person
from intents.spec import Cue, IntentSpec

LETTER = 150
"""A longer text tells a story in which these words may be somebody else's."""

INTENT = IntentSpec(
    code="child_protection",
    title="儿童保护",
    cues=(
        Cue.lexicon("child_protection", 6.6, within=LETTER),
        Cue.lexicon("ordinary", -4.0),
    ),
    examples=(
        "邻居天天打孩子，孩子身上都是伤",
        "隔壁两个孩子没大人管，天天饿着",
        "幼儿园老师打孩子",
        "有个小女孩好几个星期没去上学，她后爸不让",
        "爸爸总用皮带抽我，我才十岁",
        "孩子说老师摸她",
        "怀疑有人欺负小孩，孩子身上有伤",
        "两个孩子没大人管，饭都吃不上",
    ),
    respond=partial(bring_to_person, topic="child_protection"),
)
