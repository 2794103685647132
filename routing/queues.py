"""待办: what waits for somebody, queue by queue, what is due first on top. Read in the order of the due time; sight decides on every row.

A queue says more of a ticket than that it is there: its tier, that it was returned, that something was applied for. Of a confidential one only
who sees what stands on it is told so; the others find it in no queue but those that its status makes.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import Index, String, and_, cast, func, literal, or_, select, text, union, union_all

from routing import sight
from routing.history import read_facts
from routing.listing import Line, make_line
from routing.queue_shape import Queue
from routing.sight import Sight
from routing.tables import IncidentMember, Ticket
from routing.terms import OPEN_STATUSES, Status
from routing.track_tables import OPEN_TASKS, TicketRequest, TicketSupervision, TicketTask

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from routing.facts import TicketFacts
    from routing.org import OrgChart
    from routing.sight import Viewer

_ANSWERED = (Status.REPLIED, Status.CONCLUDED)
_HELD_UP = (Status.WAITING, Status.PAUSED)
_WORKED = (Status.DISPATCHED, Status.SIGNED)
MOST = 500
"""Counts end here: who has more waiting need not know how much more."""
_AT_ONCE = 100
_READS = 5

IS_KEPT = text("(CAST(refused AS VARCHAR) <> '[]' OR CAST(refused_staff AS VARCHAR) NOT IN ('[]', 'null'))")
"""Chooses the tickets that are kept from somebody, which is_plain() leaves out: in these words the few are found by their index."""
Index("ix_ticket_kept", Ticket.status, Ticket.id, sqlite_where=IS_KEPT, postgresql_where=IS_KEPT)

Place = tuple[datetime, int]
"""Where a page ends: the due time and the id of its last ticket."""


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
    live = (*_WORKED, Status.REPLIED)
    asked = select(TicketRequest.ticket_id).join(Ticket, Ticket.id == TicketRequest.ticket_id)
    asked = asked.where(TicketRequest.state == "asked", TicketRequest.asked_at >= Ticket.dispatched_at, _in(live))
    drafts = select(Ticket.id).where(Ticket.handover_state.in_(("draft", "doubted")), _in(sorted(OPEN_STATUSES)))
    red = Ticket.tier == "red"
    is_back = or_(_in((Status.REVIEW,)), Ticket.returns > 0)
    held, accepted = (*_HELD_UP, Status.CARRIED), (Status.ACCEPTED,)
    return (
        Queue(name="red", wanted=(here, red, _in(sorted(OPEN_STATUSES - set(_ANSWERED)))), tells=True),
        Queue(name="wait", wanted=(here, _in(accepted), ~red, Ticket.returns == 0), walks=accepted),
        Queue(name="back", wanted=(here, _in((*accepted, Status.REVIEW)), is_back, ~red), tells=True),
        Queue(name="decide", wanted=(here, Ticket.id.in_(union(asked, drafts))), tells=True),
        Queue(name="held", wanted=(here, _in(held)), walks=held),
        Queue(name="late", wanted=(here, _in(_WORKED), Ticket.unit != Ticket.desk, Ticket.due_at < now), walks=_WORKED),
        Queue(name="answered", wanted=(here, _in(_ANSWERED)), walks=_ANSWERED),
    )


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
    """Count what somebody may see of each queue, up to MOST. Two queries, and one for the few tickets on which sight has to decide."""
    looked = union_all(*(_look_at(one) for one in queues)).subquery()
    name, number, plain = looked.c
    counted = select(name, func.count()).where(plain).group_by(name)
    counts = dict.fromkeys((one.name for one in queues), 0) | {str(queue): count for queue, count in session.execute(counted)}
    doubted = session.execute(select(name, number).where(~plain)).all()
    rows = session.scalars(select(Ticket).where(Ticket.id.in_({each for _, each in doubted}))).all() if doubted else ()
    facts = {row.id: read_facts(session, row, org=org, in_list=True) for row in rows}
    tells = {one.name: one.tells for one in queues}
    for queue, each in doubted:
        counts[queue] += _is_shown(facts[each], viewer, org=org, keep=keep, tells=tells[queue])
    return {queue: min(count, MOST) for queue, count in counts.items()}


def _look_at(queue: Queue) -> Select[str, int, bool]:
    """Select some of a queue, and whether each is kept from nobody."""
    plain = and_(is_plain(), ~Ticket.confidential) if queue.tells else is_plain()
    looked = select(literal(queue.name).label("name"), Ticket.id.label("number"), plain.label("plain"))
    some = looked.where(*queue.wanted).limit(MOST).subquery()
    return select(some.c.name, some.c.number, some.c.plain)


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
        rows = session.scalars(_select_first(queue, later, at_once)).all()
        yield from rows
        if len(rows) < at_once:
            return
        after, at_once = (rows[-1].due_at, rows[-1].id), _AT_ONCE


def _select_first(queue: Queue, later: list[ColumnElement[bool]], limit: int) -> Select[Ticket]:
    """Select what is due first of a queue."""
    wanted = (*queue.wanted, *later)
    first = select(Ticket).order_by(Ticket.due_at, Ticket.id).limit(limit)
    if not queue.walks:
        return first.where(*wanted)
    walked = select(Ticket.id).order_by(Ticket.due_at, Ticket.id).limit(limit)
    each = (walked.where(Ticket.status == status.value, *wanted).subquery() for status in queue.walks)
    return first.where(Ticket.id.in_(union(*(select(one.c.id) for one in each))))


def _is_shown(facts: TicketFacts, viewer: Viewer, *, org: OrgChart, keep: Callable[[TicketFacts], bool], tells: bool) -> bool:
    least = Sight.SUMMARY if tells and facts.confidential else Sight.CODE
    return sight.decide(facts, viewer, org=org) >= least and keep(facts)


def is_plain() -> ColumnElement[bool]:
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
