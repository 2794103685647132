"""Putting words to a ticket of the resident's own: shared by what is added and what is corrected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intents.actions import AddToTicket, AskSlot, OpenTicket

if TYPE_CHECKING:
    from intents.actions import Action
    from intents.spec import Turn


def add_to_meant(turn: Turn) -> list[Action]:
    """Attach the message to the ticket that is meant, ask which one if that is open; without an open ticket it is a matter of its own."""
    recent = turn.recent_ticket()
    asked = turn.list_asked()
    if ticket := turn.named_ticket() or (asked[0].ticket if len(asked) == 1 else "") or (recent.ticket if recent else ""):
        return [AddToTicket(ticket, turn.utterance.raw.strip(), turn.written_place(), turn.media)]
    if turn.open_tickets and not turn.has_asked("ticket"):
        return [AskSlot("ticket", turn.draft())]
    return [OpenTicket(turn.draft(reason="no_ticket" if turn.open_tickets else ""))]
