"""What may happen in the open: a group hears public knowledge, public emergency numbers and a receipt, nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from intents.actions import (
    AddToTicket,
    Answer,
    AskSlot,
    CallBack,
    EntryFeedback,
    GatherMessage,
    JoinCopied,
    OfferChoice,
    OpenMatters,
    OpenTicket,
    RaiseEmergency,
    RecordMiss,
    SeekPerson,
    Stay,
    Tell,
    Urge,
)
from intents.caring import PRIVATE_TOPICS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intents.actions import Action
    from intents.spec import Turn

_SILENT = (OpenTicket, OpenMatters, CallBack, SeekPerson, RaiseEmergency, AddToTicket, Urge, RecordMiss, EntryFeedback)
"""Done without a word in the group. What touches the result of a matter (rating, withdrawing) is left to private chat."""
_UNSEEN = (JoinCopied, GatherMessage)
"""Done without even a receipt: the group has just read one for the same words, or too many."""
PUBLIC_TEXTS = frozenset({"answer_group", "answer_group_undated", "emergency_group", "group_receipt"})


def limit(actions: Sequence[Action], turn: Turn, *, intent: str) -> tuple[Action, ...]:
    """Turn what an intent asked for into what may happen in a group; the last action says whether anything is heard of it."""
    if any(isinstance(action, _UNSEEN) for action in actions):
        return tuple(actions)
    done: list[Action] = []
    for action in actions:
        match action:
            case AskSlot(slot=slot, draft=draft, more=more) if slot != "ticket":
                done += [OpenTicket(msgspec.structs.replace(one, reason=f"no_{slot}")) for one in (draft, *more)]
            case OfferChoice():
                done.append(OpenTicket(turn.draft(reason="unclear_question", asks=True)))
            case Answer() if not turn.reading.private:
                done.append(action)
            case _ if isinstance(action, _SILENT):
                done.append(action)
    return (*done, *_speak(done, turn, intent=intent))


def _speak(done: Sequence[Action], turn: Turn, *, intent: str) -> tuple[Action, ...]:
    """Say the one thing the group hears: nothing of private distress, the numbers in danger, else the receipt."""
    if turn.reading.private or intent in PRIVATE_TOPICS or intent == "thanks":
        return (Stay(),)
    if any(isinstance(action, RaiseEmergency) for action in done):
        return (Tell("emergency_group", {"hazard": turn.reading.hazard}),)
    if any(isinstance(action, Answer) for action in done):
        return ()
    return (Tell("group_receipt"),)


def keep_public(says: Sequence[Tell]) -> list[Tell]:
    """Drop whatever a group may not hear, and what would be said twice: the second lock on the same door."""
    heard: list[Tell] = []
    for tell in says:
        if tell.text in PUBLIC_TEXTS and tell not in heard:
            heard.append(tell)
    return heard
