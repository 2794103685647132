"""待补充: a unit asked the resident for what it cannot go on without; whatever may be the answer goes to that matter, in words, a picture or a place.

Only what plainly is something else stands for itself: a question the knowledge base knows, a command, thanks, trouble of another kind or elsewhere.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from intents.actions import AddToTicket, AskSlot
from intents.classify import classify
from intents.lexicon import lexicon
from intents.matters import share_topic
from intents.open_question import is_nod, is_other_matter
from intents.ratings import is_bare_number
from intents.taking import Step, ask
from knowledge_base.match import Answered

if TYPE_CHECKING:
    from intents.spec import Classification, TicketFacts, Turn
    from intents.state import ConversationState

INTENT = "add_to_ticket"
CLEAR = 2.4
"""From this sum on words are taken for what they look like: as of an answer to a question of our own."""
_STORIES = frozenset(
    {"report_problem", "complaint", "report_violation", "help", "upset", "on_behalf", "suggestion", "correct", INTENT}
)
"""What an answer may look like; everything else that is clear is meant as it stands."""
_COMMANDS = frozenset({"withdraw", "urge", "ask_person"})
"""What is done with a matter: said in many ways, and never an answer."""
_COURTESIES = frozenset({"thanks", "praise", "small_talk"})
"""What goes along with an answer as well (多谢师傅，编号1203)."""
_ANSWERS = frozenset({"rate", "feedback"})
"""What a bare number answers that was asked for by us."""
_WEAK = ("learned=", "question=", "where=", "plain_question=", "asks_after=")
"""Cues that also speak in who asks back what is meant (哪个编号), or tells a time: by themselves they make nothing else of it."""
_LIKELY = 0.5
"""How sure another duty item must be, more likely than not."""
_ALIKE = 0.5
"""Texts that share this much of a duty item's evidence may tell of one matter."""
_NUMBER = 4
"""Characters of a bare number (第二个。)."""


def take_supplement(state: ConversationState, turn: Turn) -> Step | None:
    """Add a turn to the ticket that waits for more, ask which one where several do; None if none does, or it is something else."""
    asked = turn.list_asked()
    if not asked or turn.scope == "group" or is_nod(turn.text) or _answers_later(turn, asked[0]):
        return None
    found = classify(replace(turn, state=state.settled()))
    meant = _find_meant(turn, asked)
    if _is_elsewhere(turn, found) or _is_other(turn, (meant,) if meant else asked):
        return None
    why = (*found.why, "supplement")
    if meant is None:
        asking = AskSlot("ticket", turn.draft(), among=tuple(ticket.ticket for ticket in asked))
        return Step(state=ask(state, asking, turn, intent=INTENT), actions=(asking,), classification=found, why=why)
    action = AddToTicket(meant.ticket, turn.utterance.raw.strip(), turn.written_place(), turn.media)
    return Step(state=state.settled(), actions=(action,), classification=found, why=why)


def _find_meant(turn: Turn, asked: tuple[TicketFacts, ...]) -> TicketFacts | None:
    """Find the one ticket an answer is for: the only one, else the one it names by its number, a thing or a place; None if that is open."""
    if len(asked) == 1:
        return asked[0]
    things = lexicon("matter").find(turn.text)
    places = [place.public for place in turn.places if place.public]
    by_number = [ticket for ticket in asked if ticket.ticket in turn.text]
    by_thing = [ticket for ticket in asked if any(thing in ticket.title for thing in things)]
    by_place = [ticket for ticket in asked if ticket.public_place and any(_is_near(place, ticket) for place in places)]
    return next((found[0] for found in (by_number, by_thing, by_place) if len(found) == 1), None)


def _is_near(place: str, ticket: TicketFacts) -> bool:
    return place in ticket.public_place or ticket.public_place in place


def _answers_later(turn: Turn, asked: TicketFacts) -> bool:
    """Tell whether something was asked after the unit was, to which so short a text is the answer: an entry's use, a rating."""
    if len(turn.text) > _NUMBER or not turn.expects():
        return False
    rated = [ticket.rating_asked_at for ticket in turn.facts.tickets if ticket.ticket in turn.facts.awaiting_rating]
    later = [*rated, turn.state.asked_at]
    return any(at is not None and asked.more_asked_at is not None and at > asked.more_asked_at for at in later)


def _is_elsewhere(turn: Turn, found: Classification) -> bool:
    """Tell whether words clearly are no answer: a command, a question of something known or of policy, mere thanks."""
    if found.score < CLEAR or found.code in _STORIES or (found.code in _ANSWERS and is_bare_number(turn.text)):
        return False
    if found.code in _COMMANDS:
        return True
    if found.code in _COURTESIES:
        return not (turn.places or lexicon("matter").first(turn.text) or any(sign.isdigit() for sign in turn.text))
    is_known = turn.asks and isinstance(turn.decision, Answered)
    return is_known or any(not cue.startswith(_WEAK) for cue in found.why)


def _is_other(turn: Turn, asked: tuple[TicketFacts, ...]) -> bool:
    """Tell whether a text tells of trouble that is not what was asked about: it says so, or by its kind, its place or its duty item."""
    if any(lexicon(f"matters.{table}").first(turn.text) for table in ("another", "enumeration")):
        return True
    rest = lexicon("place").blank(turn.text)
    if not (lexicon("damage").first(rest) or lexicon("nuisance").first(rest) or turn.reading.tier != "none"):
        return False
    if all(is_other_matter(turn.text, ticket.title) for ticket in asked):
        return True
    places = [place for place in turn.places if place.public]
    if places and not any(_is_near(place.public, ticket) for place in places for ticket in asked):
        return True
    topics = turn.topics
    return bool(topics) and topics[0].confidence >= _LIKELY and share_topic(topics, turn.last_topics) < _ALIKE
