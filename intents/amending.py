"""改口: the resident says that something said before was wrong, and what is right. It amends what waits or what was opened; nothing new begins.

The right words replace the wrong ones in the place they belong to; a door (5号楼) replaces the door in it, a whole address all of it. What is
no place is added to the matter, and whoever has it looks again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from intents.actions import AskSlot, CorrectTicket, Tell
from intents.lexicon import lexicon
from intents.open_question import join_answer, pick_ticket
from intents.retelling import read_correction, retell, retell_midway
from intents.taking import Step, ask, finish, open_all
from knowledge_base.text import skim

if TYPE_CHECKING:
    from intents.actions import Draft
    from intents.retelling import Correction
    from intents.spec import TicketFacts, Turn
    from intents.state import ConversationState


def rewrite(place: str, correction: Correction) -> str:
    """Give a place as it is after a correction: the wrong words replaced, else the same kind of door, else a door put behind the name."""
    wrong, right = correction.wrong, correction.right
    if wrong and wrong in place:
        return place.replace(wrong, right)
    door = lexicon("amending.door")
    if door.first(right) != right:
        return right
    kind = lexicon("amending.kind").first(right)
    same = [old for old in door.find(place) if lexicon("amending.kind").first(old) == kind or (_is_house(old) and _is_house(right))]
    return place.replace(same[0], right) if same else place + right


def mean(state: ConversationState, turn: Turn) -> Turn:
    """Give the turn that a correction stands in: where only the ticket is picked by now, the words that were written before."""
    if state.intent != "correct" or state.draft is None:
        return turn
    ticket = pick_ticket(turn.text, state.tickets, turn.facts.tickets)
    return replace(turn, utterance=skim(state.draft.text), chosen=ticket, places=()) if ticket else turn


def name_place(state: ConversationState, turn: Turn, correction: Correction) -> str:
    """Name the place a correction leads to, for the gazetteer; "" if it is not about a place."""
    if retell_midway(turn.text):
        return ""
    base = next((draft.place.text for draft in state.drafts if draft.place is not None), "")
    tickets = find_tickets(turn, correction)
    if not state.drafts or state.slot == "ticket":
        said = next((place.text for place in turn.places if place.text not in correction.right), "")
        base = tickets[0].public_place if tickets else said
    says_place = lexicon("place").first(correction.right) or lexicon("amending.door").first(correction.right) or turn.places
    return rewrite(base, correction) if says_place or (correction.wrong and correction.wrong in base) else ""


def take_correction(state: ConversationState, turn: Turn) -> Step | None:
    """Amend what waits, else the ticket that is meant; None if nothing is corrected, or nothing is there to correct.

    What waits only for a pick of its ticket goes on waiting, whatever is corrected meanwhile.
    """
    correction = read_correction(turn.text) if turn.scope == "person" else None
    if correction is None:
        return None
    if state.draft is not None and state.slot != "ticket":
        return _amend_drafts(state, turn, correction)
    tickets = find_tickets(turn, correction)
    if state.draft is not None:  # it was said last: only a ticket that is named is meant instead
        tickets = tuple(ticket for ticket in tickets if _is_named(ticket, turn, correction, besides=state.draft))
    words = turn.utterance.raw.strip()
    if tickets:
        actions = tuple(CorrectTicket(ticket.ticket, words, correction.right, turn.corrected) for ticket in tickets)
        waits = state.draft is not None and state.intent != "correct"
        return Step(state=state if waits else state.settled(), actions=actions, why=(f"corrected={correction.right}",))
    if state.draft is not None:
        after = state.waiting_for(tuple(_amend(draft, turn, correction) for draft in state.drafts))
        return Step(state=after, actions=(Tell("draft_corrected_ticket"),), why=("corrected=draft",))
    if not turn.open_tickets:
        return None
    asking = AskSlot("ticket", turn.draft())
    return Step(state=ask(state, asking, turn, intent="correct"), actions=(asking,), why=("corrected=which",))


def _is_named(ticket: TicketFacts, turn: Turn, correction: Correction, *, besides: Draft) -> bool:
    """Tell whether a correction names a ticket: by its number, or by wrong words that stand in it and not in what waits."""
    said = f"{ticket.public_place}{ticket.title}"
    return ticket.ticket in turn.text or bool(
        correction.wrong and correction.wrong in said and correction.wrong not in besides.text
    )


def find_tickets(turn: Turn, correction: Correction) -> tuple[TicketFacts, ...]:
    """Find the tickets a correction is about: the one named or picked, those just opened that say the wrong words, the one opened minutes ago."""
    tickets = {ticket.ticket: ticket for ticket in turn.open_tickets}
    if turn.chosen or len(tickets) == 1:
        return tuple(ticket for number, ticket in tickets.items() if number == turn.named_ticket())
    last = turn.state.last
    fresh = [tickets[number] for number in last.tickets if number in tickets] if last is not None else []
    said = [
        ticket
        for ticket in fresh
        if correction.wrong and (correction.wrong in ticket.public_place or correction.wrong in ticket.title)
    ]
    recent = turn.recent_ticket()
    chosen = said or ([] if len(fresh) > 1 else fresh) or ([recent] if recent and len(fresh) <= 1 else [])
    named = tickets.get(turn.named_ticket())
    return (named,) if named is not None else tuple(chosen)


def _amend_drafts(state: ConversationState, turn: Turn, correction: Correction) -> Step:
    """Put the correction into what waits; if it says the place that was asked for, that is the answer."""
    drafts = [_amend(draft, turn, correction) for draft in state.drafts]
    if state.slot == "place" and turn.corrected is not None:
        return finish(state, open_all(drafts, state.numbers), "corrected=place")
    return Step(state=state.waiting_for(tuple(drafts)), actions=(Tell("draft_corrected"),), why=("corrected=draft",))


def _amend(draft: Draft, turn: Turn, correction: Correction) -> Draft:
    """Keep the words as they were written, with the correction behind them; what it is about is told as it is now."""
    joined = join_answer(draft, turn, place=turn.corrected, reason=draft.reason)
    return msgspec.structs.replace(joined, topic=retell(draft.topic or draft.text, correction) or draft.topic)


def _is_house(door: str) -> bool:
    """Tell whether a door is a house of a road or a building of an estate: either may be what the other was meant to be."""
    return bool(lexicon("amending.house").first(door))
