"""What one matter becomes when it is told anew from a ticket: a part that was split off, a neighbour who goes apart, a matter that came back.

Such a report has the ticket's place, kind and secrecy and joins nothing: a person took it apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from routing.facts import Origin
from routing.terms import Report
from store.keys import open_key

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from routing.tables import Ticket


def retell(session: Session, ticket: Ticket, *, text: str, **changes: object) -> Report:
    """Make a report of a text about the matter of a ticket; `changes` are fields of the report that differ."""
    key = open_key(session, ticket.key_id)
    report = Report(
        text=text,
        kind=ticket.kind,
        place=key.open(ticket.place_text).decode() if ticket.place_text else "",
        public_place=ticket.public_place,
        place_name=ticket.home_name or "",
        at_home=ticket.home_name is not None,
        areas=(ticket.area,) if ticket.area else (),
        confidential=ticket.confidential,
        said=key.open(ticket.text).decode(),
        requester=ticket.requester,
        apart=True,
    )
    return msgspec.structs.replace(report, **changes)


def retell_from(ticket: Ticket, *, inbox_id: int | None) -> Origin:
    """Say where such a report came from: as the ticket did."""
    return Origin(inbox_id=inbox_id, channel=ticket.channel, origin_line=ticket.origin_line)
