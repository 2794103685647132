"""催办: the resident has waited and wants the unit reminded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intents.actions import AskSlot, OpenTicket, ShowProgress, Urge
from intents.lexicon import lexicon
from intents.spec import Cue, IntentSpec, Slot, Turn

if TYPE_CHECKING:
    from intents.actions import Action

SHORT = 40
BARE = 9
"""怎么还没来 alone asks after something; a longer text without an open ticket tells what it is about."""


def respond(turn: Turn) -> list[Action]:
    """Remind the unit of the ticket that is meant; ask which one if there are several, say so if there is none."""
    if ticket := turn.named_ticket():
        return [Urge(ticket, turn.text)]
    if not turn.open_tickets:
        return [ShowProgress()]
    if not turn.has_asked("ticket"):
        return [AskSlot("ticket", turn.draft())]
    return [OpenTicket(turn.draft(reason="no_ticket"))]


def _waits(turn: Turn) -> bool:
    """Tell whether a short text only says that it takes too long, while a ticket is open."""
    return bool(turn.open_tickets) and len(turn.text) <= SHORT and bool(lexicon("urging").first(turn.text))


INTENT = IntentSpec(
    code="urge",
    title="催办",
    cues=(
        Cue.lexicon("urging", 1.6, within=BARE),
        Cue.fact("waiting", 5.5, _waits),
        Cue.fact("command", 60.0, lambda turn: turn.commands("urge")),
    ),
    slots=(Slot("ticket"),),
    examples=(
        "怎么还没来",
        "怎么还没人来修",
        "帮我催一下",
        "都三天了还没动静",
        "到底什么时候来",
        "什么时候能修好啊",
        "快点处理吧",
        "还要等多久",
    ),
    respond=respond,
)
