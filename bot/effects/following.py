"""What residents do with tickets of theirs: see how they stand, add, urge, correct, take back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.apart import find_apart
from bot.effects import perform
from bot.effects.scene import ticket_words
from bot.texts import fill, has_text
from intents.actions import AddToTicket, AllowProxy, CorrectTicket, Outcome, PlaceRef, ShowProgress, Tell, Urge, WithdrawTicket
from intents.open_question import goes_on
from intents.slots import is_confidential
from knowledge_base.text import normalize, skim
from routing import completing, correcting, following, register, representing, secrecy
from routing.terms import Status

if TYPE_CHECKING:
    from bot.effects.scene import Scene
    from routing.facts import TicketFacts
    from routing.register import Shown


def _show_progress(scene: Scene, action: ShowProgress) -> Outcome:
    shown = register.progress(
        scene.session,
        scene.resident,
        org=scene.city.org,
        now=scene.now,
        number=action.ticket,
        recent_days=scene.city.settings.desk.recent_days,
    )
    if not shown:
        return Outcome(name="told", says=(Tell("progress_none"),))
    if len(shown) == 1:
        return Outcome(name="told", ticket=shown[0].ticket.number, says=_tell_progress(scene, shown[0]))
    lines = [scene.line("progress_item", ticket_words(one.ticket) | {"number": at}) for at, one in enumerate(shown, start=1)]
    numbers = tuple(one.ticket.number for one in shown)
    return Outcome(name="told", tickets=numbers, says=(Tell("progress_list", {"items": "\n".join(lines)}),))


def _tell_progress(scene: Scene, shown: Shown) -> tuple[Tell, ...]:
    """Say who has it, by when, and what happened; no time is promised while it waits at a desk."""
    ticket = shown.ticket
    words = ticket_words(ticket)
    events = [
        fill("act", event.act, {"moment": scene.city.words.moment(event.at), "unit": event.unit_name})
        for event in shown.events
        if has_text("act", event.act)
    ]
    says = [Tell("progress_one", words)]
    if ticket.status in {Status.DISPATCHED, Status.SIGNED}:
        says.append(Tell("progress_due", words))
    says.append(Tell("progress_events", {"events": "\n".join(events)}))
    if ticket.reply:
        says.append(Tell("progress_reply", {"reply": ticket.reply}))
    if ticket.awaits_rating:
        says.append(Tell("progress_rate"))
    elif ticket.status == Status.WAITING and ticket.resident_id == scene.resident:
        says.append(Tell("progress_more", {"question": completing.read_question(scene.session, ticket.number)}))
    elif ticket.is_open:
        says.append(Tell("progress_urge"))
    return tuple(says)


def _urge(scene: Scene, action: Urge) -> Outcome:
    acted = following.urge(
        scene.session, action.ticket, resident_id=scene.resident, text=action.text, now=scene.now, context=scene.context
    )
    return scene.told("urged" if acted.done else "urged_already", acted.ticket)


def _add(scene: Scene, action: AddToTicket) -> Outcome:
    """Add to a ticket; whoever asks for secrecy now gets it first, so that what they add goes to nobody else.

    What speaks badly of whoever has it is not told them: it becomes a matter of its own.
    """
    if apart := find_apart(scene, action.ticket, action.text, place=action.place, media=action.media):
        return perform(scene, apart)
    place = action.place or PlaceRef(text="")
    sealed = (
        is_confidential(action.text)
        and secrecy.keep_secret_for(
            scene.session, action.ticket, resident_id=scene.resident, now=scene.now, context=scene.context
        ).done
    )
    acted = following.add(
        scene.session,
        action.ticket,
        resident_id=scene.resident,
        reporter=scene.find_reporter(action.ticket),
        text="\n".join(filter(None, (action.text, place.text))) or _name_wordless(scene, media=action.media),
        media=action.media,
        place=place.text,
        public_place=place.public or place.name,
        area=place.areas[0] if len(place.areas) == 1 else "",
        now=scene.now,
        context=scene.context,
    )
    scene.attach(action.ticket)
    return scene.told("sealed_now" if sealed else _name_added(acted.ticket, action.text), acted.ticket)


def _name_wordless(scene: Scene, *, media: int) -> str:
    """Name what came without words, so that whoever reads of it knows that there is something to look at or hear; "" for nothing."""
    is_voice = scene.inbound is not None and scene.inbound.kind == "voice"
    return scene.city.words.fixed("only_voice" if is_voice else "only_pictures") if media else ""


def _name_added(ticket: TicketFacts, text: str) -> str:
    """Say what happens next where a unit had waited for it: also where the resident does not know."""
    if ticket.last_act != "more":
        return "added"
    return "added_unknown" if goes_on(normalize(text)) else "added_more"


def _correct(scene: Scene, action: CorrectTicket) -> Outcome:
    """Put a correction to the ticket; what is said depends on whether it goes to somebody else now."""
    place = action.place
    right = None
    if place is not None:
        right = correcting.RightPlace(
            text=place.text,
            public=place.public or place.name,
            area=place.areas[0] if len(place.areas) == 1 else "",
            property_unit=place.property_unit,
        )
    corrected = correcting.correct(
        scene.session,
        action.ticket,
        resident_id=scene.resident,
        text=action.text,
        meant=skim(action.meant.replace(place.name, " ") if place is not None and place.name else action.meant),
        place=right,
        now=scene.now,
        context=scene.context,
    )
    moved = "corrected_moved" if right is not None else "corrected_anew"
    said = moved if corrected.moved else "corrected_place" if right is not None else "corrected"
    return scene.told(said, corrected.acted.ticket)


def _withdraw(scene: Scene, action: WithdrawTicket) -> Outcome:
    acted = following.withdraw(scene.session, action.ticket, resident_id=scene.resident, now=scene.now, context=scene.context)
    return scene.told("withdrawn" if not acted.ticket.is_open else "withdrawn_goes_on", acted.ticket)


def _allow(scene: Scene, action: AllowProxy) -> Outcome:
    acted = representing.allow(
        scene.session, action.ticket, resident_id=scene.resident, allowed=action.allowed, now=scene.now, context=scene.context
    )
    return scene.told(f"allowed_{action.allowed}", acted.ticket)


EFFECTS = {
    ShowProgress: _show_progress,
    Urge: _urge,
    AddToTicket: _add,
    CorrectTicket: _correct,
    AllowProxy: _allow,
    WithdrawTicket: _withdraw,
}
