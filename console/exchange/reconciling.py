"""对账: what we handed to another system and it to us on a day, beside what it says it has: missing on either side, differing, late. Pure but for list_ours.

The other side's list comes as rows of number, id and state (a file of its own, or as it answers); where a number or an id fits, it is the same.
"""

from __future__ import annotations

from datetime import datetime, timedelta  # noqa: TC003 - msgspec reads the annotations
from typing import TYPE_CHECKING, Literal

import msgspec
from sqlalchemy import select

from console.exchange.tables import ExchangeTransfer, PartnerTicket
from routing.tables import Ticket

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.orm import Session


Direction = Literal["out", "in"]
"""我方移交 · 对方送来."""
Difference = Literal["missing_there", "missing_here", "differing", "late", "undelivered"]
"""对方没有 · 我方没有 · 状态不一致 · 超时没有回执 · 没有送到."""


class Ours(msgspec.Struct, frozen=True, kw_only=True):
    """A matter between two systems as we have it. `state` is that of a transfer; what came in is acknowledged with its ticket."""

    direction: Direction
    number: str
    their_id: str
    state: str
    at: datetime


class Theirs(msgspec.Struct, frozen=True, kw_only=True):
    """A matter as the other side has it; a state that it does not say is ""."""

    number: str = ""
    id: str = ""
    state: str = ""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One difference: what kind, our number, their id, and both states."""

    difference: Difference
    direction: Direction
    number: str
    their_id: str
    ours: str
    theirs: str


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """The report of a day: how many went out and came in, how many fit, and every difference."""

    sent: int
    received: int
    agreeing: int
    lines: tuple[Line, ...]


def list_ours(session: Session, *, peer: str, first: datetime, last: datetime) -> list[Ours]:
    """List what went to a system and came from it in a span of time (the end not included), the earliest first."""
    went = (
        select(ExchangeTransfer, Ticket.number)
        .join(Ticket, Ticket.id == ExchangeTransfer.ticket_id)
        .where(ExchangeTransfer.peer == peer, ExchangeTransfer.made_at >= first, ExchangeTransfer.made_at < last)
        .order_by(ExchangeTransfer.id)
    )
    came = (
        select(PartnerTicket, Ticket.number)
        .join(Ticket, Ticket.id == PartnerTicket.ticket_id)
        .where(PartnerTicket.partner == peer, PartnerTicket.at >= first, PartnerTicket.at < last)
        .order_by(PartnerTicket.id)
    )
    out = [
        Ours(direction="out", number=number, their_id=row.their_id, state=row.state, at=row.made_at)
        for row, number in session.execute(went)
    ]
    into = [
        Ours(direction="in", number=number, their_id=row.their_id, state="acknowledged", at=row.at)
        for row, number in session.execute(came)
    ]
    return out + into


def compare(ours: Sequence[Ours], theirs: Iterable[Theirs] | None, *, now: datetime, late: timedelta) -> Balance:
    """Compare both sides; without `theirs` only what we know ourselves is said: what is late and what did not arrive."""
    lines = [line for one in ours if (line := _look(one, now=now, late=late)) is not None]
    troubled = {(line.direction, line.number) for line in lines}
    if theirs is not None:
        listed = list(theirs)
        matched: set[int] = set()
        for one in ours:
            place = next((place for place, each in enumerate(listed) if place not in matched and _is_same(one, each)), None)
            if place is not None:
                matched.add(place)
            found = listed[place] if place is not None else None
            if (line := _match(one, found)) is not None and (one.direction, one.number) not in troubled:
                lines.append(line)
        lines += [_miss(each) for place, each in enumerate(listed) if place not in matched]
    wrong = sum(line.difference != "missing_here" for line in lines)
    return Balance(
        sent=sum(one.direction == "out" for one in ours),
        received=sum(one.direction == "in" for one in ours),
        agreeing=len(ours) - wrong,
        lines=tuple(lines),
    )


def _look(one: Ours, *, now: datetime, late: timedelta) -> Line | None:
    """Say what is wrong with a matter by what we know ourselves."""
    if one.state == "failed":
        return _line("undelivered", one, "")
    if one.state in {"waiting", "sent"} and now - one.at > late:
        return _line("late", one, "")
    return None


def _match(one: Ours, found: Theirs | None) -> Line | None:
    if found is None:
        return _line("missing_there", one, "")
    if found.state and found.state != one.state:
        return _line("differing", one, found.state)
    return None


def _is_same(one: Ours, each: Theirs) -> bool:
    return bool((each.number and each.number == one.number) or (each.id and each.id == one.their_id))


def _miss(each: Theirs) -> Line:
    return Line(difference="missing_here", direction="in", number=each.number, their_id=each.id, ours="", theirs=each.state)


def _line(difference: Difference, one: Ours, theirs: str) -> Line:
    return Line(
        difference=difference, direction=one.direction, number=one.number, their_id=one.their_id, ours=one.state, theirs=theirs
    )
