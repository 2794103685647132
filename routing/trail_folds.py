"""What is read from the trails of tickets, kept in step with the events: signs, deeds, and of how many tickets each kind of deed was read by month.

`refresh` reads what has happened since, and what another basis reads otherwise; it may be run as often as one likes and by several at once.
Who reads does not wait for it: `find_behind` names the tickets that are not read yet, and these are read straight from their events.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any, get_args
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import delete, func, insert, or_, select, update

from routing import deeds, sign_rows
from routing.early_warnings import WarnedKind
from routing.sign_rows import cut
from routing.tables import Ticket, TicketEvent
from routing.trail_basis import Basis, compare
from routing.trail_tables import TicketDeed, TicketSign, TrailCursor, TrailFold, WorkMonth
from routing.warning_signs import ACTS, GIVES, detect
from store.base import insert_into
from store.locks import hold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from routing.deeds import Deed
    from routing.sign_rows import Trodden

WORKED_ON = "worked_on"
Added = tuple[date, bool, str, str]
"""What a ticket adds one to: the month by its first day, whether a unit or one of the staff, their code, the kind of deed or `worked_on`."""

_NAME = "trails"
_OVERLAP = 2_000
"""Events before the last one read that are looked at again: one with a smaller number may have been committed later."""
_WINDOW = 1_000
"""Events that one round moves on by: a round is one transaction, and others write meanwhile."""
_CHUNK = 500
_MOST_BEHIND = 2_000
"""With more events than these to be read, reading them all at once is no slower than looking each up."""
_WARNED = frozenset(get_args(WarnedKind))


def refresh(session: Session, *, basis: Basis) -> int:
    """Read one window of events, and what is to be read again; gives how many tickets were read or events passed. 0: all is read."""
    hold(session, _NAME)
    seen = _begin(session, basis)
    newest = session.execute(select(func.max(TicketEvent.id))).scalar_one() or 0
    until = min(newest, seen + _WINDOW)
    stale = _find_changed(session, after=max(0, seen - _OVERLAP), until=until)
    stale |= set(session.execute(_select_marked().limit(_CHUNK)).scalars())
    stale |= _find_followers(session, stale)
    _fold(session, stale, basis)
    values = {"event_id": until, "digest": basis.digest, "basis": msgspec.to_builtins(basis)}
    statement = insert_into(session, TrailCursor).values(name=_NAME, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))
    return len(stale) + until - seen


def refresh_all(session: Session, *, basis: Basis) -> None:
    """Read all that is not read yet."""
    while refresh(session, basis=basis):
        pass


def rebuild(session: Session, *, basis: Basis) -> None:
    """Throw away what was read and read it anew from the events; the result is the same."""
    for table in (TicketSign, TicketDeed, WorkMonth, TrailFold, TrailCursor):
        session.execute(delete(table))
    refresh_all(session, basis=basis)


def mark(session: Session, ticket: int) -> None:
    """Say that a ticket has to be read again, though nothing happened to it: its words are gone."""
    hold(session, _NAME)
    session.execute(update(TrailFold).where(TrailFold.ticket_id == ticket).values(event_id=0))


def find_behind(session: Session, basis: Basis) -> frozenset[int] | None:
    """Find the tickets of which something is not read yet; None where nothing of what is kept can be relied on, or very much is missing."""
    kept = select(TrailCursor.event_id).where(TrailCursor.name == _NAME, TrailCursor.digest == basis.digest)
    seen = session.execute(kept).scalar_one_or_none()
    if seen is None:
        return None
    happened = select(TicketEvent.ticket_id).where(TicketEvent.id > seen)
    behind = [one for few in (happened, _select_marked()) for one in session.execute(few.limit(_MOST_BEHIND + 1)).scalars()]
    if len(behind) > _MOST_BEHIND:
        return None
    found = set(behind)
    return frozenset(found | _find_followers(session, found))


def is_told(ticket: Trodden) -> bool:
    """Tell whether anybody is told who works on a ticket: not of what is confidential, or about a unit or a person."""
    return not (ticket.confidential or ticket.refused or ticket.refused_staff)


def list_added(ticket: Trodden, done: Iterable[Deed], zone: ZoneInfo) -> set[Added]:
    """List what a ticket adds to the counts of months: nothing where nobody is told who works on it."""
    if not is_told(ticket):
        return set()
    found: set[Added] = set()
    for deed in done:
        month = deed.at.astimezone(zone).date().replace(day=1)
        for is_unit, code in ((False, deed.actor), (True, deed.unit)):
            if code:
                found |= {(month, is_unit, code, deed.kind), (month, is_unit, code, WORKED_ON)}
    return found


def list_kept(adds: Iterable[Any]) -> Iterator[Added]:
    """List what a ticket adds as it is kept."""
    return ((date.fromisoformat(month), is_unit, code, kind) for month, is_unit, code, kind in adds)


def _begin(session: Session, basis: Basis) -> int:
    """Find how far the events are read; what another basis reads otherwise is marked."""
    cursor = session.execute(select(TrailCursor.event_id, TrailCursor.digest, TrailCursor.basis)).one_or_none()
    if cursor is None:
        return 0
    if cursor.digest != basis.digest:
        _mark_touched(session, msgspec.convert(cursor.basis, Basis), basis)
    return int(cursor.event_id)


def _mark_touched(session: Session, before: Basis, after: Basis) -> None:
    touched = compare(before, after)
    again = update(TrailFold).values(event_id=0)
    if touched.all:
        session.execute(again)
        return
    acted, given = select(TicketEvent.ticket_id), TicketEvent.act.in_(GIVES)
    for some in cut(sorted(touched.staff)):
        session.execute(again.where(TrailFold.ticket_id.in_(acted.where(TicketEvent.actor.in_(some)))))
    for some in cut(sorted(touched.units)):
        session.execute(again.where(TrailFold.ticket_id.in_(acted.where(TicketEvent.unit.in_(some), given))))
    for some in cut(sorted(touched.items)):
        session.execute(again.where(TrailFold.ticket_id.in_(select(Ticket.id).where(Ticket.item.in_(some)))))


def _select_marked() -> Select[int]:
    return select(TrailFold.ticket_id).where(TrailFold.event_id == 0)


def _find_changed(session: Session, *, after: int, until: int) -> set[int]:
    """Find the tickets with events in a window that are not read."""
    window = select(TicketEvent.ticket_id).where(TicketEvent.id > after, TicketEvent.id <= until).distinct()
    last = (
        select(TicketEvent.ticket_id, func.max(TicketEvent.id).label("event_id"))
        .where(TicketEvent.ticket_id.in_(window))
        .group_by(TicketEvent.ticket_id)
        .subquery()
    )
    statement = (
        select(last.c.ticket_id)
        .join(TrailFold, TrailFold.ticket_id == last.c.ticket_id, isouter=True)
        .where(or_(TrailFold.event_id.is_(None), TrailFold.event_id < last.c.event_id))
    )
    return set(session.execute(statement).scalars())


def _find_followers(session: Session, ids: Collection[int]) -> set[int]:
    """Find the tickets that come back to some: whether soon depends on when these were concluded."""
    found: set[int] = set()
    for some in cut(sorted(ids)):
        numbers = select(Ticket.number).where(Ticket.id.in_(some))
        found.update(session.execute(select(Ticket.id).where(Ticket.follows.in_(numbers))).scalars())
    return found


def _fold(session: Session, ids: Collection[int], basis: Basis) -> None:
    for some in cut(sorted(ids)):
        _fold_some(session, some, basis)


def _fold_some(session: Session, ids: Sequence[int], basis: Basis) -> None:
    last = select(TicketEvent.ticket_id, func.max(TicketEvent.id)).where(TicketEvent.ticket_id.in_(ids))
    read_to = {row[0]: row[1] for row in session.execute(last.group_by(TicketEvent.ticket_id))}
    changes: Counter[Added] = Counter()
    for adds in session.execute(select(TrailFold.adds).where(TrailFold.ticket_id.in_(ids))).scalars():
        changes.subtract(list_kept(adds))
    folds, signs, warned = [], [], []
    zone = ZoneInfo(basis.zone)
    for ticket, trail in sign_rows.read_trails(session, ids, basis=basis, acts=deeds.ACTS):
        shown = msgspec.structs.replace(trail, moments=tuple(one for one in trail.moments if one.act in ACTS))
        for place, sign in enumerate(detect(shown, settings=basis.settings, level_of=basis.levels)):
            about = {"at": sign.at, "kind": sign.kind, "unit": sign.unit, "facts": sign.facts}
            signs.append({"ticket_id": ticket.id, "place": place} | about)
        added = sorted(list_added(ticket, deeds.list_deeds(trail, staff=basis.staff, settings=basis.settings), zone))
        changes.update(added)
        warned += [_name(one) | {"ticket_id": ticket.id} for one in added if one[3] in _WARNED]
        kept = [[month.isoformat(), *rest] for month, *rest in added]
        folds.append({"ticket_id": ticket.id, "event_id": read_to.get(ticket.id, 0), "adds": kept})
    for table in (TrailFold, TicketSign, TicketDeed):
        session.execute(delete(table).where(table.ticket_id.in_(ids)))
    for table, rows in ((TrailFold, folds), (TicketSign, signs), (TicketDeed, warned)):
        if rows:
            session.execute(insert(table), rows)
    _add(session, changes)


def _add(session: Session, changes: Counter[Added]) -> None:
    """Add to the counts of months what has changed."""
    rows = [_name(one) | {"tickets": count} for one, count in sorted(changes.items()) if count]
    if rows:
        statement = insert_into(session, WorkMonth)
        more = {"tickets": WorkMonth.tickets + statement.excluded.tickets}
        session.execute(statement.on_conflict_do_update(index_elements=["month", "is_unit", "code", "kind"], set_=more), rows)


def _name(added: Added) -> dict[str, Any]:
    return dict(zip(("month", "is_unit", "code", "kind"), added, strict=True))
