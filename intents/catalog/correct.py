"""改口: the resident corrects what was just said. Which words replace which is the dialogue's; here is what it looks like."""

from __future__ import annotations

from intents.adding import add_to_meant
from intents.spec import Cue, IntentSpec, Slot

SHORT = 60
"""Longer texts say 不是…是… in an argument."""


INTENT = IntentSpec(
    code="correct",
    title="改口",
    cues=(Cue.lexicon("correcting", 4.5, within=SHORT),),
    slots=(Slot("ticket"),),
    examples=(
        "不是3号楼，是5号楼",
        "说错了，是安泰路21号",
        "地址写错了，是12号楼",
        "刚才打错字了，应该是东门",
        "更正一下，是东门",
        "我搞错了，不是路灯，是红绿灯",
        "上面的门牌号写错了，是18号",
        "口误，是2单元",
    ),
    respond=add_to_meant,
)
