"""Taking a turn as the answer to the open question: which ticket, what it is about, where, or none of it.

Several matters of one message may wait for one answer: a place that is said holds for all of them, unless it is said of which.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from intents import forms, open_question, referring
from intents.actions import AddToTicket, AskSlot, CallBack, CorrectTicket, OpenMatters, OpenTicket, SeekPerson, Tell
from intents.behalf import note_phone
from intents.catalog import specs
from intents.classify import classify
from intents.retelling import read_correction
from intents.seeking import seek_person
from intents.slots import describe_place, find_place
from intents.taking import Step, ask, finish, open_all, remember, start, start_over
from knowledge_base.text import skim

if TYPE_CHECKING:
    from intents.actions import Action, Draft, PlaceRef
    from intents.spec import Classification, Turn
    from intents.state import ConversationState

CLEAR = 2.4
"""From this sum on a text that could be an answer is taken for a new matter: one strong cue, or two that agree."""
_OWN_DATA = frozenset({"my_data", "erase_me", "stop_notices", "preview"})
_ELSEWHERE = _OWN_DATA | {"ask_policy", "service_lookup", "progress", "urge", "rate", "feedback", "add_to_ticket"}
"""Intents that are no answer to a question of ours when they are clear."""
_TELLING = frozenset({"add_to_ticket", "correct", *referring.FLOWS})
"""Flows whose words tell something of a matter: it is kept even if it belongs to none of those that were listed."""


def take_answer(state: ConversationState, turn: Turn) -> Step | None:
    """Take a turn as the answer to the open question, None if there is none."""
    if state.draft is None:
        return None
    if waits := _name_waiting(state, turn):
        return Step(state=state, actions=(Tell(waits),), why=(waits,))
    if state.intent in forms.FORMS:
        return _take_form(state, state.draft, turn)
    if open_question.goes_on(turn.text):
        drafts = [msgspec.structs.replace(one, reason=f"no_{state.slot}") for one in state.drafts]
        return finish(state, open_all(drafts, state.numbers), "goes_on")
    takers = {"ticket": _take_ticket, "matter": _take_matter}
    return takers.get(state.slot, _take_place)(state, state.draft, turn)


def _name_waiting(state: ConversationState, turn: Turn) -> str:
    """Name what to say to who only nods or asks back, so that the question stays open; "" if it may be an answer."""
    if open_question.is_nod(turn.text):
        return "still_open"
    return "why_place" if state.slot == "place" and open_question.is_puzzled(turn.text) else ""


def _take_ticket(state: ConversationState, draft: Draft, turn: Turn) -> Step:
    """Do what was wanted with the ticket that was picked; none of them is something new; else the turn stands for itself."""
    ticket = open_question.pick_ticket(turn.text, state.tickets, turn.facts.tickets)
    if ticket:
        actions = _act_on(state, draft, ticket, turn)
        after = remember(state.settled(), actions, turn, intent=state.intent)
        return Step(state=after, actions=tuple(actions), why=(f"picked={ticket}",))
    if not open_question.is_none_of_them(turn.text):
        return start_over(state, turn)
    if state.intent not in _TELLING:
        return finish(state, [Tell("none_meant")], "picked=none")
    asking = AskSlot("matter", msgspec.structs.replace(draft, reason=""))
    after = msgspec.structs.replace(ask(state, asking, turn, intent="report_problem"), listed=())
    return Step(state=after, actions=(asking,), why=("picked=none",))


def _act_on(state: ConversationState, draft: Draft, ticket: str, turn: Turn) -> list[Action]:
    """Do what was wanted, with the words it was wanted in: the turn itself only says which ticket is meant."""
    if state.intent in referring.FLOWS:
        return referring.act_on(turn, ticket, draft, flow=state.intent)
    picked = replace(turn, chosen=ticket)
    if state.intent == "correct" and (correction := read_correction(skim(draft.text).text)):
        return [CorrectTicket(ticket, draft.text, correction.right, turn.corrected)]
    if state.intent in _TELLING:
        return [AddToTicket(ticket, draft.text, draft.place, draft.media)]
    return specs()[state.intent].respond(picked)


def _take_matter(state: ConversationState, draft: Draft, turn: Turn) -> Step:
    """Take what it is about, together with the picture or the place that came before; where it is may still be asked, once.

    Whatever opens nothing (a greeting, an answer from the knowledge base) leaves the question open.
    """
    found = classify(replace(turn, state=state.settled()))
    if aside := _take_aside(state, turn, found):
        return aside
    if turn.is_missing("matter") and (place := turn.written_place()) is not None:
        kept = open_question.join_answer(draft, turn, place=place, reason=draft.reason)
        return Step(state=state.waiting_for((kept,)), actions=(Tell("place_kept"),), classification=found, why=("answered=place",))
    asking = msgspec.structs.replace(state.settled(), slot="matter", asked=("matter", "place"))
    taken = start(asking, replace(turn, media=turn.media + draft.media, point=turn.point or draft.place))
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
        if isinstance(action, AskSlot):  # several matters, some without a place
            return taken
        if isinstance(action, OpenTicket | OpenMatters | CallBack | SeekPerson):
            return replace(taken, state=taken.state.settled() if taken.state.slot == "matter" else taken.state)
    return replace(taken, state=taken.state.reopening(state))


def _take_form(state: ConversationState, draft: Draft, turn: Turn) -> Step:
    """Take a turn as the answer to a form's question; ask the next one, or open what the form says."""
    if not forms.fits(state.slot, turn.text):
        found = classify(replace(turn, state=state.settled()))
        if aside := _take_aside(state, turn, found):
            return aside
    filled = forms.fill(draft, state.slot, turn)
    asking = forms.ask_next(filled, asked=state.asked)
    if asking is None:
        return finish(state, [OpenTicket(filled)], f"answered={state.slot}")
    waiting = msgspec.structs.replace(
        state,
        draft=filled,
        slot=asking.slot,
        asked=(*state.asked, asking.slot),
        asked_at=turn.now,
        open_until=turn.now + timedelta(minutes=turn.settings.question_minutes),
    )
    return Step(state=waiting, actions=(asking,), why=(f"answered={state.slot}",))


def _take_place(state: ConversationState, _draft: Draft, turn: Turn) -> Step:
    """Fill the place; recognise what is no answer."""
    found = classify(replace(turn, state=state.settled()))
    if aside := _take_aside(state, turn, found):
        return aside
    if all(open_question.is_other_matter(turn.text, draft.text) for draft in state.drafts):
        return start_over(state, turn)
    said = open_question.read_numbered(turn.utterance.raw)
    drafts: list[Draft] = []
    for at, draft in enumerate(state.drafts):
        number = state.numbers[at] if at < len(state.numbers) else 0
        part = skim(said.get(number, "") or (turn.utterance.raw if not said else ""))
        places = tuple(place for place in turn.places if place.text in part.text)
        answer = replace(turn, utterance=part, places=places, media=0 if at else turn.media)
        place = answer.point or find_place(places, home_areas=turn.facts.home_areas) or describe_place(part.text)
        drafts.append(_join(draft, answer, place, slot=state.slot, keeps_words=bool(said) or not at))
    return finish(state, open_all(drafts, state.numbers), f"answered={state.slot}", found)


def _join(draft: Draft, answer: Turn, place: PlaceRef | None, *, slot: str, keeps_words: bool) -> Draft:
    """Put an answer, or its part, into the draft it is for; words that are for all are kept with the first."""
    reason = "" if place else f"no_{slot}"
    if not keeps_words:
        return msgspec.structs.replace(draft, place=place or draft.place, reason=reason)
    return note_phone(open_question.join_answer(draft, answer, place=place, reason=reason), answer)


def _take_aside(state: ConversationState, turn: Turn, found: Classification) -> Step | None:
    """Take a turn that is clearly no answer: the matter taken back, a person wanted, another intent; None if it may be one."""
    if found.score < CLEAR:
        return None
    if found.code == "withdraw":
        return _drop(state, turn, found)
    if found.code == "ask_person":
        calls = seek_person(turn, open_question.join_answer(state.drafts[0], turn, reason="asked_person"))
        return finish(state, [calls, *open_all(state.more)], "asked_person", found)
    says_where = state.slot == "place" and turn.written_place() is not None
    if found.code not in _ELSEWHERE or (found.code == "add_to_ticket" and says_where):
        return None
    return start_over(state, turn)


def _drop(state: ConversationState, turn: Turn, found: Classification) -> Step:
    """Take back what waits: all of it, or the one whose number is said (第2件不要了); the others go on waiting."""
    number = open_question.find_number(turn.text)
    if number not in state.numbers or not state.more:
        return finish(state, [Tell("draft_dropped")], "withdrawn", found)
    at = state.numbers.index(number)
    kept = tuple(draft for position, draft in enumerate(state.drafts) if position != at)
    numbers = tuple(one for one in state.numbers if one != number)
    after = msgspec.structs.replace(state.waiting_for(kept), numbers=numbers)
    return Step(state=after, actions=(Tell("one_dropped", {"number": number}),), classification=found, why=("withdrawn=one",))
