"""What many tickets have been through: events, and the sums of figures made of them, as a year leaves them behind. For benches alone.

Every ticket is received and dispatched; most are concluded and closed, some were late, some were returned or done again, some were done suspiciously
soon. The sums are worked out by the same pure code that the service folds events with, straight into their tables: folding a year event by
event would take minutes. Signs and deeds are read as the worker reads them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import func, insert, select

from routing import trail_folds
from routing.figure_rows import dimensions_of, split
from routing.figures import Story
from routing.tables import AreaRow, StaffRow, Ticket, TicketEvent
from routing.tally_days import sum_anew
from routing.tally_tables import FigureCursor, FigureTicket
from routing.terms import Status

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from sqlalchemy.orm import Session

    from routing.trail_basis import Basis
    from store.engine import Store

CHANNELS = ("wechat", "gateway", "web", "scan")
KINDS = ("complaint", "help", "consult", "report")
HOW = ("agreed",) * 13 + ("automatic",) * 6 + ("corrected",)
ANSWERS = ("yes", "yes", "no", "")
AT_ONCE = 2000
GRIDS_IN_A_COMMUNITY = 8


def grow(session: Session, streets: list[str], grids: int) -> None:
    """Add communities and their grids to the streets in turn until there are so many grids more."""
    for place in range(grids):
        community = place // GRIDS_IN_A_COMMUNITY
        street = streets[community % len(streets)]
        code = f"BENCH-{community:03d}"
        if place % GRIDS_IN_A_COMMUNITY == 0:
            session.add(AreaRow(code=code, name=f"第{community + 1}社区", level="community", parent=street))
            session.flush()
        session.add(AreaRow(code=f"{code}-G{place:04d}", name=f"第{place + 1}网格", level="grid", parent=code))


async def live(store: Store, *, now: datetime, zone: ZoneInfo) -> None:
    """Write what the tickets have been through, and the sums."""
    staff = await store.read(list_staff)
    names = (Ticket.id, Ticket.opened_at, Ticket.status, Ticket.area, Ticket.unit, Ticket.desk, Ticket.item)
    last = await store.read(lambda s: s.execute(select(func.max(Ticket.id))).scalar_one())
    for first in range(0, last + 1, AT_ONCE):
        chunk = select(*names).where(Ticket.id > first, Ticket.id <= first + AT_ONCE).order_by(Ticket.id)
        rows = await store.read(lambda s, chunk=chunk: s.execute(chunk).all())
        await store.write(lambda s, rows=rows: write_lives(s, rows, staff, now=now, zone=zone))
    await store.write(finish)


async def read_trails(store: Store, basis: Basis) -> None:
    """Read signs and deeds, a round at a time, as the worker does."""
    while await store.write(lambda s: trail_folds.refresh(s, basis=basis)):
        pass


def list_staff(session: Session) -> dict[str, list[str]]:
    """List who works for each unit."""
    found: dict[str, list[str]] = {}
    for unit, code in session.execute(select(StaffRow.unit, StaffRow.code).order_by(StaffRow.code)):
        found.setdefault(unit, []).append(code)
    return found


def write_lives(session: Session, rows: list[Any], staff: dict[str, list[str]], *, now: datetime, zone: ZoneInfo) -> None:
    """Write the events and the figures of some tickets."""
    events: list[dict[str, Any]] = []
    figures: list[dict[str, Any]] = []
    for row in rows:
        happened = list_events(row, staff)
        story = tell(row, happened, now=now)
        day = row.opened_at.astimezone(zone).date()
        events += happened
        for unit, part in split(story, {row.unit: (1, story.returned)}, now=now):
            named = {name: value for name, value in dimensions_of(story, unit=unit).items() if name != "all"}
            fixed = {"ticket_id": row.id, "day": day, "event_id": 0, "look_at": None}
            figures.append(fixed | named | msgspec.structs.asdict(part))
    session.execute(insert(TicketEvent), events)
    session.execute(insert(FigureTicket), figures)


def list_events(row: Any, staff: dict[str, list[str]]) -> list[dict[str, Any]]:
    """List what happened to a ticket, the number of days after it came in that it was done as its id says, and by whom."""
    is_done = row.status in {Status.CONCLUDED, Status.CLOSED}
    due = (row.opened_at + timedelta(days=5)).isoformat()
    steps: list[tuple[str, str, str, float]] = [("accept", "accepted", row.desk, 0.0), ("dispatch", "dispatched", row.unit, 0.1)]
    for again in range((row.id % 10 == 0) + (row.id % 40 == 0)):
        steps += [("return", "accepted", row.desk, 0.2 + again / 10), ("dispatch", "dispatched", row.unit, 0.25 + again / 10)]
    if row.id % 20 == 11:
        steps.append(("ask_extension", "dispatched", row.unit, 4.5))
    if row.id % 25 == 3 and is_done:
        steps.append(("conclude", "concluded", row.unit, 0.11))
    elif is_done or row.status == Status.SIGNED:
        steps.append(("sign", "signed", row.unit, 0.5))
    if row.id % 30 == 7 and is_done:
        steps += [("conclude", "concluded", row.unit, 0.9), ("redo", "dispatched", row.unit, 1.0)]
    if is_done and row.id % 25 != 3:
        steps.append(("conclude", "concluded", row.unit, 1.0 + row.id % 6))
    if row.status == Status.CLOSED:
        steps.append(("close", "closed", row.desk, 2.0 + row.id % 6))
    is_late = row.id % 5 == 0 if row.unit.endswith("1") else row.id % 30 == 5  # a few units are much later than the others
    clocks = {"dispatch": ("start", due), "conclude": ("stop:late" if is_late else "stop:met", "")}
    return [
        {
            "ticket_id": row.id,
            "at": row.opened_at + timedelta(days=after),
            "act": act,
            "actor": people[row.id % len(people)] if (people := staff.get(unit, [])) else "system",
            "before": "",
            "after": status,
            "unit": unit,
            "item": row.item if act in {"dispatch", "return"} else "",
            "how": HOW[row.id % len(HOW)] if act == "dispatch" else "",
            "facts": {"clocks": [["unit", 1, *clocks[act]]]} if act in clocks else {"from": row.unit} if act == "return" else {},
            "text": None,
        }
        for act, status, unit, after in steps
    ]


def tell(row: Any, happened: list[dict[str, Any]], *, now: datetime) -> Story:
    """Tell the story of a ticket."""
    is_done = row.status in {Status.CONCLUDED, Status.CLOSED}
    due_at = row.opened_at + timedelta(days=5)
    said = ANSWERS[row.id % len(ANSWERS)] if row.status == Status.CLOSED else ""
    return Story(
        ticket=row.id,
        received_at=row.opened_at,
        status=Status(row.status),
        area=row.area,
        unit=row.unit,
        level="street" if is_done else "",
        channel=CHANNELS[row.id % len(CHANNELS)],
        item=row.item,
        kind=KINDS[row.id % len(KINDS)],
        clock=("stop:late" if row.id % 6 == 5 else "stop:met") if is_done else ("start" if due_at > now else "pause"),
        due_at=due_at,
        contacted=said,
        solved=said,
        satisfied=said,
        dispatches=sum(one["act"] == "dispatch" for one in happened),
        returned=sum(one["act"] == "return" for one in happened),
        first_unit=row.unit,
        last_unit=row.unit,
    )


def finish(session: Session) -> None:
    """Sum the days, and say that all events are in the sums."""
    newest = session.execute(select(func.max(TicketEvent.id))).scalar_one()
    session.merge(FigureCursor(name="events", event_id=newest))
    sum_anew(session)
