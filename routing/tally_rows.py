"""汇总: what each ticket counts as, and the sums of every day, kept in step with the events so that a year's figures are a few hundred rows.

`refresh` folds what has happened since: tickets with new events, and those that have fallen due without any. It may be run as often as one
likes and by several at once. A ticket's part per unit stands in figure_ticket; the days it touches are summed anew into figure_day.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, cast, get_args

import msgspec
from sqlalchemy import Index, bindparam, delete, func, insert, literal, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from routing.figure_rows import dimensions_of, list_runs, list_stories, split
from routing.figures import Dimension, Tally, look_again_at
from routing.tables import TicketEvent
from store.base import Base, insert_into
from store.locks import hold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from zoneinfo import ZoneInfo

    from sqlalchemy import ColumnElement, Insert, Select, Table
    from sqlalchemy.orm import Session

DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)
_COUNTS = Tally.__struct_fields__
_CURSOR = "events"
_OVERLAP = 2_000
"""Events before the last one seen that are looked at again: one with a smaller number may have been committed later."""
_WINDOW = 1_000
"""Events that one round moves on by: a round is one transaction, and others write meanwhile."""
_CHUNK = 500


class _Counts:
    """The counts of a Tally as columns."""

    received: Mapped[int] = mapped_column(default=0)
    joined: Mapped[int] = mapped_column(default=0)
    withdrawn: Mapped[int] = mapped_column(default=0)
    declined: Mapped[int] = mapped_column(default=0)
    malicious: Mapped[int] = mapped_column(default=0)
    merged: Mapped[int] = mapped_column(default=0)
    closed: Mapped[int] = mapped_column(default=0)
    awaiting: Mapped[int] = mapped_column(default=0)
    on_time: Mapped[int] = mapped_column(default=0)
    late: Mapped[int] = mapped_column(default=0)
    overdue: Mapped[int] = mapped_column(default=0)
    running: Mapped[int] = mapped_column(default=0)
    unclocked: Mapped[int] = mapped_column(default=0)
    contacted: Mapped[int] = mapped_column(default=0)
    contacted_said: Mapped[int] = mapped_column(default=0)
    solved: Mapped[int] = mapped_column(default=0)
    solved_said: Mapped[int] = mapped_column(default=0)
    satisfied: Mapped[int] = mapped_column(default=0)
    satisfied_said: Mapped[int] = mapped_column(default=0)
    unrated: Mapped[int] = mapped_column(default=0)
    dispatches: Mapped[int] = mapped_column(default=0)
    returned: Mapped[int] = mapped_column(default=0)
    corrected: Mapped[int] = mapped_column(default=0)
    returned_twice: Mapped[int] = mapped_column(default=0)
    redone: Mapped[int] = mapped_column(default=0)
    dispatched: Mapped[int] = mapped_column(default=0)
    first_right: Mapped[int] = mapped_column(default=0)
    undecided: Mapped[int] = mapped_column(default=0)
    local: Mapped[int] = mapped_column(default=0)
    levelled: Mapped[int] = mapped_column(default=0)
    came_back: Mapped[int] = mapped_column(default=0)


class FigureTicket(_Counts, Base):
    """What a ticket counts as: one row for each unit that ever had it, all but dispatches and returns on the row of the last.

    `event_id` is its last event that is in it, `look_at` when it begins to count as something else by itself.
    """

    __tablename__ = "figure_ticket"
    __table_args__ = (Index("ix_figure_ticket_day", "day"),)

    ticket_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    unit: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date]
    area: Mapped[str]
    level: Mapped[str]
    channel: Mapped[str]
    line: Mapped[str]
    source: Mapped[str]
    item: Mapped[str]
    kind: Mapped[str]
    event_id: Mapped[int]
    look_at: Mapped[datetime | None] = mapped_column(index=True)


class FigureDay(_Counts, Base):
    """The sums of a day of the city by one dimension and its value; the dimension `all` has one row a day."""

    __tablename__ = "figure_day"

    dimension: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)


class FigureCursor(Base):
    """How far the events are in the sums."""

    __tablename__ = "figure_cursor"

    name: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[int]


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
    for table in (FigureTicket, FigureDay, FigureCursor):
        session.execute(delete(table))
    refresh_all(session, now=now, zone=zone)


def is_fresh(session: Session, *, now: datetime) -> bool:
    """Tell whether all events are in the sums, and nothing has fallen due since."""
    newest = session.execute(select(func.max(TicketEvent.id))).scalar_one() or 0
    seen = session.execute(select(FigureCursor.event_id).where(FigureCursor.name == _CURSOR)).scalar_one_or_none() or 0
    return newest <= seen and not _find_due(session, now=now)


def read_sum(session: Session, span: Span) -> Tally:
    """Read the sum of a span. Asked for by no more than one dimension it is read from the days, else from the tickets."""
    row = session.execute(_select_sums(span)).one()
    return _make_tally(row)


def read_by(session: Session, span: Span, dimension: Dimension, *, counts: tuple[str, ...] = _COUNTS) -> dict[str, Tally]:
    """Read the sums of a span by the values of a dimension; with `counts` these alone, which is quicker, and the others are 0."""
    asked = {name for name in span.values if name != dimension}
    if asked:
        column: ColumnElement[Any] = getattr(FigureTicket, dimension)
        statement = select(column, *_sums(FigureTicket, counts)).where(*within_tickets(span)).group_by(column)
    else:
        of_days = select(FigureDay.value, *_sums(FigureDay, counts)).where(*_within_days(span, dimension))
        statement = of_days.group_by(FigureDay.value)
    return {row[0]: _make_tally(row[1:], counts) for row in session.execute(statement)}


def read_days(session: Session, span: Span, *, counts: tuple[str, ...] = _COUNTS) -> dict[date, Tally]:
    """Read the sums of a span day by day, all or these `counts` alone; days without a ticket are not in it."""
    if span.values:
        statement = select(FigureTicket.day, *_sums(FigureTicket, counts)).where(*within_tickets(span)).group_by(FigureTicket.day)
    else:
        statement = select(FigureDay.day, *_sums(FigureDay, counts)).where(*_within_days(span, "all")).group_by(FigureDay.day)
    return {row[0]: _make_tally(row[1:], counts) for row in session.execute(statement)}


def list_values(session: Session, dimension: Dimension) -> set[str]:
    """List the values of a dimension that any ticket in the sums ever had."""
    return set(session.execute(select(FigureDay.value).where(FigureDay.dimension == dimension).distinct()).scalars())


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
    """Put what these tickets count as now in the place of what they counted as, and sum the days of both anew."""
    days: set[date] = set()
    ordered = sorted(ids)
    for start in range(0, len(ordered), _CHUNK):
        chunk = ordered[start : start + _CHUNK]
        gone = delete(FigureTicket).where(FigureTicket.ticket_id.in_(chunk)).returning(FigureTicket.day)
        days |= set(session.execute(gone).scalars())
        rows = _make_rows(session, chunk, now=now, zone=zone)
        days |= {row["day"] for row in rows}
        if rows:
            session.execute(insert(FigureTicket), rows)
    _sum_days(session, days)


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


def _sum_days(session: Session, days: Iterable[date]) -> None:
    ordered = sorted(days)
    for start in range(0, len(ordered), _CHUNK):
        chunk = ordered[start : start + _CHUNK]
        session.execute(delete(FigureDay).where(FigureDay.day.in_(chunk)))
        for dimension in DIMENSIONS:
            session.execute(_insert_days(dimension), {"days": chunk})


@cache
def _insert_days(dimension: Dimension) -> Insert:
    """Sum `days` by a dimension into figure_day. Made once: making it costs more than summing a day by it."""
    value = literal("") if dimension == "all" else getattr(FigureTicket, dimension)
    columns = [literal(dimension).label("dimension"), FigureTicket.day, value.label("value"), *_sums(FigureTicket)]
    of_days = (
        select(*columns)
        .where(FigureTicket.day.in_(bindparam("days", expanding=True)))
        .group_by(FigureTicket.day, *([] if dimension == "all" else [value]))
    )
    days = cast("Table", FigureDay.__table__)  # a mapped class takes parameters for its values
    return insert(days).from_select(["dimension", "day", "value", *_COUNTS], of_days, include_defaults=False)


def _select_sums(span: Span) -> Select[Any]:
    if len(span.values) > 1:
        return select(*_sums(FigureTicket)).where(*within_tickets(span))
    dimension: Dimension = next(iter(span.values), "all")
    return select(*_sums(FigureDay)).where(*_within_days(span, dimension))


@cache
def _sums(table: type[_Counts], counts: tuple[str, ...] = _COUNTS) -> tuple[ColumnElement[Any], ...]:
    return tuple(func.coalesce(func.sum(getattr(table, name)), 0).label(name) for name in counts)


def _within_days(span: Span, dimension: Dimension) -> list[ColumnElement[bool]]:
    asked = span.values.get(dimension)
    wanted = [] if asked is None else [FigureDay.value.in_(asked)]
    return [FigureDay.dimension == dimension, FigureDay.day >= span.first, FigureDay.day <= span.last, *wanted]


def within_tickets(span: Span) -> list[ColumnElement[bool]]:
    """Say which rows of figure_ticket are in a span."""
    asked = [getattr(FigureTicket, name).in_(values) for name, values in span.values.items()]
    return [FigureTicket.day >= span.first, FigureTicket.day <= span.last, *asked]


def _make_tally(row: Iterable[Any], counts: tuple[str, ...] = _COUNTS) -> Tally:
    return Tally(**dict(zip(counts, map(int, row), strict=True)))


def midnight_after(day: date, zone: ZoneInfo) -> datetime:
    """Give the moment at which a day of the city ends."""
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), zone)


def midnight_of(day: date, zone: ZoneInfo) -> datetime:
    """Give the moment at which a day of the city begins."""
    return datetime.combine(day, datetime.min.time(), zone)
