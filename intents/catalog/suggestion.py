"""建议: the resident proposes something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intents.reporting import tell_matter
from intents.spec import Cue, IntentSpec, Slot, Turn

if TYPE_CHECKING:
    from intents.actions import Action


def respond(turn: Turn) -> list[Action]:
    """Open it; a proposal may have a place, but nobody has to go there."""
    return tell_matter(turn, kind="suggestion")


INTENT = IntentSpec(
    code="suggestion",
    title="建议",
    cues=(
        Cue.lexicon("kind.suggestion", 3.0),
        Cue.lexicon("suggestion", 4.2),
    ),
    slots=(Slot("matter"),),
    examples=(
        "建议在学校门口增设斑马线",
        "能不能在公园多放几张椅子",
        "希望社区开个老年饭堂",
        "我有个建议，公交早班提前一点",
        "小区门口要是装个减速带就好了",
        "提个意见，通知发早一点行不行",
        "图书馆能不能周末延长开放",
        "菜场边上划块地方停电动车吧",
    ),
    respond=respond,
)
