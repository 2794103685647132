"""同一件事 as people see it, merge it and split it. What they do stays so: no program undoes it, a restart neither.

Everybody sees of an incident the tickets they may see (routing.sight), and as many residents as are heard in these; of one that shows them
none there is nothing. Who merges and splits is a desk, and sees all of every ticket concerned.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - msgspec reads the annotation
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import select

from routing import incident_rows, sight
from routing.errors import NoIncident, NotSplit, NotYours
from routing.history import read_facts
from routing.incident_rows import CHANGES
from routing.sight import OPERATOR, Sight
from routing.tables import Incident, IncidentMember, Ticket, TicketFollower
from routing.terms import UnitKind
from store.audit import record
from store.counters import next_number
from store.locks import hold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from sqlalchemy.orm import Session

    from routing.facts import TicketFacts
    from routing.org import OrgChart
    from routing.sight import Viewer

_AT_ONCE = 100
"""Incidents read at a time while a list is filled."""
_SEVERAL = 2
"""Residents from which an incident is listed: of one alone its ticket is."""


class SeenIncident(msgspec.Struct, frozen=True, kw_only=True):
    """An incident as somebody sees it: `tickets` limited to what they may see, the oldest first; `residents` are those heard in them."""

    id: int
    opened_at: datetime
    last_at: datetime
    area: str
    item: str
    residents: int
    tickets: tuple[TicketFacts, ...]
    by_hand: bool
    raised_burst_at: datetime | None
    raised_slow_at: datetime | None


def list_incidents(session: Session, *, org: OrgChart, viewer: Viewer = OPERATOR, limit: int = 50) -> tuple[SeenIncident, ...]:
    """List the incidents in which somebody sees that several residents are heard, the one heard of last first."""
    found: list[SeenIncident] = []
    for incident in _walk(session):
        seen = _see(session, incident, org=org, viewer=viewer)
        if seen is not None and seen.residents >= _SEVERAL:
            found.append(seen)
        if len(found) == limit:
            break
    return tuple(found)


def show(session: Session, number: int, *, org: OrgChart, viewer: Viewer = OPERATOR) -> SeenIncident:
    """Show an incident, or the one that it became part of; NoIncident if somebody sees nothing of it."""
    seen = _see(session, _find(session, number), org=org, viewer=viewer)
    if seen is None:
        raise NoIncident
    return seen


def merge(session: Session, one: int, other: int, *, org: OrgChart, viewer: Viewer, actor: str) -> int:
    """Make one incident of two, by hand; gives the older, which stays. NoIncident and NotYours say why it may not be."""
    hold(session, CHANGES)
    first, second = sorted((_find(session, one), _find(session, other)), key=lambda incident: incident.id)
    for incident in (first, second):
        _check(session, incident, org=org, viewer=viewer)
    if first is second:
        return first.id
    incident_rows.absorb(session, first, second, by_hand=True)
    _write_down(session, first, act="incident.merge", actor=actor, facts={"other": second.id})
    return first.id


def split(session: Session, number: int, tickets: Collection[str], *, org: OrgChart, viewer: Viewer, actor: str) -> int:
    """Make an incident of its own of some tickets (by number) of one, by hand; gives the new one.

    NoIncident, NotYours and NotSplit (a ticket is not in it, or none would be left in one of the two) say why it may not be.
    """
    hold(session, CHANGES)
    incident = _find(session, number)
    _check(session, incident, org=org, viewer=viewer)
    members = {ticket.number: member for member, ticket in _list_members(session, incident.id)}
    if not tickets or not frozenset(tickets) < members.keys():
        raise NotSplit
    new = Incident(
        id=incident_rows.read_standing(session).next_incident,
        opened_at=incident.opened_at,
        last_at=incident.last_at,
        area=incident.area,
        item=incident.item,
        residents=0,
    )
    session.add(new)
    session.flush()
    for ticket in tickets:
        members[ticket].incident_id, members[ticket].by_hand = new.id, True
    incident_rows.keep_apart(session, incident.id, new.id)
    incident_rows.count(session, incident)
    _write_down(session, new, act="incident.split", actor=actor, facts={"from": incident.id, "tickets": sorted(tickets)})
    return new.id


def _write_down(session: Session, incident: Incident, *, act: str, actor: str, facts: dict[str, object]) -> None:
    """Count anew, say that something changed, have it looked at once more for what it may raise, and keep who did it."""
    incident_rows.count(session, incident)
    incident_rows.ask_for_look(session, incident.id)
    next_number(session, CHANGES)
    record(session, actor=actor, action=act, subject=f"incident:{incident.id}", facts=facts)


def _find(session: Session, number: int) -> Incident:
    """Find an incident, or the one it became part of; NoIncident if there is none of that number."""
    incident = session.get(Incident, number)
    while incident is not None and incident.merged_into is not None:
        incident = session.get(Incident, incident.merged_into)
    if incident is None:
        raise NoIncident
    return incident


def _check(session: Session, incident: Incident, *, org: OrgChart, viewer: Viewer) -> None:
    """Raise NoIncident where somebody sees nothing of it, NotYours where they are no desk or something of it is kept from them."""
    if viewer == OPERATOR:
        return
    if _see(session, incident, org=org, viewer=viewer) is None:
        raise NoIncident
    person = org.staff.get(viewer.code)
    units = [unit for post in (person.posts if person is not None else ()) if (unit := org.unit(post)) is not None]
    sights = (sight.decide(ticket, viewer, org=org) for _, ticket in _list_members(session, incident.id))
    if all(unit.kind is not UnitKind.DESK for unit in units) or any(each is not Sight.FULL for each in sights):
        raise NotYours


def _see(session: Session, incident: Incident, *, org: OrgChart, viewer: Viewer) -> SeenIncident | None:
    """Limit an incident to what somebody may see of it; None if that is nothing."""
    rows = [(member, ticket) for member, ticket in _list_members(session, incident.id) if _sees(ticket, viewer, org=org)]
    if not rows:
        return None
    ids = [ticket.id for _, ticket in rows]
    joined = session.execute(
        select(TicketFollower.resident_id, TicketFollower.joined_at).where(TicketFollower.ticket_id.in_(ids))
    ).all()
    times = [*(ticket.opened_at for _, ticket in rows), *(at for _, at in joined)]
    facts = (sight.see(read_facts(session, ticket, org=org, in_list=True), viewer, org=org) for _, ticket in rows)
    return SeenIncident(
        id=incident.id,
        opened_at=min(times),
        last_at=max(times),
        area=org.common_area(ticket.area for _, ticket in rows if ticket.area),
        item=incident.item,
        residents=len({*(ticket.resident_id for _, ticket in rows), *(resident for resident, _ in joined)}),
        tickets=tuple(each for each in facts if each is not None),
        by_hand=any(member.by_hand for member, _ in rows),
        raised_burst_at=incident.raised_burst_at,
        raised_slow_at=incident.raised_slow_at,
    )


def _sees(ticket: Ticket, viewer: Viewer, *, org: OrgChart) -> bool:
    return sight.decide(ticket, viewer, org=org) >= Sight.SUMMARY


def _list_members(session: Session, incident_id: int) -> Sequence[tuple[IncidentMember, Ticket]]:
    """List the tickets of an incident that may be read together, the oldest first."""
    statement = select(IncidentMember, Ticket).join(Ticket, Ticket.id == IncidentMember.ticket_id)
    statement = statement.where(IncidentMember.incident_id == incident_id, incident_rows.is_fit()).order_by(Ticket.id)
    return [(member, ticket) for member, ticket in session.execute(statement)]


def _walk(session: Session) -> Iterator[Incident]:
    """Walk through the incidents of several residents, the one heard of last first, some at a time."""
    offset = 0
    while True:
        statement = select(Incident).where(Incident.residents >= _SEVERAL).order_by(Incident.last_at.desc(), Incident.id.desc())
        rows = session.execute(statement.offset(offset).limit(_AT_ONCE)).scalars().all()
        yield from rows
        if len(rows) < _AT_ONCE:
            return
        offset += _AT_ONCE
