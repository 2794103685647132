"""The resident adds to what was reported before: more words, the right address, a number to call, a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intents.actions import AddToTicket, AskSlot, OpenTicket
from intents.lexicon import lexicon
from intents.open_question import goes_on, is_nod
from intents.slots import find_phone
from intents.spec import Cue, IntentSpec, Slot, Turn

if TYPE_CHECKING:
    from intents.actions import Action

PHONE_ALONE = 22
"""我的电话是 and a number."""
FRAGMENT = 30
"""A piece of a message, sent after the rest."""


def respond(turn: Turn) -> list[Action]:
    """Attach it to the ticket that is meant; without an open ticket it is a matter of its own."""
    recent = turn.recent_ticket()
    if ticket := turn.named_ticket() or (recent.ticket if recent else ""):
        return [AddToTicket(ticket, turn.utterance.raw.strip(), turn.written_place(), turn.media)]
    if turn.open_tickets and not turn.has_asked("ticket"):
        return [AskSlot("ticket", turn.draft())]
    return [OpenTicket(turn.draft(reason="no_ticket" if turn.open_tickets else ""))]


def _adds(turn: Turn) -> bool:
    """Words of adding, from somebody with an open ticket."""
    return bool(turn.open_tickets) and bool(lexicon("adding").first(turn.text))


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
        Cue.fact("has_ticket", 2.0, _adds),
        Cue.fact("phone", 3.0, _is_phone),
        Cue.fact("fragment", 0.8, _is_fragment),
        Cue.fact("place", 2.0, _is_place),
    ),
    slots=(Slot("ticket"),),
    examples=(
        "补充一下，是从昨晚开始的",
        "刚才忘了说，是3单元",
        "刚才说的地址应该是安泰路14号",
        "再补充两张照片",
        "地址写错了，是12号楼",
        "这是现场照片",
        "更正一下，是东门",
        "我刚才反映的位置在后门",
    ),
    respond=respond,
)
