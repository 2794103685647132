"""A build that is broken on purpose: it sends first and marks afterwards. Run as the service, it must fail the kill test.

A claimed row stays `pending` in the database; only this process's memory knows that it is under way, so a process that dies forgets it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from bot.__main__ import main
from store import outbox
from store.outbox import Claim, OutboxMessage

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from sqlalchemy.orm import Session

_under_way: set[int] = set()


def claim_without_mark(
    session: Session,
    *,
    owner: str,
    now: datetime,
    lease: timedelta,  # noqa: ARG001 - the signature of what it stands in for
    limit: int,
    since: datetime | None = None,  # noqa: ARG001 - as above
) -> list[tuple[Claim, OutboxMessage]]:
    rows = session.execute(select(OutboxMessage).where(OutboxMessage.state == "pending", OutboxMessage.due_at <= now)).scalars()
    taken = [row for row in rows if row.id not in _under_way][:limit]
    _under_way.update(row.id for row in taken)
    return [(Claim(id=row.id, owner=owner, attempt=row.attempt + 1), row) for row in taken]


def update_without_fence(session: Session, one: Claim, **values: object) -> bool:
    session.execute(update(OutboxMessage).where(OutboxMessage.id == one.id).values(**values))
    return True


outbox.claim = claim_without_mark
outbox._update = update_without_fence

if __name__ == "__main__":
    main()
