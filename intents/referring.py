"""那个, 上次那件事, 又坏了: which of the resident's own matters is meant? Read off their tickets, else asked, never guessed.

What was finished and broke again is a new matter that follows the old one: with its place and what it was about, so that nobody has to tell it
again, and with the old number, so that whoever gets it sees that it comes back.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from intents.actions import AddToTicket, AskSlot, Draft, PlaceRef, ShowProgress, Urge
from intents.lexicon import lexicon
from intents.opening import open_matter

if TYPE_CHECKING:
    from intents.actions import Action
    from intents.spec import TicketFacts, Turn

AGAIN, VAGUE = "again", "vague"
FLOWS = frozenset({AGAIN, VAGUE})
"""What was meant when we asked which ticket: it came back, or something about it."""
_SHORT = 30


def refer_vaguely(turn: Turn) -> list[Action]:
    """Show the matter that 那个 points at, ask which one where there are several; [] if nothing is pointed at, or there is nothing."""
    shown = turn.list_tickets(finished=True)
    if not shown or not _is_short(turn) or not lexicon("referring.vague").first(turn.text):
        return []
    if len(shown) == 1:
        return [ShowProgress(shown[0].ticket)]
    return [AskSlot("ticket", turn.draft(), finished=True)]


def refer_again(turn: Turn) -> list[Action]:
    """Open what came back, following the finished matter it was; ask which one where several may be meant; [] if nothing came back.

    What is still open and still as it was is urged; else it is left to adding.
    """
    if not _is_short(turn) or not lexicon("referring.again").first(turn.text):
        return []
    fitting = [ticket for ticket in turn.facts.tickets if _fits(ticket, turn)]
    done = [ticket for ticket in fitting if ticket.is_done and _is_recent(ticket, turn)]
    if not done:
        return _urge_open(fitting, turn)
    if len(done) > 1 or any(ticket.is_open and not ticket.is_done for ticket in fitting):
        return [AskSlot("ticket", turn.draft(), finished=True)]
    return [] if _rates(done[0], turn) else open_matter(follow(turn.draft(), done[0]))


def _urge_open(fitting: list[TicketFacts], turn: Turn) -> list[Action]:
    """Remind whoever has the one open matter that is still as it was; [] if that is not what is said, or there are several."""
    is_still = bool(lexicon("referring.still").first(turn.text))
    return [Urge(fitting[0].ticket, turn.text)] if is_still and len(fitting) == 1 else []


def _is_short(turn: Turn) -> bool:
    """Tell whether it may only refer, in private: who writes more tells the matter itself."""
    return turn.scope == "person" and len(turn.text) <= _SHORT


def act_on(turn: Turn, ticket: str, draft: Draft, *, flow: str) -> list[Action]:
    """Do what was meant with the ticket that was picked."""
    found = next((one for one in turn.facts.tickets if one.ticket == ticket), None)
    if found is None or flow == VAGUE:
        return [ShowProgress(ticket)]
    if not found.is_done:
        return [Urge(ticket, draft.text) if lexicon("referring.still").first(draft.text) else AddToTicket(ticket, draft.text)]
    return open_matter(follow(draft, found))


def follow(draft: Draft, ticket: TicketFacts) -> Draft:
    """Give a draft what it takes from the ticket it follows: its number, what that was about, and its place where none is said."""
    place = PlaceRef(text=ticket.public_place, public=ticket.public_place, areas=(ticket.area,) if ticket.area else ())
    return msgspec.structs.replace(
        draft, follows=ticket.ticket, topic=ticket.title, place=draft.place or (place if ticket.public_place else None), reason=""
    )


def _fits(ticket: TicketFacts, turn: Turn) -> bool:
    """Tell whether a ticket may be meant: nothing that is said (a thing, a place) speaks against it."""
    words = lexicon("matter").find(turn.text)
    if words and not any(word in ticket.title for word in words):
        return False
    places = [place for place in turn.places if place.public]
    return not places or any(place.public in ticket.public_place or ticket.public_place in place.public for place in places)


def _is_recent(ticket: TicketFacts, turn: Turn) -> bool:
    """Tell whether it was finished recently enough to have come back."""
    since = turn.now - timedelta(days=turn.settings.returns_days)
    finished = ticket.closed_at or ticket.rating_asked_at or ticket.opened_at
    return finished is None or finished >= since


def _rates(ticket: TicketFacts, turn: Turn) -> bool:
    """Tell whether it rather judges the result we asked about (还是没修好): it never worked in between, so it is redone."""
    return ticket.awaiting_rating and bool(lexicon("referring.still").first(turn.text))
