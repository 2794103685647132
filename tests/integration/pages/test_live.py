"""现场: who looks at a page hears within a second that something in it changed, of nothing else, and only as long as they are signed in."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from console.accounts import sessions
from console.accounts.tables import StaffSession
from console.pages import form_tokens, presence
from console.pages.changes import Watch, find_last, find_mark
from console.pages.door import STAFF_COOKIE, UNATTENDED
from console.pages.presence import Presence
from routing import desk
from routing.tables import Ticket, TicketEvent
from store.clock import utcnow
from tests.api_door import CLERKS, POSTS, UNIT
from tests.integration.pages.test_desk_page import waiting
from tests.integration.test_api import give

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp import ClientResponse
    from sqlalchemy.orm import Session

    from tests.page_door import Pages

LIVE = "/staff/live"
SOON = 3.0
QUIET = 1.2
"""Longer than two looks at the database."""


@dataclass
class Stream:
    """One open page's stream: what it said so far."""

    response: ClientResponse
    said: list[tuple[str, str]] = field(default_factory=list)
    last: str = ""

    async def next(self, *, within: float = SOON) -> tuple[str, str]:
        """Wait for the next thing it says: (event, data)."""
        event = data = ""
        async with asyncio.timeout(within):
            async for raw in self.response.content:
                line = raw.decode().rstrip("\n")
                name, _, value = line.partition(": ")
                if name == "event":
                    event = value
                elif name == "data" or line == "data:":
                    data = value
                elif name == "id":
                    self.last = value
                elif not line and event:
                    self.said.append((event, data))
                    return event, data
        return "closed", ""

    async def is_quiet(self) -> bool:
        try:
            return await self.next(within=QUIET) == ("", "")
        except TimeoutError:
            return True


@asynccontextmanager
async def listen(pages: Pages, role: str, query: str = "", **headers: str) -> AsyncIterator[Stream]:
    cookie = f"{STAFF_COOKIE}={await pages.sign_in(role)}"
    given = {"Cookie": cookie, **{name.replace("_", "-"): value for name, value in headers.items()}}
    async with pages.client.get(f"{pages.address}{LIVE}{query}", headers=given) as response:
        assert (response.status, response.content_type) == (200, "text/event-stream")
        yield Stream(response)


async def note(pages: Pages, number: str, role: str = "desk") -> None:
    """Do something to a ticket past every page, as another process would."""
    context = pages.api.city.context(now=utcnow())
    code = POSTS[role].code
    await pages.api.store.write(lambda s: desk.note(s, number, text="看过", actor=code, now=utcnow(), context=context))


async def settle() -> None:
    """Let a stream's first look pass."""
    await asyncio.sleep(0.7)


async def test_what_happens_to_a_ticket_is_told_to_who_has_it_in_view_within_a_second(pages: Pages) -> None:
    number = await waiting(pages)
    async with listen(pages, "desk") as stream:
        await settle()
        begun = asyncio.get_running_loop().time()
        await note(pages, number)

        assert await stream.next() == ("changed", number)
        assert asyncio.get_running_loop().time() - begun < 1.0


async def test_nobody_hears_of_what_they_may_not_see(pages: Pages) -> None:
    number = await waiting(pages)
    hidden = await waiting(pages, "楼道里堆满了杂物", resident=8, refused_staff=[POSTS["desk"].code])
    async with listen(pages, "unit_clerk") as clerk, listen(pages, "desk") as clerk_of_desk:
        await settle()
        await note(pages, number, role="supervisor")
        await note(pages, hidden, role="supervisor")

        assert await clerk_of_desk.next() == ("changed", number)
        assert await clerk_of_desk.is_quiet()
        assert await clerk.is_quiet()


async def test_who_gets_a_ticket_hears_of_it(pages: Pages) -> None:
    number = await waiting(pages)
    async with listen(pages, "unit_clerk") as clerk:
        await settle()
        await pages.api.store.write(lambda s: give(s, number, UNIT))
        await note(pages, number)

        assert await clerk.next() == ("changed", number)


async def test_a_page_that_comes_back_hears_what_it_has_missed_and_nothing_twice(pages: Pages) -> None:
    number = await waiting(pages)
    await note(pages, number)
    before = await pages.api.store.read(lambda s: find_last(s, number))
    await note(pages, number)
    last = await pages.api.store.read(lambda s: s.scalar(select(func.max(TicketEvent.id))))

    async with listen(pages, "desk", Last_Event_ID=str(before)) as stream:
        assert await stream.next() == ("changed", number)
        assert stream.last == str(last)
    async with listen(pages, "desk", f"?after={last}") as stream:
        assert await stream.is_quiet()


async def test_a_page_of_one_ticket_hears_of_that_one_alone(pages: Pages) -> None:
    number, other = await waiting(pages), await waiting(pages, "楼道堆物", resident=7)
    async with listen(pages, "desk", f"?ticket={number}") as stream:
        await settle()
        await note(pages, other)
        await note(pages, number)

        assert await stream.next() == ("changed", number)


async def test_who_is_signed_out_hears_no_more(pages: Pages) -> None:
    number = await waiting(pages)
    async with listen(pages, "desk") as stream:
        await settle()
        code = POSTS["desk"].code
        await pages.api.store.write(lambda s: sessions.end_all(s, code, by="operator", now=utcnow()))
        assert await stream.next() == ("over", "")
        await note(pages, number, role="supervisor")
        assert await stream.next() == ("closed", "")

    seen = await pages.visit("desk", LIVE)
    assert seen.status == 401


async def test_nobody_listens_without_signing_in_or_without_a_role_for_it(pages: Pages) -> None:
    assert (await pages.visit("", LIVE)).status == 401
    assert (await pages.visit("operator", LIVE)).status == 403
    assert (await pages.visit("unit_clerk", f"{LIVE}?seats=1")).status == 403


async def test_two_people_at_one_ticket_learn_of_each_other(pages: Pages) -> None:
    number = await waiting(pages)
    async with listen(pages, "desk", f"?ticket={number}") as first:
        await settle()
        async with listen(pages, CLERKS[0].code, f"?ticket={number}") as second:
            event, data = await first.next()
            assert (event, json.loads(data)) == ("others", [{"who": CLERKS[0].name, "doing": "looking"}])
            assert json.loads((await second.next())[1]) == [{"who": POSTS["desk"].name, "doing": "looking"}]
            assert "也在看" in (await pages.visit("desk", f"/staff/tickets/{number}")).text

            token = form_tokens.mask(sessions.csrf_of(await pages.sign_in(CLERKS[0].code)))
            sent = await pages.visit(CLERKS[0].code, f"{LIVE}/{number}", form={}, headers={"X-CSRF-Token": token})
            assert sent.status == 204
            assert json.loads((await first.next())[1]) == [{"who": CLERKS[0].name, "doing": "writing"}]
        assert json.loads((await first.next())[1]) == []
    async with asyncio.timeout(SOON):
        while await pages.api.store.read(lambda s: s.scalar(select(func.count()).select_from(Presence))):
            await asyncio.sleep(0.1)


async def test_who_leaves_one_of_two_pages_is_still_there(pages: Pages) -> None:
    number = await waiting(pages)
    async with listen(pages, CLERKS[0].code, f"?ticket={number}"):
        async with listen(pages, CLERKS[0].code, f"?ticket={number}"):
            await settle()
        await asyncio.sleep(2 * QUIET)
        assert await pages.api.store.read(lambda s: s.scalar(select(func.count()).select_from(Presence))) == 1


async def test_of_a_confidential_matter_and_to_who_may_not_see_it_nobody_is_told_who_is_there(pages: Pages) -> None:
    secret = await waiting(pages, "网格员收红包", confidential=True)
    plain = await waiting(pages, resident=9)
    async with (
        listen(pages, CLERKS[0].code, f"?ticket={secret}"),
        listen(pages, "desk", f"?ticket={secret}") as same,
        listen(pages, CLERKS[1].code, f"?ticket={plain}"),
        listen(pages, "unit_clerk", f"?ticket={plain}") as stranger,
    ):
        assert await same.is_quiet()
        assert await stranger.is_quiet()
        there = await pages.api.store.read(lambda s: sorted(s.execute(select(Presence.number, Presence.staff)).all()))

    assert [tuple(row) for row in there] == [(plain, CLERKS[1].code)]


async def test_writing_is_noted_only_from_ones_own_page(pages: Pages) -> None:
    number = await waiting(pages)

    assert (await pages.visit("desk", f"{LIVE}/{number}", form={})).status == 403
    assert (await pages.visit("", f"{LIVE}/{number}", form={})).status == 403


async def test_somebody_of_another_unit_is_named_by_the_unit(pages: Pages) -> None:
    org = pages.api.city.org
    clerk = POSTS["unit_clerk"]

    seen = presence.describe([(clerk.code, "looking"), ("GONE", "looking")], viewer=POSTS["desk"].code, org=org)

    assert [one.who for one in seen] == [org.name_of(clerk.unit)]


async def test_an_event_that_is_committed_after_a_later_one_is_found_too(pages: Pages) -> None:
    number, org = await waiting(pages), pages.api.city.org
    watch = Watch()
    await pages.api.store.read(lambda s: watch.read(s, org=org))
    await note(pages, number)

    def move(session: Session, by: int) -> None:
        last = session.scalar(select(func.max(TicketEvent.id)))
        session.execute(update(TicketEvent).where(TicketEvent.id == last).values(id=last + by))

    await pages.api.store.write(lambda s: move(s, 5))
    first = await pages.api.store.read(lambda s: watch.read(s, org=org))

    def late(session: Session) -> None:
        last = session.scalar(select(func.max(TicketEvent.id)))
        ticket = session.scalars(select(Ticket.id).where(Ticket.number == number)).one()
        row = TicketEvent(id=last - 2, ticket_id=ticket, at=utcnow(), act="note", actor="x", after="accepted", unit="", facts={})
        session.add(row)

    await pages.api.store.write(late)
    second = await pages.api.store.read(lambda s: watch.read(s, org=org))
    third = await pages.api.store.read(lambda s: watch.read(s, org=org))

    assert [[one.facts.number for one in found.tickets] for found in (first, second, third)] == [[number], [number], []]


async def test_a_page_listens_from_before_what_may_not_be_committed_yet(pages: Pages) -> None:
    number = await waiting(pages)
    await note(pages, number)
    last = await pages.api.store.read(lambda s: find_last(s, number))

    assert await pages.api.store.read(lambda s: find_mark(s, now=utcnow())) < last


async def test_what_a_page_asks_for_by_itself_keeps_nobody_signed_in(pages: Pages) -> None:
    await pages.sign_in("desk")
    code = POSTS["desk"].code
    long_ago = utcnow().replace(microsecond=0)

    def make_stale(session: Session) -> None:
        session.execute(update(StaffSession).where(StaffSession.staff == code).values(used_at=long_ago.replace(minute=0)))

    await pages.api.store.write(make_stale)
    before = await pages.api.store.read(lambda s: s.scalars(select(StaffSession.used_at).where(StaffSession.staff == code)).one())
    await pages.visit("desk", "/staff/desk", headers={UNATTENDED: "1"})
    after = await pages.api.store.read(lambda s: s.scalars(select(StaffSession.used_at).where(StaffSession.staff == code)).one())
    await pages.visit("desk", "/staff/desk")
    by_hand = await pages.api.store.read(lambda s: s.scalars(select(StaffSession.used_at).where(StaffSession.staff == code)).one())

    assert after == before
    assert by_hand > before
