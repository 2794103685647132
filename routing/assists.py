"""Who assists with which ticket, a row each beside the ticket's own list: so that a unit's tickets are found by an index among very many.

The rows follow `Ticket.assisting` by themselves whenever a ticket is written; nothing else writes them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, delete, event, insert, inspect
from sqlalchemy.orm import Mapped, mapped_column

from routing.tables import Ticket
from store.base import Base

if TYPE_CHECKING:
    from sqlalchemy import Connection


class TicketAssist(Base):
    """One unit that assists with a ticket."""

    __tablename__ = "ticket_assist"

    unit: Mapped[str] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True, autoincrement=False, index=True)


@event.listens_for(Ticket, "after_insert")
@event.listens_for(Ticket, "after_update")
def _follow(_mapper: Any, connection: Connection, ticket: Ticket) -> None:
    """Write down who assists from now on, where that changed."""
    if not inspect(ticket).attrs.assisting.history.has_changes():
        return
    connection.execute(delete(TicketAssist).where(TicketAssist.ticket_id == ticket.id))
    rows = [{"unit": unit, "ticket_id": ticket.id} for unit in dict.fromkeys(ticket.assisting)]
    if rows:
        connection.execute(insert(TicketAssist), rows)
