"""待办: what waits for somebody, queue by queue, what is due first on top. Read in the order of the due time; sight decides on every row.

A queue says more of a ticket than that it is there: its tier, that it was returned, that something was applied for. Of a confidential one only
who sees what stands on it is told so; the others find it in no queue but those that its status makes.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import String, and_, cast, func, literal, or_, select, union_all

from routing import sight
from routing.history import read_facts
from routing.listing import Line, make_line
from routing.sight import Sight
from routing.tables import IncidentMember, Ticket
from routing.terms import OPEN_STATUSES, Status
from routing.track_tables import OPEN_TASKS, TicketRequest, TicketSupervision, TicketTask

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from routing.facts import TicketFacts
    from routing.org import OrgChart
    from routing.sight import Viewer

_ANSWERED = (Status.REPLIED, Status.CONCLUDED)
_HELD_UP = (Status.WAITING, Status.PAUSED)
_WORKED = (Status.DISPATCHED, Status.SIGNED)
_AT_ONCE = 100
_READS = 5

Place = tuple[datetime, int]
"""Where a page ends: the due time and the id of its last ticket."""


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """A queue: which tickets stand in it. `tells`: being in it says what a confidential ticket keeps to those who see all of it."""

    name: str
    wanted: tuple[ColumnElement[bool], ...]
    tells: bool = False


class Queued(msgspec.Struct, frozen=True, kw_only=True):
    """One ticket of a queue: its line, and its facts as its reader sees them in lists (of a confidential one little)."""

    line: Line
    facts: TicketFacts


class QueuePage(msgspec.Struct, frozen=True, kw_only=True):
    """Some tickets of a queue by their due time; `after` continues it, None at its end."""

    rows: tuple[Queued, ...]
    after: Place | None = None


def list_desk_queues(posts: Collection[str], *, org: OrgChart, now: datetime) -> tuple[Queue, ...]:
    """List the queues of whoever works at some desks, for these and all desks below."""
    here = _of_desks(posts, org)
    asked = select(TicketRequest.ticket_id).where(TicketRequest.state == "asked", TicketRequest.asked_at >= Ticket.dispatched_at)
    is_asked = and_(_in((*_WORKED, Status.REPLIED)), Ticket.id.in_(asked.correlate(Ticket)))
    red, accepted = Ticket.tier == "red", _in((Status.ACCEPTED,))
    is_back = or_(_in((Status.REVIEW,)), and_(accepted, Ticket.returns > 0))
    is_draft = and_(Ticket.handover_state.in_(("draft", "doubted")), _in(sorted(OPEN_STATUSES)))
    return (
        Queue(name="red", wanted=(here, red, _in(sorted(OPEN_STATUSES - set(_ANSWERED)))), tells=True),
        Queue(name="wait", wanted=(here, accepted, ~red, Ticket.returns == 0)),
        Queue(name="back", wanted=(here, is_back, ~red), tells=True),
        Queue(name="decide", wanted=(here, or_(is_asked, is_draft)), tells=True),
        Queue(name="held", wanted=(here, _in((*_HELD_UP, Status.CARRIED)))),
        Queue(name="late", wanted=(here, _in(_WORKED), Ticket.unit != Ticket.desk, Ticket.due_at < now)),
        Queue(name="answered", wanted=(here, _in(_ANSWERED))),
    )


def find_review_queue(posts: Collection[str], *, org: OrgChart) -> Queue:
    """Find the queue of what a supervisor has to decide on, at some desks and all desks below; who has it to decide, routing.deciding says."""
    return Queue(name="review", wanted=(_of_desks(posts, org), _in((Status.REVIEW,))), tells=True)


def list_unit_queues(posts: Collection[str], *, org: OrgChart) -> tuple[Queue, ...]:
    """List the queues of whoever works for some units."""
    codes = _with_predecessors(posts, org)
    ours = Ticket.unit.in_(codes)
    tasks = select(TicketTask.ticket_id).where(TicketTask.unit.in_(codes), TicketTask.state.in_(OPEN_TASKS))
    asked = select(TicketSupervision.ticket_id).where(TicketSupervision.unit.in_(codes), TicketSupervision.state == "open")
    return (
        Queue(name="sign", wanted=(ours, _in((Status.DISPATCHED,)))),
        Queue(name="work", wanted=(ours, _in((Status.SIGNED, Status.CARRIED)))),
        Queue(name="held", wanted=(ours, _in(_HELD_UP))),
        Queue(name="tasks", wanted=(Ticket.id.in_(tasks),)),
        Queue(name="asked", wanted=(Ticket.id.in_(asked),)),
        Queue(name="answered", wanted=(ours, _in(_ANSWERED))),
    )


def count_queues(
    session: Session, queues: Sequence[Queue], *, org: OrgChart, viewer: Viewer, keep: Callable[[TicketFacts], bool]
) -> dict[str, int]:
    """Count what somebody may see of each queue. Two queries, and one for the few tickets on which sight has to decide."""
    plain = _is_plain()
    counted = union_all(
        *(select(literal(one.name), func.count(Ticket.id)).where(*one.wanted, plain, *_leave_out(one)) for one in queues)
    )
    counts: dict[str, int] = {str(name): count for name, count in session.execute(counted)}
    doubted = union_all(
        *(
            select(literal(one.name), Ticket.id).where(*one.wanted, or_(~plain, Ticket.confidential if one.tells else ~plain))
            for one in queues
        )
    )
    found = [(name, number) for name, number in session.execute(doubted)]
    rows = session.scalars(select(Ticket).where(Ticket.id.in_({number for _, number in found}))).all() if found else ()
    facts = {row.id: read_facts(session, row, org=org, in_list=True) for row in rows}
    tells = {one.name: one.tells for one in queues}
    for name, number in found:
        counts[name] += _is_shown(facts[number], viewer, org=org, keep=keep, tells=tells[name])
    return counts


def read_queue(
    session: Session,
    queue: Queue,
    *,
    org: OrgChart,
    now: datetime,
    viewer: Viewer,
    keep: Callable[[TicketFacts], bool],
    limit: int = 30,
    after: Place | None = None,
) -> QueuePage:
    """Read a part of a queue, what is due first on top. One query, a few where much of it is not for who looks."""
    rows: list[Queued] = []
    place: Place | None = None
    for looked, ticket in enumerate(_walk(session, queue, after=after, first=limit + 1)):
        if looked == limit + _AT_ONCE * (_READS - 1):
            return QueuePage(rows=tuple(rows), after=place)
        facts = read_facts(session, ticket, org=org, in_list=True)
        if _is_shown(facts, viewer, org=org, keep=keep, tells=queue.tells):
            if len(rows) == limit:
                return QueuePage(rows=tuple(rows), after=place)
            shown = sight.see(facts, viewer, org=org)
            assert shown is not None  # noqa: S101 - sight has just said so
            listed = sight.in_lists(shown, by=viewer)
            rows.append(Queued(line=make_line(ticket, listed, now=now), facts=listed))
        place = (ticket.due_at, ticket.id)
    return QueuePage(rows=tuple(rows))


def list_requests(session: Session, ids: Collection[int]) -> Mapping[int, TicketRequest]:
    """List what units of these tickets have applied for and nobody has decided, by the tickets' ids. One query."""
    statement = select(TicketRequest).where(TicketRequest.ticket_id.in_(ids), TicketRequest.state == "asked")
    return {one.ticket_id: one for one in session.scalars(statement.order_by(TicketRequest.id))}


def list_owed(session: Session, ids: Collection[int], *, posts: Collection[str], org: OrgChart) -> Mapping[int, datetime]:
    """List by when some units owe an answer to a task or to supervision on these tickets, the first of each. Two queries."""
    codes = _with_predecessors(posts, org)
    found: dict[int, datetime] = {}
    for table, open_states in ((TicketTask, OPEN_TASKS), (TicketSupervision, ("open",))):
        owed = (table.ticket_id.in_(ids), table.unit.in_(codes), table.state.in_(open_states))
        for ticket, due_at in session.execute(select(table.ticket_id, table.due_at).where(*owed)):
            found[ticket] = min(found.get(ticket, due_at), due_at)
    return found


def list_same(
    session: Session, ids: Collection[int], *, org: OrgChart, viewer: Viewer, most: int = 3
) -> Mapping[int, tuple[TicketFacts, ...]]:
    """List the open tickets that tell of the same incident as each of these, the oldest first, as far as somebody may see them. Two queries."""
    ours = select(IncidentMember.ticket_id, IncidentMember.incident_id).where(IncidentMember.ticket_id.in_(ids))
    incidents = {ticket: incident for ticket, incident in session.execute(ours) if incident is not None}
    others = (
        select(IncidentMember.incident_id, Ticket)
        .join(Ticket, Ticket.id == IncidentMember.ticket_id)
        .where(IncidentMember.incident_id.in_(set(incidents.values())), _in(sorted(OPEN_STATUSES)))
        .order_by(Ticket.id)
        .limit(_AT_ONCE)
    )
    found: dict[int, list[tuple[int, TicketFacts]]] = {}
    for incident, ticket in session.execute(others) if incidents else ():
        facts = read_facts(session, ticket, org=org, in_list=True)
        seen = sight.see(facts, viewer, org=org)
        if incident is not None and seen is not None and not seen.confidential:
            found.setdefault(incident, []).append((ticket.id, seen))
    return {
        ticket: tuple(facts for number, facts in found.get(incident, ()) if number != ticket)[:most]
        for ticket, incident in incidents.items()
    }


def _walk(session: Session, queue: Queue, *, after: Place | None, first: int) -> Iterator[Ticket]:
    at_once = first
    while True:
        later = [or_(Ticket.due_at > after[0], and_(Ticket.due_at == after[0], Ticket.id > after[1]))] if after else []
        statement = select(Ticket).where(*queue.wanted, *later).order_by(Ticket.due_at, Ticket.id).limit(at_once)
        rows = session.scalars(statement).all()
        yield from rows
        if len(rows) < at_once:
            return
        after, at_once = (rows[-1].due_at, rows[-1].id), _AT_ONCE


def _is_shown(facts: TicketFacts, viewer: Viewer, *, org: OrgChart, keep: Callable[[TicketFacts], bool], tells: bool) -> bool:
    least = Sight.SUMMARY if tells and facts.confidential else Sight.CODE
    return sight.decide(facts, viewer, org=org) >= least and keep(facts)


def _leave_out(queue: Queue) -> tuple[ColumnElement[bool], ...]:
    """Leave out of the plain count what sight decides on row by row."""
    return (~Ticket.confidential,) if queue.tells else ()


def _is_plain() -> ColumnElement[bool]:
    """Select the tickets that are kept from nobody."""
    nobody = or_(Ticket.refused_staff.is_(None), cast(Ticket.refused_staff, String).in_(("[]", "null")))
    return and_(cast(Ticket.refused, String) == "[]", nobody)


def _of_desks(posts: Collection[str], org: OrgChart) -> ColumnElement[bool]:
    """Select what is a matter of some desks and of all below."""
    below = [desk.code for desk in org.desks.values() if not {each.code for each in org.ways_up(desk)}.isdisjoint(posts)]
    return Ticket.desk.in_(_with_predecessors(below, org))


def _in(statuses: Collection[str]) -> ColumnElement[bool]:
    return Ticket.status.in_([str(one) for one in statuses])


def _with_predecessors(codes: Collection[str], org: OrgChart) -> list[str]:
    return [each for code in codes for each in (code, *org.predecessors(code))]
