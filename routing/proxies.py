"""What somebody who reported for another person may see of the ticket: read here, for everything that shows tickets to residents.

A ticket belongs to the person it is about, as soon as we know them; the reporter stands beside it with what that person allows. Until they
have answered, the reporter sees how far it is and nothing of what is said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec
from sqlalchemy import delete, select, update

from routing.tables import Ticket, TicketProxy

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from routing.facts import TicketFacts

Allowed = Literal["asked", "all", "status", "none"]
SEES = ("asked", "all", "status")
"""Whoever is allowed nothing is not told that the ticket goes on."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody was asked about a ticket that was reported in their name, and has not answered."""

    number: str
    asked_at: datetime


def list_questions(session: Session, represented_id: int) -> tuple[Question, ...]:
    """List what a resident was asked and has not answered, newest first."""
    rows = session.execute(
        select(Ticket.number, TicketProxy.asked_at)
        .join(Ticket, Ticket.id == TicketProxy.ticket_id)
        .where(TicketProxy.represented_id == represented_id, TicketProxy.allowed == "asked")
        .order_by(TicketProxy.id.desc())
    )
    return tuple(Question(number=number, asked_at=asked_at) for number, asked_at in rows)


def find_standing(session: Session, ticket_id: int, resident_id: int) -> Allowed | None:
    """Say what a resident may see as the one who reported it for somebody; None if they did not."""
    statement = select(TicketProxy.allowed).where(TicketProxy.ticket_id == ticket_id, TicketProxy.proxy_id == resident_id)
    found: Allowed | None = session.execute(statement).scalar_one_or_none()  # type: ignore[assignment] # the column holds only these
    return found


def list_told(session: Session, ticket_id: int) -> tuple[int, ...]:
    """List the reporters who hear everything of a ticket that its own person hears."""
    statement = select(TicketProxy.proxy_id).where(
        TicketProxy.ticket_id == ticket_id, TicketProxy.allowed == "all", TicketProxy.represented_id.is_not(None)
    )
    return tuple(session.execute(statement.order_by(TicketProxy.id)).scalars())


def limit(session: Session, facts: TicketFacts, *, ticket_id: int, resident_id: int) -> TicketFacts:
    """Leave of a ticket what this resident may see: all of their own, and of what they reported for another what that person allows."""
    if resident_id in facts.people or find_standing(session, ticket_id, resident_id) not in SEES:
        return facts
    people = (*facts.people, resident_id)
    return msgspec.structs.replace(facts, people=people, standing="status", reply="", public_reply="", summary="", reason="")


def forget(session: Session, resident_id: int) -> None:
    """Take somebody who is erased out of all of it: what they reported for others goes on without them, what was reported for them too."""
    session.execute(delete(TicketProxy).where(TicketProxy.proxy_id == resident_id))
    theirs = update(TicketProxy).where(TicketProxy.represented_id == resident_id)
    session.execute(theirs.values(represented_id=None, allowed="none"))


def step_back(session: Session, ticket_id: int, resident_id: int) -> None:
    """Let somebody who reported for another have nothing more to do with it."""
    statement = update(TicketProxy).where(TicketProxy.ticket_id == ticket_id, TicketProxy.proxy_id == resident_id)
    session.execute(statement.values(allowed="none"))
