"""The resident adds to what was reported before: more words, the right address, a number to call, a picture."""

from __future__ import annotations

from intents.adding import add_to_meant
from intents.lexicon import lexicon
from intents.open_question import goes_on, is_nod
from intents.slots import find_phone
from intents.spec import Cue, IntentSpec, Slot, Turn

PHONE_ALONE = 22
"""我的电话是 and a number."""
FRAGMENT = 30
"""A piece of a message, sent after the rest."""


def _adds(turn: Turn) -> bool:
    """Words of adding, from somebody with an open ticket."""
    return bool(turn.open_tickets) and bool(lexicon("adding").first(turn.text))


def _speaks_of_earlier(turn: Turn) -> bool:
    """Words about what was reported before, from somebody with an open ticket."""
    return bool(turn.open_tickets) and bool(lexicon("reference").first(turn.text))


def _is_phone(turn: Turn) -> bool:
    """A number to call and nothing else, from somebody with an open ticket."""
    return bool(turn.open_tickets and len(turn.text) <= PHONE_ALONE and find_phone(turn.text))


def _is_fragment(turn: Turn) -> bool:
    """A short piece that is no question and no nod, minutes after a ticket was opened."""
    if turn.recent_ticket() is None or len(turn.text) > FRAGMENT or turn.asks:
        return False
    return not (goes_on(turn.text) or is_nod(turn.text))


def _is_place(turn: Turn) -> bool:
    """A place and hardly more, minutes after a ticket was opened."""
    return _is_fragment(turn) and any(len(turn.text) <= len(place.text) + 6 for place in turn.places)


INTENT = IntentSpec(
    code="add_to_ticket",
    title="补充诉求",
    cues=(
        Cue.lexicon("adding", 2.0, within=80),
        Cue.fact("has_ticket", 3.5, _adds),
        Cue.fact("earlier", 2.6, _speaks_of_earlier),
        Cue.fact("phone", 3.0, _is_phone),
        Cue.fact("fragment", 0.8, _is_fragment),
        Cue.fact("place", 2.0, _is_place),
    ),
    slots=(Slot("ticket"),),
    examples=(
        "补充一下，是从昨晚开始的",
        "刚才忘了说，是3单元",
        "再补充两张照片",
        "这是现场照片",
        "补充一点，晚上声音更大",
        "还有个情况忘了讲",
        "刚才忘写了，是东边那栋",
        "我刚才反映的位置在后门",
    ),
    respond=add_to_meant,
)
