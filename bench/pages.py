"""The pages with many tickets: server time of each by who looks, its ratio to an empty page of the same run, its queries and its weight.

The city and its tickets are those of api_pages.py, with hundreds of grids more; what the tickets have been through is lived.py. The empty page
is the frame alone, served by the same door to the same person: its time is what signing, rights, rendering and HTTP cost anyhow. Pages and
empty pages are asked for in turn, as a browser asks (compressed). Server and client share this process, so a figure holds the work of both:
the clock's, and the processor's of this process, which a busy machine disturbs less. Queries are counted with few tickets and with many: they
may not grow. A page weighs what goes through the wire, with its scripts and styles.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import re
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import aiohttp
import api_pages
import lived
from aiohttp import web
from aiohttp.test_utils import TestServer
from measure import collect_as_served, print_table, rank, say_machine, show_ratio

from bot.city_view import CityView
from bot.control import carry_out, open_city
from bot.proposal_round import Proposing
from bot.service import migrate_database
from bot.settings import load
from console.accounts import sessions
from console.pages import door
from console.pages.catalogue import PAGES
from console.pages.routes import Page, PageCall, PageRoute
from console.policy import Allowed, authorize, staff_actor
from store.clock import utcnow
from store.engine import PostgresStore, Store

if TYPE_CHECKING:
    from yarl import URL

    from bot.city import City
    from bot.settings import Settings
    from console.policy import Actor

POSTS = ("DK001", "DK007", "GW001", "SV001", "KE001", "OP001")
"""Desk of the district and of a street, a grid worker, a supervisor, an editor, the operator; and below the first clerk and liaison."""
NUMBER = "bench-0001999"
GRIDS = 800
"""Grids more than the demo city has, which has 37."""
BESIDES = {
    "figures": ("figures of a year", "/staff/figures?period=year&from={year}"),
    "figure_tickets": ("tickets of a year's figure", "/staff/figures/tickets?period=year&from={year}&figure=closed_rate&side=rest"),
    "desk": ("desk, answered", "/staff/desk?tab=answered"),
    "mine": ("mine, answered", "/staff/mine?tab=answered"),
    "tickets": ("tickets, a word", "/staff/tickets?word=bench-00019"),
}
"""By page what is asked of it besides: the heaviest that it can be asked."""
OURS = {"Sec-Fetch-Site": "same-origin"}
FEW = 2000
WARM = 3
EMPTY, NOTHING = "/staff/bench-empty", "/bench-empty"
_GZIP = b"\x1f\x8b"
_FILE = re.compile(r'(?:src|href)="(/static/[^"]+)"')
_PICTURES = ("echarts.min.js", "leaflet.min.js", "leaflet.css")
"""What a page with a chart or a map loads besides; its weight is not counted."""


class Measured(NamedTuple):
    """Milliseconds of the page by the clock and of the processor, those of the empty page by the clock, queries, bytes."""

    page: list[float]
    cpu: list[float]
    empty: list[float]
    queries: int
    weight: int


Found = dict[tuple[str, str], Measured]
"""By post and page."""


def show_nothing(_call: PageCall) -> Page:
    """Show the frame alone."""
    return Page(template="staff.html")


def list_paths(actor: Actor) -> dict[str, str]:
    """List the pages that somebody may open, by name: those without a variable, and those of one ticket."""
    shown = [route for route in PAGES if route.method == "GET" and route.staff and route.path != "/staff/"]
    open_to = [route for route in shown if isinstance(authorize(actor, route.action), Allowed)]
    paths = {route.name: route.path.replace("{number}", NUMBER) for route in open_to}
    year = utcnow().year - 1
    asked = {what: path.format(year=f"{year}-01-01") for name, (what, path) in BESIDES.items() if name in paths}
    return {name: path for name, path in (paths | asked).items() if "{" not in path}


def list_open_paths() -> dict[str, str]:
    """List the pages of residents that nobody need be known for."""
    return {route.name: route.path for route in PAGES if route.method == "GET" and not route.staff and "{" not in route.path}


def list_posts(city: City) -> list[Actor]:
    """List who looks: the named posts that the city has, and the first clerk and liaison."""
    firsts = [next(one.code for one in city.org.staff.values() if one.role == role) for role in ("unit_clerk", "liaison")]
    found = [staff_actor(code, org=city.org) for code in (*POSTS, *firsts)]
    return [actor for actor in found if actor is not None]


async def measure(store: Store, city: City, settings: Settings, *, rounds: int) -> Found:
    """Serve the pages and open each as everybody who may."""
    application = web.Application()
    empty = PageRoute(path=EMPTY, name="empty", action="me.read", run=show_nothing)
    nothing = PageRoute(path=NOTHING, name="nothing", action="pages.read", run=show_nothing)
    door.mount(application, store, CityView(city), (*PAGES, empty, nothing))
    found: Found = {}
    collect_as_served()
    async with TestServer(application) as server:
        for actor in list_posts(city):
            token = await store.write(
                lambda s, actor=actor: sessions.begin(
                    s, actor, settings=settings.sign_in, now=utcnow(), agent="", by_link=False, owes_code=False
                )
            )
            async with browse({"Cookie": f"{door.STAFF_COOKIE}={token}"}) as client:
                for name, path in list_paths(actor).items():
                    if (measured := await open_page(client, server.make_url(path), server.make_url(EMPTY), rounds)) is not None:
                        found[actor.code, name] = measured
        async with browse({}) as client:
            for name, path in list_open_paths().items():
                if (measured := await open_page(client, server.make_url(path), server.make_url(NOTHING), rounds)) is not None:
                    found["resident", name] = measured
    return found


def browse(headers: dict[str, str]) -> aiohttp.ClientSession:
    """Make a browser: it takes gzip, and what it gets is left as it travels, so that reading it costs nothing."""
    return aiohttp.ClientSession(headers=headers | OURS | {"Accept-Encoding": "gzip"}, auto_decompress=False)


async def open_page(client: aiohttp.ClientSession, page: URL, empty: URL, rounds: int) -> Measured | None:
    """Open a page and the empty one in turn; None for a page that this post is not shown (a ticket that is not theirs) or that is a file."""
    status, kind, body = await fetch(client, page)
    if status != web.HTTPOk.status_code or kind != "text/html":
        return None
    found = Measured([], [], [], await count(client, page), await weigh(client, page, body))
    for turn in range(rounds + WARM):
        for url, into in ((page, found.page), (empty, found.empty)):
            begun, worked = time.perf_counter(), time.process_time()
            await fetch(client, url)
            if turn >= WARM:
                into.append((time.perf_counter() - begun) * 1000)
                if url == page:
                    found.cpu.append((time.process_time() - worked) * 1000)
    return found


async def count(client: aiohttp.ClientSession, page: URL) -> int:
    """Count the queries of a page."""
    with api_pages.count_queries() as seen:
        await fetch(client, page)
    return len([one for one in seen if not one.startswith(("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE"))])


async def fetch(client: aiohttp.ClientSession, url: URL) -> tuple[int, str, bytes]:
    """Fetch something; gives the status, what it is, and its bytes as they travel."""
    async with client.get(url, allow_redirects=False) as response:
        return response.status, response.content_type, await response.read()


async def weigh(client: aiohttp.ClientSession, page: URL, body: bytes) -> int:
    """Give the bytes of a page with its scripts and styles as they travel, without what draws charts and maps."""
    text = gzip.decompress(body) if body.startswith(_GZIP) else body
    total = len(body)
    for path in sorted(set(_FILE.findall(text.decode()))):
        if not any(name in path for name in _PICTURES):
            total += len((await fetch(client, page.join(type(page)(path))))[2])
    return total


async def run(database_url: str, folder: Path, tickets: int, rounds: int) -> Found:
    """Make a city with so many tickets, and measure."""
    environment = {"JIEYING_DATA_DIR": str(folder)} | ({"JIEYING_DATABASE_URL": database_url} if database_url else {})
    settings = load(environ=environment)
    await asyncio.to_thread(migrate_database, settings)
    async with open_city(settings) as (store, city):
        await carry_out(store, city, "seed", {})
        api_pages.DESKS.update(desk.code for desk in city.org.desks.values())
        streets = [area.code for area in city.org.areas.values() if area.level == "street"]
        await store.write(lambda s: lived.grow(s, streets, GRIDS))
        await store.read(lambda s: city.refresh(s, now=utcnow()))
        await api_pages.fill(store, city, tickets)
        await lived.live(store, now=utcnow(), zone=city.zone)
        await lived.read_trails(store, city.make_basis())
        await Proposing(store=store, city=city, clock=utcnow).make(now=utcnow())
        if isinstance(store, PostgresStore):
            await api_pages.tidy(store)
        return await measure(store, city, settings, rounds=rounds)


async def main(database_url: str, tickets: int, rounds: int) -> None:
    """Measure with few tickets and with many, and print both side by side. The few are on SQLite always."""
    with tempfile.TemporaryDirectory() as few_here, tempfile.TemporaryDirectory() as many_here:
        few = await run("", Path(few_here), FEW, 1)
        many = await run(database_url, Path(many_here), tickets, rounds)
    rows = []
    for (who, page), one in many.items():
        before = few.get((who, page))
        grown = f"{before.queries if before else '-'} / {one.queries}"
        times = (statistics.median(one.page), rank(one.page, 0.99), statistics.median(one.cpu), show_ratio(one.page, one.empty))
        rows.append((who, page, *times, grown, one.weight / 1000))
    queries = f"queries at {FEW} / {tickets}"
    print_table(("who", "page", "median ms", "p99 ms", "CPU ms", "to an empty page", queries, "kB on the wire"), rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--tickets", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--database-url", default="")
    given = parser.parse_args()
    say_machine()
    asyncio.run(main(given.database_url, given.tickets, given.rounds))
