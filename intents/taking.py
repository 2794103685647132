"""What a turn is taken for: the step that comes of it, a matter of its own, and what the conversation remembers afterwards."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from intents.actions import Answer, AskSlot, EntryFeedback, EraseMe, OfferChoice, OpenMatters, OpenTicket
from intents.behalf import speak_for
from intents.catalog import specs
from intents.classify import classify
from intents.first_aid import add_first_aid
from intents.hazards import lives_by_power
from intents.opening import open_matter
from intents.several import open_several, take_apart
from intents.state import Choice
from knowledge_base.match import NeedsChoice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intents.actions import Action, Draft
    from intents.spec import Classification, Turn
    from intents.state import ConversationState


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """步: the state after a turn, what is to be done, and why."""

    state: ConversationState
    actions: tuple[Action, ...] = ()
    classification: Classification | None = None
    why: tuple[str, ...] = ()


def start(state: ConversationState, turn: Turn) -> Step:
    """Take a turn as a matter of its own, or as several."""
    turn = replace(turn, state=state)
    found = classify(turn)
    parts = () if lives_by_power(turn.text) else take_apart(turn, found.code)  # the outage is one clause, the machine another
    actions = open_several(parts, found.code) if parts else specs()[found.code].respond(turn)
    if found.code == "on_behalf":
        actions = [speak_for(action, turn) for action in actions]
    actions = add_first_aid(actions, turn.text, intent=found.code)
    why = (*found.why, f"matters={len(parts)}") if parts else found.why
    return Step(state=remember(state, actions, turn, intent=found.code), actions=tuple(actions), classification=found, why=why)


def start_over(state: ConversationState, turn: Turn) -> Step:
    """Open what waited, as it is, and take the turn as a matter of its own; a mere announcement that one will ask (想问一下) was no matter."""
    fresh = start(state.settled(), turn)
    waited = () if _only_announces(state) else give_up(state)
    return replace(fresh, actions=(*waited, *fresh.actions))


def _only_announces(state: ConversationState) -> bool:
    """Tell whether what waits only says that a question will come: no matter, no place, no picture, no number to call."""
    draft = state.draft
    return (
        draft is not None
        and state.slot == "matter"
        and draft.kind == "consult"
        and not (draft.place or draft.media or draft.phone or state.more)
    )


def give_up(state: ConversationState) -> list[Action]:
    """Open everything that waits without what was asked for."""
    drafts = [msgspec.structs.replace(draft, reason=draft.reason or f"no_{state.slot}") for draft in state.drafts]
    return open_all(drafts, state.numbers)


def open_all(drafts: Sequence[Draft], numbers: Sequence[int] = ()) -> list[Action]:
    """Open one matter, or several in one list with the numbers they have in their message."""
    if len(drafts) == 1:
        return open_matter(drafts[0])
    if not drafts:
        return []
    if alarm := next((draft for draft in drafts if lives_by_power(draft.text)), None):
        others = [
            (draft, number)
            for draft, number in zip(drafts, numbers or range(1, len(drafts) + 1), strict=True)
            if draft is not alarm
        ]
        return [*open_matter(alarm), *open_all([draft for draft, _ in others], [number for _, number in others])]
    besides = [action for draft in drafts for action in open_matter(draft) if not isinstance(action, OpenTicket)]
    listed = tuple(numbers) or tuple(range(1, len(drafts) + 1))
    return [OpenMatters(tuple(drafts), listed), *dict.fromkeys(besides)]


def finish(state: ConversationState, actions: Sequence[Action], why: str, found: Classification | None = None) -> Step:
    """Close the open question with these actions."""
    return Step(state=state.settled(), actions=tuple(actions), classification=found, why=(why,))


def remember(state: ConversationState, actions: Sequence[Action], turn: Turn, *, intent: str) -> ConversationState:
    """Give the state after actions that leave something open: a question, a choice, an answer to be judged."""
    if asking := next((action for action in actions if isinstance(action, AskSlot)), None):
        return ask(state, asking, turn, intent=intent)
    for action in actions:
        match action:
            case OfferChoice() | Answer():
                return _remember_answer(state, action, turn)
            case EraseMe(confirmed=False):
                minutes = timedelta(minutes=turn.settings.question_minutes)
                return msgspec.structs.replace(state.settled(), confirming="erase_me", open_until=turn.now + minutes)
            case EntryFeedback():
                return msgspec.structs.replace(state, last_answer="")
            case OpenTicket(draft=draft) if draft.by_code or (draft.place is not None and draft.place == state.place):
                return msgspec.structs.replace(state, place=None, place_until=None)
    return state


def _remember_answer(state: ConversationState, action: OfferChoice | Answer, turn: Turn) -> ConversationState:
    """Keep what was answered, or between what may be chosen."""
    if isinstance(action, OfferChoice) and isinstance(turn.decision, NeedsChoice):
        choices = tuple(Choice(match.code, match.question) for match in turn.decision.matches)
        return state.offering(choices, turn.text, now=turn.now, minutes=turn.settings.choice_minutes)
    asked = action.asked if isinstance(action, Answer) else ""
    return msgspec.structs.replace(state, last_question=asked or turn.text, asked_at=turn.now)


def ask(state: ConversationState, action: AskSlot, turn: Turn, *, intent: str) -> ConversationState:
    """Give the state in which an answer is waited for."""
    tickets = turn.list_tickets(finished=action.finished) if action.slot == "ticket" else ()
    return msgspec.structs.replace(
        state.settled(),
        draft=action.draft,
        more=action.more,
        numbers=action.numbers,
        slot=action.slot,
        intent=intent,
        asked=(action.slot,),
        tickets=tuple(ticket.ticket for ticket in tickets if not action.among or ticket.ticket in action.among),
        asked_at=turn.now,
        open_until=turn.now + timedelta(minutes=turn.settings.question_minutes),
    )
