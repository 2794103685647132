"""What the knowledge base says, as actions. Shared by the intents that ask something (policy, service items and places)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intents.actions import Answer, OfferChoice, OpenTicket, RecordMiss
from knowledge_base.match import Answered, NeedsChoice

if TYPE_CHECKING:
    from intents.actions import Action
    from intents.spec import Turn


def answer_or_pass_on(turn: Turn) -> list[Action]:
    """Answer, offer a choice, or pass the question on to people and keep it for the editors: no question ends in "I do not know"."""
    match turn.decision:
        case Answered(match=found):
            return [Answer(found.code)]
        case NeedsChoice(matches=found):
            return [OfferChoice(tuple(match.code for match in found))]
        case _:
            return [RecordMiss(turn.text), OpenTicket(turn.draft(reason="no_answer", asks=True))]
