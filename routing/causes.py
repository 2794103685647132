"""Why a matter waits for a supervisor: its result was twice not good (escalate), or two units returned it (dispute). Read-only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sqlalchemy import func, select

from routing.errors import OtherDecision
from routing.queue_shape import Queue
from routing.tables import Ticket, TicketEvent
from routing.terms import Status

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

    from routing.org import OrgChart

Cause = Literal["dispute", "escalate"]


def check_cause(session: Session, ticket: Ticket, cause: Cause) -> None:
    """Check that a supervisor is asked this of a ticket that waits for one; OtherDecision if it is the other question."""
    if ticket.status != Status.REVIEW:
        return
    statement = select(TicketEvent.act).where(TicketEvent.ticket_id == ticket.id, TicketEvent.act.in_(("dispute", "escalate")))
    found = session.execute(statement.order_by(TicketEvent.id.desc()).limit(1)).scalar_one_or_none()
    if found != cause:
        raise OtherDecision("dispute" if found == "dispute" else "escalate")


def find_queue(posts: Collection[str], *, org: OrgChart) -> Queue:
    """Find the queue of what waits for a supervisor at some desks and all desks below; who of them decides, routing.deciding says."""
    below = [desk.code for desk in org.desks.values() if not {each.code for each in org.ways_up(desk)}.isdisjoint(posts)]
    codes = [each for code in below for each in (code, *org.predecessors(code))]
    return Queue(name="review", wanted=(Ticket.desk.in_(codes), Ticket.status == Status.REVIEW.value), tells=True)


def read_causes(session: Session, ids: Collection[int]) -> dict[int, Cause]:
    """Read why these tickets wait for a supervisor, by their ids; nothing for one that never did. One query."""
    asked = TicketEvent.ticket_id.in_(ids), TicketEvent.act.in_(("dispute", "escalate"))
    last = select(func.max(TicketEvent.id)).where(*asked).group_by(TicketEvent.ticket_id)
    rows = session.execute(select(TicketEvent.ticket_id, TicketEvent.act).where(TicketEvent.id.in_(last)))
    return {ticket: "dispute" if act == "dispute" else "escalate" for ticket, act in rows}
