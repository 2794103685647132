"""Whether a matter that was handed over may leave: asked again when it is sent, for it may have been sealed, done or turned out otherwise since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from console.exchange.tables import ExchangeTransfer
from routing import handing_over
from routing.errors import RefusedUnit, SummaryUnfit
from routing.tables import TicketEvent
from routing.terms import OPEN_STATUSES, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from routing.org import OrgChart
    from routing.tables import Ticket

_LEAVES = OPEN_STATUSES - {Status.CONCLUDED}


def find_current(session: Session, facts: Mapping[str, Any]) -> ExchangeTransfer | None:
    """Find the hand-over that an outbox row speaks of; None where a newer one to the same system has taken its place."""
    row = session.get(ExchangeTransfer, facts["transfer"])
    if row is None:
        return None
    events = select(TicketEvent.id, TicketEvent.facts).where(TicketEvent.ticket_id == row.ticket_id, TicketEvent.act == "hand_over")
    last = max((event for event, said in session.execute(events) if said.get("to") == row.peer), default=None)
    return row if facts["event"] == last else None


def may_leave(session: Session, ticket: Ticket, *, peer: str, text: str, org: OrgChart) -> bool:
    """Tell whether a matter may go to another system in these words, as it stands now: not one that is done, is about them, or was sealed since."""
    if ticket.status not in _LEAVES:
        return False
    try:
        handing_over.check(session, ticket, peer=peer, text=text, org=org)
    except (RefusedUnit, SummaryUnfit):
        return False
    return True
