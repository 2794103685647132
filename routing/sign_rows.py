"""The trails that signs and deeds are read from: the events of tickets, and what of a ticket decides who may see it. Read-only."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - msgspec reads the annotation
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from sqlalchemy import String, and_, case, cast, func, select, type_coerce

from routing.tables import Ticket, TicketEvent
from routing.warning_signs import ACTS, Moment, Sign, Trail, detect
from store.keys import open_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from routing.trail_basis import Basis

T = TypeVar("T")
_AT_ONCE = 500
_ENDS = ("conclude", "close", "explain")


class Trodden(msgspec.Struct, frozen=True):
    """What is read of a ticket beside its trail: what decides who may see it, and whether a list may name it."""

    id: int
    number: str
    key_id: int
    kind: str
    item: str
    hazard: str
    follows: str | None
    confidential: bool
    tier: str
    unit: str
    desk: str
    resident_id: int
    handler: str
    assisting: tuple[str, ...]
    refused: tuple[str, ...]
    refused_staff: tuple[str, ...] | None


_LISTS = 3
COLUMNS = (
    *(getattr(Ticket, name) for name in Trodden.__struct_fields__[:-_LISTS]),
    *(cast(getattr(Ticket, name), String) for name in Trodden.__struct_fields__[-_LISTS:]),
)
"""What a Trodden is read from. Lists come as they are written: most are empty, and reading many costs more than the rest of the row."""
_HAPPENED = (TicketEvent.ticket_id, TicketEvent.at, TicketEvent.act, TicketEvent.actor, TicketEvent.unit, TicketEvent.facts)


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """From a moment to before another, in these areas (None: anywhere)."""

    since: datetime
    until: datetime
    areas: tuple[str, ...] | None = None


def list_signs(
    session: Session, period: Period, *, basis: Basis, keep: Callable[[Trodden], bool], among: Collection[int] | None = None
) -> list[Sign]:
    """List the signs of a period straight from the events, of the tickets that are kept, or of those `among` these ids: slow for a month of a city."""
    return [
        sign
        for ticket, trail in list_trails(session, period, basis=basis, keep=keep, among=among)
        for sign in name_unit(ticket, detect(trail, settings=basis.settings, level_of=basis.levels))
        if period.since <= sign.at < period.until
    ]


def name_unit(ticket: Trodden, signs: Iterable[Sign]) -> Iterable[Sign]:
    """Leave out the unit of what is confidential: who works on it no list says."""
    return (msgspec.structs.replace(sign, unit="") for sign in signs) if ticket.confidential else signs


def list_trails(
    session: Session,
    period: Period,
    *,
    basis: Basis,
    keep: Callable[[Trodden], bool],
    acts: Collection[str] = ACTS,
    among: Collection[int] | None = None,
) -> Iterator[tuple[Trodden, Trail]]:
    """Walk through the tickets that are kept and on which something happened in a period, each with its trail; only these acts are in it.

    `among` leaves those with these ids. Of what was written only the results of the period are read.
    """
    found = [_find_ids(session, period, acts, some) for some in ([None] if among is None else cut(sorted(among)))]
    for ids in cut([one for some in found for one in some]):
        yield from _read_trails(session, ids, period, basis=basis, keep=keep, acts=acts)


def read_trails(session: Session, ids: Collection[int], *, basis: Basis, acts: Collection[str]) -> Iterator[tuple[Trodden, Trail]]:
    """Read the trails of these tickets with all that was written; only these acts are in it."""
    for some in cut(sorted(ids)):
        yield from _read_trails(session, some, None, basis=basis, keep=lambda _: True, acts=acts)


def make_trodden(row: Sequence[Any]) -> Trodden:
    """Make it of a row of COLUMNS."""
    return Trodden(*row[:-_LISTS], *map(_read_list, row[-_LISTS:]))


@lru_cache(maxsize=1024)
def _read_list(written: str | None) -> tuple[str, ...] | None:
    return None if written is None else msgspec.json.decode(written, type=tuple[str, ...] | None)


def cut(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Cut values into parts that a statement can name: databases may bind no more than 999."""
    return (values[start : start + _AT_ONCE] for start in range(0, len(values), _AT_ONCE))


def _find_ids(session: Session, period: Period, acts: Collection[str], among: Sequence[int] | None) -> list[int]:
    happened = select(TicketEvent.ticket_id).where(
        TicketEvent.at >= period.since, TicketEvent.at < period.until, TicketEvent.act.in_(acts)
    )
    if among is not None:
        happened = happened.where(TicketEvent.ticket_id.in_(among))
    statement = select(Ticket.id).where(Ticket.id.in_(happened)).order_by(Ticket.id)
    if period.areas is not None:
        statement = statement.where(Ticket.area.in_(period.areas))
    return list(session.execute(statement).scalars())


def _read_trails(
    session: Session,
    ids: Sequence[int],
    period: Period | None,
    *,
    basis: Basis,
    keep: Callable[[Trodden], bool],
    acts: Collection[str],
) -> Iterator[tuple[Trodden, Trail]]:
    rows = session.execute(select(*COLUMNS).where(Ticket.id.in_(ids)).order_by(Ticket.id))
    seen = [ticket for row in rows if keep(ticket := make_trodden(row))]
    ended = _read_ends(session, {ticket.follows for ticket in seen if ticket.follows})
    moments = _read_moments(session, {ticket.id: ticket for ticket in seen}, period, acts)
    for ticket in seen:
        follows = ticket.follows or ""
        trail = Trail(
            number=ticket.number,
            moments=tuple(moments.get(ticket.id, ())),
            allowed=basis.allowed.get(ticket.item, ()),
            follows=follows,
            follows_ended=ended.get(follows),
        )
        yield ticket, trail


def _read_ends(session: Session, numbers: Collection[str]) -> dict[str, datetime]:
    """Read when these tickets were concluded last."""
    statement = (
        select(Ticket.number, func.max(TicketEvent.at))
        .join(TicketEvent, TicketEvent.ticket_id == Ticket.id)
        .where(Ticket.number.in_(sorted(numbers)), TicketEvent.act.in_(_ENDS))
        .group_by(Ticket.number)
    )
    return {row[0]: row[1] for row in session.execute(statement)}


def _read_moments(
    session: Session, tickets: Mapping[int, Trodden], period: Period | None, acts: Collection[str]
) -> dict[int, list[Moment]]:
    """Read events; of what was written only the results, of the period where one is given, as far as their keys are still there. Two queries."""
    within = () if period is None else (TicketEvent.at >= period.since, TicketEvent.at < period.until)
    said = case((and_(TicketEvent.act == "conclude", *within), TicketEvent.text))
    statement = (
        select(*_HAPPENED, type_coerce(said, TicketEvent.text.type))
        .where(TicketEvent.ticket_id.in_(sorted(tickets)), TicketEvent.act.in_(acts))
        .order_by(TicketEvent.ticket_id, TicketEvent.id)
    )
    rows = session.execute(statement).all()
    keys = open_keys(session, {tickets[row[0]].key_id for row in rows if row[-1] is not None})
    found: dict[int, list[Moment]] = {}
    for number, at, act, actor, unit, facts, sealed in rows:
        key = None if sealed is None else keys.get(tickets[number].key_id)
        text = None if key is None else key.open(sealed).decode()
        found.setdefault(number, []).append(Moment(at=at, act=act, actor=actor, unit=unit, facts=facts, text=text))
    return found
