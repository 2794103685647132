"""Why a matter waits for a supervisor: its result was twice not good (escalate), or two units returned it (dispute). Read-only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sqlalchemy import func, select

from routing.errors import OtherDecision
from routing.tables import TicketEvent
from routing.terms import Status

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

    from routing.tables import Ticket

Cause = Literal["dispute", "escalate"]


def check_cause(session: Session, ticket: Ticket, cause: Cause) -> None:
    """Check that a supervisor is asked this of a ticket that waits for one; OtherDecision if it is the other question."""
    if ticket.status != Status.REVIEW:
        return
    statement = select(TicketEvent.act).where(TicketEvent.ticket_id == ticket.id, TicketEvent.act.in_(("dispute", "escalate")))
    found = session.execute(statement.order_by(TicketEvent.id.desc()).limit(1)).scalar_one_or_none()
    if found != cause:
        raise OtherDecision("dispute" if found == "dispute" else "escalate")


def read_causes(session: Session, ids: Collection[int]) -> dict[int, Cause]:
    """Read why these tickets wait for a supervisor, by their ids; nothing for one that never did. One query."""
    asked = TicketEvent.ticket_id.in_(ids), TicketEvent.act.in_(("dispute", "escalate"))
    last = select(func.max(TicketEvent.id)).where(*asked).group_by(TicketEvent.ticket_id)
    rows = session.execute(select(TicketEvent.ticket_id, TicketEvent.act).where(TicketEvent.id.in_(last)))
    return {ticket: "dispute" if act == "dispute" else "escalate" for ticket, act in rows}
