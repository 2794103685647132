"""What the API says to partners' programs: tickets in the fields of their token, and what became of what they sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from console.answers import TicketLine
from residents.masking import mask

if TYPE_CHECKING:
    from datetime import datetime

    from routing.facts import TicketFacts


class PartnerLine(TicketLine, frozen=True, kw_only=True):
    """A ticket as a partner gets it: its own id of it, if it sent it, and the fields of its token. `number` is always there."""

    their_id: str = ""


class PartnerPage(msgspec.Struct, frozen=True, kw_only=True):
    """Tickets of which something happened behind the cursor, the earliest first. `next` continues, now or later; `more`: there is more already."""

    items: list[PartnerLine]
    next: str
    more: bool


class PartnerFiled(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a matter that a partner sent: its ticket; `created` false: it was known. `danger`: it is about life and the alarm has rung."""

    id: str
    number: str
    status: str
    unit: str
    joined: bool = False
    created: bool = True
    danger: bool = False


class TransferOut(msgspec.Struct, frozen=True, kw_only=True):
    """How far a matter is that we handed over. `done` false: this was known."""

    number: str
    id: str
    state: str
    done: bool = True


def describe_seen(ticket: TicketFacts, *, updated_at: datetime | None, now: datetime) -> TicketLine:
    """Describe a ticket, limited to what its reader may see, as a line of a list."""
    return TicketLine(
        number=ticket.number,
        status=ticket.status,
        title=mask(ticket.title),
        summary=mask(ticket.summary),
        place=mask(ticket.public_place),
        kind=ticket.kind,
        tier=ticket.tier,
        area=ticket.area,
        item=ticket.item,
        unit=ticket.unit,
        unit_name=ticket.unit_name,
        desk=ticket.desk,
        desk_name=ticket.desk_name,
        confidential=ticket.confidential,
        opened_at=None if ticket.confidential else ticket.opened_at,
        due_at=ticket.due_at,
        overdue=ticket.is_open and ticket.due_at < now,
        updated_at=updated_at,
    )
