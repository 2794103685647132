"""The resident asks what a doctor has to answer: symptoms, medicine, a test result."""

from __future__ import annotations

from functools import partial

from intents.caring import bring_to_person
from intents.spec import Cue, IntentSpec

LETTER = 150
"""A longer text tells a story in which these words may be somebody else's."""

INTENT = IntentSpec(
    code="medical",
    title="医疗健康",
    cues=(
        Cue.lexicon("medical", 4.5, within=LETTER),
        Cue.lexicon("ordinary", -4.0),
    ),
    examples=(
        "孩子发烧一直不退怎么办",
        "高血压药可以停吗",
        "头晕恶心是怎么回事",
        "怀孕能吃头孢吗",
        "体检说有结节要紧吗",
        "肚子疼三天了要不要去医院",
        "降压药饭前吃还是饭后吃",
        "伤口化脓了要吃什么药",
    ),
    respond=partial(bring_to_person, topic="medical"),
)
