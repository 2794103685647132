"""What became of earlier dispatches, read from the events, and what residents say of results, read from the tickets. Read-only."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import func, select

from routing.rules import ItemStatistics
from routing.tables import Ticket, TicketEvent
from routing.terms import Status

if TYPE_CHECKING:
    from datetime import datetime

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


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """A share with what it is made of: `count` of `asked` who answered this question, and how many did not."""

    count: int
    asked: int
    silent: int


class Rates(msgspec.Struct, frozen=True, kw_only=True):
    """响应率 / 解决率 / 满意率 of the tickets closed in a period, each of those who answered that question.

    `closed` is how many were; of them `unrated` (未评价) said nothing at all. Withdrawn tickets and those still open are in none of it.
    """

    responded: Rate
    resolved: Rate
    satisfied: Rate
    closed: int
    unrated: int
    withdrawn: int


_GOOD = {"contacted": ("yes",), "solved": ("yes",), "satisfied": ("yes", "basic")}
"""Which answers count: 部分解决 is not solved; 基本满意 is satisfied, as hotlines count it (domain.md D3)."""


def read_rates(session: Session, *, since: datetime, until: datetime) -> Rates:
    """Read the three rates over what was closed from `since` to before `until`; what was last said of a ticket counts, silence as nothing."""
    closed = (Ticket.status == Status.CLOSED.value, Ticket.closed_at >= since, Ticket.closed_at < until)
    columns = (Ticket.contacted, Ticket.solved, Ticket.satisfied)
    rows = session.execute(select(*columns, func.count()).where(*closed).group_by(*columns)).all()
    counts = Counter({(row[0], row[1], row[2]): row[3] for row in rows})
    rates = [_read_rate(counts, place, good) for place, good in enumerate(_GOOD.values())]
    taken_back = select(func.count()).where(
        Ticket.status == Status.WITHDRAWN.value, Ticket.opened_at >= since, Ticket.opened_at < until
    )
    return Rates(
        responded=rates[0],
        resolved=rates[1],
        satisfied=rates[2],
        closed=counts.total(),
        unrated=counts["", "", ""],
        withdrawn=session.execute(taken_back).scalar_one(),
    )


def _read_rate(counts: Counter[tuple[str, str, str]], place: int, good: tuple[str, ...]) -> Rate:
    said = Counter[str]()
    for answers, count in counts.items():
        said[answers[place]] += count
    asked = said.total() - said[""]
    return Rate(count=sum(said[answer] for answer in good), asked=asked, silent=said[""])
