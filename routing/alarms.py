"""红色警报: rings whom the ladder has reached, by every road there is, and leaves each ringing in the ticket's events.

The rung follows from how long the alarm has been out, not from how often it rang: a worker that was down rings all that were due meanwhile
at once, and two workers never climb twice. A fire has a door: whoever is rung in private reads the exact place, which is opened for that ring and
audited; the desk's road, in which others read along, has the public one.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from residents.masking import mask_contacts
from residents.unsealing import note_opening
from routing import notices, sight
from routing.history import SYSTEM, Step, read_facts, write_event
from routing.ladder import build_ladder, count_reached, is_exhausted
from routing.tables import Ticket, TicketEvent
from routing.terms import OPEN_STATUSES, Status
from store.keys import open_key
from store.sealing import KeyGone

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from routing.context import RoutingContext
    from routing.ladder import Rung
    from routing.org import OrgChart
    from routing.terms import Notice


OPENED_FOR = "alarm"
"""The reason that is kept of opening the exact place."""


def ring(session: Session, ticket: Ticket, *, now: datetime, context: RoutingContext) -> tuple[Notice, ...]:
    """Ring a red ticket's alarm: everybody the ladder has reached by now. The operator is told once when nobody is there to hear it."""
    org, climb = context.org, timedelta(minutes=context.desk.climb_minutes)
    desk = org.unit(ticket.desk) or org.top_desk()
    refused, refused_staff = ticket.refused, ticket.refused_staff or ()
    ladder = build_ladder(org, desk, refused=refused, refused_staff=refused_staff, now=now, tz=context.calendar.zone)
    elapsed = now - ticket.opened_at
    reached = ladder[: count_reached(elapsed, rungs=len(ladder), climb=climb)]
    rung_before, ticket.alarmed_at = ticket.alarmed_at, now
    ticket.alarms += rung_before is not None
    step = Step(ticket=ticket, act="alarm", actor=SYSTEM, after=Status(ticket.status), had=ticket.unit)
    staff = [code for rung in reached for code in rung.staff]
    facts = {"rung": len(reached), "desks": list(dict.fromkeys(rung.desk for rung in reached)), "staff": staff}
    event = write_event(session, step, before=ticket.status, now=now, context=context, facts=facts)
    shown = read_facts(session, ticket, org=org)
    rung = _group(reached, context)
    if not rung and not sight.is_kept_from(desk.code, refused, org):
        rung = {desk.code: {}}  # nobody is on duty: its group may still see it
    exact = _open_place(session, ticket) if staff and notices.tells_place(shown) else ""
    told = [
        one for code, names in rung.items() for one in notices.for_alarm(shown, event=event, desk=code, staff=names, exact=exact)
    ]
    earlier = rung_before - ticket.opened_at if rung_before is not None else None
    heard = earlier is None or (bool(ladder) and not is_exhausted(earlier, rungs=len(ladder), climb=climb))
    if heard and is_exhausted(elapsed, rungs=len(ladder), climb=climb):
        told.append(notices.for_operator(shown, "operator_unheard"))
    for notice in told:
        context.tell(session, notice)
    return tuple(told)


def list_alarms(session: Session, *, staff: str, org: OrgChart) -> tuple[str, ...]:
    """List the red tickets nobody has taken up yet that rang somebody of the staff, the last one first; none that turned out to be about them."""
    person = org.staff.get(staff)
    statement = (
        select(Ticket.number, Ticket.refused, Ticket.refused_staff, TicketEvent.facts)
        .join(TicketEvent, TicketEvent.ticket_id == Ticket.id)
        .where(Ticket.tier == "red", Ticket.acknowledged_at.is_(None), Ticket.status.in_(sorted(OPEN_STATUSES)))
        .where(TicketEvent.act == "alarm")
        .order_by(TicketEvent.id.desc())
    )
    rows = session.execute(statement)
    rung = [row for row in rows if staff in row.facts.get("staff", ()) and staff not in (row.refused_staff or ())]
    kept = [row.number for row in rung if person is not None and sight.is_kept_from_person(person, row.refused, org)]
    return tuple(dict.fromkeys(row.number for row in rung if row.number not in kept))


def _open_place(session: Session, ticket: Ticket) -> str:
    """Open the exact place for who is rung, without a number or name that leads to a person; "" where none was said or it was erased."""
    if ticket.place_text is None:
        return ""
    try:
        place = open_key(session, ticket.key_id).open(ticket.place_text).decode()
    except KeyGone:
        return ""
    note_opening(session, subject=f"ticket:{ticket.number}", kind="place", reason=OPENED_FOR, actor=SYSTEM)
    return mask_contacts(place)


def _group(reached: tuple[Rung, ...], context: RoutingContext) -> dict[str, dict[str, str]]:
    """Give the names of who was reached, by desk and staff code."""
    grouped: dict[str, dict[str, str]] = {}
    for rung in reached:
        for code in rung.staff:
            person = context.org.staff.get(code)
            grouped.setdefault(rung.desk, {})[code] = person.name if person else code
    return grouped
