"""How often something was done on residents' pages in a span of time, by keyed marks that tell of nobody who or what it was."""

from __future__ import annotations

from datetime import datetime, timedelta  # noqa: TC003 - SQLAlchemy reads the annotation
from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base, insert_into
from store.sealing import vault_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_MOST_FORGOTTEN = 200


class PageCount(Base):
    """How often one thing was done since its first time, until `ends_at`: then counting begins anew."""

    __tablename__ = "page_count"

    mark: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    ends_at: Mapped[datetime] = mapped_column(index=True)


def count_up(session: Session, what: str, *who: str, most: int, span: timedelta, now: datetime) -> bool:
    """Count that `who` does something; False, and nothing counted, where they did it so often already. The row is held until the end."""
    mark = vault_of(session).blind(f"page count {what}", "\0".join(who)).hex()
    old = select(PageCount.mark).where(PageCount.ends_at <= now, PageCount.mark != mark).limit(_MOST_FORGOTTEN)
    free = session.scalars(old.with_for_update(skip_locked=True)).all()
    if free:
        session.execute(delete(PageCount).where(PageCount.mark.in_(free)))
    made = insert_into(session, PageCount).values(mark=mark, count=0, ends_at=now + span)
    held = made.on_conflict_do_update(index_elements=["mark"], set_={"mark": mark}).returning(PageCount)
    row = session.scalars(held, execution_options={"populate_existing": True}).one()
    if row.ends_at <= now:
        row.count, row.ends_at = 0, now + span
    if row.count >= most:
        session.flush()
        return False
    row.count += 1
    session.flush()
    return True
