"""Opening tickets: an ordinary matter, a danger. Pictures and phones that came along are bound to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from bot.effects.scene import ticket_words
from intents.actions import OpenMatters, OpenTicket, Outcome, PlaceRef, RaiseEmergency, Tell
from intents.home import find_home
from intents.lexicon import lexicon
from knowledge_base.places import hide
from knowledge_base.text import normalize, skim
from residents import conversations
from routing import desk, representing
from routing.facts import Origin
from routing.terms import SCAN, Report

if TYPE_CHECKING:
    from bot.effects.scene import Scene
    from intents.actions import Draft, OutcomeName
    from routing.facts import Opened, TicketFacts

_SAID = {
    "voice_only": "voice_received",
    "no_answer": "no_answer_to_desk",
    "appointment": "appointment_kept",
    "opinion": "opinion_kept",
    "legal_aid": "care_legal_aid",
    "mental_health": "care_mental_health",
    "domestic_violence": "care_domestic_violence",
    "child_protection": "care_child_protection",
    "medical": "care_medical",
}
"""What to say of a matter that went to the desk for a reason the resident should hear."""


def _open(scene: Scene, action: OpenTicket) -> Outcome:
    opened = desk.open_ticket(scene.session, **_prepare(scene, action.draft))
    scene.attach(opened.ticket.number)
    outcome = _give_link(scene, opened, _tell_opened(scene, action.draft, opened))
    if not action.draft.behalf or opened.joined_to:
        return outcome
    _file_for(scene, action.draft, outcome.ticket)
    return msgspec.structs.replace(outcome, says=(*outcome.says, Tell("proxy_noted", {"who": action.draft.behalf})))


def _give_link(scene: Scene, opened: Opened, outcome: Outcome) -> Outcome:
    """Give the link under which the matter can be looked at, once."""
    url = _find_link(scene, opened)
    return msgspec.structs.replace(outcome, says=(*outcome.says, Tell("ticket_link", {"url": url}))) if url else outcome


def _find_link(scene: Scene, opened: Opened) -> str:
    """Give the address of what was opened: in private, of what is not confidential, where the city has pages; else ""."""
    if not scene.is_private or opened.ticket.confidential or scene.staff:
        return ""
    return scene.city.name_page(opened.token)


def _file_for(scene: Scene, draft: Draft, number: str) -> None:
    """Write down for whom a ticket is and tell them first where we know them; the writer hears the same whether we do or not."""
    phone = draft.behalf_phone
    known = conversations.find_by_phone(scene.session, phone, apart_from=scene.resident) if phone else None
    representing.represent(
        scene.session, number, proxy_id=scene.resident, represented_id=known, now=scene.now, context=scene.context
    )


def _tell_opened(scene: Scene, draft: Draft, opened: Opened) -> Outcome:
    """Say what became of a matter: opened or joined, sent on or at the desk."""
    ticket = opened.ticket
    if opened.own:
        return scene.outcome("joined", ticket, "added")
    if opened.joined_to:
        return scene.outcome("joined", ticket, "ticket_joined", trial=True)
    if draft.follows:
        return scene.outcome("ticket" if ticket.automatic else "to_desk", ticket, "ticket_follows", trial=True)
    if ticket.automatic:
        return scene.promise(scene.outcome("ticket", ticket, "ticket_opened", trial=True), ticket)
    plain = "praise_kept" if draft.kind == "praise" and not (ticket.confidential or ticket.refused) else "ticket_at_desk"
    return scene.promise(scene.outcome("to_desk", ticket, _SAID.get(draft.reason, plain), trial=True), ticket)


def _open_matters(scene: Scene, action: OpenMatters) -> Outcome:
    """Open all of them and say so in one list, each with the number it has in the message. The pictures go to the first."""
    lines: list[str] = []
    numbers: list[str] = []
    names: set[OutcomeName] = set()
    linked: list[Tell] = []
    tickets: list[TicketFacts] = []
    for number, draft in zip(action.numbers, action.drafts, strict=True):
        prepared = _prepare(scene, draft)
        prepared["report"] = msgspec.structs.replace(prepared["report"], beside=tuple(numbers))
        opened = desk.open_ticket(scene.session, **prepared)
        if not numbers:
            scene.attach(opened.ticket.number)
        key = "matter_own" if opened.own else "matter_joined" if opened.joined_to else "matter_opened"
        lines.append(scene.line(key, ticket_words(opened.ticket) | {"number": number}))
        if url := _find_link(scene, opened):
            lines.append(scene.line("matter_link", {"url": url}))
            linked = [Tell("matter_links")]
        numbers.append(opened.ticket.number)
        tickets.append(opened.ticket)
        if draft.behalf and not opened.joined_to:
            _file_for(scene, draft, opened.ticket.number)
        names.add("joined" if opened.joined_to else "ticket" if opened.ticket.automatic else "to_desk")
    says = [Tell("matters_opened", {"items": "\n".join(lines)}), *linked]
    if any(ticket.confidential for ticket in tickets):
        says.append(Tell("kept_secret"))
    if scene.city.settings.server.rehearsal:
        says.append(Tell("trial"))
    ranked: tuple[OutcomeName, ...] = ("ticket", "to_desk", "joined")
    name = next(each for each in ranked if each in names)
    if who := action.drafts[0].behalf:
        says.append(Tell("proxy_noted", {"who": who}))
    return scene.promise(Outcome(name=name, ticket=numbers[0], tickets=tuple(numbers), says=tuple(says)), *tickets)


def _raise_emergency(scene: Scene, action: RaiseEmergency) -> Outcome:
    opened = desk.open_ticket(scene.session, **_prepare(scene, action.draft))
    scene.attach(opened.ticket.number)
    words = ticket_words(opened.ticket)
    unplaced = "emergency_recorded_gently" if action.draft.hazard == "self_harm" else "emergency_recorded"
    recorded = "emergency_recorded_at" if opened.ticket.public_place else unplaced
    says = (Tell(f"emergency_{action.draft.hazard}", words), Tell(recorded, words))
    return Outcome(name="emergency", ticket=opened.ticket.number, says=says)


def _prepare(scene: Scene, draft: Draft) -> dict[str, Any]:
    """Put together what opening a ticket needs, and keep the phone under the resident's seal."""
    if draft.phone:
        conversations.keep_identity(scene.session, scene.speaker, kind="phone", value=draft.phone, now=scene.now)
    if draft.requester:
        conversations.note_kind(scene.speaker, kind=draft.requester)
    said = scene.utterance.text
    home = find_home(said, scene.city.gazetteer.find(said))
    draft = msgspec.structs.replace(
        draft,
        home=draft.home or (home.text if home else ""),
        confidential=draft.confidential or bool(lexicon("kind.confidential").first(said)),
    )
    if draft.home and draft.confidential:
        conversations.keep_identity(scene.session, scene.speaker, kind="home", value=draft.home, now=scene.now)
    inbound = scene.inbound
    origin = Origin(
        inbox_id=scene.message.id if scene.message is not None else None,
        channel=scene.speaker.conversation.channel,
        origin_line=inbound.origin_line if inbound else "",
    )
    return {
        "report": make_report(draft, text=draft.text or _name_wordless(scene, draft), said=said),
        "resident_id": scene.resident,
        "origin": origin,
        "context": scene.context,
        "now": scene.now,
        "utterance": skim(draft.topic or hide(normalize(draft.text), [draft.place] if draft.place else [])),
    }


def _name_wordless(scene: Scene, draft: Draft) -> str:
    """Name a matter that came without words, so that the desk sees what to do with it."""
    return scene.city.words.fixed("only_voice" if draft.reason == "voice_only" else "only_pictures")


def make_report(draft: Draft, *, text: str, said: str = "") -> Report:
    """Turn what an intent understood into what routing decides on; `text` is what was written of it, or what stands for it, `said` the whole message."""
    place = draft.place or PlaceRef(text="")
    return Report(
        text=text,
        kind=draft.kind,
        place=place.text,
        public_place=place.public or place.name,
        place_name=place.public if place.scanned == "door" else place.name,
        at_home=place.scanned == "door" or (bool(draft.home) and place.text == draft.home),
        areas=place.areas,
        property_unit=place.property_unit,
        tier=draft.tier,
        hazard=draft.hazard,
        confidential=draft.confidential,
        about=draft.about,
        said=said,
        reason=draft.reason,
        reporter_staff=draft.reporter_staff,
        follows=draft.follows,
        requester=draft.requester or "resident",
        source=SCAN if draft.by_code else "",
    )


EFFECTS = {OpenTicket: _open, OpenMatters: _open_matters, RaiseEmergency: _raise_emergency}
