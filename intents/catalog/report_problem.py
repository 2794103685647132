"""The resident reports something broken, dirty, loud, unfair or dangerous, or wants something done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intents.lexicon import lexicon
from intents.reporting import report_matter
from intents.slots import find_phone
from intents.spec import Cue, IntentSpec, Slot, Turn

if TYPE_CHECKING:
    from intents.actions import Action

LETTER = 80
"""Nobody writes this much to ask for opening hours."""
PHONE_ALONE = 22
"""我的电话是 and a number."""
SENTENCE = 9
"""From here on words that fit nothing else are a matter for people, not for a help text."""


def respond(turn: Turn) -> list[Action]:
    """Ask what and where, once each; open the ticket as soon as somebody could go there."""
    return report_matter(turn)


def _is_phone(turn: Turn) -> bool:
    """A number to call and nothing else: somebody who starts with it wants to say more."""
    return len(turn.text) <= PHONE_ALONE and bool(find_phone(turn.text))


def _speaks_of_surroundings(turn: Turn) -> bool:
    """People and places around, and no question."""
    return not turn.asks and bool(lexicon("surroundings").first(turn.text))


INTENT = IntentSpec(
    code="report_problem",
    title="反映问题",
    cues=(
        Cue.lexicon("damage", 2.0),
        Cue.lexicon("nuisance", 2.0),
        Cue.lexicon("demand", 1.4),
        Cue.lexicon("matter", 0.8),
        Cue.lexicon("blocked", 2.6),
        Cue.lexicon("police", 12.0),
        Cue.fact("orange", 1.6, lambda turn: turn.reading.tier == "orange"),
        Cue.fact("letter", 1.0, lambda turn: len(turn.text) > LETTER),
        Cue.fact("sentence", 0.5, lambda turn: len(turn.text) >= SENTENCE and not turn.asks),
        Cue.fact("surroundings", 0.5, _speaks_of_surroundings),
        Cue.fact("place", 0.8, lambda turn: bool(turn.places)),
        Cue.fact("forwarded", 1.0, lambda turn: turn.role == "grid_worker"),
        Cue.fact("answers_what", 1.5, lambda turn: turn.state.slot == "matter"),
        Cue.fact("phone", 0.8, _is_phone),
    ),
    slots=(Slot("matter"), Slot("place"), Slot("time", required=False), Slot("phone", required=False)),
    examples=(
        "安泰路12号门口路灯坏了三天",
        "楼下烧烤摊又占道了",
        "3号楼电梯老是停，老人都不敢坐",
        "小区垃圾好几天没人清",
        "路面塌了个坑，电动车差点摔了",
        "隔壁半夜施工吵得睡不着",
        "公司拖欠我两个月工资",
        "我们这一片停水一天了",
    ),
    respond=respond,
)
