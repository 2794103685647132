"""Work of a duty that failed: counted, and put aside once it failed too often, so that it neither is tried for ever nor holds up others.

A row names the duty and the row it works on, how often it failed, and the class of the last error, never its words. What succeeds, or is no
longer due, leaves nothing. A start of the service gives what was put aside one more try: a new version may be able to do it; so can a person.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotation
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from store.base import Base

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import ColumnElement


class DutyFailure(Base):
    """One work that failed; `aside_at` is when it was put aside, None while it is still tried."""

    __tablename__ = "duty_failure"

    duty: Mapped[str] = mapped_column(primary_key=True)
    row_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    failures: Mapped[int]
    reason: Mapped[str]
    aside_at: Mapped[datetime | None]


def note(session: Session, duty: str, row_id: int, *, reason: str, most: int, now: datetime) -> bool:
    """Count a failure; True if it is the one with which the work is put aside."""
    row = session.get(DutyFailure, (duty, row_id), with_for_update=True)
    if row is None:
        row = DutyFailure(duty=duty, row_id=row_id, failures=0, reason=reason)
        session.add(row)
    row.failures += 1
    row.reason = reason
    falls_out = row.aside_at is None and row.failures >= most
    if falls_out:
        row.aside_at = now
    session.flush()
    return falls_out


def of_duty(session: Session, duty: str) -> dict[int, bool]:
    """Give the works of a duty that failed, by their row: whether they are put aside."""
    rows = session.execute(select(DutyFailure.row_id, DutyFailure.aside_at).where(DutyFailure.duty == duty))
    return {row_id: aside_at is not None for row_id, aside_at in rows}


def forget(session: Session, duty: str, row_ids: Collection[int]) -> None:
    """Forget works that succeeded or are not due any more."""
    session.execute(delete(DutyFailure).where(DutyFailure.duty == duty, DutyFailure.row_id.in_(row_ids)))


def try_again(session: Session) -> int:
    """Give everything that was put aside one more try; gives how much that is."""
    return _take_back(session, DutyFailure.aside_at.is_not(None))


def try_one(session: Session, duty: str, row_id: int) -> bool:
    """Give one work that was put aside one more try. False if it is not (any more)."""
    aside = (DutyFailure.duty == duty, DutyFailure.row_id == row_id, DutyFailure.aside_at.is_not(None))
    return _take_back(session, *aside) > 0


def list_rows(session: Session) -> Sequence[DutyFailure]:
    """List what is put aside, what waits longest first."""
    statement = select(DutyFailure).where(DutyFailure.aside_at.is_not(None))
    return session.scalars(statement.order_by(DutyFailure.aside_at, DutyFailure.duty, DutyFailure.row_id)).all()


def _take_back(session: Session, *wanted: ColumnElement[bool]) -> int:
    taken = session.scalars(update(DutyFailure).where(*wanted).values(aside_at=None).returning(DutyFailure.row_id))
    return len(taken.all())


def list_aside(session: Session) -> Sequence[tuple[str, int, str]]:
    """List what is put aside: the duty, the row it works on, the class of its last error."""
    statement = select(DutyFailure.duty, DutyFailure.row_id, DutyFailure.reason).where(DutyFailure.aside_at.is_not(None))
    return [
        (duty, row_id, reason)
        for duty, row_id, reason in session.execute(statement.order_by(DutyFailure.aside_at, DutyFailure.row_id))
    ]
