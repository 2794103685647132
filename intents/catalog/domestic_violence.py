"""Violence in the family, past or going on: the words must not harm the one who writes, and a person follows."""

from __future__ import annotations

from functools import partial

from intents.caring import bring_to_person
from intents.spec import Cue, IntentSpec

LETTER = 150
"""A longer text tells a story in which these words may be somebody else's."""

INTENT = IntentSpec(
    code="domestic_violence",
    title="家庭暴力",
    cues=(
        Cue.lexicon("domestic_violence", 6.0, within=LETTER),
        Cue.lexicon("ordinary", -4.0),
    ),
    examples=(
        "老公经常打我",
        "我想申请人身安全保护令",
        "被家暴了不知道找谁",
        "前夫喝醉了就来打人",
        "丈夫动手打了我好几次，我想离开他",
        "我妈被我爸打了二十年",
        "楼上那个女的总被她男人打",
        "报过警，他还是打我",
    ),
    respond=partial(bring_to_person, topic="domestic_violence"),
)
