"""Where a person is found for a resident: the roster joined with the conversations. What is said to both goes out from here.

The lowest desk of the resident's area that has somebody on duty, else the one above it; never one that a matter of this resident is about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from bot import transcripts
from bot.replies import cut
from residents import seats
from routing import register, roster, sight
from store import outbox
from store.keys import new_key

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from residents.seats import SeatTalk
    from residents.tables import Conversation
    from routing.terms import HandlingUnit

_PART_BYTES = 1900
"""What of a seat's words goes into one message: the official account takes 2,048 bytes, the desk's name stands before them."""
_RECENT_DAYS = 90
"""How far back a resident's own matters keep a desk or a worker away from their conversation, once they are over."""


class KeptOut(msgspec.Struct, frozen=True):
    """Whom the resident's own matters are about: units and staff codes that must not have this conversation."""

    units: frozenset[str] = frozenset()
    staff: frozenset[str] = frozenset()


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """Where a resident finds a person: the desk with somebody on duty now (None: nobody), and when somebody comes (None: no roster says)."""

    desk: HandlingUnit | None
    opens_at: datetime | None = None


def list_kept_out(session: Session, resident_id: int, *, now: datetime) -> KeptOut:
    """List whom this resident's matters, open or lately closed, are about."""
    units, staff = register.list_refused(session, resident_id, now=now, recent_days=_RECENT_DAYS)
    return KeptOut(units=units, staff=staff)


def name_kept_out(city: City, kept_out: KeptOut) -> tuple[str, ...]:
    """Name the desks, and the people at desks, that must not have what this resident leaves for somebody to call back."""
    org = city.org
    desks = {desk.code for desk in org.desks.values()}
    out = sorted(code for code in desks if _is_out(city, code, kept_out))
    at_desks = (person for code in kept_out.staff if (person := org.staff.get(code)) is not None)
    people = [person.name for person in at_desks if not desks.isdisjoint(person.posts)]
    units = [unit.name for code in sight.heads_of(out, org) if (unit := org.unit(code)) is not None]
    return (*units, *sorted(people))


def may_have(city: City, staff: str, kept_out: KeptOut) -> bool:
    """Tell whether somebody may have a resident's conversation: a known person of a desk that no matter of this resident is about."""
    person = city.org.staff.get(staff)
    if person is None or staff in kept_out.staff:
        return False
    return not sight.is_kept_from_person(person, kept_out.units, city.org)


def find_door(city: City, area: str, kept_out: KeptOut, *, now: datetime) -> Door:
    """Find the lowest desk for an area with somebody on duty who may have this resident's conversation."""
    allowed = [desk for desk in city.org.ways_up(city.org.desk_for(area)) if not _is_out(city, desk.code, kept_out)]
    for desk in allowed:
        if any(staff not in kept_out.staff for staff in city.org.on_duty(desk.code, now, city.zone)):
            return Door(desk=desk)
    shifts = [
        shift for desk in allowed for shift in city.org.shifts.get(desk.code, ()) if not kept_out.staff.issuperset(shift.staff)
    ]
    return Door(desk=None, opens_at=roster.find_next_start(shifts, now=now, tz=city.zone))


def find_door_above(city: City, desk: str, kept_out: KeptOut, *, now: datetime) -> HandlingUnit | None:
    """Find the next desk above with somebody on duty; None if there is none."""
    here = city.org.unit(desk)
    above = city.org.above(here) if here is not None else None
    return find_door(city, above.area, kept_out, now=now).desk if above is not None else None


def list_desks(city: City, staff: str) -> Collection[str]:
    """List the desks whose queue somebody may look after: their own and those below it."""
    person = city.org.staff.get(staff)
    if person is None:
        return ()
    org = city.org
    return [desk.code for desk in org.desks.values() if not {each.code for each in org.ways_up(desk)}.isdisjoint(person.posts)]


def call_desk(session: Session, city: City, talk: SeatTalk, *, desk: HandlingUnit, notice: str, now: datetime) -> None:
    """Tell a desk that somebody waits: what the matter is stays in the talk. Not held back by a rehearsal: somebody really waits."""
    waits_at = city.org.unit(talk.desk)
    outbox.put(
        session,
        cause=f"seat:{talk.id}:{notice}:{desk.code}:{talk.returned}",
        audience="desk",
        target=desk.code,
        channel=city.find_channel("roster", desk.code),
        notice=notice,
        facts={
            "talk": talk.id,
            "desk": waits_at.name if waits_at else talk.desk,
            "above": desk.name,
            "ahead": seats.count_ahead(session, talk),
            "minutes": city.settings.seat.answer_minutes,
        },
        urgent=True,
        shown=not city.find_channel("roster", desk.code),
        now=now,
    )


def tell_resident(
    session: Session, city: City, conversation: Conversation, *, cause: str, notice: str, facts: dict[str, Any], now: datetime
) -> None:
    """Say something to the resident by itself, in pieces that fit a message, under a key of its own."""
    for number, part in enumerate(cut(city.words.notify(notice, facts), _PART_BYTES)):
        key = new_key(session)
        outbox.put(
            session,
            cause=f"{cause}:{number}",
            audience="resident",
            target=str(conversation.resident_id),
            channel=conversation.channel,
            notice=notice,
            body=key.seal(part.encode()),
            key_id=key.id,
            urgent=True,
            now=now,
        )


def list_words(session: Session, talk: SeatTalk) -> list[str]:
    """List what the resident has written since they asked for a person, oldest first."""
    said = transcripts.read_turns(session, talk.conversation_id, since=talk.since)
    return [one.text for one in said if one.who == "resident" and one.text]


def find_last_area(session: Session, city: City, resident_id: int, *, now: datetime) -> str:
    """Find the area of the resident's last matter whose place is known; "" if there is none."""
    tickets = register.facts_for_resident(session, resident_id, org=city.org, now=now, recent_days=_RECENT_DAYS)
    return next((ticket.area for ticket in tickets if ticket.area), "")


def name_desk(city: City, code: str) -> str:
    """Name a desk as residents know it."""
    desk = city.org.unit(code)
    return desk.name if desk else code


def _is_out(city: City, desk: str, kept_out: KeptOut) -> bool:
    return sight.is_kept_from(desk, kept_out.units, city.org)
