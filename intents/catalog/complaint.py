"""投诉: the resident complains of how a unit, a worker, a company or a shop behaved, or of its service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intents.lexicon import lexicon
from intents.reporting import tell_matter
from intents.slots import find_about
from intents.spec import Cue, IntentSpec, Slot, Turn

if TYPE_CHECKING:
    from intents.actions import Action


def respond(turn: Turn) -> list[Action]:
    """Open it without asking where: whose conduct it is matters, and the desk above them looks at it."""
    return tell_matter(turn, kind="complaint")


def _tells_of_behaviour(turn: Turn) -> bool:
    """Somebody who serves others, and something that they should not do."""
    return bool(lexicon("complaint.who").first(turn.text) and lexicon("complaint.bad").first(turn.text))


INTENT = IntentSpec(
    code="complaint",
    title="投诉",
    cues=(
        Cue.lexicon("complaint", 3.0),
        Cue.lexicon("complaint.conduct", 2.4),
        Cue.fact("behaviour", 3.6, _tells_of_behaviour),
        Cue.fact("accuses", 1.5, lambda turn: bool(find_about(turn.text))),
    ),
    slots=(Slot("matter"),),
    examples=(
        "网格员态度恶劣，投诉他",
        "理发店办卡不退钱",
        "公交司机甩站",
        "窗口的人推来推去不给办",
        "物业乱收停车费，问他们还骂人",
        "医院收费不合理，医生态度很差",
        "快递员乱扔我的包裹",
        "健身房跑路了，卡里的钱退不了",
    ),
    respond=respond,
)
