"""清单: many tickets at once, listed, searched or exported, as somebody may see them.

What is kept from them is not there at all, and can be neither found nor counted. Of a confidential matter every list shows its number,
its desk and when it is due, to anybody.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from sqlalchemy import and_, func, or_, select, true, union

from routing import sight
from routing.assists import TicketAssist
from routing.history import WITHOUT_UNLISTED, read_facts
from routing.sight import OPERATOR, Viewer
from routing.tables import Ticket
from routing.terms import OPEN_STATUSES, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from datetime import tzinfo

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from routing.facts import TicketFacts
    from routing.org import OrgChart

_WAITING = OPEN_STATUSES - {Status.CONCLUDED}
"""The statuses in which somebody's time runs."""


_AT_ONCE = 100
"""Rows read at a time while a page is filled."""
_READS = 5
"""So many times more than a page needs, at most: what somebody may not see makes a page short in the end, not slow."""
_BRANCHES = 8
"""Up to so many units and desks each is walked by its own index; who looks over more of them has so many rows that any walk meets them soon."""
_FEW_CHANGED = 3000
"""Of so few that changed since a moment all are looked at: a unit's own of a year are more. Of more a page is soon full."""
Part = tuple[Literal["unit", "assisting", "desk", "handler"], str]
"""The rows that a unit has, that it assists with, that are a desk's, or that one of the staff works on."""
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
    area: str = ""
    item: str = ""
    version: int = 0
    updated_at: datetime | None = None
    """When something last happened to it; None for a confidential one, of which no list says when."""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Some tickets, newest first; `after` continues the list, None at its end. A page may be short, or empty, and the list go on."""

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
    kind: str = "",
    areas: Collection[str] = (),
    updated_since: datetime | None = None,
    zone: tzinfo = UTC,
    within: Collection[str] = (),
    reporter: str = "",
    keep: Callable[[TicketFacts], bool] | None = None,
    limit: int = 50,
    after: int | None = None,
) -> Page:
    """List the tickets somebody may see, newest first. `unit` is who has it now, `desk` whose it is; `keep` takes away further ones.

    `within` leaves those that lie in these areas, or that `reporter` reported: what somebody's post reaches, not what they ask for.

    A confidential one is listed, but not under its unit: whoever has it is told, nobody else need know who has; neither under its kind or its
    area, and only by the day (of the city's `zone`) on which something happened to it.
    """
    wanted = choose(
        org=org,
        now=now,
        viewer=viewer,
        status=status,
        unit=unit,
        desk=desk,
        overdue=overdue,
        kind=kind,
        areas=areas,
        within=within,
        reporter=reporter,
    )
    since: datetime | None = None
    if updated_since is not None:
        since = sight.day_of(updated_since, zone)
        wanted += [Ticket.updated_at >= since, or_(Ticket.confidential, Ticket.updated_at >= updated_since)]
    return _page(
        session,
        wanted,
        org=org,
        now=now,
        viewer=viewer,
        limit=limit,
        after=after,
        keep=keep,
        changed=since if since is not None and _is_little(session, since) else None,
    )


def choose(
    *,
    org: OrgChart,
    now: datetime,
    viewer: Viewer,
    status: Collection[Status] = (),
    unit: str = "",
    desk: str = "",
    overdue: bool = False,
    kind: str = "",
    areas: Collection[str] = (),
    within: Collection[str] = (),
    reporter: str = "",
) -> list[ColumnElement[bool]]:
    """Say which rows are asked for, as list_tickets has it; what of a confidential matter nobody is told chooses none."""
    wanted: list[ColumnElement[bool]] = []
    if status:
        wanted.append(Ticket.status.in_(sorted(status)))
    if unit:
        wanted += [
            Ticket.unit == unit,
            true() if unit in _units_of(viewer, org) else or_(~Ticket.confidential, Ticket.unit == Ticket.desk),
        ]
    if desk:
        wanted.append(Ticket.desk == desk)
    if overdue:
        wanted += [Ticket.due_at < now, Ticket.status.in_(sorted(_WAITING))]
    if kind:
        wanted += [Ticket.kind == kind, ~Ticket.confidential]
    if areas:
        wanted += [Ticket.area.in_(sorted(areas)), ~Ticket.confidential]
    if within:
        wanted.append(or_(Ticket.area.in_(sorted(within)), Ticket.reporter_staff == reporter))
    return wanted


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


def _is_little(session: Session, day: datetime) -> bool:
    """Tell whether few tickets changed since a day."""
    changed = select(Ticket.id).where(Ticket.updated_at >= day).limit(_FEW_CHANGED + 1).subquery()
    return session.execute(select(func.count()).select_from(changed)).scalar_one() <= _FEW_CHANGED


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
    keep: Callable[[TicketFacts], bool] | None = None,
    changed: datetime | None = None,
) -> Page:
    """Read rows until there are enough that may be seen, some hundreds at most; what somebody may not see hardly makes a page shorter."""
    lines: list[Line] = []
    looked, last, most = 0, 0, limit + _AT_ONCE * (_READS - 1)
    for ticket in _walk(session, wanted, list_parts(viewer, org), after=after, first=limit + 1, changed=changed):
        if looked == most:
            return Page(lines=tuple(lines), after=last)
        looked, last = looked + 1, ticket.id
        facts = read_facts(session, ticket, org=org, in_list=True)
        seen = sight.see(facts, viewer, org=org)
        if seen is None or (keep is not None and not keep(facts)):
            continue
        listed = sight.in_lists(seen, by=viewer)
        if word and word not in f"{listed.number} {listed.title} {listed.public_place} {listed.summary}".lower():
            continue
        if len(lines) == limit:
            return Page(lines=tuple(lines), after=lines[-1].id)
        lines.append(make_line(ticket, listed, now=now))
    return Page(lines=tuple(lines), after=None)


def _walk(
    session: Session,
    wanted: list[ColumnElement[bool]],
    parts: list[Part] | None,
    *,
    after: int | None,
    first: int,
    changed: datetime | None,
) -> Iterator[Ticket]:
    """Walk through rows newest first: as many as a page needs, then some more at a time."""
    at_once = min(first, _AT_ONCE * _READS)
    while True:
        rows = session.execute(_select_newest(wanted, parts, after=after, limit=at_once, changed=changed)).scalars().all()
        yield from rows
        if len(rows) < at_once:
            return
        after, at_once = rows[-1].id, _AT_ONCE


def _select_newest(
    wanted: list[ColumnElement[bool]], parts: list[Part] | None, *, after: int | None, limit: int, changed: datetime | None
) -> Select[Ticket]:
    """Select the newest rows of some parts. Of few parts each is walked by its own index, so that a small one costs little among very many.

    Of what changed since a day (`changed`), where that is little, each is looked at instead.
    """
    older = [Ticket.id < after] if after is not None else []
    newest = select(Ticket).options(*WITHOUT_UNLISTED).order_by(Ticket.id.desc()).limit(limit)
    if parts is None:
        return newest.where(*wanted, *older)
    if changed is not None:
        return newest.where(Ticket.id.in_(_select_changed(parts, changed)), *wanted, *older)
    if len(parts) > _BRANCHES:
        return newest.where(or_(*(_is_in(part, Ticket) for part in parts)), *wanted, *older)
    each = (_select_part(part).where(*wanted, *older).limit(limit).subquery() for part in parts)
    return newest.where(Ticket.id.in_(union(*(select(rows.c.id) for rows in each))))


def _select_part(part: Part) -> Select[int]:
    """Select a part's rows in the order of its index."""
    column, code = part
    if column != "assisting":
        return select(Ticket.id).where(_is_in(part, Ticket)).order_by(Ticket.id.desc())
    joined = select(Ticket.id).join(TicketAssist, TicketAssist.ticket_id == Ticket.id)
    return joined.where(TicketAssist.unit == code).order_by(TicketAssist.ticket_id.desc())


def _select_changed(parts: list[Part], day: datetime) -> Select[int]:
    """Select what changed since a day, of some parts; the database finds all that changed first, whichever way it would think cheaper."""
    found = select(Ticket.id, Ticket.unit, Ticket.desk, Ticket.handler).where(Ticket.updated_at >= day)
    changed = found.cte("changed").prefix_with("MATERIALIZED")
    return select(changed.c.id).where(or_(*(_is_in(part, changed.c) for part in parts)))


def _is_in(part: Part, columns: Any) -> Any:
    """Say when a row with these columns belongs to a part."""
    column, code = part
    if column == "assisting":
        return columns.id.in_(select(TicketAssist.ticket_id).where(TicketAssist.unit == code))
    return getattr(columns, column) == code


def list_parts(viewer: Viewer, org: OrgChart) -> list[Part] | None:
    """List what somebody can have a part in, beforehand; None for all. Sight decides on the rest."""
    units = [code for code in _units_of(viewer, org) if org.unit(code) is not None]
    if viewer.kind in {"operator", "resident"} or not units:
        return None
    codes = [code for unit in units for code in (unit, *org.predecessors(unit))]
    under = [desk.code for desk in org.desks.values() if not {each.code for each in org.ways_up(desk)}.isdisjoint(units)]
    below = [code for desk in under for code in (desk, *org.predecessors(desk))]
    mine: list[Part] = [(column, code) for code in codes for column in ("unit", "assisting")]
    theirs = [person.code for person in org.stationed_under(viewer.code)] if viewer.kind in {"staff", "supervisor"} else []
    return [*mine, *(("desk", code) for code in below), *(("handler", code) for code in theirs)]


def _units_of(viewer: Viewer, org: OrgChart) -> tuple[str, ...]:
    """Name the units or desks that somebody works for, or is; none for the operator and residents."""
    if viewer.kind in {"unit", "desk"}:
        return (viewer.code,)
    person = org.staff.get(viewer.code)
    return person.posts if person is not None and viewer.kind in {"staff", "supervisor"} else ()


def make_line(row: Ticket, ticket: TicketFacts, *, now: datetime) -> Line:
    """Make the line of a ticket, out of its facts as somebody sees them in lists."""
    return Line(
        id=row.id,
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
        followers=0 if row.confidential else row.followers,
        opened_at=ticket.opened_at,
        due_at=ticket.due_at,
        overdue=ticket.status in _WAITING and ticket.due_at < now,
        area=ticket.area,
        item=ticket.item,
        version=ticket.version,
        updated_at=None if row.confidential else row.updated_at,
    )
