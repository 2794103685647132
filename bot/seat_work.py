"""A person in the conversation: take somebody out of the queue, read what was said, speak as the desk, hand back or finish.

Only who has claimed a talk sees what is in it, and its own conversation only; every look is in the audit, numbers unmasked only for a reason.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from bot import seating, transcripts
from bot.effects import Scene, perform
from bot.refusals import refuse
from bot.transcripts import Said
from intents.actions import Draft, OpenTicket
from intents.slots import find_place
from residents import attachments, conversations, made_pictures, seats
from residents.masking import mask
from residents.unsealing import ReasonMissing
from routing import register, sight
from routing.sight import Viewer
from store.audit import record
from store.inbox import InboxMessage
from store.outbox import states_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from residents.conversations import Speaker
    from residents.made_pictures import Size
    from residents.seats import SeatTalk

Json = Any
"""A JSON value, as commands and pages read it."""

_BEFORE = timedelta(days=1)
"""How far before the call a seat reads: the same day's turns say what it is about."""


def list_talks(session: Session, city: City, *, now: datetime, actor: str) -> Json:
    """List who waits, longest first, and what is claimed, at the desks this person looks after; nothing of what was said."""
    talks = seats.list_open(session, list(seating.list_desks(city, actor)))
    return [
        {
            "talk": talk.id,
            "state": talk.state,
            "desk": talk.desk,
            "desk_name": seating.name_desk(city, talk.desk),
            "since": talk.since.isoformat(),
            "waited_seconds": int((now - talk.since).total_seconds()),
            "claimed_by": talk.claimed_by,
            "unanswered": talk.state == "claimed" and (talk.seat_at is None or talk.resident_at > talk.seat_at),
        }
        for talk in talks
        if seating.may_have(city, actor, seating.list_kept_out(session, talk.resident_id, now=now))
    ]


def claim(session: Session, city: City, *, now: datetime, talk: int, actor: str) -> Json:
    """Take a talk: the bot is silent from now on. Of two seats one has it, the other is told so."""
    taken, speaker = _find(session, city, talk, actor, now=now)
    seats.claim(session, taken, staff=actor, now=now, settings=city.settings.seat)
    record(session, actor=actor, action="seat.claim", subject=f"talk:{talk}")
    _tell(session, city, taken, speaker, what=f"taken:{taken.returned}", notice="seat_taken", facts={}, now=now)
    return _describe(session, city, taken, speaker, actor=actor, reason="")


def show(session: Session, city: City, *, now: datetime, talk: int, actor: str, reason: str = "") -> Json:
    """Show what was said in a claimed talk, masked; with a `reason` as it was written, which the audit keeps."""
    taken, speaker = _find_own(session, city, talk, actor, now=now)
    facts = {"reason": reason} if reason else {}
    record(session, actor=actor, action="seat.unseal" if reason else "seat.show", subject=f"talk:{talk}", facts=facts)
    return _describe(session, city, taken, speaker, actor=actor, reason=reason)


def open_picture(session: Session, city: City, *, now: datetime, talk: int, token: str, size: Size, actor: str) -> bytes:
    """Open a picture that came in a claimed talk; the large one is kept in the audit. NoTalk for any other picture."""
    taken, _ = _find_own(session, city, talk, actor, now=now)
    found = made_pictures.find(session, token)
    message = session.get_one(InboxMessage, found.inbox_id) if found is not None else None
    came_in = message is not None and message.conversation_id == taken.conversation_id
    if found is None or message is None or not came_in or message.received_at < taken.since:
        raise seats.NoTalk
    if size == "view":
        record(session, actor=actor, action="picture_seen", subject=f"talk:{talk}", facts={"picture": found.id})
    body = made_pictures.open_made(session, found.id, size)
    if body is None:
        raise seats.NoTalk
    return body


def say(session: Session, city: City, *, now: datetime, talk: int, text: str, actor: str) -> Json:
    """Say something to the resident, as the desk."""
    if not text.strip():
        raise refuse("seat_no_words")
    taken, speaker = _find_own(session, city, talk, actor, now=now)
    return _speak(session, city, taken, speaker, text.strip(), actor=actor, now=now)


def answer(session: Session, city: City, *, now: datetime, talk: int, entry: str, actor: str) -> Json:
    """Answer from the knowledge base, by the entry's code."""
    taken, speaker = _find_own(session, city, talk, actor, now=now)
    found = city.matcher.entry(entry)
    if found is None:
        raise refuse("seat_no_entry", entry=entry)
    words = city.words.notify("seat_answer", {"question": found.question, "answer": found.answer, "source": found.source})
    return _speak(session, city, taken, speaker, words, actor=actor, now=now)


def open_ticket(session: Session, city: City, *, now: datetime, talk: int, text: str, actor: str) -> Json:
    """Open a ticket for what was talked about; the resident is told its number. What pictures came in the talk belong to it."""
    if not text.strip():
        raise refuse("seat_no_words")
    taken, speaker = _find_own(session, city, talk, actor, now=now)
    utterance = city.segmenter.read(text)
    place = find_place(city.gazetteer.find(utterance.text))
    scene = Scene(session, city=city, speaker=speaker, message=None, inbound=None, utterance=utterance, now=now)
    opened = perform(scene, OpenTicket(Draft(text=text.strip(), place=place, reason="" if place else "no_place")))
    if taken.inbox_id is not None:
        attachments.attach_since(session, conversation_id=taken.conversation_id, since=taken.inbox_id, ticket=opened.ticket)
    taken.ticket = opened.ticket
    record(session, actor=actor, action="seat.ticket", subject=opened.ticket, facts={"talk": talk})
    title = next((tell.facts["title"] for tell in opened.says if "title" in tell.facts), "")
    words = city.words.notify("seat_ticket", {"ticket": opened.ticket, "title": title})
    return _speak(session, city, taken, speaker, words, actor=actor, now=now) | {"ticket": opened.ticket}


def hand_back(session: Session, city: City, *, now: datetime, talk: int, actor: str) -> Json:
    """Give the conversation back to the bot, which says so."""
    return _end(session, city, talk, actor, how="handed_back", notice="seat_handed_back", now=now)


def close(session: Session, city: City, *, now: datetime, talk: int, actor: str) -> Json:
    """Finish a talk."""
    return _end(session, city, talk, actor, how="finished", notice="seat_finished", now=now)


def count(session: Session, city: City, *, now: datetime, days: int = 7) -> Json:
    """Count the first answers that came in time: {"in_time", "counted", …, "minutes"}."""
    settings = city.settings.seat
    figures = seats.count_figures(session, since=now - timedelta(days=days), now=now, settings=settings)
    return {
        "days": days,
        "minutes": settings.answer_minutes,
        "in_time": figures.in_time,
        "counted": figures.counted,
        "left_early": figures.left_early,
        "still_open": figures.still_open,
        "off_hours": figures.off_hours,
    }


def _find(session: Session, city: City, talk_id: int, actor: str, *, now: datetime) -> tuple[SeatTalk, Speaker]:
    """Find a talk this person may have, with its resident held; NoTalk for any other, as if there were none."""
    speaker = conversations.reopen(session, seats.conversation_of(session, talk_id))
    talk = seats.lock(session, talk_id)
    kept_out = seating.list_kept_out(session, talk.resident_id, now=now)
    if talk.desk not in seating.list_desks(city, actor) or not seating.may_have(city, actor, kept_out):
        raise seats.NoTalk
    return talk, speaker


def _find_own(session: Session, city: City, talk_id: int, actor: str, *, now: datetime) -> tuple[SeatTalk, Speaker]:
    talk, speaker = _find(session, city, talk_id, actor, now=now)
    seats.require_claim(talk, actor)
    return talk, speaker


def _speak(
    session: Session, city: City, talk: SeatTalk, speaker: Speaker, words: str, *, actor: str, now: datetime
) -> dict[str, Any]:
    """Keep what a seat says and send it with the desk's name before it; the seat's own name only where the city wants it."""
    settings = city.settings.seat
    line = seats.keep_line(session, talk, staff=actor, words=words, key=speaker.key, now=now, settings=settings)
    record(session, actor=actor, action="seat.say", subject=f"talk:{talk.id}", facts={"line": line})
    named = "seat_says_named" if settings.show_name else "seat_says"
    facts = {"text": words, "name": city.org.staff[actor].name}
    _tell(session, city, talk, speaker, what=str(line), notice=named, facts=facts, now=now)
    return {"talk": talk.id, "state": talk.state, "line": line}


def _tell(
    session: Session, city: City, talk: SeatTalk, speaker: Speaker, *, what: str, notice: str, facts: dict[str, Any], now: datetime
) -> None:
    facts = facts | {"desk": seating.name_desk(city, talk.desk)}
    cause = f"seat:{talk.id}:{what}"
    seating.tell_resident(session, city, speaker.conversation, cause=cause, notice=notice, facts=facts, now=now)


def _end(session: Session, city: City, talk_id: int, actor: str, *, how: seats.TalkEnd, notice: str, now: datetime) -> Json:
    talk, speaker = _find_own(session, city, talk_id, actor, now=now)
    seats.end(session, talk, how=how, now=now)
    record(session, actor=actor, action=f"seat.{how}", subject=f"talk:{talk_id}")
    _tell(session, city, talk, speaker, what=how, notice=notice, facts={}, now=now)
    return {"talk": talk.id, "state": talk.state, "ended_how": talk.ended_how}


def _describe(session: Session, city: City, talk: SeatTalk, speaker: Speaker, *, actor: str, reason: str) -> Json:
    """Describe a talk for the one who has it: the turns of this conversation, and the resident's matters as far as this person may see them."""
    if reason and not reason.strip():
        raise ReasonMissing
    hide = (lambda text: text) if reason else mask
    lines = [
        Said(at=at, who="seat", text=words, state=_find_state(session, talk, line))
        for line, at, words in seats.list_lines(session, talk, key=speaker.key)
    ]
    turns = transcripts.read_turns(session, talk.conversation_id, since=talk.since - _BEFORE)
    before = [said for said in turns if said.at < talk.since][-city.settings.seat.turns :]
    said = sorted([*before, *(one for one in turns if one.at >= talk.since), *lines], key=lambda one: one.at)
    pictures = _list_pictures(session, talk, said)
    return {
        "talk": talk.id,
        "state": talk.state,
        "desk_name": seating.name_desk(city, talk.desk),
        "since": city.words.moment(talk.since),
        "lines": [
            {
                "moment": city.words.moment(one.at),
                "who": one.who,
                "kind": one.kind,
                "text": hide(one.text),
                "state": one.state,
                "pictures": pictures.get(one.message, []),
            }
            for one in said
        ],
        "tickets": _list_tickets(session, city, talk, actor),
    }


def _list_pictures(session: Session, talk: SeatTalk, said: Sequence[Said]) -> dict[int, list[dict[str, object]]]:
    """List the pictures that came since a person was asked for, by message: who answers is to see them; what was sent before was for others."""
    messages = [one.message for one in said if one.message and one.at >= talk.since]
    found = made_pictures.list_of_messages(session, messages) if messages else {}
    return {message: [msgspec.to_builtins(one) for one in pictures] for message, pictures in found.items()}


def _list_tickets(session: Session, city: City, talk: SeatTalk, actor: str) -> list[dict[str, str]]:
    """List the resident's matters as this person may see them in a list."""
    viewer = Viewer("staff", actor)
    found = register.facts_for_resident(session, talk.resident_id, org=city.org, now=talk.since)
    seen = [shown for ticket in found if (shown := sight.see(ticket, viewer, org=city.org, zone=city.zone)) is not None]
    listed = [sight.in_lists(ticket, by=viewer, zone=city.zone) for ticket in seen]
    return [{"number": ticket.number, "title": mask(ticket.title), "status": ticket.status.value} for ticket in listed]


def _find_state(session: Session, talk: SeatTalk, line: int) -> str:
    """Find how far a seat's words have come: the furthest behind of their parts."""
    states = states_of(session, cause_prefix=f"seat:{talk.id}:{line}:")
    return next((state for state in states if state != "sent"), "sent" if states else "")
