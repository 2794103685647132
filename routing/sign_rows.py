"""The trails that signs are read from: the tickets on which something happened in a period, as somebody may see them. Read-only."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - msgspec reads the annotation
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import and_, case, func, select, type_coerce

from routing import sight
from routing.discretion import may_be_named
from routing.org import ESTATE_KINDS
from routing.sight import Sight
from routing.tables import Ticket, TicketEvent
from routing.warning_signs import ACTS, Moment, Sign, SignSettings, Trail, detect
from store.keys import open_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from routing.duty_list import DutyList
    from routing.org import OrgChart
    from routing.sight import Viewer

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
    assisting: tuple[str, ...]
    refused: tuple[str, ...]
    refused_staff: tuple[str, ...] | None
    resident_id: int
    handler: str


_COLUMNS = tuple(getattr(Ticket, name) for name in Trodden.__struct_fields__)
_HAPPENED = (TicketEvent.ticket_id, TicketEvent.at, TicketEvent.act, TicketEvent.actor, TicketEvent.unit, TicketEvent.facts)


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """From a moment to before another, in these areas (None: anywhere)."""

    since: datetime
    until: datetime
    areas: tuple[str, ...] | None = None


def list_signs(
    session: Session,
    period: Period,
    *,
    settings: SignSettings,
    org: OrgChart,
    duty_list: DutyList,
    viewer: Viewer,
    for_meeting: bool = False,
) -> list[Sign]:
    """List the signs of a period, the oldest first, of the tickets that somebody may see at all; for a meeting of those that may be named there.

    Which unit works on a confidential matter no list says.
    """
    levels = {
        unit.code: level for unit in org.units.values() if unit.kind not in ESTATE_KINDS and (level := org.level(unit)) is not None
    }
    found: list[Sign] = []

    def keep(ticket: Trodden) -> bool:
        return (may_be_named(ticket) or not for_meeting) and sight.decide(ticket, viewer, org=org) >= Sight.SUMMARY

    for ticket, trail in list_trails(session, period, duty_list=duty_list, keep=keep):
        signs = _keep_within(detect(trail, settings=settings, level_of=levels), period)
        found += [msgspec.structs.replace(sign, unit="") for sign in signs] if ticket.confidential else signs
    return sorted(found, key=lambda sign: (sign.at, sign.number))


def list_trails(
    session: Session,
    period: Period,
    *,
    duty_list: DutyList,
    keep: Callable[[Trodden], bool],
    acts: Collection[str] = ACTS,
) -> Iterator[tuple[Trodden, Trail]]:
    """Walk through the tickets that are kept and on which something happened in a period, each with its trail; only these acts are in it.

    Only the columns that are needed are read: a month of a city is tens of thousands of tickets.
    """
    ids = _find_ids(session, period, acts)
    for start in range(0, len(ids), _AT_ONCE):
        yield from _read_trails(session, ids[start : start + _AT_ONCE], period, duty_list=duty_list, keep=keep, acts=acts)


def _keep_within(signs: Sequence[Sign], period: Period) -> list[Sign]:
    return [sign for sign in signs if period.since <= sign.at < period.until]


def _find_ids(session: Session, period: Period, acts: Collection[str]) -> list[int]:
    happened = select(TicketEvent.ticket_id).where(
        TicketEvent.at >= period.since, TicketEvent.at < period.until, TicketEvent.act.in_(acts)
    )
    statement = select(Ticket.id).where(Ticket.id.in_(happened)).order_by(Ticket.id)
    if period.areas is not None:
        statement = statement.where(Ticket.area.in_(period.areas))
    return list(session.execute(statement).scalars())


def _read_trails(
    session: Session,
    ids: list[int],
    period: Period,
    *,
    duty_list: DutyList,
    keep: Callable[[Trodden], bool],
    acts: Collection[str],
) -> Iterator[tuple[Trodden, Trail]]:
    rows = session.execute(select(*_COLUMNS).where(Ticket.id.in_(ids)).order_by(Ticket.id))
    seen = [ticket for row in rows if keep(ticket := Trodden(*row))]
    ended = _read_ends(session, {ticket.follows for ticket in seen if ticket.follows})
    moments = _read_moments(session, {ticket.id: ticket for ticket in seen}, period, acts)
    for ticket in seen:
        item = duty_list.item(ticket.item)
        follows = ticket.follows or ""
        trail = Trail(
            number=ticket.number,
            moments=tuple(moments.get(ticket.id, ())),
            allowed=item.allowed_levels if item else (),
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
    session: Session, tickets: Mapping[int, Trodden], period: Period, acts: Collection[str]
) -> dict[int, list[Moment]]:
    """Read events; of what was written only the results of the period, as far as their keys are still there. Two queries."""
    said = case(
        (and_(TicketEvent.act == "conclude", TicketEvent.at >= period.since, TicketEvent.at < period.until), TicketEvent.text)
    )
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
