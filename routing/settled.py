"""Questions that units have settled: tickets of kind consult whose opener said that the reply solved it. Read-only.

Nothing confidential is among them, nothing that somebody may not see, and nothing of somebody whose words were erased: such a ticket is nobody's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import select

from routing.history import read_facts
from routing.tables import Ticket
from routing.terms import NOBODY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from routing.org import OrgChart


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked, masked; what the unit replied, the doors of homes masked; which unit; whose question, as a number."""

    resident: int
    question: str
    reply: str
    unit: str


def list_settled(session: Session, *, org: OrgChart, most: int = 5_000) -> list[Settled]:
    """List the latest, the oldest of them first."""
    statement = (
        select(Ticket)
        .where(Ticket.kind == "consult", Ticket.solved == "yes", Ticket.reply_text.is_not(None))
        .where(~Ticket.confidential, Ticket.resident_id != NOBODY)
        .order_by(Ticket.id.desc())
        .limit(most)
    )
    found = [(ticket, read_facts(session, ticket, org=org)) for ticket in session.execute(statement).scalars()]
    return [
        Settled(resident=ticket.resident_id, question=ticket.summary, reply=facts.public_reply, unit=facts.unit_name)
        for ticket, facts in found
        if facts.public_reply and not ticket.refused
    ][::-1]
