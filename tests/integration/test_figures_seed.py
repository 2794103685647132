"""The figures that cities publish, from as many tickets: each is printed with numerator, denominator, what is left out, and its formula."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert

from bot.control import carry_out
from routing.tables import Ticket, TicketEvent
from store.keys import new_key

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.city import City
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

HOUR = timedelta(hours=1)
RECEIVED, CLOSED = 4_067, 3_821
"""元宝区: its article cuts 93.95 % to 93 %."""
LOCAL = (973, 1_000)
"""江山: 97.3 % of 48,000, one in 48 of them."""
SCANS, IN_TIME = 1_175, 1_152
"""合肥: 98 % of what was scanned."""
JANUARY, FEBRUARY, MARCH = (datetime(2026, month, 2, 1, tzinfo=UTC) for month in (1, 2, 3))


class Seeder:
    """Writes tickets with their events in bulk, as the acts of routing leave them."""

    def __init__(self, session: Session) -> None:
        self.key = new_key(session)
        self.sealed = self.key.seal(b"")
        self.tickets: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []

    def add(self, at: datetime, *, source: str = "", end: str = "closed", level: str = "community", on_time: bool = True) -> None:
        number = len(self.tickets) + 1
        due = at + 5 * 24 * HOUR
        done = due - HOUR if on_time else due + HOUR
        self.tickets.append(
            {
                "id": number, "number": f"S{number}", "token_hash": f"S{number}", "resident_id": number, "channel": "terminal",
                "kind": "help", "title": "", "summary": "", "key_id": self.key.id, "text": self.sealed, "public_space": True,
                "confidential": False, "tier": "none", "status": end, "unit": "U", "desk": "D", "automatic": True,
                "due_at": due, "opened_at": at, "source": source, "version": 1,
            }
        )  # fmt: skip
        self.put(number, at, "accept", "accepted", clocks=[["resident", 1, "start", due.isoformat()]])
        if end in ("withdrawn", "merged"):
            self.put(number, at + HOUR, "withdraw" if end == "withdrawn" else "merge", end, clocks=[["resident", 1, "void", ""]])
            return
        self.put(number, at + HOUR, "dispatch", "dispatched")
        if end == "closed":
            judged = "stop:met" if on_time else "stop:late"
            self.put(number, done, "conclude", "concluded", level=level, clocks=[["resident", 1, judged, due.isoformat()]])
            self.put(number, done + HOUR, "close", "closed", level=level, contacted="yes", solved="yes", satisfied="yes")

    def put(self, ticket: int, at: datetime, act: str, after: str, **facts: Any) -> None:
        unit = "D" if act == "accept" else "U"
        self.events.append(
            {
                "ticket_id": ticket, "at": at, "act": act, "actor": "system", "before": "", "after": after, "unit": unit,
                "item": "", "how": "", "facts": facts, "text": None,
            }
        )  # fmt: skip

    def write(self, session: Session) -> None:
        session.execute(insert(Ticket), self.tickets)
        session.execute(insert(TicketEvent), self.events)


def seed(session: Session) -> None:
    seeder = Seeder(session)
    for number in range(RECEIVED):
        at = JANUARY + timedelta(minutes=9 * number)
        seeder.add(at, end="closed" if number < CLOSED else "dispatched")
    for number in range(33):
        seeder.add(JANUARY + timedelta(hours=number), end="withdrawn" if number < 21 else "merged")
    for number in range(LOCAL[1]):
        seeder.add(FEBRUARY + timedelta(minutes=30 * number), level="street" if number < LOCAL[0] else "district")
    for number in range(SCANS):
        seeder.add(MARCH + timedelta(minutes=30 * number), source="scan", on_time=number < IN_TIME)
    seeder.add(MARCH, end="dispatched")
    seeder.write(session)


async def read(store: Store, city: City, month: int, last: int, **asked: Any) -> dict[str, dict[str, Any]]:
    period = {"first": f"2026-{month:02}-01", "last": f"2026-{month:02}-{last}"}
    while not await carry_out(store, city, "report.refresh", {}):
        pass
    found = await carry_out(store, city, "report.figures", period | asked)
    assert found["fresh"]
    return {figure["code"]: figure for figure in found["figures"]}


async def test_what_cities_publish_is_printed_with_what_it_is_made_of(demo_store: Store, demo_city: tuple[Path, City]) -> None:
    city = demo_city[1]
    await demo_store.write(seed)

    closed = (await read(demo_store, city, 1, 31))["closed_rate"]
    assert closed["share"] == "3,821/4,067 = 93.95 %"
    assert closed["left_out"] == "撤回 21、并单 12"
    assert closed["formula"].startswith("受理的里面，现在已结案的 ÷（受理 − 撤回")

    local = (await read(demo_store, city, 2, 28))["local_resolution_rate"]
    assert (local["share"], local["left_out"]) == ("973/1,000 = 97.30 %", "")

    scans = await read(demo_store, city, 3, 31, source="scan")
    assert await read(demo_store, city, 3, 31, source="scan", from_events=True) == scans
    assert scans["on_time_rate"]["share"] == "1,152/1,175 = 98.04 %"
    assert scans["satisfied_rate"]["share"] == "1,175/1,175 = 100.00 %"
    assert scans["received"]["share"] == "1,175"

    nothing = await read(demo_store, city, 4, 30)
    assert nothing["closed_rate"]["share"] == "0/0，无数可算"
    assert nothing["closed_rate"]["percent"] == ""
