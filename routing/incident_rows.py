"""同一件事 in the database: which ticket tells of which incident, who is heard in it, and when a supervisor is told.

What may be read together is decided here: no confidential matter, no accusation, no danger that is nobody's business, nothing of somebody who
was erased; of the rest only the masked summary. Whoever puts tickets into incidents remembers them (bot.gathering); two counters say when
what they remember is not what stands here any more.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import String, and_, cast, delete, func, or_, select, update

from routing import deciding, notices, sight
from routing.duplicates import ASKED_PERSON
from routing.incidents import IncidentSettings
from routing.notice_table import PRIVATE_HAZARDS
from routing.sight import Sight, Viewer
from routing.swelling import SwellingSettings, find_alarms
from routing.tables import Incident, IncidentApart, IncidentMember, Ticket, TicketFollower
from routing.terms import Status
from store.audit import record
from store.counters import current_number, next_number
from store.locks import hold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from routing.context import RoutingContext
    from routing.swelling import Alarm

CHANGES = "incidents"
"""The counter of what was put where, by a program or by hand."""
FORGOTTEN = "incidents_forgotten"
"""The counter of tickets that were taken out for good: whoever remembers their words has to begin anew."""

_NAMED = 20
"""Tickets whose numbers a notice names, the newest: more are counted."""


class GatheringSettings(IncidentSettings, frozen=True, kw_only=True):
    """How tickets are put into incidents while the service runs, and when that is told."""

    placeless: int = 20
    """Characters that a ticket of which no place is known must have: a few words (路灯坏了) are the same all over the city."""
    batch: int = 50
    """Tickets that one round takes: half a second of work, of letters a whole one, while everything else goes on."""
    remembered: int = 10_000
    """The newest tickets that are remembered at a start: of chat lines about a minute of reading in the background and 90 MB, of letters four times that."""
    swelling: SwellingSettings = SwellingSettings()


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a ticket tells, as far as it may be read together with others."""

    id: int
    resident: int
    opened_at: datetime
    summary: str
    place: str
    area: str


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How far the two counters are, and the number of the next incident."""

    changes: int
    forgotten: int
    next_incident: int


def is_fit() -> ColumnElement[bool]:
    """Select the tickets that may be read together with others."""
    return and_(
        ~Ticket.confidential,
        Ticket.kind != "report",
        Ticket.kind != "praise",
        Ticket.reason != ASKED_PERSON,
        Ticket.hazard.not_in(sorted(PRIVATE_HAZARDS)),
        cast(Ticket.refused, String) == "[]",
        or_(Ticket.refused_staff.is_(None), cast(Ticket.refused_staff, String).in_(("[]", "null"))),
        Ticket.summary != "",
    )


def read_standing(session: Session) -> Standing:
    """Read how far things are."""
    highest = session.execute(select(func.max(Incident.id))).scalar_one() or 0
    return Standing(
        changes=current_number(session, CHANGES),
        forgotten=current_number(session, FORGOTTEN),
        next_incident=highest + 1,
    )


def list_waiting(session: Session, *, settings: GatheringSettings, now: datetime, limit: int) -> list[Told]:
    """List tickets that are in no incident yet, the oldest first."""
    waiting = _select_told().outerjoin(IncidentMember, IncidentMember.ticket_id == Ticket.id)
    waiting = waiting.where(
        IncidentMember.ticket_id.is_(None),
        Ticket.opened_at >= now - timedelta(days=settings.days),
        Ticket.status != Status.WITHDRAWN.value,
        or_(Ticket.area != "", func.length(Ticket.summary) >= settings.placeless),
    )
    return _read_told(session, waiting.order_by(Ticket.id).limit(limit))


def list_members(session: Session, *, since: datetime, most: int) -> dict[int, int]:
    """List in which incident each ticket is, by their ids, the oldest first: the newest `most` that were opened since then."""
    statement = (
        select(IncidentMember.ticket_id, IncidentMember.incident_id)
        .join(Ticket, Ticket.id == IncidentMember.ticket_id)
        .where(IncidentMember.incident_id.is_not(None), Ticket.opened_at >= since)
        .order_by(IncidentMember.ticket_id.desc())
        .limit(most)
    )
    return dict(reversed([(ticket, incident) for ticket, incident in session.execute(statement) if incident is not None]))


def list_all_members(session: Session) -> dict[int, int]:
    """List in which incident each ticket is that is in one, by their ids."""
    statement = select(IncidentMember.ticket_id, IncidentMember.incident_id).where(IncidentMember.incident_id.is_not(None))
    return {ticket: incident for ticket, incident in session.execute(statement) if incident is not None}


def list_apart(session: Session) -> list[tuple[int, int]]:
    """List the pairs of incidents that only a person joins again."""
    return [(first, second) for first, second in session.execute(select(IncidentApart.first_id, IncidentApart.second_id))]


def read_told(session: Session, ids: Collection[int]) -> list[Told]:
    """Read what these tickets tell, the oldest first; those that may not be read are left out."""
    return _read_told(session, _select_told().where(Ticket.id.in_(ids)).order_by(Ticket.id))


def _select_told() -> Select[int, int, datetime, str, str, str]:
    columns = (Ticket.id, Ticket.resident_id, Ticket.opened_at, Ticket.summary, Ticket.public_place, Ticket.area)
    return select(*columns).where(is_fit())


def _read_told(session: Session, statement: Select[int, int, datetime, str, str, str]) -> list[Told]:
    return [
        Told(id=id_, resident=resident, opened_at=opened_at, summary=summary, place=place, area=area)
        for id_, resident, opened_at, summary, place, area in session.execute(statement)
    ]


def may_place(session: Session, ticket_id: int, *, standing: Standing) -> bool:
    """Tell whether a ticket may be put into an incident by what was remembered then: nothing has changed since, and it is still to be put.

    Until the transaction ends nobody else changes anything.
    """
    hold(session, CHANGES)
    counters = (current_number(session, CHANGES), current_number(session, FORGOTTEN))
    is_waiting = session.get(IncidentMember, ticket_id) is None and bool(read_told(session, [ticket_id]))
    return counters == (standing.changes, standing.forgotten) and is_waiting


def place(session: Session, ticket_id: int, *, incident_id: int, absorbed: Iterable[int] = ()) -> Incident:
    """Put a ticket into an incident, which begins with it if there is none of that number; others may turn out to be the same."""
    incident = session.get(Incident, incident_id)
    if incident is None:
        opened_at = session.get_one(Ticket, ticket_id).opened_at
        incident = Incident(id=incident_id, opened_at=opened_at, last_at=opened_at, area="", item="", residents=0)
        session.add(incident)
        session.flush()
    for other in absorbed:
        absorb(session, incident, session.get_one(Incident, other), by_hand=False)
    session.add(IncidentMember(ticket_id=ticket_id, incident_id=incident_id, by_hand=False, followers=0))
    session.flush()
    next_number(session, CHANGES)
    return incident


def absorb(session: Session, incident: Incident, other: Incident, *, by_hand: bool) -> None:
    """Make one incident part of another: its tickets, what it was kept apart from, and that it was told of."""
    moved = update(IncidentMember).where(IncidentMember.incident_id == other.id)
    session.execute(moved.values(incident_id=incident.id, **({"by_hand": True} if by_hand else {})))
    pairs = [pair for pair in list_apart(session) if other.id in pair]
    session.execute(delete(IncidentApart).where(or_(IncidentApart.first_id == other.id, IncidentApart.second_id == other.id)))
    for pair in pairs:
        keep_apart(session, incident.id, next(each for each in pair if each != other.id))
    incident.raised_burst_at = incident.raised_burst_at or other.raised_burst_at
    incident.raised_slow_at = incident.raised_slow_at or other.raised_slow_at
    other.merged_into, other.residents = incident.id, 0
    session.flush()


def keep_apart(session: Session, one: int, other: int) -> None:
    """Remember that a person split two incidents."""
    first, second = sorted((one, other))
    if first != second and session.get(IncidentApart, (first, second)) is None:
        session.add(IncidentApart(first_id=first, second_id=second))
        session.flush()


def ask_for_look(session: Session, incident_id: int) -> None:
    """Have an incident looked at in the next round, whether neighbours have joined or not."""
    session.execute(update(IncidentMember).where(IncidentMember.incident_id == incident_id).values(followers=-1))


def list_grown(session: Session) -> Sequence[int]:
    """List the incidents that neighbours have joined, or left, since they were looked at."""
    grown = select(IncidentMember.incident_id).join(Ticket, Ticket.id == IncidentMember.ticket_id)
    grown = grown.where(IncidentMember.incident_id.is_not(None), IncidentMember.followers != Ticket.followers)
    return [each for each in session.execute(grown.distinct().order_by(IncidentMember.incident_id)).scalars() if each is not None]


def list_unfit(session: Session) -> Sequence[int]:
    """List the tickets that are in an incident and must not be any more: what was sealed since."""
    statement = select(Ticket.id).join(IncidentMember, IncidentMember.ticket_id == Ticket.id)
    return session.execute(statement.where(IncidentMember.incident_id.is_not(None), ~is_fit())).scalars().all()


def leave(session: Session, ticket_id: int) -> None:
    """Take a ticket out of the incidents for good: nobody reads it together with others again."""
    member = session.get(IncidentMember, ticket_id)
    if member is None:
        session.add(IncidentMember(ticket_id=ticket_id, incident_id=None, by_hand=False, followers=0))
    elif member.incident_id is not None:
        incident = session.get_one(Incident, member.incident_id)
        member.incident_id = None
        session.flush()
        count(session, incident)
        next_number(session, FORGOTTEN)
    session.flush()


def look(
    session: Session, incident_id: int, *, settings: SwellingSettings, now: datetime, context: RoutingContext
) -> tuple[Alarm, ...]:
    """Count who is heard in an incident and tell the supervisor of the place if it has swollen; gives what was told. Once a kind and incident.

    Old news are not told: the last voice must lie within the days of a burst.
    """
    incident = session.get_one(Incident, incident_id)
    voices = count(session, incident, context=context)
    if incident.last_at < now - timedelta(days=settings.burst_days):
        return ()
    raised = tuple(alarm for alarm in find_alarms(incident_id, voices, settings=settings) if not _was_raised(incident, alarm))
    for alarm in raised:
        if alarm.kind == "burst":
            incident.raised_burst_at = now
        else:
            incident.raised_slow_at = now
        _tell(session, incident, alarm, context=context)
    return raised


def count(session: Session, incident: Incident, *, context: RoutingContext | None = None) -> list[tuple[str, datetime]]:
    """Write down who is heard in an incident, since when, where and of what; gives resident and time of each voice.

    Whoever is known to nobody (heard in a group, reported by a grid worker) is one person, however often.
    """
    tickets = _list_tickets(session, incident.id)
    voices = [(str(ticket.resident_id), ticket.opened_at) for ticket in tickets]
    joined = select(TicketFollower.resident_id, TicketFollower.joined_at).where(
        TicketFollower.ticket_id.in_([ticket.id for ticket in tickets])
    )
    voices += [(str(resident), at) for resident, at in session.execute(joined)]
    incident.residents = len({resident for resident, _ in voices})
    if voices:
        incident.opened_at, incident.last_at = min(at for _, at in voices), max(at for _, at in voices)
    items = Counter(ticket.item for ticket in tickets if ticket.item)
    incident.item = items.most_common(1)[0][0] if items else ""
    if context is not None:
        incident.area = context.org.common_area(ticket.area for ticket in tickets if ticket.area)
    followers = select(Ticket.followers).where(Ticket.id == IncidentMember.ticket_id).scalar_subquery()
    session.execute(update(IncidentMember).where(IncidentMember.incident_id == incident.id).values(followers=followers))
    session.flush()
    return voices


def _tell(session: Session, incident: Incident, alarm: Alarm, *, context: RoutingContext) -> None:
    """Tell the desk whose supervisor the place has, and write down that it was told."""
    org = context.org
    own = org.desk_for(incident.area) if incident.area else org.top_desk()
    desk = deciding.find_decider(org, unit="", desk=own.code, refused=()) or own.code
    viewer = Viewer("desk", desk)
    seen = [
        ticket.number for ticket in _list_tickets(session, incident.id) if sight.decide(ticket, viewer, org=org) >= Sight.SUMMARY
    ]
    item, area = context.duty_list.item(incident.item), org.areas.get(incident.area)
    notice = notices.for_incident(
        incident.id,
        alarm,
        desk=desk,
        item=item.name if item else "",
        place=area.name if area else "",
        numbers=seen[-_NAMED:],
    )
    context.tell(session, notice)
    facts = {"kind": alarm.kind, "residents": alarm.residents, "desk": desk}
    record(session, actor="system", action="incident.raise", subject=f"incident:{incident.id}", facts=facts)


def _was_raised(incident: Incident, alarm: Alarm) -> bool:
    return (incident.raised_burst_at if alarm.kind == "burst" else incident.raised_slow_at) is not None


def _list_tickets(session: Session, incident_id: int) -> Sequence[Ticket]:
    """List the tickets of an incident that may be read together, the oldest first."""
    statement = select(Ticket).join(IncidentMember, IncidentMember.ticket_id == Ticket.id)
    return session.execute(statement.where(IncidentMember.incident_id == incident_id, is_fit()).order_by(Ticket.id)).scalars().all()
