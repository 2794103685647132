"""What falls due while a person is waited for or has a conversation: the honest word, the desk above, the call-back, the polite end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot import seating
from bot.effects import Scene
from bot.effects.seats import gather, open_call_back
from residents import conversations, seats
from residents.seat_clock import find_due

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from residents.seats import SeatTalk


def look_after(session: Session, talk_id: int, *, city: City, now: datetime) -> None:
    """Do what has fallen due in a talk, once; a talk in which nothing has is left as it is."""
    speaker = conversations.reopen(session, seats.conversation_of(session, talk_id))
    talk = seats.lock(session, talk_id)
    if talk.state == "ended":
        return
    scene = Scene(session, city=city, speaker=speaker, message=None, inbound=None, utterance=city.segmenter.read(""), now=now)
    match find_due(seats.clock_of(talk), now=now, settings=city.settings.seat):
        case "waited":
            _say_that_it_takes_long(scene, talk)
        case "missed":
            _give_up(scene, talk)
        case "seat_silent":
            _take_back(scene, talk)
        case "resident_silent":
            seats.end(session, talk, how="idle", now=now)
            say(scene, talk, "seat_idle", {})
        case None:
            return


def say(scene: Scene, talk: SeatTalk, notice: str, facts: dict[str, Any]) -> None:
    """Say something to the resident of a talk, once per kind and time in the queue."""
    cause = f"seat:{talk.id}:{notice}:{talk.returned}"
    conversation = scene.speaker.conversation
    seating.tell_resident(scene.session, scene.city, conversation, cause=cause, notice=notice, facts=facts, now=scene.now)


def _say_that_it_takes_long(scene: Scene, talk: SeatTalk) -> None:
    """Tell the resident, and call the desk above; with nobody on duty any more there is nothing to wait for."""
    kept_out = seating.list_kept_out(scene.session, talk.resident_id, now=scene.now)
    here = scene.city.org.unit(talk.desk)
    if seating.find_door(scene.city, here.area if here else "", kept_out, now=scene.now).desk is None:
        _give_up(scene, talk)
        return
    above = seating.find_door_above(scene.city, talk.desk, kept_out, now=scene.now)
    seats.warn(scene.session, talk, now=scene.now, settings=scene.city.settings.seat)
    say(scene, talk, "seat_waited" if above else "seat_waited_top", {"above": above.name} if above else {})
    again = above or here
    if again is not None:
        seating.call_desk(scene.session, scene.city, talk, desk=again, notice="seat_waits_long", now=scene.now)


def _give_up(scene: Scene, talk: SeatTalk) -> None:
    """Nobody could take it: somebody calls back, with everything that was said."""
    draft = gather(scene, talk)
    outcome, facts = open_call_back(scene, draft)
    seats.end(scene.session, talk, how="missed", ticket=outcome.ticket, now=scene.now)
    say(scene, talk, "seat_missed_phone" if draft.phone else "seat_missed", facts)


def _take_back(scene: Scene, talk: SeatTalk) -> None:
    """The seat is gone: back to the head of the queue, the second time a call-back."""
    if talk.returned:
        _give_up(scene, talk)
        return
    kept_out = seating.list_kept_out(scene.session, talk.resident_id, now=scene.now)
    here = scene.city.org.unit(talk.desk)
    door = seating.find_door(scene.city, here.area if here else "", kept_out, now=scene.now)
    if door.desk is None:
        _give_up(scene, talk)
        return
    seats.move(scene.session, talk, desk=door.desk.code, now=scene.now, settings=scene.city.settings.seat)
    say(scene, talk, "seat_back_in_queue", {})
    seating.call_desk(scene.session, scene.city, talk, desk=door.desk, notice="seat_waiting", now=scene.now)
