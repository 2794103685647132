"""A conversation as two pure functions: step (state and turn -> actions) and settle (state and outcomes -> what is said).

What is missing is asked for once per matter; a question that nobody answers turns into a ticket (timeout). When a turn settles an open
question, the first action is what became of that question's draft; the turn's own matter follows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from intents import group, open_question
from intents.actions import Answer, AskSlot, CallBack, Draft, EntryFeedback, OfferChoice, OpenTicket, RecordMiss, Stay, Tell
from intents.catalog import specs
from intents.classify import classify
from intents.opening import open_matter
from intents.slots import describe_place
from intents.state import Choice
from intents.wordless import is_wordless, take_wordless
from knowledge_base.match import NeedsChoice

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from intents.actions import Action, Outcome
    from intents.spec import Classification, Turn
    from intents.state import ConversationState

_CLEAR = 2.4
"""From this sum on a text that could be an answer is taken for a new matter: one strong cue, or two that agree."""
_ELSEWHERE = frozenset({"ask_policy", "service_lookup", "progress", "urge", "rate", "feedback", "add_to_ticket"})
"""Intents that are no answer to a question of ours when they are clear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """步: the state after a turn, what is to be done, and why."""

    state: ConversationState
    actions: tuple[Action, ...] = ()
    classification: Classification | None = None
    why: tuple[str, ...] = ()


def step(state: ConversationState, turn: Turn) -> Step:
    """Decide on one turn. Never asks in a group; an open question whose time is over is settled first."""
    state = msgspec.structs.replace(state, scope=turn.scope)
    before: list[Action] = []
    if state.is_over(turn.now):
        before, state = _give_up(state), state.settled()
    turn = replace(turn, state=state)
    taken = _take(state, turn)
    actions = (*before, *taken.actions)
    if turn.scope == "group" and taken.actions != (Stay(),):
        code = taken.classification.code if taken.classification else ""
        actions, kept = group.limit(actions, turn, intent=code), taken.state.settled()
        return replace(taken, state=kept, actions=actions)
    return replace(taken, actions=actions)


def settle(state: ConversationState, outcomes: Sequence[Outcome]) -> tuple[ConversationState, list[Tell]]:
    """Close the turn: remember what was answered, and say what came of it, danger first; a group hears only what is public."""
    for outcome in outcomes:
        if outcome.name == "answered":
            state = msgspec.structs.replace(state, last_answer=outcome.entry)
    says = [tell for outcome in sorted(outcomes, key=lambda one: one.name != "emergency") for tell in outcome.says]
    return state, group.keep_public(says) if state.scope == "group" else says


def timeout(state: ConversationState, now: datetime) -> Step:
    """Settle an open question whose time is over: its draft becomes a ticket at the desk. Nothing happens before that time."""
    if not state.is_over(now):
        return Step(state=state)
    return Step(state=state.settled(), actions=tuple(_give_up(state)), why=(f"unanswered={state.slot}",) if state.draft else ())


def _give_up(state: ConversationState) -> list[Action]:
    """Open the draft without what was asked for."""
    if state.draft is None:
        return []
    return open_matter(msgspec.structs.replace(state.draft, reason=f"no_{state.slot}"))


def _take(state: ConversationState, turn: Turn) -> Step:
    """Find what a turn is: danger, a message without words, an answer, a pick, or a new matter."""
    if turn.reading.tier == "red":
        return _start_over(state, turn)
    if not turn.addressed and turn.role == "resident":
        return Step(state=state, actions=(Stay(),), why=("not_addressed",))
    if is_wordless(turn):
        after, actions = take_wordless(state, turn)
        return Step(state=_remember(after, actions, turn, intent=""), actions=tuple(actions), why=(f"kind={turn.kind}",))
    if state.draft is not None:
        return _take_answer(state, state.draft, turn)
    return _take_pick(state, turn) or _start(state.settled(), turn)


def _take_pick(state: ConversationState, turn: Turn) -> Step | None:
    """Take a turn as the answer to a choice, None if it is none; a number belongs to a rating that was asked for later."""
    if not state.choices or (open_question.read_number(turn.text) and turn.rating_came_last()):
        return None
    if entry := open_question.pick_choice(turn.text, state.choices):
        after = msgspec.structs.replace(state.settled(), asked_at=turn.now)
        return Step(state=after, actions=(Answer(entry),), why=(f"picked={entry}",))
    if not open_question.is_none_of_them(turn.text):
        return None
    draft = Draft(text=state.last_question, kind="consult", reason="no_answer")
    return Step(state=state.settled(), actions=(RecordMiss(state.last_question), OpenTicket(draft)), why=("picked=none",))


def _start(state: ConversationState, turn: Turn) -> Step:
    """Take a turn as a matter of its own."""
    turn = replace(turn, state=state)
    classification = classify(turn)
    actions = specs()[classification.code].respond(turn)
    after = _remember(state, actions, turn, intent=classification.code)
    return Step(state=after, actions=tuple(actions), classification=classification, why=classification.why)


def _start_over(state: ConversationState, turn: Turn) -> Step:
    """Open what waited, as it is, and take the turn as a matter of its own."""
    fresh = _start(state.settled(), turn)
    return replace(fresh, actions=(*_give_up(state), *fresh.actions))


def _remember(state: ConversationState, actions: Sequence[Action], turn: Turn, *, intent: str) -> ConversationState:
    """Give the state after actions that leave something open: a question, a choice, an answer to be judged."""
    for action in actions:
        match action:
            case AskSlot(slot=slot, draft=draft):
                return msgspec.structs.replace(
                    state.settled(),
                    draft=draft,
                    slot=slot,
                    intent=intent,
                    asked=(slot,),
                    tickets=tuple(ticket.ticket for ticket in turn.open_tickets) if slot == "ticket" else (),
                    asked_at=turn.now,
                    open_until=turn.now + timedelta(minutes=turn.settings.question_minutes),
                )
            case OfferChoice() if isinstance(turn.decision, NeedsChoice):
                choices = tuple(Choice(match.code, match.question) for match in turn.decision.matches)
                return state.offering(choices, turn.text, now=turn.now, minutes=turn.settings.choice_minutes)
            case Answer():
                return msgspec.structs.replace(state, last_question=turn.text, asked_at=turn.now)
            case EntryFeedback():
                return msgspec.structs.replace(state, last_answer="")
            case OpenTicket(draft=draft) if draft.place is not None and draft.place == state.place:
                return msgspec.structs.replace(state, place=None, place_until=None)
    return state


def _take_answer(state: ConversationState, draft: Draft, turn: Turn) -> Step:
    """Take a turn as the answer to the open question, if it can be one."""
    if open_question.is_nod(turn.text):
        return Step(state=state, actions=(Tell("still_open"),), why=("nod",))
    if state.slot == "place" and open_question.is_puzzled(turn.text):
        return Step(state=state, actions=(Tell("why_place"),), why=("puzzled",))
    if open_question.goes_on(turn.text):
        return _finish(state, open_matter(msgspec.structs.replace(draft, reason=f"no_{state.slot}")), "goes_on")
    match state.slot:
        case "ticket":
            return _take_ticket(state, turn)
        case "matter":
            return _take_matter(state, draft, turn)
        case _:
            return _take_place(state, draft, turn)


def _take_ticket(state: ConversationState, turn: Turn) -> Step:
    """Do what was wanted with the ticket that was picked; else what waited goes to the desk and the turn stands for itself."""
    ticket = open_question.pick_ticket(turn.text, state.tickets, turn.facts.tickets)
    if not ticket:
        return _start_over(state, turn)
    actions = specs()[state.intent].respond(replace(turn, chosen=ticket))
    return Step(state=state.settled(), actions=tuple(actions), why=(f"picked={ticket}",))


def _take_matter(state: ConversationState, draft: Draft, turn: Turn) -> Step:
    """Take what it is about, together with the picture or the place that came before; where it is may still be asked, once.

    Whatever opens nothing (a greeting, an answer from the knowledge base) leaves the question open.
    """
    found = classify(replace(turn, state=state.settled()))
    if aside := _take_aside(state, draft, turn, found):
        return aside
    asking = msgspec.structs.replace(state.settled(), slot="matter", asked=("matter", "place"))
    taken = _start(asking, replace(turn, media=turn.media + draft.media, point=turn.point or draft.place))
    for action in taken.actions:
        if isinstance(action, OpenTicket) and action.draft.reason == "no_place" and "place" not in state.asked:
            waiting = msgspec.structs.replace(
                state,
                draft=msgspec.structs.replace(action.draft, reason=""),
                slot="place",
                intent="report_problem",
                asked=asking.asked,
            )
            return replace(taken, state=waiting, actions=(Tell("ask_place"),))
        if isinstance(action, OpenTicket | CallBack):
            return replace(taken, state=taken.state.settled())
    return replace(taken, state=taken.state.reopening(state))


def _take_place(state: ConversationState, draft: Draft, turn: Turn) -> Step:
    """Fill the place; recognise what is no answer."""
    found = classify(replace(turn, state=state.settled()))
    if aside := _take_aside(state, draft, turn, found):
        return aside
    if open_question.is_other_matter(turn.text, draft.text):
        return _start_over(state, turn)
    place = turn.written_place() or describe_place(turn.text)
    reason = "" if place else f"no_{state.slot}"
    joined = open_question.join_answer(draft, turn, place=place, reason=reason)
    return _finish(state, open_matter(joined), f"answered={state.slot}", found)


def _take_aside(state: ConversationState, draft: Draft, turn: Turn, found: Classification) -> Step | None:
    """Take a turn that is clearly no answer: the matter taken back, a person wanted, another intent; None if it may be one."""
    if found.score < _CLEAR:
        return None
    if found.code == "withdraw":
        return _finish(state, [Tell("draft_dropped")], "withdrawn", found)
    if found.code == "ask_person":
        return _finish(state, [CallBack(open_question.join_answer(draft, turn, reason="asked_person"))], "asked_person", found)
    return _start_over(state, turn) if found.code in _ELSEWHERE else None


def _finish(state: ConversationState, actions: Sequence[Action], why: str, classification: Classification | None = None) -> Step:
    """Close the open question with these actions."""
    return Step(state=state.settled(), actions=tuple(actions), classification=classification, why=(why,))
