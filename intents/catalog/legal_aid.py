"""The resident needs somebody who knows the law: a lawsuit, a lawyer, a claim that is refused."""

from __future__ import annotations

from functools import partial

from intents.caring import bring_to_person
from intents.spec import Cue, IntentSpec

LETTER = 150
"""A longer text tells a story in which these words may be somebody else's."""

INTENT = IntentSpec(
    code="legal_aid",
    title="法律援助",
    cues=(
        Cue.lexicon("legal_aid", 5.0, within=LETTER),
        Cue.lexicon("ordinary", -4.0),
    ),
    examples=(
        "想打官司请不起律师",
        "被辞退了不给赔偿，能不能申请法律援助",
        "离婚财产怎么分，想找律师问问",
        "仲裁裁下来公司不执行，我该起诉吗",
        "欠条过了三年还能起诉吗",
        "法院传票收到了，我不会写答辩状",
        "老乡受了工伤，想请法律援助律师",
        "对方不给抚养费，我想告他",
    ),
    respond=partial(bring_to_person, topic="legal_aid"),
)
