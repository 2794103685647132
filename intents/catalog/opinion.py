"""民意建议: the resident says what they think of something that is out for consultation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intents.reporting import tell_matter
from intents.spec import Cue, IntentSpec, Slot, Turn

if TYPE_CHECKING:
    from intents.actions import Action


def respond(turn: Turn) -> list[Action]:
    """Keep it for those who asked, in the writer's own words."""
    return tell_matter(turn, kind="suggestion", reason="opinion")


INTENT = IntentSpec(
    code="opinion",
    title="民意建议",
    cues=(Cue.lexicon("opinion", 4.5),),
    slots=(Slot("matter"),),
    examples=(
        "加装电梯我不同意",
        "关于停车收费方案，我反对",
        "征求意见稿第五条我有意见",
        "我支持公示的那个改造方案",
        "路名征集我投第二个",
        "对养犬条例草案提点意见",
        "菜市场搬迁我投反对票",
        "水价调整方案我赞成",
    ),
    respond=respond,
)
