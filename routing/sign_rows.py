"""The trails that signs are read from: the tickets on which something happened in a period, as somebody may see them. Read-only."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - msgspec reads the annotation
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import func, select

from routing import sight
from routing.discretion import may_be_named
from routing.org import ESTATE_KINDS
from routing.sight import Sight
from routing.tables import Ticket, TicketEvent
from routing.warning_signs import ACTS, Moment, Sign, SignSettings, Trail, detect
from store.keys import open_key
from store.sealing import KeyGone

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from routing.duty_list import DutyList
    from routing.org import OrgChart
    from routing.sight import Viewer

_AT_ONCE = 500
_ENDS = ("conclude", "close", "explain")


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

    def keep(ticket: Ticket) -> bool:
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
    keep: Callable[[Ticket], bool],
    acts: Collection[str] = ACTS,
) -> Iterator[tuple[Ticket, Trail]]:
    """Walk through the tickets that are kept and on which something happened in a period, each with its trail; only these acts are in it."""
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
    keep: Callable[[Ticket], bool],
    acts: Collection[str],
) -> Iterator[tuple[Ticket, Trail]]:
    tickets = session.execute(select(Ticket).where(Ticket.id.in_(ids)).order_by(Ticket.id)).scalars().all()
    seen = [ticket for ticket in tickets if keep(ticket)]
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
    session: Session, tickets: Mapping[int, Ticket], period: Period, acts: Collection[str]
) -> dict[int, list[Moment]]:
    """Read events; of what was written only the results of the period."""
    statement = (
        select(TicketEvent)
        .where(TicketEvent.ticket_id.in_(sorted(tickets)), TicketEvent.act.in_(acts))
        .order_by(TicketEvent.ticket_id, TicketEvent.id)
    )
    found: dict[int, list[Moment]] = {}
    for event in session.execute(statement).scalars():
        text = None
        if event.act == "conclude" and event.text is not None and period.since <= event.at < period.until:
            text = _open(session, tickets[event.ticket_id], event.text)
        moment = Moment(at=event.at, act=event.act, actor=event.actor, unit=event.unit, facts=event.facts, text=text)
        found.setdefault(event.ticket_id, []).append(moment)
    return found


def _open(session: Session, ticket: Ticket, sealed: bytes) -> str | None:
    try:
        return open_key(session, ticket.key_id).open(sealed).decode()
    except KeyGone:
        return None
