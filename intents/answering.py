"""What the knowledge base says, as actions. Shared by the intents that ask something (policy, service items and places)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intents.actions import Answer, AskSlot, OfferChoice, OpenTicket, RecordMiss, Tell
from intents.hazards import hazards
from knowledge_base.match import Answered, NeedsChoice

if TYPE_CHECKING:
    from intents.actions import Action
    from intents.spec import Turn


SHORT = 20
"""A longer question about a danger has a story of its own, for people."""


def answer_or_pass_on(turn: Turn) -> list[Action]:
    """Answer, offer a choice, or pass the question on to people and keep it for the editors: no question ends in "I do not know".

    What to do in a danger that is only asked about (着火了怎么办) is told at once, like in the danger itself, but nobody is alarmed.
    """
    match turn.decision:
        case Answered(match=found):
            return [Answer(found.code)]
        case _ if turn.is_missing("matter") and not turn.has_asked("matter"):
            return [AskSlot("matter", turn.draft(asks=True))]
        case NeedsChoice(matches=found):
            return [OfferChoice(tuple(match.code for match in found))]
        case _ if key := _name_advice(turn):
            return [Tell(key)]
        case _:
            return [RecordMiss(turn.text), OpenTicket(turn.draft(reason="no_answer", asks=True))]


def _name_advice(turn: Turn) -> str:
    """Name the text that says what to do in the danger a short question asks about, "" if it asks about none."""
    reading = turn.reading
    if reading.tier != "none" or reading.past or reading.private or len(turn.text) > SHORT:
        return ""
    return next((f"emergency_{hazard.name}" for hazard in hazards() if hazard.name == reading.hazard and hazard.tier == "red"), "")
