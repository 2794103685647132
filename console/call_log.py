"""How long it is kept what partners did with their tokens, and what was sent to them unasked: it proves to whom what was given, then goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from console.tables import PartnerCall
from store.outbox import PARTNER, OutboxMessage

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session


def find_calls(before: datetime) -> Select[PartnerCall]:
    """Select the calls made before this moment, the oldest first."""
    return select(PartnerCall).where(PartnerCall.at < before).order_by(PartnerCall.at, PartnerCall.id)


def forget_calls(session: Session, *, before: datetime, most: int) -> int:
    """Drop calls made before this moment, at most so many at once; gives how many."""
    ids = find_calls(before).with_only_columns(PartnerCall.id).limit(most)
    gone = delete(PartnerCall).where(PartnerCall.id.in_(ids)).returning(PartnerCall.id)
    return len(session.execute(gone).all())


def find_given(before: datetime) -> Select[OutboxMessage]:
    """Select what went to other systems before this moment, and is over, the oldest first: which ticket, to whom and when, in codes."""
    over = OutboxMessage.state.in_(("sent", "failed"))
    given = (OutboxMessage.audience == PARTNER, over, OutboxMessage.created_at < before)
    return select(OutboxMessage).where(*given).order_by(OutboxMessage.id)


def forget_given(session: Session, *, before: datetime, most: int) -> int:
    """Drop what went to other systems before this moment, at most so many at once; gives how many."""
    ids = find_given(before).with_only_columns(OutboxMessage.id).limit(most)
    gone = delete(OutboxMessage).where(OutboxMessage.id.in_(ids)).returning(OutboxMessage.id)
    return len(session.execute(gone).all())
