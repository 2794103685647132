"""去看看: answered matters that a grid worker is to look at on the spot, because they lie in their grid. Nobody whom one is about finds it here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from routing import sight
from routing.history import read_facts
from routing.sight import Sight, Viewer
from routing.tables import Ticket, TicketEvent
from routing.terms import Status

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

    from routing.facts import TicketFacts
    from routing.org import OrgChart

_ANSWERED = (Status.REPLIED.value, Status.CONCLUDED.value)


def list_to_verify(
    session: Session, *, actor: str, org: OrgChart, limit: int, known: Collection[str] = ()
) -> tuple[TicketFacts, ...]:
    """List the answered matters of somebody's grids that they have not looked at since the answer, newest first; `known` ones are left out.

    Of each no more than a summary. What is confidential or about anybody is not there.
    """
    grids = _list_own(actor, org)
    seen = select(TicketEvent.id).where(
        TicketEvent.ticket_id == Ticket.id,
        TicketEvent.act == "verify",
        TicketEvent.actor == actor,
        TicketEvent.at >= Ticket.replied_at,
    )
    statement = select(Ticket).where(
        Ticket.area.in_(grids),
        Ticket.status.in_(_ANSWERED),
        ~Ticket.confidential,
        Ticket.number.not_in(known),
        ~seen.exists(),
    )
    rows = session.scalars(statement.order_by(Ticket.opened_at.desc(), Ticket.id.desc()).limit(limit)) if grids else ()
    found = (read_facts(session, row, org=org, in_list=True) for row in rows)
    return tuple(
        sight.limit(one, Sight.SUMMARY, by=Viewer("staff", actor)) for one in found if not (one.refused or one.refused_staff)
    )


def _list_own(actor: str, org: OrgChart) -> list[str]:
    """List the areas that somebody is the grid worker of, those that became one of them too."""
    person = org.staff.get(actor)
    worker = org.grid_worker_of(person.area) if person is not None and person.area else None
    if person is None or worker is None or worker.code != actor:
        return []
    return [person.area, *(code for code in org.former_areas if org.standing_area(code) == person.area)]
