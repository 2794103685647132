"""What became of earlier dispatches, read from the events. Read-only."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sqlalchemy import select

from routing.rules import ItemStatistics
from routing.tables import TicketEvent

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_LATEST = 200  # dispatches and returns of an item that are looked at: what happened long ago says little, and the query stays small


def read_item(session: Session, item: str) -> ItemStatistics:
    """Read what became of the latest dispatches of one duty item."""
    rows = session.execute(
        select(TicketEvent.act, TicketEvent.how).where(TicketEvent.item == item).order_by(TicketEvent.id.desc()).limit(_LATEST)
    )
    counts = Counter((act, how) for act, how in rows)
    agreed = counts["dispatch", "agreed"]
    return ItemStatistics(
        confirmed=agreed + counts["dispatch", "corrected"],
        agreed=agreed,
        dispatched=counts["dispatch", "automatic"],
        returned=counts["return", "automatic"],
    )
