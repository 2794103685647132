"""The reconciler: compares what should have happened with what did, from the business rows, whatever the queues believe.

It mends nothing by itself. What it finds is a fault of ours or of the machine, and an operator is told once per kind and day.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import func, or_, select

from routing.tables import Ticket, TicketEvent
from routing.terms import OPEN_STATUSES
from store.inbox import InboxMessage
from store.outbox import OutboxMessage

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

_LATE = timedelta(minutes=10)
"""A message without an outcome this long after it came: the resumer looks every few seconds."""
_WINDOW = timedelta(minutes=15)
"""How far back events are compared with sends: each round sees every event several times."""
_SETTLING = timedelta(minutes=1)
_MUST_TELL = frozenset(
    {
        "dispatch",
        "reply",
        "conclude",
        "return",
        "redo",
        "redo_part",
        "reopen",
        "escalate",
        "reassign",
        "carry",
        "explain",
        "progress",
    }
)
"""Acts of which somebody is always told (routing.notices)."""


class Gap(msgspec.Struct, frozen=True):
    """Something that should be and is not: `kind` and how many."""

    kind: str
    count: int


def find_gaps(session: Session, *, now: datetime) -> list[Gap]:
    """Find messages without an outcome, tickets nobody has or nobody watches, and acts of which nobody was told."""
    counts = {
        "messages_without_outcome": _count_late(session, now=now),
        "tickets_without_holder": _count_loose(session),
        "acts_untold": len(find_untold(session, now=now)),
    }
    return [Gap(kind, count) for kind, count in counts.items() if count]


def find_untold(session: Session, *, now: datetime) -> list[int]:
    """Find recent events that somebody has to be told of, without any send written for them; their ids."""
    events = session.execute(
        select(TicketEvent.id).where(
            TicketEvent.at > now - _WINDOW, TicketEvent.at < now - _SETTLING, TicketEvent.act.in_(sorted(_MUST_TELL))
        )
    ).scalars()
    sends = session.execute(select(OutboxMessage.cause).where(OutboxMessage.created_at > now - _WINDOW - _SETTLING)).scalars()
    told = {cause.split(":")[1] for cause in sends if cause.startswith("event:")}
    return [event for event in events if str(event) not in told]


def _count_late(session: Session, *, now: datetime) -> int:
    late = select(func.count()).where(InboxMessage.outcome.is_(None), InboxMessage.received_at < now - _LATE)
    return session.execute(late).scalar_one()


def _count_loose(session: Session) -> int:
    loose = select(func.count()).where(
        Ticket.status.in_(sorted(OPEN_STATUSES)), or_(Ticket.unit == "", Ticket.desk == "", Ticket.look_at.is_(None))
    )
    return session.execute(loose).scalar_one()
