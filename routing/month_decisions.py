"""月度分析会的决定: what a month's meeting decided, who is to do it by when, and what became of it; what is open is carried into the next month's pack.

What is written is masked first: a decision is about places and work, not about people.

DecisionError
├── NoDecision        there is none of this number
└── DecisionSettled   it was settled before
"""

from __future__ import annotations

from datetime import date, datetime  # noqa: TC003 - SQLAlchemy and msgspec read the annotations
from typing import TYPE_CHECKING, Literal

import msgspec
from sqlalchemy import or_, select
from sqlalchemy.orm import Mapped, mapped_column

from residents.masking import mask
from store import audit
from store.base import Base

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

DecisionState = Literal["pending", "done", "dropped"]
"""在办 · 办成了 · 不办了."""


class DecisionError(Exception):
    """This cannot be done with a decision."""

    def __init__(self, number: int) -> None:
        super().__init__(f"decision {number}: {self.__doc__}")
        self.number = number


class NoDecision(DecisionError):
    """There is no decision of this number."""


class DecisionSettled(DecisionError):
    """It was settled before."""


class MonthDecision(Base):
    """A decision of a month's meeting (`month` as 2026-10); `area` is whose meeting it was, "" the whole city's."""

    __tablename__ = "month_decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(index=True)
    area: Mapped[str]
    what: Mapped[str]
    unit: Mapped[str]
    due_on: Mapped[date | None]
    state: Mapped[str]
    result: Mapped[str]
    decided_by: Mapped[str]
    decided_at: Mapped[datetime]
    settled_by: Mapped[str]
    settled_at: Mapped[datetime | None]


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A decision as it stands."""

    id: int
    month: str
    area: str
    what: str
    unit: str
    due_on: date | None
    state: DecisionState
    result: str


def decide(
    session: Session,
    *,
    month: str,
    what: str,
    unit: str = "",
    due_on: date | None = None,
    area: str = "",
    actor: str,
    now: datetime,
) -> Decision:
    """Write a decision down. ValueError if it says nothing."""
    text = mask(what.strip())
    if not text:
        raise ValueError("a decision says what is to be done")
    row = MonthDecision(
        month=month, area=area, what=text, unit=unit, due_on=due_on, state="pending", result="",
        decided_by=actor, decided_at=now, settled_by="", settled_at=None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, actor=actor, action="month.decide", subject=month, facts={"decision": row.id, "unit": unit})
    return _read(row)


def settle(
    session: Session, number: int, *, result: str, done: bool, actor: str, now: datetime, areas: Collection[str] | None = None
) -> Decision:
    """Say what became of a decision: done, or dropped for a reason. `areas` are those the actor speaks for (None: all). NoDecision, DecisionSettled."""
    row = session.get(MonthDecision, number, with_for_update=True)
    if row is None or (areas is not None and row.area not in areas):
        raise NoDecision(number)
    if row.state != "pending":
        raise DecisionSettled(number)
    row.state, row.result = "done" if done else "dropped", mask(result.strip())
    row.settled_by, row.settled_at = actor, now
    audit.record(session, actor=actor, action="month.settle", subject=row.month, facts={"decision": row.id, "state": row.state})
    return _read(row)


def list_carried(session: Session, *, month: str, since: datetime, areas: Collection[str] | None = None) -> list[Decision]:
    """List what meetings before a month's own decided and that is open, or was settled since it began: what has to be reported on, the oldest first."""
    statement = (
        select(MonthDecision)
        .where(MonthDecision.month < month)
        .where(or_(MonthDecision.settled_at.is_(None), MonthDecision.settled_at >= since))
        .order_by(MonthDecision.id)
    )
    if areas is not None:
        statement = statement.where(MonthDecision.area.in_(sorted(areas)))
    return [_read(row) for row in session.execute(statement).scalars()]


def _read(row: MonthDecision) -> Decision:
    return msgspec.convert({name: getattr(row, name) for name in Decision.__struct_fields__}, Decision)
