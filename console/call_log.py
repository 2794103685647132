"""How long what partners did with their tokens is kept: it proves to whom what was given, and goes when its time is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from console.tables import PartnerCall

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
