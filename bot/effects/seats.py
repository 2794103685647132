"""Wanting a person: the queue of the desk on duty, what is left for the person, and the call-back where nobody can be reached now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from bot import seating
from bot.effects import perform
from intents.actions import CallBack, Draft, LeaveSeat, OpenTicket, Outcome, PassToSeat, SeekPerson, Tell
from intents.slots import find_phone
from residents import seats
from routing import history
from routing.duplicates import ASKED_PERSON

if TYPE_CHECKING:
    from bot.effects.scene import Scene
    from intents.actions import OutcomeName


def open_call_back(scene: Scene, draft: Draft) -> tuple[Outcome, dict[str, Any]]:
    """Open a call-back ticket at the desk, or find the one that is open; what texts may use of it.

    Never at a desk that a matter of this resident is about: it would call them.
    """
    kept_out = seating.list_kept_out(scene.session, scene.resident, now=scene.now)
    about = tuple(dict.fromkeys((*draft.about, *seating.name_kept_out(scene.city, kept_out))))
    opened = perform(scene, OpenTicket(msgspec.structs.replace(draft, reason=ASKED_PERSON, about=about)))
    ticket = history.find(scene.session, opened.ticket)
    name: OutcomeName = "joined" if opened.name == "joined" else "to_desk"
    facts = {"ticket": ticket.number, "due_at": ticket.due_at.isoformat()}
    return Outcome(name=name, ticket=ticket.number), facts


def _call_back(scene: Scene, action: CallBack) -> Outcome:
    outcome, facts = open_call_back(scene, action.draft)
    says = [Tell("callback_with_phone" if action.draft.phone else "callback_opened", facts)]
    if scene.city.settings.server.rehearsal:
        says.append(Tell("trial"))
    return msgspec.structs.replace(outcome, says=tuple(says))


def _seek(scene: Scene, action: SeekPerson) -> Outcome:
    if not scene.is_private:
        return _call_back(scene, CallBack(action.draft))
    area = _find_area(scene, action.draft)
    kept_out = seating.list_kept_out(scene.session, scene.resident, now=scene.now)
    door = seating.find_door(scene.city, area, kept_out, now=scene.now)
    talk = seats.enqueue(
        scene.session,
        conversation_id=scene.speaker.conversation.id,
        resident_id=scene.resident,
        inbox_id=scene.message.id if scene.message is not None else None,
        key=scene.speaker.key,
        wanted=msgspec.json.encode(action.draft),
        desk=(door.desk or scene.city.org.desk_for(area)).code,
        now=scene.now,
        settings=scene.city.settings.seat,
    )
    if door.desk is None:
        outcome, facts = open_call_back(scene, action.draft)
        seats.end(scene.session, talk, how="off_hours", ticket=outcome.ticket, now=scene.now)
        text = "seat_off_hours" if door.opens_at else "seat_nobody"
        opens = {"opens_at": door.opens_at.isoformat()} if door.opens_at else {}
        return msgspec.structs.replace(outcome, says=(Tell(text, facts | opens),))
    seating.call_desk(scene.session, scene.city, talk, desk=door.desk, notice="seat_waiting", now=scene.now)
    ahead = seats.count_ahead(scene.session, talk)
    return Outcome(name="to_desk", says=(Tell("seat_queued" if ahead else "seat_next", {"desk": door.desk.name, "ahead": ahead}),))


def _pass(scene: Scene, action: PassToSeat) -> Outcome:
    talk = seats.find_open(scene.session, scene.speaker.conversation.id)
    if talk is None:
        return Outcome(name="told")
    is_first = seats.hear(scene.session, talk, now=scene.now, settings=scene.city.settings.seat)
    if action.quiet or talk.state == "claimed":
        return Outcome(name="to_desk")
    if action.asks:
        ahead = seats.count_ahead(scene.session, talk)
        return Outcome(name="to_desk", says=(Tell("seat_position" if ahead else "seat_position_next", {"ahead": ahead}),))
    return Outcome(name="to_desk", says=(Tell("seat_noted"),) if is_first else ())


def _leave(scene: Scene, action: LeaveSeat) -> Outcome:
    talk = seats.find_open(scene.session, scene.speaker.conversation.id)
    if talk is None:
        return Outcome(name="told")
    had_person = talk.state == "claimed"
    if not action.call_back:
        seats.end(scene.session, talk, how="left", now=scene.now)
        return Outcome(name="told", says=(Tell("seat_over" if had_person else "seat_left"),))
    draft = gather(scene, talk)
    outcome, facts = open_call_back(scene, draft)
    seats.end(scene.session, talk, how="left", ticket=outcome.ticket, now=scene.now)
    return msgspec.structs.replace(outcome, says=(Tell("seat_call_back_phone" if draft.phone else "seat_call_back", facts),))


def gather(scene: Scene, talk: seats.SeatTalk) -> Draft:
    """Put together what the resident wanted and what they have written since, for whoever calls back."""
    draft = msgspec.json.decode(scene.speaker.key.open(talk.wanted), type=Draft)
    more = seating.list_words(scene.session, talk)
    text = "\n".join(dict.fromkeys([draft.text, *more]))
    return msgspec.structs.replace(draft, text=text, phone=draft.phone or find_phone(text))


def _find_area(scene: Scene, draft: Draft) -> str:
    """Find where the resident is at home with us: of the matter they speak of, else their own grid, else their last matter's."""
    org = scene.city.org
    areas = draft.place.areas if draft.place is not None else ()
    if found := org.common_area(areas):
        return found
    if scene.speaker.resident.area:
        return scene.speaker.resident.area
    return seating.find_last_area(scene.session, scene.city, scene.resident, now=scene.now)


EFFECTS = {CallBack: _call_back, SeekPerson: _seek, PassToSeat: _pass, LeaveSeat: _leave}
