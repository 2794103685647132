"""表扬: the resident praises somebody; it is passed on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intents.lexicon import lexicon
from intents.reporting import tell_matter
from intents.spec import Cue, IntentSpec, Slot, Turn

if TYPE_CHECKING:
    from intents.actions import Action


def respond(turn: Turn) -> list[Action]:
    """Pass it on."""
    return tell_matter(turn, kind="praise")


def _tells_of_good_deed(turn: Turn) -> bool:
    """Somebody who serves others, something well done, and nothing that is wrong."""
    text = turn.text
    return all(lexicon(f"praise.{table}").first(text) for table in ("who", "deed")) and not lexicon("praise.bad").first(text)


def _passes_praise_on(turn: Turn) -> bool:
    """替我表扬他: who speaks praises, and asks us to hand it on; nobody else speaks through them, and nothing is wrong."""
    return bool(lexicon("praise.for_me").first(turn.text)) and not lexicon("praise.bad").first(turn.text)


INTENT = IntentSpec(
    code="praise",
    title="表扬",
    cues=(
        Cue.lexicon("kind.praise", 3.0),
        Cue.lexicon("praise", 4.0),
        Cue.fact("for_me", 60.0, _passes_praise_on),
        Cue.fact("good_deed", 3.4, _tells_of_good_deed),
    ),
    slots=(Slot("matter"),),
    examples=(
        "表扬一下我们的网格员，帮老人搬东西",
        "给环卫工人点赞",
        "社区的小王特别负责，谢谢他",
        "公交司机等老人坐稳才开，真好",
        "送锦旗给派出所民警",
        "保安大叔捡到钱包还给我，要好好表扬",
        "护士很耐心，想表扬她",
        "昨天报的路灯今天就修好了，效率真高",
    ),
    respond=respond,
)
