"""清单: many tickets at once, listed, searched or exported, as somebody may see them.

What is kept from them is not there at all, and can be neither found nor counted. Of a confidential matter every list shows its number,
its desk and when it is due, to anybody.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - msgspec reads the annotation
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import String, and_, cast, or_, select, true

from routing import sight
from routing.history import read_facts
from routing.sight import OPERATOR, Viewer
from routing.tables import Ticket
from routing.terms import OPEN_STATUSES, Status

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from routing.facts import TicketFacts
    from routing.org import OrgChart

_WAITING = OPEN_STATUSES - {Status.CONCLUDED}
"""The statuses in which somebody's time runs."""


_AT_ONCE = 100
"""Rows read at a time while a page is filled."""
_LIKE = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One ticket in a list."""

    id: int
    number: str
    status: Status
    title: str
    public_place: str
    unit: str
    unit_name: str
    desk: str
    desk_name: str
    kind: str
    tier: str
    confidential: bool
    summary: str
    followers: int
    opened_at: datetime
    due_at: datetime
    overdue: bool


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Some tickets, newest first; `after` continues the list, None at its end."""

    lines: tuple[Line, ...]
    after: int | None


def list_tickets(
    session: Session,
    *,
    org: OrgChart,
    now: datetime,
    viewer: Viewer = OPERATOR,
    status: Collection[Status] = (),
    unit: str = "",
    desk: str = "",
    overdue: bool = False,
    limit: int = 50,
    after: int | None = None,
) -> Page:
    """List the tickets somebody may see, newest first. `unit` is who has it now, `desk` whose it is.

    A confidential one is listed, but not under its unit: whoever has it is told, nobody else need know who has.
    """
    wanted: list[ColumnElement[bool]] = []
    if status:
        wanted.append(Ticket.status.in_(sorted(status)))
    if unit:
        wanted += [
            Ticket.unit == unit,
            true() if unit == _unit_of(viewer, org) else or_(~Ticket.confidential, Ticket.unit == Ticket.desk),
        ]
    if desk:
        wanted.append(Ticket.desk == desk)
    if overdue:
        wanted += [Ticket.due_at < now, Ticket.status.in_(sorted(_WAITING))]
    return _page(session, wanted, org=org, now=now, viewer=viewer, limit=limit, after=after)


def search(
    session: Session,
    word: str,
    *,
    org: OrgChart,
    now: datetime,
    viewer: Viewer = OPERATOR,
    limit: int = 50,
    after: int | None = None,
) -> Page:
    """Find tickets by a word of their title, place or summary, or by their number; a confidential one by its whole number only."""
    pattern = "%" + word.translate(_LIKE) + "%"
    columns = (Ticket.number, Ticket.title, Ticket.public_place, Ticket.summary)
    in_words = or_(*(column.ilike(pattern, escape="\\") for column in columns))
    wanted = or_(Ticket.number == word, and_(~Ticket.confidential, in_words))
    return _page(session, [wanted], org=org, now=now, viewer=viewer, limit=limit, after=after, word=word.lower())


def _page(
    session: Session,
    wanted: list[ColumnElement[bool]],
    *,
    org: OrgChart,
    now: datetime,
    viewer: Viewer,
    limit: int,
    after: int | None,
    word: str = "",
) -> Page:
    """Read rows until there are enough that may be seen; what somebody may not see does not make a page shorter."""
    lines: list[Line] = []
    for ticket in _walk(session, [*wanted, _narrow(viewer, org)], after=after):
        facts = read_facts(session, ticket, org=org, in_list=True)
        seen = sight.see(facts, viewer, org=org)
        if seen is None:
            continue
        listed = sight.in_lists(seen, by=viewer)
        if word and word not in f"{listed.number} {listed.title} {listed.public_place} {listed.summary}".lower():
            continue
        if len(lines) == limit:
            return Page(lines=tuple(lines), after=lines[-1].id)
        lines.append(_line(ticket.id, listed, followers=0 if ticket.confidential else ticket.followers, now=now))
    return Page(lines=tuple(lines), after=None)


def _walk(session: Session, wanted: list[ColumnElement[bool]], *, after: int | None) -> Iterator[Ticket]:
    """Walk through rows newest first, some at a time."""
    while True:
        older = [Ticket.id < after] if after is not None else []
        statement = select(Ticket).where(*wanted, *older).order_by(Ticket.id.desc()).limit(_AT_ONCE)
        rows = session.execute(statement).scalars().all()
        yield from rows
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1].id


def _narrow(viewer: Viewer, org: OrgChart) -> ColumnElement[bool]:
    """Leave out beforehand what somebody can have no part in; sight decides on the rest."""
    unit = org.unit(_unit_of(viewer, org))
    if viewer.kind in {"operator", "resident"} or unit is None:
        return true()
    mine = or_(Ticket.unit == unit.code, cast(Ticket.assisting, String).contains(f'"{unit.code}"', autoescape=True))
    below = [desk.code for desk in org.desks.values() if unit.code in {each.code for each in org.ways_up(desk)}]
    return or_(mine, Ticket.desk.in_(below)) if below else mine


def _unit_of(viewer: Viewer, org: OrgChart) -> str:
    """Name the unit or desk that somebody belongs to, or is; "" for the operator and residents."""
    if viewer.kind in {"unit", "desk"}:
        return viewer.code
    person = org.staff.get(viewer.code)
    return person.unit if person is not None and viewer.kind in {"staff", "supervisor"} else ""


def _line(ticket_id: int, ticket: TicketFacts, *, followers: int, now: datetime) -> Line:
    return Line(
        id=ticket_id,
        number=ticket.number,
        status=ticket.status,
        title=ticket.title,
        public_place=ticket.public_place,
        unit=ticket.unit,
        unit_name=ticket.unit_name,
        desk=ticket.desk,
        desk_name=ticket.desk_name,
        kind=ticket.kind,
        tier=ticket.tier,
        confidential=ticket.confidential,
        summary=ticket.summary,
        followers=followers,
        opened_at=ticket.opened_at,
        due_at=ticket.due_at,
        overdue=ticket.status in _WAITING and ticket.due_at < now,
    )
