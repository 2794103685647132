"""更正: a resident corrects what they reported. The ticket takes the right place; if that makes it somebody else's, it goes back to the desk.

A unit that has only been given the ticket loses it with the reason; one that has signed is told and may return it: somebody may be on the way.
What others reported too, and what is confidential, is not rewritten by one of its people: the words are added, and whoever has it looks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from residents.masking import mask
from routing import completing, duplicates, headline
from routing.history import SYSTEM, Step, begin_for_resident, finish
from routing.lifecycle import check
from routing.placing import put_at_desk
from routing.terms import Report, Status
from store.keys import open_key

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from knowledge_base.text import Utterance
    from routing.context import RoutingContext
    from routing.facts import Acted
    from routing.tables import Ticket
    from routing.terms import DutyItem

_LIKELY = 0.5
"""How sure another duty item must be before the desk is asked to look again: more likely than not."""


class RightPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where the matter really is: as written, as others may see it, its grid ("" if open), and the company that manages it."""

    text: str
    public: str = ""
    area: str = ""
    property_unit: str = ""


class Corrected(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a correction: the ticket now, and whether it went back to its desk because another unit is responsible."""

    acted: Acted
    moved: bool = False


def correct(
    session: Session,
    number: str,
    *,
    resident_id: int,
    text: str,
    meant: Utterance,
    place: RightPlace | None,
    now: datetime,
    context: RoutingContext,
) -> Corrected:
    """Put a correction to a ticket. `text` are the resident's words, `meant` what is right of them; without a place it is another matter."""
    step = begin_for_resident(session, number, "add", resident_id=resident_id, given=frozenset({"text"}))
    ticket = step.ticket
    is_own = ticket.resident_id == resident_id and not ticket.followers and not ticket.confidential
    if place is not None and is_own:
        _take_place(session, ticket, place, context=context)
    facts = {"corrected": "place" if place is not None else "words", "area": place.area if place is not None else ""}
    acted = finish(session, step, now=now, context=context, text=text, told=mask(text), facts=facts)
    acted = completing.take_up(session, ticket, by=resident_id, now=now, context=context) or acted
    if not is_own or ticket.status != Status.DISPATCHED:
        return Corrected(acted=acted)
    item = _find_item(ticket, meant, context=context) or (context.duty_list.item(ticket.item) if place is not None else None)
    responsible = _find_unit(item, ticket, place, context=context) if item is not None else ticket.unit
    if responsible == ticket.unit:
        return Corrected(acted=acted)
    back = Step(ticket=ticket, act="return", actor=SYSTEM, after=check("return", Status.DISPATCHED, "system"), had=ticket.unit)
    put_at_desk(ticket)
    why = {"reason": "area" if place is not None else "remit", "suggested": responsible, "from": back.had, "corrected": True}
    return Corrected(acted=finish(session, back, now=now, context=context, text=text, told=mask(text), facts=why), moved=True)


def _take_place(session: Session, ticket: Ticket, place: RightPlace, *, context: RoutingContext) -> None:
    """Write the right place; a ticket that waits at a desk goes to the desk of that place."""
    public = mask(place.public or place.text)
    ticket.place_text = open_key(session, ticket.key_id).seal(place.text.encode())
    item = context.duty_list.item(ticket.item)
    if item is not None:
        ticket.title = headline.make_title(Report(text=ticket.summary, public_place=public), item)
    ticket.public_place = public
    ticket.merge_key = duplicates.place_key(public)
    if place.area and place.area != ticket.area and not ticket.refused:
        ticket.area = place.area
        is_waiting = ticket.unit == ticket.desk
        way = context.org.ways_up(context.org.desk_for(place.area))
        ticket.desk = next((desk.code for desk in way if desk.code not in ticket.refused), ticket.desk)
        if is_waiting:
            ticket.unit = ticket.desk


def _find_item(ticket: Ticket, meant: Utterance, *, context: RoutingContext) -> DutyItem | None:
    """Find the duty item the corrected words are about; None where they are not likely another one."""
    candidates = context.triage.rank(meant)
    if not candidates or candidates[0].confidence < _LIKELY or candidates[0].item.code == ticket.item:
        return None
    ticket.candidates = [candidate.item.code for candidate in candidates]
    if ticket.public_place:
        ticket.title = headline.make_title(Report(text=ticket.summary, public_place=ticket.public_place), candidates[0].item)
    return candidates[0].item


def _find_unit(item: DutyItem, ticket: Ticket, place: RightPlace | None, *, context: RoutingContext) -> str:
    """Name the unit responsible for an item where the ticket is, "" if nobody is."""
    company = context.org.unit(place.property_unit) if place is not None else None
    if company is not None and item.lead in company.functions:
        return company.code
    unit = context.org.unit_for(item.lead, ticket.area, item.level)
    return unit.code if unit is not None else ""
