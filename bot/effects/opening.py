"""Opening tickets: an ordinary matter, a call-back, a danger. Pictures and phones that came along are bound to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.effects.scene import ticket_words
from intents.actions import CallBack, OpenTicket, Outcome, PlaceRef, RaiseEmergency, Tell
from knowledge_base.text import normalize, skim
from residents import attachments, conversations
from routing import desk
from routing.facts import Origin
from routing.terms import Report

if TYPE_CHECKING:
    from bot.effects.scene import Scene
    from intents.actions import Draft, OutcomeName
    from routing.facts import Opened

_SAID = {"voice_only": "voice_received", "no_answer": "no_answer_to_desk"}
"""What to say of a matter that went to the desk for a reason the resident should hear."""


def _open(scene: Scene, action: OpenTicket) -> Outcome:
    opened = desk.open_ticket(scene.session, **_prepare(scene, action.draft))
    _attach(scene, opened)
    ticket = opened.ticket
    if opened.own:
        return scene.outcome("joined", ticket, "added")
    if opened.joined_to:
        return scene.outcome("joined", ticket, "ticket_joined", trial=True)
    if ticket.automatic:
        return scene.outcome("ticket", ticket, "ticket_opened", trial=True)
    return scene.outcome("to_desk", ticket, _SAID.get(action.draft.reason, "ticket_at_desk"), trial=True)


def _call_back(scene: Scene, action: CallBack) -> Outcome:
    opened = desk.call_back(scene.session, **_prepare(scene, action.draft))
    _attach(scene, opened)
    name: OutcomeName = "joined" if opened.joined_to else "to_desk"
    return scene.outcome(name, opened.ticket, "callback_opened", trial=True)


def _raise_emergency(scene: Scene, action: RaiseEmergency) -> Outcome:
    opened = desk.open_ticket(scene.session, **_prepare(scene, action.draft))
    _attach(scene, opened)
    words = ticket_words(opened.ticket)
    recorded = "emergency_recorded_at" if opened.ticket.public_place else "emergency_recorded"
    says = (Tell(f"emergency_{action.draft.hazard}", words), Tell(recorded, words))
    return Outcome(name="emergency", ticket=opened.ticket.number, says=says)


def _prepare(scene: Scene, draft: Draft) -> dict[str, Any]:
    """Put together what opening a ticket needs, and keep the phone under the resident's seal."""
    if draft.phone:
        conversations.keep_identity(scene.session, scene.speaker, kind="phone", value=draft.phone, now=scene.now)
    inbound = scene.inbound
    origin = Origin(
        inbox_id=scene.message.id if scene.message is not None else None,
        channel=scene.speaker.conversation.channel,
        origin_line=inbound.origin_line if inbound else "",
    )
    return {
        "report": make_report(draft, text=draft.text or _name_wordless(scene, draft)),
        "resident_id": scene.resident,
        "origin": origin,
        "context": scene.context,
        "now": scene.now,
        "utterance": skim(hide_place(draft)),
    }


def _name_wordless(scene: Scene, draft: Draft) -> str:
    """Name a matter that came without words, so that the desk sees what to do with it."""
    return scene.city.words.fixed("only_voice" if draft.reason == "voice_only" else "only_pictures")


def _attach(scene: Scene, opened: Opened) -> None:
    """Bind the pictures of this message to its ticket, and those that came since the question it answers."""
    conversation, number = scene.speaker.conversation, opened.ticket.number
    if scene.message is not None:
        attachments.attach(scene.session, inbox_id=scene.message.id, ticket=number)
    if conversation.asked_by is not None:
        attachments.attach_since(scene.session, conversation_id=conversation.id, since=conversation.asked_by, ticket=number)


def hide_place(draft: Draft) -> str:
    """Give a matter's words without the name of the estate, road or landmark: it says where, not what. A community may be what it is about."""
    place = draft.place
    name = place.name if place is not None and place.kind not in {"community", "street", "area"} else ""
    return normalize(draft.text).replace(name, " ") if name else draft.text


def make_report(draft: Draft, *, text: str) -> Report:
    """Turn what an intent understood into what routing decides on; `text` is what was written, or what stands for it."""
    place = draft.place or PlaceRef(text="")
    return Report(
        text=text,
        kind=draft.kind,
        place=place.text,
        public_place=place.public or place.name,
        areas=place.areas,
        property_unit=place.property_unit,
        tier=draft.tier,
        hazard=draft.hazard,
        confidential=draft.confidential,
        about=draft.about,
        reason=draft.reason,
    )


EFFECTS = {OpenTicket: _open, CallBack: _call_back, RaiseEmergency: _raise_emergency}
