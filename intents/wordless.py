"""Messages without words: a voice, a picture, a location, an event of the platform. None of them is ever 暂不支持."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from intents.actions import AddToTicket, AskSlot, OpenTicket, Stay, Tell

if TYPE_CHECKING:
    from intents.actions import Action
    from intents.spec import Turn
    from intents.state import ConversationState

_ARRIVALS = frozenset({"subscribe", "subscribe_scan", "scan"})


def is_wordless(turn: Turn) -> bool:
    """Tell whether there is nothing to read: a location's label is its place, not words. An empty text is still a text (a bare @)."""
    return turn.kind in {"event", "location"} or (turn.kind != "text" and not turn.text)


def take_wordless(state: ConversationState, turn: Turn) -> tuple[ConversationState, list[Action]]:
    """Say what becomes of it, in order: it joins the draft that waits, then a ticket opened minutes ago, else stands for itself."""
    match turn.kind:
        case "event":
            return state, [_greet(turn)]
        case "voice":
            return _take_voice(state, turn)
        case "image" | "video":
            return _take_picture(state, turn)
        case "location":
            return _take_location(state, turn)
        case _:
            return state, [Tell("help")]


def _greet(turn: Turn) -> Action:
    """Welcome whoever comes, and name the place of the code that was scanned, if it is one of ours."""
    if turn.event.lower() not in _ARRIVALS:
        return Stay()
    place = turn.scanned
    if place is None:
        return Tell("welcome")
    is_card = place.scanned == "worker"
    return Tell("card_welcome" if is_card else "scan_welcome", {"place": place.text})


def _take_voice(state: ConversationState, turn: Turn) -> tuple[ConversationState, list[Action]]:
    """Give a voice to the desk to be heard, together with the draft that waited, if any; to whom waits for an answer, with that."""
    if state.draft is None and (belonging := _find_belonging(state, turn)):
        return belonging
    if state.draft is None:
        return state.settled(), [OpenTicket(turn.draft(reason="voice_only"))]
    draft = msgspec.structs.replace(state.draft, media=state.draft.media + turn.media, reason="voice_only")
    return state.settled(), [OpenTicket(draft)]


def _take_picture(state: ConversationState, turn: Turn) -> tuple[ConversationState, list[Action]]:
    """Put a picture to what it belongs to; alone, ask once what it shows."""
    if state.draft is not None:
        draft = msgspec.structs.replace(state.draft, media=state.draft.media + turn.media)
        return msgspec.structs.replace(state, draft=draft), [Tell("photo_kept")]
    if belonging := _find_belonging(state, turn):
        return belonging
    if recent := turn.recent_ticket():
        return state, [AddToTicket(recent.ticket, "", None, turn.media)]
    return state, [AskSlot("matter", turn.draft())]


def _take_location(state: ConversationState, turn: Turn) -> tuple[ConversationState, list[Action]]:
    """Fill the place that was asked for; else keep it for what is reported next."""
    place = turn.point
    if place is None:
        return state, [Tell("help")]
    if state.draft is not None and state.slot == "place":
        return state.settled(), [OpenTicket(msgspec.structs.replace(state.draft, place=place))]
    if state.draft is None and (belonging := _find_belonging(state, turn)):
        return belonging
    if state.draft is None and (recent := turn.recent_ticket()):
        return state, [AddToTicket(recent.ticket, "", place)]
    until = turn.now + timedelta(minutes=turn.settings.place_minutes)
    draft = msgspec.structs.replace(state.draft, place=place) if state.draft else None
    return msgspec.structs.replace(state, draft=draft, place=place, place_until=until), [Tell("place_kept")]


def _find_belonging(state: ConversationState, turn: Turn) -> tuple[ConversationState, list[Action]] | None:
    """Put a message to the ticket of which a unit asked for more, unless another was opened since; of several ask which. None if none waits."""
    asked, recent = turn.list_asked(), turn.recent_ticket()
    if not asked or (recent is not None and (recent.opened_at or turn.now) > (asked[0].more_asked_at or turn.now)):
        return None
    if len(asked) == 1:
        return state, [AddToTicket(asked[0].ticket, "", turn.point, turn.media)]
    return state, [AskSlot("ticket", turn.draft(), among=tuple(ticket.ticket for ticket in asked))]
