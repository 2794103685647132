"""Pieces: people send one story in several messages. In private nothing waits; a piece that follows within a minute goes to what came before.

Before a ticket there are words of which nothing came yet (我们小区 … 电梯坏了): they are read together. After one, whatever has no matter of its own,
or goes on with the sentence, is added to it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from intents.actions import AddToTicket, PlaceRef
from intents.classify import classify
from intents.lexicon import lexicon
from intents.matters import share_topic
from intents.open_question import goes_on, is_nod, is_none_of_them, is_one_more, pick_choice, read_number, wants_more
from intents.taking import Step

if TYPE_CHECKING:
    from intents.spec import TicketFacts, Turn
    from intents.state import ConversationState

_PIECES = frozenset(
    {"report_problem", "complaint", "report_violation", "add_to_ticket", "help", "upset", "on_behalf", "suggestion"}
)
"""Intents that a piece of a story may look like; everything else (a question, thanks, 进度) is meant as it stands."""
_COMPLETING = _PIECES | {"ask_policy", "service_lookup"}
"""What may complete words of which nothing came."""
_LIKELY = 0.5
"""How sure another duty item must be, more likely than not."""
_ALIKE = 0.5
"""Texts that share this much of a duty item's evidence may tell of one matter."""
_LEAD = 6
"""Characters in which a sentence says that it goes on from the last one."""
_BIT = 16
"""Characters of a piece that only completes what was said: 就在安泰路12号门口 has 10."""


def is_fresh(state: ConversationState, turn: Turn) -> bool:
    """Tell whether the last message came within the span in which people go on with a sentence."""
    last = state.last
    return (
        turn.scope == "person"
        and turn.kind == "text"
        and last is not None
        and turn.now <= last.at + timedelta(seconds=turn.settings.piece_seconds)
    )


def join_loose(state: ConversationState, turn: Turn) -> str:
    """Give the words of the last message and this one together, where nothing came of the last one and this one may complete it; else ""."""
    if address := _join_address(state, turn):
        return address
    if not is_fresh(state, turn) or state.draft is not None or len(turn.text) > _BIT or turn.reading.tier == "red":
        return ""
    if state.last is None or state.last.tickets:
        return ""
    before = state.last.text
    if not before and turn.is_missing("matter"):
        before = state.last_question
    found = classify(turn)
    is_reply = (
        wants_more(turn.text)
        or goes_on(turn.text)
        or is_nod(turn.text)
        or is_none_of_them(turn.text)
        or bool(read_number(turn.text))
        or bool(pick_choice(turn.text, state.choices))
    )
    return f"{before}\n{turn.utterance.raw.strip()}" if before and not is_reply and found.code in _COMPLETING else ""


def _join_address(state: ConversationState, turn: Turn) -> str:
    """Give a place that waits for its matter together with the door that follows it (安泰路, then 12号); "" if neither is so."""
    place = state.draft.place if state.draft is not None and state.slot == "matter" else None
    is_door = lexicon("amending.door").blank(turn.text).strip("·") == ""
    return f"{place.text}{turn.text}" if place is not None and turn.text and is_door else ""


def find_goes_on(state: ConversationState, turn: Turn) -> TicketFacts | None:
    """Find the open ticket that the last message led to, if this one follows it so soon that it may go on with it."""
    last = state.last
    if last is None or len(last.tickets) != 1 or not is_fresh(state, turn):
        return None
    return next((ticket for ticket in turn.facts.tickets if ticket.ticket == last.tickets[0] and ticket.is_open), None)


def lend_place(state: ConversationState, turn: Turn) -> Turn:
    """Give a turn that goes on from the last message with another matter (旁边还有个井盖) that message's place, if it names none itself."""
    ticket = find_goes_on(state, turn)
    begins = any(lexicon(f"matters.{table}").first(turn.text[:_LEAD]) for table in ("elsewhere", "besides", "one_more"))
    if ticket is None or not ticket.public_place or not begins:
        return turn
    place = PlaceRef(text=ticket.public_place, public=ticket.public_place, areas=(ticket.area,) if ticket.area else ())
    return replace(turn, facts=replace(turn.facts, known_place=place))


def take_piece(state: ConversationState, turn: Turn) -> Step | None:
    """Add a piece to the ticket of the last message; None if it tells of something else, or of nothing that was just opened."""
    ticket = find_goes_on(state, turn)
    if ticket is None or goes_on(turn.text) or is_nod(turn.text) or read_number(turn.text):
        return None
    found = classify(replace(turn, state=state.settled()))
    if found.code not in _PIECES or _is_other(turn, ticket) or _asks_elsewhere(turn, ticket):
        return None
    action = AddToTicket(ticket.ticket, turn.utterance.raw.strip(), turn.written_place(), turn.media)
    return Step(state=state.settled(), actions=(action,), classification=found, why=(*found.why, "piece"))


def _asks_elsewhere(turn: Turn, ticket: TicketFacts) -> bool:
    """Tell whether a message makes a request of its own (举报, 投诉) about a place of its own: whoever it accuses must not get into another's ticket."""
    if not any(lexicon(f"kind.{kind}").first(turn.text) for kind in ("report", "complaint")):
        return False
    return any(place.name and place.name not in ticket.public_place for place in turn.places)


def _is_other(turn: Turn, ticket: TicketFacts) -> bool:
    """Tell whether a piece tells of trouble that is another one than the last message's."""
    if is_one_more(turn.text, (ticket.title,)):
        return True
    if not lexicon("matters.besides").first(turn.text) and lexicon("matters.goes_on").first(turn.text):
        return False
    topics = turn.topics
    return bool(topics) and topics[0].confidence >= _LIKELY and share_topic(topics, turn.last_topics) < _ALIKE
