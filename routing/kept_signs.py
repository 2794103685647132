"""苗头 as somebody may see them: those that were kept, and of the tickets that were not read since, those in their events. Read-only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from routing import sight, sign_rows, trail_folds
from routing.discretion import may_be_named
from routing.sight import Sight
from routing.tables import Ticket
from routing.trail_tables import TicketSign
from routing.warning_signs import Sign

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from sqlalchemy.orm import Session

    from routing.org import OrgChart
    from routing.sight import Viewer
    from routing.sign_rows import Period, Trodden
    from routing.trail_basis import Basis


def list_signs(
    session: Session, period: Period, *, basis: Basis, org: OrgChart, viewer: Viewer, for_meeting: bool = False
) -> list[Sign]:
    """List the signs of a period, the oldest first, of the tickets that somebody may see at all; for a meeting of those that may be named there.

    Which unit works on a confidential matter no list says.
    """

    def keep(ticket: Trodden) -> bool:
        return (may_be_named(ticket) or not for_meeting) and sight.decide(ticket, viewer, org=org) >= Sight.SUMMARY

    behind = trail_folds.find_behind(session, basis)
    found = [] if behind is None else list(_read_kept(session, period, keep=keep, without=behind))
    if behind is None or behind:
        found += sign_rows.list_signs(session, period, basis=basis, keep=keep, among=behind)
    return sorted(found, key=lambda sign: (sign.at, sign.number))


def _read_kept(session: Session, period: Period, *, keep: Callable[[Trodden], bool], without: Collection[int]) -> Iterator[Sign]:
    areas = None if period.areas is None else frozenset(period.areas)
    statement = (
        select(TicketSign.kind, TicketSign.at, TicketSign.unit, TicketSign.facts, Ticket.area, *sign_rows.COLUMNS)
        .join(Ticket, Ticket.id == TicketSign.ticket_id)
        .where(TicketSign.at >= period.since, TicketSign.at < period.until)
        .order_by(TicketSign.ticket_id, TicketSign.place)
    )
    for kind, at, unit, facts, area, *rest in session.execute(statement):
        if areas is not None and area not in areas:
            continue
        ticket = sign_rows.make_trodden(rest)
        if ticket.id not in without and keep(ticket):
            named = "" if ticket.confidential else unit
            yield Sign(kind=kind, number=ticket.number, at=at, unit=named, facts=facts)
