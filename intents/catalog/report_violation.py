"""举报: the resident tells of somebody's violation, to be acted on. Confidential from the first word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intents.reporting import report_matter
from intents.spec import Cue, IntentSpec, Slot, Turn

if TYPE_CHECKING:
    from intents.actions import Action


def respond(turn: Turn) -> list[Action]:
    """Ask for the place once: somebody has to go and look."""
    return report_matter(turn, kind="report")


INTENT = IntentSpec(
    code="report_violation",
    title="举报",
    cues=(
        Cue.lexicon("kind.report", 4.0),
        Cue.lexicon("violation", 5.2),
    ),
    slots=(Slot("matter"), Slot("place")),
    examples=(
        "我要举报楼上违建",
        "饭店用地沟油",
        "有人聚众赌博，天天晚上",
        "黑诊所没有执照还给人打针",
        "工厂半夜偷排污水",
        "网吧让小学生进去上网",
        "有人卖假烟",
        "村干部把低保给自己亲戚",
    ),
    respond=respond,
)
