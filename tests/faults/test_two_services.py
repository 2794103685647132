"""Two services on one PostgreSQL, as on two machines: what one of them does is heard on the pages of the other, also of one that was away."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession
from sqlalchemy import select

from bot.channels.terminal import PATH
from bot.control import call, open_city
from bot.settings import Data, Database, Settings
from bot.trial import find_free_port
from console.accounts import sessions
from console.pages.door import STAFF_COOKIE
from console.pages.live import PATH as LIVE
from console.policy import staff_actor
from routing.tables import Ticket
from store.clock import utcnow
from tests.faults.test_kill_web import keep_trying, serve
from tests.integration.pages.test_live import Stream

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from bot.city import City
    from store.engine import Store

pytestmark = pytest.mark.deep


@pytest.fixture
def address(copy_demo: Callable[[str], str]) -> str:
    return copy_demo("postgres")


@asynccontextmanager
async def listen(client: ClientSession, port: int, cookie: str, *, last: str = "") -> AsyncIterator[Stream]:
    """Open a page's stream at a service, as soon as that stands."""
    headers = {"Cookie": f"{STAFF_COOKIE}={cookie}"} | ({"Last-Event-ID": last} if last else {})
    response = await keep_trying(lambda: client.get(f"http://127.0.0.1:{port}{LIVE}", headers=headers))
    async with response:  # type: ignore[attr-defined]
        assert response.status == 200  # type: ignore[attr-defined]
        yield Stream(response)  # type: ignore[arg-type]


async def sign_in(store: Store, city: City, settings: Settings, code: str) -> str:
    actor = staff_actor(code, org=city.org)
    assert actor is not None
    now = utcnow()
    return await store.write(
        lambda s: sessions.begin(s, actor, settings=settings.sign_in, now=now, agent="", by_link=False, owes_code=False)
    )


async def test_what_one_service_does_is_heard_at_the_other_and_missed_things_once_it_is_back(folder: Path, address: str) -> None:
    there = shutil.copytree(folder, folder.parent / "there")
    here, port = find_free_port(), find_free_port()
    settings = Settings(data=Data(dir=str(folder)), database=Database(url=address))
    async with ClientSession() as client, open_city(settings) as (store, city), serve(folder, address, here):
        said = {"sender": "李四", "text": "安泰路15号门口路灯不亮"}
        await keep_trying(lambda: client.post(f"http://127.0.0.1:{here}{PATH}", json=said))
        ticket = await store.read(lambda s: s.scalars(select(Ticket)).one())
        insider = next(one.code for one in city.org.staff.values() if one.unit == ticket.desk)
        outsider = next(one.code for one in city.org.staff.values() if one.role == "grid_worker" and one.area != ticket.area)
        cookie, foreign = [await sign_in(store, city, settings, code) for code in (insider, outsider)]
        async with serve(there, address, port), listen(client, port, cookie) as page, listen(client, port, foreign) as other:
            await asyncio.sleep(1)  # their first look
            await call(settings, "tickets.sign", {"number": ticket.number, "actor": "operator"})
            assert await page.next() == ("changed", ticket.number)
            assert await other.is_quiet()
            last = page.last
        await call(settings, "tickets.conclude", {"number": ticket.number, "text": "灯泡已更换。", "actor": "operator"})
        async with serve(there, address, port), listen(client, port, cookie, last=last) as page:
            assert await page.next() == ("changed", ticket.number)
