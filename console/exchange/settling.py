"""On a database where transactions end in another order than they began, an event with a smaller number may come after one with a larger."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from routing.tables import TicketEvent

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

SETTLED = timedelta(minutes=1)
"""An event that old has none before it any more that could still come."""


def find_unsettled(session: Session, *, after: int, now: datetime) -> int | None:
    """Find the first event behind `after` before which others can still come; None if there is none, as always where one process writes."""
    if session.get_bind().dialect.name != "postgresql":
        return None
    fresh = select(func.min(TicketEvent.id)).where(TicketEvent.id > after, TicketEvent.at > now - SETTLED)
    return session.execute(fresh).scalar_one()
