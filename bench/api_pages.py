"""Pages of the API with many tickets: how long one takes over HTTP, by who asks and for what, and how many queries it costs.

The city is the demo city; a year's tickets are copies of a few, spread over its grids, units, desks and statuses. Server and client share this
process, so a figure holds the work of both. With --database-url the tickets go to that (empty) PostgreSQL database instead of a SQLite file.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from measure import collect_as_served, print_table, rank, say_machine
from sqlalchemy import Engine, delete, event, insert, select, text

from bot.city_view import CityView
from bot.control import carry_out, open_city
from bot.service import migrate_database
from bot.settings import load
from console import tokens
from console.door import mount
from routing import desk
from routing.assists import TicketAssist
from routing.facts import Origin
from routing.tables import Ticket
from store.clock import utcnow
from store.engine import PostgresStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from store.engine import Store

POSTS = {"desk of a street": "DK007", "desk of the district": "DK001", "unit clerk": "", "liaison": "", "grid worker": "GW001"}
ASKED = {
    "first page": "limit=50",
    "open": "limit=50&status=accepted&status=dispatched&status=signed",
    "overdue": "limit=50&overdue=true",
    "changed today": "limit=50&updated_since={day}",
    "deep": "limit=50&cursor={cursor}",
    "100 rows": "limit=100",
}
STATUSES = ("closed",) * 17 + ("dispatched", "signed", "concluded")
AT_ONCE = 2000


async def fill(store: Store, city: City, count: int) -> None:
    """Open one ticket and copy it until there are so many."""
    view, now = CityView(city), utcnow()
    report, utterance = view.read_report(
        "路灯坏了三天", place="", area=next(code for code in city.org.areas if code.endswith("G1"))
    )
    origin = Origin(inbox_id=None, channel="terminal")
    context = view.context(now=now)
    opened = await store.write(
        lambda s: desk.open_ticket(s, report=report, resident_id=1, origin=origin, context=context, now=now, utterance=utterance)
    )
    row = await store.read(lambda s: s.scalars(select(Ticket).where(Ticket.number == opened.ticket.number)).one())
    values = {column.name: getattr(row, column.name) for column in Ticket.__table__.columns if column.name != "id"}
    dice = random.Random(0)  # noqa: S311 - the same tickets each time
    for first in range(0, count, AT_ONCE):
        rows = [
            make_row(values, place=place, count=count, city=city, dice=dice, now=now)
            for place in range(first, min(first + AT_ONCE, count))
        ]
        await store.write(lambda s, rows=rows: s.execute(insert(Ticket), rows))
    await store.write(assist)
    if isinstance(store, PostgresStore):
        await tidy(store)


async def tidy(store: PostgresStore) -> None:
    """Tidy up as PostgreSQL's own caretaker does within a minute, which the tests' server leaves out."""
    async with store._engine.connect() as connection:  # noqa: SLF001 - no unit of the service may run outside a transaction
        await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(text("VACUUM ANALYZE"))


def assist(session: Session) -> None:
    """Write down who assists, as it is where tickets are written one by one."""
    found = session.execute(select(Ticket.id, Ticket.assisting)).all()
    rows = [{"unit": unit, "ticket_id": ticket} for ticket, units in found for unit in units]
    session.execute(delete(TicketAssist))
    session.execute(insert(TicketAssist), rows)


def make_row(values: dict[str, Any], *, place: int, count: int, city: City, dice: random.Random, now: datetime) -> dict[str, Any]:
    """Make a ticket of the last year: the older the smaller its place."""
    grids = [code for code, area in city.org.areas.items() if area.level == "grid"]
    area = dice.choice(grids)
    units = [unit.code for unit in city.org.units.values() if unit.area in city.org.chain(area) and unit.code not in DESKS]
    at = now - timedelta(days=365) * (1 - place / count)
    return values | {
        "number": f"bench-{place:07d}",
        "token_hash": f"bench-{place}",
        "area": area,
        "desk": city.org.desk_for(area).code,
        "unit": dice.choice(units),
        "assisting": [dice.choice(units)],
        "status": dice.choice(STATUSES),
        "opened_at": at,
        "due_at": at + timedelta(days=5),
        "updated_at": at + timedelta(days=dice.random() * 5),
        "look_at": None,
        "resident_id": place + 2,
    }


DESKS: set[str] = set()


@contextmanager
def count_queries() -> Iterator[list[str]]:
    """Remember every statement while inside."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield seen
    event.remove(Engine, "before_cursor_execute", note)


async def measure(store: Store, city: City, *, count: int, rounds: int) -> None:
    """Fill the database, serve the API and ask."""
    DESKS.update(desk.code for desk in city.org.desks.values())
    await fill(store, city, count)
    for role in ("unit_clerk", "liaison"):
        POSTS[role.replace("_", " ")] = next(one.code for one in city.org.staff.values() if one.role == role)
    application = web.Application()
    mount(application, store, CityView(city))
    rows = []
    collect_as_served()
    async with TestServer(application) as server, aiohttp.ClientSession() as client:
        for who, code in POSTS.items():
            issued = await store.write(lambda s, code=code: issue(s, code, city))
            headers = {"Authorization": f"Bearer {issued.token}"}
            for what, asked in ASKED.items():
                cursor = await find_cursor(client, server, headers) if "cursor" in asked else ""
                day = (utcnow() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
                url = server.make_url(f"/api/v1/tickets?{asked.format(day=day, cursor=cursor)}")
                rows.append((who, what, *await ask(client, url, headers, rounds)))
    print_table(("who", "asks", "rows", "median ms", "p99 ms", "CPU ms", "queries"), rows)


def issue(session: Session, code: str, city: City) -> tokens.Issued:
    """Make a token."""
    return tokens.issue_for_staff(session, code, days=1, by="operator", now=utcnow(), org=city.org)


async def find_cursor(client: aiohttp.ClientSession, server: TestServer, headers: dict[str, str]) -> str:
    """Walk twenty pages down; gives the cursor there, or the last there is."""
    cursor = ""
    for _ in range(20):
        async with client.get(server.make_url(f"/api/v1/tickets?limit=100&cursor={cursor}"), headers=headers) as response:
            page = await response.json()
        if page["next"] is None:
            break
        cursor = page["next"]
    return cursor


async def ask(
    client: aiohttp.ClientSession, url: Any, headers: dict[str, str], rounds: int
) -> tuple[int, float, float, float, int]:
    """Ask some times; gives the rows, the median and the 99th percentile in milliseconds, the CPU of both sides, and the queries of one."""
    taken, rows, cpu = [], 0, time.process_time()
    for turn in range(rounds + 3):
        begun = time.perf_counter()
        async with client.get(url, headers=headers) as response:
            rows = len((await response.json())["items"])
        if turn > 2:
            taken.append((time.perf_counter() - begun) * 1000)
    cpu = (time.process_time() - cpu) * 1000 / (rounds + 3)
    with count_queries() as seen:
        await client.get(url, headers=headers)
    queries = len([one for one in seen if not one.startswith(("BEGIN", "PRAGMA"))])
    return rows, statistics.median(taken), rank(taken, 0.99), cpu, queries


async def main(database_url: str, folder: Path, count: int, rounds: int) -> None:
    """Make the city, and measure."""
    environment = {"JIEYING_DATA_DIR": str(folder)} | ({"JIEYING_DATABASE_URL": database_url} if database_url else {})
    settings = load(environ=environment)
    await asyncio.to_thread(migrate_database, settings)
    async with open_city(settings) as (store, city):
        await carry_out(store, city, "seed", {})
        await measure(store, city, count=count, rounds=rounds)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--tickets", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--database-url", default="")
    given = parser.parse_args()
    say_machine()
    with tempfile.TemporaryDirectory() as made:
        asyncio.run(main(given.database_url, Path(made), given.tickets, given.rounds))
