"""A conversation as two pure functions: step (state and turn -> actions) and settle (state and outcomes -> what is said).

What is missing is asked for once per matter; a question that nobody answers turns into a ticket (timeout). When a turn settles an open
question, the first action is what became of that question's draft; the turn's own matter follows.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from intents import group, open_question
from intents.actions import (
    AddToTicket,
    AllowProxy,
    Answer,
    AskSlot,
    CallBack,
    CorrectTicket,
    Draft,
    EraseMe,
    OfferChoice,
    OpenMatters,
    OpenTicket,
    RaiseEmergency,
    RecordMiss,
    ShowProgress,
    Stay,
    Tell,
)
from intents.amending import take_correction
from intents.behalf import read_allowance
from intents.entering import take_entering
from intents.first_aid import put_first
from intents.pieces import lend_place, take_piece
from intents.ratings import read_part
from intents.referring import AGAIN, VAGUE, refer_again, refer_vaguely
from intents.seeking import take_aside, tell_person
from intents.state import LastTurn
from intents.supplying import INTENT as SUPPLEMENT
from intents.supplying import take_supplement
from intents.taking import Step, give_up, remember, start, start_over
from intents.waiting import take_answer
from intents.wordless import is_wordless, take_wordless

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from intents.actions import Action, Outcome
    from intents.spec import Turn
    from intents.state import ConversationState

__all__ = ["Step", "settle", "step", "timeout"]

_OPENED = frozenset({"ticket", "joined", "to_desk", "emergency"})
_OPENING = (OpenTicket, OpenMatters, CallBack, RaiseEmergency)
_NUMBER = 4
"""Characters of a bare number (第二件。)."""
_LOOSE = frozenset({"help"})
"""Intents of which nothing comes: the words may be the beginning of a sentence."""


def step(state: ConversationState, turn: Turn) -> Step:
    """Decide on one turn. Never asks in a group; an open question whose time is over is settled first."""
    state = msgspec.structs.replace(state, scope=turn.scope)
    before: list[Action] = []
    if state.is_over(turn.now):
        before, state = give_up(state), state.settled()
    if turn.scanned is not None:
        until = turn.now + timedelta(minutes=turn.settings.place_minutes)
        state = msgspec.structs.replace(state, place=turn.scanned, place_until=until)
    turn = replace(turn, state=state)
    taken = _take(state, turn)
    actions = (*before, *taken.actions)
    if turn.scope == "group" and taken.actions != (Stay(),):
        code = taken.classification.code if taken.classification else ""
        actions, kept = group.limit(actions, turn, intent=code), taken.state.settled()
        return replace(taken, state=kept, actions=actions)
    return replace(taken, state=_note_turn(taken, turn), actions=actions)


def settle(state: ConversationState, outcomes: Sequence[Outcome]) -> tuple[ConversationState, list[Tell]]:
    """Close the turn: remember what was answered and opened, and say what came of it, danger first; a group hears only what is public."""
    for outcome in outcomes:
        if outcome.name == "answered":
            state = msgspec.structs.replace(state, last_answer=outcome.entry)
        if len(outcome.tickets) > 1:
            state = msgspec.structs.replace(state, listed=outcome.tickets)
    opened = tuple(
        ticket for outcome in outcomes if outcome.name in _OPENED for ticket in (outcome.tickets or (outcome.ticket,)) if ticket
    )
    if opened and state.last is not None:
        state = msgspec.structs.replace(state, last=msgspec.structs.replace(state.last, tickets=opened, text=""))
    says = put_first(tell for outcome in sorted(outcomes, key=lambda one: one.name != "emergency") for tell in outcome.says)
    return state, group.keep_public(says) if state.scope == "group" else says


def timeout(state: ConversationState, now: datetime) -> Step:
    """Settle an open question whose time is over: its draft becomes a ticket at the desk. Nothing happens before that time."""
    if not state.is_over(now):
        return Step(state=state)
    return Step(state=state.settled(), actions=tuple(give_up(state)), why=(f"unanswered={state.slot}",) if state.draft else ())


def _take(state: ConversationState, turn: Turn) -> Step:
    """Find what a turn is: danger, a message without words, a correction, an answer, a pick, a piece of the last one, or a new matter."""
    if (entering := take_entering(state, turn)) is not None:
        return entering
    if (aside := take_aside(state, turn)) is not None:
        return aside
    if turn.reading.tier == "red":
        return tell_person(start_over(state, turn), turn)
    if not turn.addressed and turn.role == "resident":
        return Step(state=state, actions=(Stay(),), why=("not_addressed",))
    if is_wordless(turn):
        after, actions = take_wordless(state, turn)
        picks = any(isinstance(action, AskSlot) and action.among for action in actions)
        after = remember(after, actions, turn, intent=SUPPLEMENT if picks else "")
        return Step(state=after, actions=tuple(actions), why=(f"kind={turn.kind}",))
    takers = (
        take_correction,
        take_answer,
        _take_part,
        _take_confirmation,
        _take_pick,
        _take_allowance,
        _take_more,
        _take_listed,
        take_supplement,
        _take_vague,
        take_piece,
        _take_again,
    )
    taken = next((found for take in takers if (found := take(state, turn)) is not None), None)
    return taken or start(state.settled(), _place_turn(state, turn))


def _place_turn(state: ConversationState, turn: Turn) -> Turn:
    """Give a new matter the place that its own words correct (12号, 不对, 21号), else the one it shares with the message before."""
    return replace(turn, point=turn.corrected) if turn.corrected is not None else lend_place(state, turn)


def _take_listed(state: ConversationState, turn: Turn) -> Step | None:
    """Show the one matter of the last list whose number is written, if nothing else was asked; None otherwise."""
    number = open_question.read_number(turn.text)
    if not 0 < number <= len(state.listed) or turn.expects() or len(turn.text) > _NUMBER:
        return None
    return Step(state=state.settled(), actions=(ShowProgress(state.listed[number - 1]),), why=(f"listed={number}",))


def _take_vague(state: ConversationState, turn: Turn) -> Step | None:
    """Take a turn that only points at a matter (那个, 上次那件事), None if it does not."""
    return _refer(state, refer_vaguely(turn), turn, VAGUE)


def _take_again(state: ConversationState, turn: Turn) -> Step | None:
    """Take a turn that says that a finished matter came back (又坏了), None if it does not."""
    return _refer(state, refer_again(turn), turn, AGAIN)


def _refer(state: ConversationState, actions: Sequence[Action], turn: Turn, flow: str) -> Step | None:
    if not actions:
        return None
    after = remember(state.settled(), actions, turn, intent=flow)
    return Step(state=after, actions=tuple(actions), why=(f"refers={flow}",))


def _take_pick(state: ConversationState, turn: Turn) -> Step | None:
    """Take a turn as the answer to a choice, None if it is none; a number belongs to a rating that was asked for later."""
    if not state.choices or (open_question.read_number(turn.text) and turn.rating_came_last()):
        return None
    if entry := open_question.pick_choice(turn.text, state.choices):
        after = msgspec.structs.replace(state.settled(), asked_at=turn.now)
        return Step(state=after, actions=(Answer(entry, picked_for=state.last_question),), why=(f"picked={entry}",))
    if not open_question.is_none_of_them(turn.text):
        if not open_question.counts_beyond(turn.text, state.choices):
            return None
        again = OfferChoice(tuple(choice.entry for choice in state.choices))
        return Step(state=state, actions=(again,), why=("picked=beyond",))
    draft = Draft(text=state.last_question, kind="consult", reason="no_answer")
    return Step(state=state.settled(), actions=(RecordMiss(state.last_question), OpenTicket(draft)), why=("picked=none",))


def _take_confirmation(state: ConversationState, turn: Turn) -> Step | None:
    """Take a turn as the yes or no to what we asked to be sure of, None if it is neither."""
    if not state.confirming:
        return None
    if open_question.is_yes(turn.text):
        return Step(state=state.settled(), actions=(EraseMe(confirmed=True),), why=("confirmed=yes",))
    if open_question.is_no(turn.text):
        return Step(state=state.settled(), actions=(Tell("erase_kept"),), why=("confirmed=no",))
    return None


def _take_part(state: ConversationState, turn: Turn) -> Step | None:
    """Take a turn as what is still open of a result that is partly solved, if that was asked last; None if it is not."""
    rating = read_part(turn)
    return None if rating is None else Step(state=state.settled(), actions=(rating,), why=("answered=part",))


def _take_allowance(state: ConversationState, turn: Turn) -> Step | None:
    """Take a turn as what the resident lets somebody see who reported in their name, if that was asked last; None if it is not."""
    if not turn.expects_allowance():
        return None
    allowed = read_allowance(turn.text)
    if allowed is None:
        return None
    asked = turn.facts.proxies[0]
    return Step(state=state.settled(), actions=(AllowProxy(asked.ticket, allowed),), why=(f"allowed={allowed}",))


def _take_more(state: ConversationState, turn: Turn) -> Step | None:
    """Give the whole of the last answer to who asks for more of it; None if nothing was answered or nothing more is asked for."""
    if turn.scope == "group" or not state.last_answer or not open_question.wants_more(turn.text):
        return None
    return Step(state=state, actions=(Answer(state.last_answer, full=True),), why=("more",))


def _note_turn(taken: Step, turn: Turn) -> ConversationState:
    """Keep what this message was, for a piece that may follow: its words where nothing came of them, the tickets it was put to."""
    found = taken.classification
    is_loose = turn.kind == "text" and found is not None and found.code in _LOOSE
    tickets = tuple(action.ticket for action in taken.actions if isinstance(action, AddToTicket | CorrectTicket))
    opens = any(isinstance(action, _OPENING) for action in taken.actions)
    answers = any(isinstance(action, OfferChoice | Answer) for action in taken.actions)
    if not (is_loose or tickets or opens or answers):
        return taken.state
    last = LastTurn(at=turn.now, text=turn.utterance.raw.strip() if is_loose else "", tickets=tickets)
    return msgspec.structs.replace(taken.state, last=last)
