"""The staff pages with many tickets: server time of each by who looks, its ratio to an empty page of the same run, its queries and its weight.

The city and its tickets are those of api_pages.py. The empty page is the frame alone, served by the same door to the same person: its time is
what signing, rights, rendering and HTTP cost anyhow. Pages and empty pages are asked for in turn. Server and client share this process, so a
figure holds the work of both. Queries are counted with few tickets and with many: they may not grow.
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
from typing import TYPE_CHECKING

import aiohttp
import api_pages
from aiohttp import web
from aiohttp.test_utils import TestServer
from measure import collect_as_served, print_table, rank, say_machine, show_ratio

from bot.city_view import CityView
from bot.control import carry_out, open_city
from bot.service import migrate_database
from bot.settings import load
from console.accounts import sessions
from console.pages import door
from console.pages.catalogue import PAGES
from console.pages.routes import Page, PageCall, PageRoute
from console.policy import Allowed, authorize, staff_actor
from store.clock import utcnow

if TYPE_CHECKING:
    from yarl import URL

    from bot.city import City
    from bot.settings import Settings
    from console.policy import Actor
    from store.engine import Store

POSTS = ("DK001", "DK007", "GW001", "SV001", "KE001", "OP001")
"""Desk of the district and of a street, a grid worker, a supervisor, an editor, the operator; and below the first clerk and liaison."""
NUMBER = "bench-0001999"
FEW = 2000
WARM = 3
EMPTY = "/staff/bench-empty"
_FILE = re.compile(r'(?:src|href)="(/static/[^"]+)"')
_PICTURES = ("echarts.min.js", "leaflet.min.js", "leaflet.css")
"""What a page with a chart or a map loads besides; its weight is not counted."""

Found = dict[tuple[str, str], tuple[list[float], list[float], int, int]]
"""(post, page) -> milliseconds of the page, of the empty page, queries, bytes."""


def show_nothing(_call: PageCall) -> Page:
    """Show the frame alone."""
    return Page(template="staff.html")


def list_paths(actor: Actor) -> dict[str, str]:
    """List the pages that somebody may open, by name: those without a variable, and those of one ticket."""
    shown = [route for route in PAGES if route.method == "GET" and route.staff and route.path != "/staff/"]
    open_to = [route for route in shown if isinstance(authorize(actor, route.action), Allowed)]
    paths = {route.name: route.path.replace("{number}", NUMBER) for route in open_to}
    return {name: path for name, path in paths.items() if "{" not in path}


def list_posts(city: City) -> list[Actor]:
    """List who looks: the named posts that the city has, and the first clerk and liaison."""
    firsts = [next(one.code for one in city.org.staff.values() if one.role == role) for role in ("unit_clerk", "liaison")]
    found = [staff_actor(code, org=city.org) for code in (*POSTS, *firsts)]
    return [actor for actor in found if actor is not None]


async def measure(store: Store, city: City, settings: Settings, *, rounds: int) -> Found:
    """Serve the pages and open each as everybody who may."""
    application = web.Application()
    empty = PageRoute(path=EMPTY, name="empty", action="me.read", run=show_nothing)
    door.mount(application, store, CityView(city), (*PAGES, empty))
    found: Found = {}
    collect_as_served()
    async with TestServer(application) as server:
        for actor in list_posts(city):
            token = await store.write(
                lambda s, actor=actor: sessions.begin(
                    s, actor, settings=settings.sign_in, now=utcnow(), agent="", by_link=False, owes_code=False
                )
            )
            async with aiohttp.ClientSession(headers={"Cookie": f"{door.STAFF_COOKIE}={token}"}) as client:
                for name, path in list_paths(actor).items():
                    if (measured := await open_page(client, server.make_url(path), server.make_url(EMPTY), rounds)) is not None:
                        found[actor.code, name] = measured
    return found


async def open_page(
    client: aiohttp.ClientSession, page: URL, empty: URL, rounds: int
) -> tuple[list[float], list[float], int, int] | None:
    """Open a page and the empty one in turn; None for a page that this post is not shown (a ticket that is not theirs) or that is a file."""
    status, kind, body = await fetch(client, page)
    if status != web.HTTPOk.status_code or kind != "text/html":
        return None
    taken: tuple[list[float], list[float]] = ([], [])
    for turn in range(rounds + WARM):
        for url, into in zip((page, empty), taken, strict=True):
            begun = time.perf_counter()
            await fetch(client, url)
            if turn >= WARM:
                into.append((time.perf_counter() - begun) * 1000)
    with api_pages.count_queries() as seen:
        await fetch(client, page)
    queries = len([one for one in seen if not one.startswith(("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE"))])
    return *taken, queries, await weigh(client, page, body)


async def fetch(client: aiohttp.ClientSession, url: URL) -> tuple[int, str, bytes]:
    """Fetch something; gives the status, what it is, and its bytes."""
    async with client.get(url, allow_redirects=False) as response:
        return response.status, response.content_type, await response.read()


async def weigh(client: aiohttp.ClientSession, page: URL, body: bytes) -> int:
    """Give the bytes of a page with its scripts and styles, all compressed, without what draws charts and maps."""
    total = len(gzip.compress(body, 6))
    for path in sorted(set(_FILE.findall(body.decode()))):
        if not any(name in path for name in _PICTURES):
            _, _, content = await fetch(client, page.join(type(page)(path)))
            total += len(gzip.compress(content, 6))
    return total


async def run(database_url: str, folder: Path, count: int, rounds: int) -> Found:
    """Make a city with so many tickets, and measure."""
    environment = {"JIEYING_DATA_DIR": str(folder)} | ({"JIEYING_DATABASE_URL": database_url} if database_url else {})
    settings = load(environ=environment)
    await asyncio.to_thread(migrate_database, settings)
    async with open_city(settings) as (store, city):
        await carry_out(store, city, "seed", {})
        api_pages.DESKS.update(desk.code for desk in city.org.desks.values())
        await api_pages.fill(store, city, count)
        return await measure(store, city, settings, rounds=rounds)


async def main(database_url: str, count: int, rounds: int) -> None:
    """Measure with few tickets and with many, and print both side by side. The few are on SQLite always."""
    with tempfile.TemporaryDirectory() as few_here, tempfile.TemporaryDirectory() as many_here:
        few = await run("", Path(few_here), FEW, 1)
        many = await run(database_url, Path(many_here), count, rounds)
    rows = []
    for (who, page), (pages, empties, queries, weight) in many.items():
        before = few.get((who, page))
        grown = f"{before[2] if before else '-'} / {queries}"
        rows.append((who, page, statistics.median(pages), rank(pages, 0.99), show_ratio(pages, empties), grown, weight / 1000))
    print_table(("who", "page", "median ms", "p99 ms", "to an empty page", f"queries at {FEW} / {count}", "kB compressed"), rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--tickets", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--database-url", default="")
    given = parser.parse_args()
    say_machine()
    asyncio.run(main(given.database_url, given.tickets, given.rounds))
