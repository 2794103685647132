"""汇总: what each ticket counts as, and the sums of days and months, kept in step with the events so that a year's figures are a few thousand rows.

`refresh` folds what has happened since: tickets with new events, and those that have fallen due without any. It may be run as often as one
likes and by several at once. A ticket's part per unit stands in figure_ticket; the days and months it touches are summed anew (routing.tally_days).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from sqlalchemy import bindparam, delete, func, insert, or_, select, union_all

from routing.figure_rows import dimensions_of, list_runs, list_stories, split
from routing.figures import Dimension, Tally, add, look_again_at
from routing.tables import TicketEvent
from routing.tally_days import list_days, month_of, note, sum_days, sum_months
from routing.tally_tables import COUNTS, DIMENSIONS, FigureCursor, FigureDay, FigureMonth, FigureTicket, sums_of
from store.base import insert_into
from store.locks import hold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from zoneinfo import ZoneInfo

    from sqlalchemy import BindParameter, ColumnElement, Select
    from sqlalchemy.orm import Session

_CURSOR = "events"
_WRITTEN_OUT = "area"
"""Of a street's hundreds of grids PostgreSQL makes a hash only where it knows them when it plans. They are our own codes; what callers write is bound."""
_OVERLAP = 2_000
"""Events before the last one seen that are looked at again: one with a smaller number may have been committed later."""
_WINDOW = 1_000
"""Events that one round moves on by: a round is one transaction, and others write meanwhile."""
_CHUNK = 500
_COUNTED_UNDER = (FigureTicket.day, *(getattr(FigureTicket, name) for name in DIMENSIONS if name != "all"))


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """Days of the city, both included, and the values asked for by dimension (none: all)."""

    first: date
    last: date
    values: dict[Dimension, tuple[str, ...]] = {}


def refresh(session: Session, *, now: datetime, zone: ZoneInfo) -> int:
    """Fold one window of events, and what has fallen due; gives how many tickets were folded or events passed. 0: all is in the sums."""
    hold(session, "figures")
    newest = session.execute(select(func.max(TicketEvent.id))).scalar_one() or 0
    seen = session.execute(select(FigureCursor.event_id).where(FigureCursor.name == _CURSOR)).scalar_one_or_none() or 0
    until = min(newest, seen + _WINDOW)
    stale = _find_changed(session, after=max(0, seen - _OVERLAP), until=until) | _find_due(session, now=now)
    _fold(session, stale, now=now, zone=zone)
    if until > seen:
        statement = insert_into(session, FigureCursor).values(name=_CURSOR, event_id=until)
        session.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"event_id": until}))
    return len(stale) + until - seen


def refresh_all(session: Session, *, now: datetime, zone: ZoneInfo) -> None:
    """Fold all that is not in the sums yet."""
    while refresh(session, now=now, zone=zone):
        pass


def rebuild(session: Session, *, now: datetime, zone: ZoneInfo) -> None:
    """Throw the sums away and make them anew from the events; the result is the same."""
    for table in (FigureTicket, FigureDay, FigureMonth, FigureCursor):
        session.execute(delete(table))
    refresh_all(session, now=now, zone=zone)


def is_fresh(session: Session, *, now: datetime) -> bool:
    """Tell whether all events are in the sums, and nothing has fallen due since."""
    newest = session.execute(select(func.max(TicketEvent.id))).scalar_one() or 0
    seen = session.execute(select(FigureCursor.event_id).where(FigureCursor.name == _CURSOR)).scalar_one_or_none() or 0
    return newest <= seen and not _find_due(session, now=now)


def read_sum(session: Session, span: Span) -> Tally:
    """Read the sum of a span. Asked for by no more than one dimension it is read from the months and days, else from the tickets."""
    if len(span.values) > 1:
        return _make_tally(session.execute(select(*sums_of(FigureTicket)).where(*within_tickets(span))).one())
    (row,) = _read_parts(session, span, next(iter(span.values), "all"), COUNTS, by_value=False)
    return _make_tally(row)


def read_by(session: Session, span: Span, dimension: Dimension, *, counts: tuple[str, ...] = COUNTS) -> dict[str, Tally]:
    """Read the sums of a span by the values of a dimension; with `counts` these alone, which is quicker, and the others are 0."""
    return read_by_each(session, span, (dimension,), counts=counts)[0]


def read_by_each(
    session: Session, span: Span, dimensions: tuple[Dimension, ...], *, counts: tuple[str, ...] = COUNTS
) -> list[dict[str, Tally]]:
    """Read the sums of a span by the values of each of some dimensions; where the months and days do not hold them, in one walk through the tickets."""
    if any(set(span.values) - {name} for name in dimensions):
        return _read_tickets(session, span, dimensions, counts)
    return [
        {row[0]: _make_tally(row[1:], counts) for row in _read_parts(session, span, name, counts, by_value=True)}
        for name in dimensions
    ]


def _read_tickets(
    session: Session, span: Span, dimensions: tuple[Dimension, ...], counts: tuple[str, ...]
) -> list[dict[str, Tally]]:
    columns = [getattr(FigureTicket, name) for name in dimensions]
    statement = select(*columns, *sums_of(FigureTicket, counts)).where(*within_tickets(span)).group_by(*columns)
    rows = session.execute(statement).all()
    parts = np.array([row[len(dimensions) :] for row in rows], dtype=np.int64).reshape(-1, len(counts))
    found = []
    for place in range(len(dimensions)):
        values, of = np.unique([row[place] for row in rows], return_inverse=True)
        sums = np.zeros((len(values), len(counts)), dtype=np.int64)
        np.add.at(sums, of, parts)
        found.append({value: _make_tally(each, counts) for value, each in zip(values.tolist(), sums.tolist(), strict=True)})
    return found


def read_days(session: Session, span: Span, *, counts: tuple[str, ...] = COUNTS) -> dict[date, Tally]:
    """Read the sums of a span day by day, all or these `counts` alone; days without a ticket are not in it."""
    if len(span.values) > 1:
        statement = select(FigureTicket.day, *sums_of(FigureTicket, counts)).where(*within_tickets(span)).group_by(FigureTicket.day)
    else:
        wanted = _within(FigureDay, span, next(iter(span.values), "all"))
        within = (FigureDay.day >= span.first, FigureDay.day <= span.last)
        statement = select(FigureDay.day, *sums_of(FigureDay, counts)).where(*wanted, *within).group_by(FigureDay.day)
    return {row[0]: _make_tally(row[1:], counts) for row in session.execute(statement)}


def read_months(session: Session, span: Span, *, counts: tuple[str, ...] = COUNTS) -> dict[date, Tally]:
    """Read the sums of a span month by month, by their first days; of a month that is not all in it, its days in it."""
    months, edges = cut_months(span.first, span.last)
    if len(span.values) > 1:
        months, edges = (), ((span.first, span.last),)
    found: dict[date, Tally] = {}
    for first, last in edges:
        for day, sums in read_days(session, msgspec.structs.replace(span, first=first, last=last), counts=counts).items():
            month = month_of(day)
            found[month] = add((found[month], sums)) if month in found else sums
    if months:
        wanted = (*_within(FigureMonth, span, next(iter(span.values), "all")), FigureMonth.month.in_(months))
        statement = select(FigureMonth.month, *sums_of(FigureMonth, counts)).where(*wanted).group_by(FigureMonth.month)
        found |= {row[0]: _make_tally(row[1:], counts) for row in session.execute(statement)}
    return dict(sorted(found.items()))


def cut_months(first: date, last: date) -> tuple[tuple[date, ...], tuple[tuple[date, date], ...]]:
    """Cut days into the months that are all in them, by their first days, and what is left before and after, both ends included."""
    months: list[date] = []
    month = first if first.day == 1 else list_days(month_of(first))[-1] + timedelta(days=1)
    start = month
    while (end := list_days(month)[-1]) <= last:
        months.append(month)
        month = end + timedelta(days=1)
    if not months:
        return (), ((first, last),)
    edges = ((first, start - timedelta(days=1)), (month, last))
    return tuple(months), tuple((one, other) for one, other in edges if one <= other)


def list_values(session: Session, dimension: Dimension) -> set[str]:
    """List the values of a dimension that any ticket in the sums ever had."""
    return set(session.execute(select(FigureMonth.value).where(FigureMonth.dimension == dimension).distinct()).scalars())


def _find_changed(session: Session, *, after: int, until: int) -> set[int]:
    """Find the tickets with events in a window that are not in the sums."""
    window = select(TicketEvent.ticket_id).where(TicketEvent.id > after, TicketEvent.id <= until).distinct().subquery()
    last = (
        select(TicketEvent.ticket_id, func.max(TicketEvent.id).label("event_id"))
        .where(TicketEvent.ticket_id.in_(select(window.c.ticket_id)))
        .group_by(TicketEvent.ticket_id)
        .subquery()
    )
    known = select(FigureTicket.ticket_id, func.max(FigureTicket.event_id).label("event_id")).group_by(FigureTicket.ticket_id)
    folded = known.where(FigureTicket.ticket_id.in_(select(window.c.ticket_id))).subquery()
    statement = (
        select(last.c.ticket_id)
        .join(folded, folded.c.ticket_id == last.c.ticket_id, isouter=True)
        .where(or_(folded.c.event_id.is_(None), folded.c.event_id < last.c.event_id))
    )
    return set(session.execute(statement).scalars())


def _find_due(session: Session, *, now: datetime) -> set[int]:
    """Find some tickets that began to count as something else without any event."""
    return set(session.execute(select(FigureTicket.ticket_id).where(FigureTicket.look_at < now).limit(_CHUNK)).scalars())


def _fold(session: Session, ids: Collection[int], *, now: datetime, zone: ZoneInfo) -> None:
    """Put what these tickets count as now in the place of what they counted as, and sum the days and months of both anew."""
    touched: dict[tuple[Dimension, date], set[str]] = {}
    days: set[date] = set()
    ordered = sorted(ids)
    for start in range(0, len(ordered), _CHUNK):
        chunk = ordered[start : start + _CHUNK]
        gone = delete(FigureTicket).where(FigureTicket.ticket_id.in_(chunk)).returning(*_COUNTED_UNDER)
        rows = [dict(row) for row in session.execute(gone).mappings()]
        made = _make_rows(session, chunk, now=now, zone=zone)
        if made:
            session.execute(insert(FigureTicket), made)
        for row in (*rows, *made):
            days.add(row["day"])
            note(touched, row)
    sum_days(session, days)
    sum_months(session, touched)


def _make_rows(session: Session, ids: Collection[int], *, now: datetime, zone: ZoneInfo) -> list[dict[str, Any]]:
    runs = list_runs(session, ids=ids)
    rows = []
    for story in list_stories(session, ids=ids):
        look_at = look_again_at(story, now=now)
        fixed = {
            "ticket_id": story.ticket,
            "day": story.received_at.astimezone(zone).date(),
            "event_id": story.last_event,
            "look_at": look_at,
        }
        for unit, part in split(story, runs.get(story.ticket, {}), now=now):
            named: dict[str, Any] = {name: value for name, value in dimensions_of(story, unit=unit).items() if name != "all"}
            rows.append(fixed | named | msgspec.structs.asdict(part))
    return rows


def _read_parts(session: Session, span: Span, dimension: Dimension, counts: tuple[str, ...], *, by_value: bool) -> Sequence[Any]:
    """Read the sums of a span from what it is made of by a dimension: its months, and the days that are left before and after them."""
    months, edges = cut_months(span.first, span.last)
    asked = span.values.get(dimension)
    given: dict[str, Any] = {"dimension": dimension, "months": months, "chosen": asked}
    for place, (first, last) in enumerate(edges):
        given |= {f"first_{place}": first, f"last_{place}": last}
    statement = _select_parts(
        counts,
        by_value=by_value,
        months=bool(months),
        edges=len(edges),
        chooses=asked is not None,
        of_areas=dimension == _WRITTEN_OUT,
    )
    return session.execute(statement, given).all()


@cache
def _select_parts(
    counts: tuple[str, ...], *, by_value: bool, months: bool, edges: int, chooses: bool, of_areas: bool
) -> Select[Any]:
    """Select sums of `months` and of some stretches of days, of a `dimension` and its `chosen` values. Made once: making it costs more than reading."""

    def wanted(table: type[FigureDay | FigureMonth]) -> list[ColumnElement[bool]]:
        chosen = [table.value.in_(bindparam("chosen", expanding=True, literal_execute=of_areas))] if chooses else []
        return [table.dimension == bindparam("dimension"), *chosen]

    parts = []
    if months:
        in_months = FigureMonth.month.in_(bindparam("months", expanding=True))
        parts.append(
            select(FigureMonth.value, *(getattr(FigureMonth, name) for name in counts)).where(*wanted(FigureMonth), in_months)
        )
    for place in range(edges):
        within = (FigureDay.day >= bindparam(f"first_{place}"), FigureDay.day <= bindparam(f"last_{place}"))
        parts.append(select(FigureDay.value, *(getattr(FigureDay, name) for name in counts)).where(*wanted(FigureDay), *within))
    read = union_all(*parts).subquery("parts")
    sums = [func.coalesce(func.sum(read.c[name]), 0).label(name) for name in counts]
    return select(read.c.value, *sums).group_by(read.c.value) if by_value else select(*sums)


def _within(table: type[FigureDay | FigureMonth], span: Span, dimension: Dimension) -> list[ColumnElement[bool]]:
    asked = span.values.get(dimension)
    return [table.dimension == dimension, *([] if asked is None else [table.value.in_(_bind(dimension, asked))])]


def _bind(dimension: str, values: Iterable[str]) -> BindParameter[Any]:
    """Bind the values of a dimension; areas are written into the statement."""
    return bindparam(None, list(values), expanding=True, literal_execute=dimension == _WRITTEN_OUT)


def within_tickets(span: Span) -> list[ColumnElement[bool]]:
    """Say which rows of figure_ticket are in a span."""
    asked = [getattr(FigureTicket, name).in_(_bind(name, values)) for name, values in span.values.items()]
    return [FigureTicket.day >= span.first, FigureTicket.day <= span.last, *asked]


def _make_tally(row: Iterable[Any], counts: tuple[str, ...] = COUNTS) -> Tally:
    return Tally(**dict(zip(counts, map(int, row), strict=True)))


def midnight_after(day: date, zone: ZoneInfo) -> datetime:
    """Give the moment at which a day of the city ends."""
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), zone)


def midnight_of(day: date, zone: ZoneInfo) -> datetime:
    """Give the moment at which a day of the city begins."""
    return datetime.combine(day, datetime.min.time(), zone)
