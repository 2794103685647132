"""The chat page: a resident's talk on the web, with a form that needs no script. What it sends to is the channel (bot.channels.web).

Opening it gives the browser the cookie by which we know whose talk it is; nothing is kept of anybody before they write.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from console.pages.door import ENTERED_COOKIE, PERSON_COOKIE, check_form, set_cookie
from console.pages.routes import Page, Redirect
from console.pages.talk_shown import show_talk
from residents import entering
from residents.web_lines import make_cookie, read_talk, sender_of
from routing import codes

if TYPE_CHECKING:
    from datetime import datetime

    from aiohttp import web

    from console.pages.door import PageDoor

PATH = "/chat"

_LINES = 60
_ALL_LINES = 400
"""What `?all=1` shows at most: years of a talk."""
_TYPED = 200
"""Characters that an address may bring along."""
_DAY = 86_400
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class ChatPage:
    """Serves the page; a browser that does not come for `days` is not known any more."""

    def __init__(self, door: PageDoor, *, days: int) -> None:
        self._door = door
        self._days = days

    async def show(self, request: web.Request) -> web.Response:
        """Show the talk of whoever looks; `?text=` stands ready to be sent, as whoever comes from a search that found nothing typed it."""
        return await self._show(request, typed=request.query.get("text", "")[:_TYPED])

    async def show_refused(self, request: web.Request, sentence: str, typed: str, status: int) -> web.Response:
        """Show it again with what was typed, and why it was not taken."""
        return await self._show(request, sentence=sentence, typed=typed, status=status)

    async def leave(self, request: web.Request) -> web.Response:
        """Let a browser forget whose talk it showed: the next who sits there begins anew."""
        check_form(request, {}, None)
        entered = request.cookies.get(ENTERED_COOKIE, "")
        if entered:
            await self._door.store.write(lambda s: entering.leave(s, entered))
        return self._door.redirect(request, Redirect(to="/", flash="left", cookies={PERSON_COOKIE: "", ENTERED_COOKIE: ""}))

    async def _show(self, request: web.Request, *, sentence: str = "", typed: str = "", status: int = 200) -> web.Response:
        cookie = request.cookies.get(PERSON_COOKIE, "")
        limit = _ALL_LINES if "all" in request.query else _LINES
        talk = await self._door.store.read(lambda s: read_talk(s, sender_of(cookie), limit=limit))
        scanned = await self._find_scanned(request.query.get("code", ""))
        now = self._door.clock()
        values = {
            "talk": show_talk(talk),
            "sentence": sentence,
            "typed": typed,
            "key": make_key(now),
            "quick_key": make_key(now),
            "all_shown": "all" in request.query,
            "scanned": scanned,
        }
        response = self._door.show(request, Page(template="resident/chat.html", values=values, status=status))
        known = cookie if sender_of(cookie) else make_cookie()
        set_cookie(response, request, PERSON_COOKIE, known, path="/", seconds=self._days * _DAY)
        return response

    async def _find_scanned(self, code: str) -> dict[str, str] | None:
        """Say which place the page was opened from by a code; a card names none. None for no code, and for one that is forged or revoked."""
        row = await self._door.store.read(lambda s: codes.find_valid(s, code)) if code else None
        return {"code": code, "place": row.label} if row is not None else None


def make_key(now: datetime) -> str:
    """Make the key of a message that will be written on the page: when, and which one."""
    number, digits = int(now.timestamp() * 1000), ""
    while number:
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return f"{digits}-{secrets.token_urlsafe(12)}"


def mount(door: PageDoor, *, days: int) -> ChatPage:
    """Serve the page."""
    page = ChatPage(door, days=days)
    door.add("GET", PATH, page.show)
    door.add("POST", f"{PATH}/leave", page.leave)
    return page
