"""What is not for the bot: a person is wanted, waited for or has the conversation; somebody floods; a group copies what is known already."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from intents.actions import CallBack, GatherMessage, JoinCopied, LeaveSeat, PassToSeat, SeekPerson
from intents.lexicon import lexicon
from intents.slots import find_phone
from intents.taking import Step

if TYPE_CHECKING:
    from intents.actions import Action, Draft
    from intents.spec import Turn
    from intents.state import ConversationState


def seek_person(turn: Turn, draft: Draft) -> Action:
    """Choose: whoever asks to be called, or leaves a number with it, is called back; everybody else waits in the queue."""
    wants_call = find_phone(turn.text) or lexicon("seat.phone").first(turn.text)
    return CallBack(draft) if wants_call else SeekPerson(draft)


def take_aside(state: ConversationState, turn: Turn) -> Step | None:
    """Take a turn that the bot does not answer itself, None if it does. Danger is always answered, but the same words once a group."""
    if turn.copied:
        return Step(state=state, actions=(JoinCopied(turn.copied),), why=(f"copied={turn.copied}",))
    if turn.reading.tier == "red" or not (turn.addressed or turn.role != "resident"):
        return None
    if _has_person(turn):
        return Step(state=state.settled(), actions=(_take_with_person(turn),), why=(f"seat={turn.facts.seat}",))
    return Step(state=state, actions=(GatherMessage(),), why=("flooding",)) if turn.flooding else None


def tell_person(taken: Step, turn: Turn) -> Step:
    """Let the person who has the conversation know too of what the bot has answered."""
    return replace(taken, actions=(*taken.actions, PassToSeat(quiet=True))) if _has_person(turn) else taken


def _has_person(turn: Turn) -> bool:
    """Tell whether a message is for a person; what the platform says by itself is not."""
    return bool(turn.facts.seat) and turn.scope == "person" and turn.kind != "event"


def _take_with_person(turn: Turn) -> Action:
    """Take a message while a person is waited for or has the conversation: it is theirs, unless the resident wants to end it."""
    if turn.facts.seat == "claimed":
        return LeaveSeat() if lexicon("seat.end").first(turn.text) else PassToSeat()
    if lexicon("seat.call_back").first(turn.text):
        return LeaveSeat(call_back=True)
    if lexicon("seat.leave").first(turn.text):
        return LeaveSeat()
    return PassToSeat(asks=bool(lexicon("seat.asks").first(turn.text)))
