"""A life is in danger now. Nothing is asked and nothing is weighed: the numbers go out at once, people are alarmed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intents.actions import RaiseEmergency
from intents.hazards import lives_by_power
from intents.opening import open_matter
from intents.spec import Cue, IntentSpec, Turn

if TYPE_CHECKING:
    from intents.actions import Action


def respond(turn: Turn) -> list[Action]:
    """Raise the alarm with what is known; the place can follow. Without power for a machine that somebody lives by, opening the matter is the alarm."""
    return [RaiseEmergency(turn.draft())] if turn.reading.tier == "red" else open_matter(turn.draft())


INTENT = IntentSpec(
    code="emergency",
    title="紧急情况",
    cues=(
        Cue.fact("red", 100.0, lambda turn: turn.reading.tier == "red"),
        Cue.fact("life_support", 100.0, lambda turn: lives_by_power(turn.text)),
    ),
    examples=(
        "我家着火了",
        "楼道里电动车起火了快来人",
        "闻到很大的煤气味",
        "有老人困在电梯里了",
        "楼下有人拿刀追人",
        "有小孩掉进河里了",
        "围墙塌了压到人了",
        "广场上有个大爷突然晕倒了",
        "我不想活了",
        "有人触电了",
    ),
    respond=respond,
)
