"""排序: open tickets by their due time or by their last change, as somebody may see them. The newest first is routing.listing's.

Only open ones are put in order: of those that ended nobody waits for a time, and there are very many. By the last change no confidential one is
listed at all: no list of the staff says when something happened to it, not even by the place where it stands.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

import msgspec
from sqlalchemy import ColumnElement, and_, false, func, or_, select, true, union

from routing import sight
from routing.assists import TicketAssist
from routing.history import read_facts
from routing.listing import Line, list_parts, make_line
from routing.tables import Ticket
from routing.terms import OPEN_STATUSES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Select
    from sqlalchemy.orm import InstrumentedAttribute, Session

    from routing.facts import TicketFacts
    from routing.listing import Part
    from routing.org import OrgChart
    from routing.sight import Viewer
    from routing.terms import Status

Order = Literal["due", "changed"]
Place = tuple[datetime, int]
"""Where a page ends: the moment that its last ticket stands by, and its id."""
_AT_ONCE = 100
_READS = 5
FEW = 1000
"""So many open tickets are put in order as they are; of more a page is soon found by walking through all in their order."""


class OrderedPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some tickets in their order; `after` continues it, None at its end. A page may be short, or empty, and the list go on."""

    lines: tuple[Line, ...]
    after: Place | None = None


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is listed: of which statuses, and of what somebody has a part in `few`, each found by its own index, and `many`, met by walking."""

    wanted: tuple[ColumnElement[bool], ...]
    statuses: tuple[str, ...]
    few: tuple[ColumnElement[bool], ...]
    many: ColumnElement[bool] | None


def list_open(
    session: Session,
    order: Order,
    *,
    wanted: Sequence[ColumnElement[bool]],
    statuses: Sequence[Status],
    org: OrgChart,
    now: datetime,
    viewer: Viewer,
    keep: Callable[[TicketFacts], bool],
    limit: int = 50,
    after: Place | None = None,
    few: int = FEW,
) -> OrderedPage:
    """List open tickets of some statuses, what is due first or has changed last on top; `wanted` is what listing.choose says."""
    rows = tuple(wanted) if order == "due" else (*wanted, ~Ticket.confidential, Ticket.updated_at.is_not(None))
    asked = _ask(session, rows, sorted(map(str, OPEN_STATUSES.intersection(statuses))), list_parts(viewer, org), few=few)
    lines: list[Line] = []
    place: Place | None = None
    for looked, ticket in enumerate(_walk(session, order, asked, after=after, first=limit + 1)):
        if looked == limit + _AT_ONCE * (_READS - 1):
            return OrderedPage(lines=tuple(lines), after=place)
        facts = read_facts(session, ticket, org=org, in_list=True)
        seen = sight.see(facts, viewer, org=org)
        if seen is not None and keep(facts):
            if len(lines) == limit:
                return OrderedPage(lines=tuple(lines), after=place)
            lines.append(make_line(ticket, sight.in_lists(seen, by=viewer), now=now))
        place = _place_of(ticket, order)
    return OrderedPage(lines=tuple(lines))


def _walk(session: Session, order: Order, asked: Asked, *, after: Place | None, first: int) -> Iterator[Ticket]:
    """Walk through rows in their order: as many as a page needs, then some more at a time."""
    at_once = first
    while True:
        rows = session.scalars(_select_first(order, asked, after=after, limit=at_once)).all()
        yield from rows
        if len(rows) < at_once:
            return
        after, at_once = _place_of(rows[-1], order), _AT_ONCE


def _select_first(order: Order, asked: Asked, *, after: Place | None, limit: int) -> Select[Ticket]:
    """Select the first rows: those of a unit, of somebody and of desks that have few by their own index; else the index of the order is walked."""
    by = _by(order)
    wanted = asked.wanted if after is None else (*asked.wanted, _is_behind(order, after))
    some = select(Ticket.id).where(*wanted).order_by(*by).limit(limit)
    open_ones = Ticket.status.in_(asked.statuses)
    each = [some.where(open_ones, one) for one in asked.few]
    if asked.many is not None and order == "due":
        each += [some.where(Ticket.status == status, asked.many) for status in asked.statuses]
    elif asked.many is not None:
        each.append(some.where(_unindexed(Ticket.status).in_(asked.statuses), asked.many))
    found = union(*(select(one.subquery().c.id) for one in each)) if each else select(Ticket.id).where(false())
    return select(Ticket).where(Ticket.id.in_(found)).order_by(*by).limit(limit)


def _ask(
    session: Session, wanted: Sequence[ColumnElement[bool]], statuses: Sequence[str], parts: list[Part] | None, *, few: int
) -> Asked:
    """Sort what somebody has a part in by how its first rows are found. One query where they look over desks."""
    if parts is None:
        return Asked(wanted=tuple(wanted), statuses=tuple(statuses), few=(), many=true())
    codes: dict[str, list[str]] = {}
    for column, code in parts:
        codes.setdefault(column, []).append(code)
    own: list[ColumnElement[bool]] = []
    if units := codes.get("assisting"):
        own.append(Ticket.id.in_(select(TicketAssist.ticket_id).where(TicketAssist.unit.in_(units))))
    own += [column.in_(codes[column.key]) for column in (Ticket.unit, Ticket.handler) if column.key in codes]
    many: ColumnElement[bool] | None = None
    if desks := codes.get("desk"):
        if _is_little(session, desks, statuses, few):
            own.append(Ticket.desk.in_(desks))
        else:
            many = _unindexed(Ticket.desk).in_(desks)
    return Asked(wanted=tuple(wanted), statuses=tuple(statuses), few=tuple(own), many=many)


def _is_little(session: Session, desks: Sequence[str], statuses: Sequence[str], few: int) -> bool:
    """Tell whether desks have so few open tickets that all of them may be put in order."""
    some = select(Ticket.id).where(Ticket.status.in_(statuses), Ticket.desk.in_(desks)).limit(few + 1).subquery()
    return session.execute(select(func.count()).select_from(some)).scalar_one() <= few


def _unindexed(column: InstrumentedAttribute[str]) -> ColumnElement[str]:
    """Give a column so that a database does not look for its values by an index, but walks the index of the order."""
    return func.coalesce(column, "")


def _by(order: Order) -> tuple[ColumnElement[datetime | None], ColumnElement[int]]:
    return (Ticket.due_at.asc(), Ticket.id.asc()) if order == "due" else (Ticket.updated_at.desc(), Ticket.id.desc())  # type: ignore[return-value]


def _is_behind(order: Order, place: Place) -> ColumnElement[bool]:
    moment, number = place
    if order == "due":
        return or_(Ticket.due_at > moment, and_(Ticket.due_at == moment, Ticket.id > number))
    return or_(Ticket.updated_at < moment, and_(Ticket.updated_at == moment, Ticket.id < number))


def _place_of(ticket: Ticket, order: Order) -> Place:
    return (ticket.due_at if order == "due" else ticket.updated_at or ticket.opened_at), ticket.id
