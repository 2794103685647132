"""Tickets that no desk may see: the matter is about the desk at the top, or about everybody who sits at those it is not about.

They wait in nobody's list, so only the operator's doctor can say that they are there; by their number alone, and not what they are about.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from sqlalchemy import select

from routing.queues import IS_KEPT
from routing.sight import Sight, Viewer, decide
from routing.sign_rows import cut
from routing.tables import Ticket
from routing.terms import OPEN_STATUSES

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from routing.org import OrgChart
    from routing.sight import Matter


def find_unseen(session: Session, *, org: OrgChart) -> tuple[str, ...]:
    """Find the open tickets that no desk may see; their numbers, the oldest first.

    The few that are kept from somebody are found by their index, then read: asked for whole rows, PostgreSQL would walk through all tickets.
    """
    kept = session.execute(select(Ticket.id).where(Ticket.status.in_(sorted(OPEN_STATUSES)), IS_KEPT)).scalars().all()
    tickets = chain.from_iterable(
        session.execute(select(Ticket).where(Ticket.id.in_(some)).order_by(Ticket.id)).scalars() for some in cut(sorted(kept))
    )
    return tuple(ticket.number for ticket in tickets if is_unseen(ticket, org=org))


def is_unseen(matter: Matter, *, org: OrgChart) -> bool:
    """Tell whether no desk may see a matter. One of which everybody is kept from it does not count; one without staff on the list does."""
    if not matter.refused and not matter.refused_staff:
        return False
    kept = frozenset(matter.refused_staff or ())
    for desk in org.desks.values():
        people = {person.code for person in org.staff.values() if desk.code in person.posts}
        if decide(matter, Viewer("desk", desk.code), org=org) > Sight.NONE and not (people and people <= kept):
            return False
    return True
