"""A resident with a browser of their own: known by its cookie, with matters that they wrote on the chat page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.pages.door import HOME_COOKIE, PERSON_COOKIE
from residents import conversations
from residents.web_lines import CHANNEL, make_cookie, sender_of
from routing import desk, register

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from routing.facts import Opened
    from routing.register import Shown
    from tests.page_door import Pages, Seen

ROAD = "安泰路18号门口路灯坏了三天"


@dataclass(kw_only=True)
class Neighbour:
    """Somebody who wrote on the chat page before."""

    pages: Pages
    cookie: str
    id: int
    home: str = ""

    async def visit(self, path: str, form: Mapping[str, str] | None = None, **more: Mapping[str, str]) -> Seen:
        """Open a page, or send a form, in their browser."""
        cookies = {PERSON_COOKIE: self.cookie} | ({HOME_COOKIE: self.home} if self.home else {})
        return await self.pages.visit("", path, form=form, cookies=cookies, **more)

    async def open(self, text: str = ROAD, **facts: object) -> Opened:
        """Have a matter of theirs opened."""
        return await self.pages.api.open(text, resident=self.id, **facts)  # type: ignore[arg-type]


async def meet(pages: Pages) -> Neighbour:
    """Make somebody known, as their first line on the chat page does."""
    cookie, now = make_cookie(), pages.api.clock()

    def write(session: Session) -> int:
        speaker = conversations.open_for(session, channel=CHANNEL, sender=sender_of(cookie), place=conversations.PERSON, now=now)
        speaker.conversation.last_at = now
        return speaker.resident.id

    return Neighbour(pages=pages, cookie=cookie, id=await pages.api.store.write(write))


async def conclude(pages: Pages, number: str, text: str = "灯泡已换好") -> None:
    """Have a matter concluded by whoever has it."""
    now = pages.api.clock()
    context = pages.api.city.context(now=now)
    await pages.api.store.write(lambda s: desk.conclude(s, number, text=text, actor="operator", now=now, context=context))


async def look(pages: Pages, number: str) -> Shown:
    """Look at a ticket past the pages, with what happened to it."""
    return await pages.api.store.read(lambda s: register.show(s, number, org=pages.api.city.org))


async def acts(pages: Pages, number: str) -> list[str]:
    """List what happened to a ticket."""
    return [event.act for event in (await look(pages, number)).events]
