"""代人反映: the resident speaks for somebody who cannot do it alone, and says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intents.reporting import report_matter
from intents.spec import Cue, IntentSpec, Slot, Turn

if TYPE_CHECKING:
    from intents.actions import Action


def respond(turn: Turn) -> list[Action]:
    """Like a report of one's own: what and where."""
    return report_matter(turn)


INTENT = IntentSpec(
    code="on_behalf",
    title="代人反映",
    cues=(Cue.lexicon("behalf", 8.0),),
    slots=(Slot("matter"), Slot("place")),
    examples=(
        "我替隔壁张奶奶反映，她家水管漏了",
        "帮我妈问一下，她家停电了",
        "邻居是聋哑人，他家漏雨我帮他报",
        "我代我爸投诉公交司机",
        "老人不会用手机，我替她说",
        "帮楼上独居的大爷报修，他家灯坏了",
        "我同事不识字，托我反映欠薪",
        "替我奶奶反映一下，楼道灯不亮",
    ),
    respond=respond,
)
