"""Numbers that count up without gaps a person would notice: the day's ticket sequence, the knowledge base's change number."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from store.base import Base, insert_into


class Counter(Base):
    """The last number given out under a name."""

    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]


def next_number(session: Session, name: str) -> int:
    """Give out the next number under this name, starting at 1; two transactions never get the same."""
    statement = (
        insert_into(session, Counter)
        .values(name=name, value=1)
        .on_conflict_do_update(index_elements=["name"], set_={"value": Counter.value + 1})
        .returning(Counter.value)
    )
    return session.execute(statement).scalar_one()


def current_number(session: Session, name: str) -> int:
    """Read the last number given out under this name; 0 if none was."""
    return session.execute(select(Counter.value).where(Counter.name == name)).scalar_one_or_none() or 0
