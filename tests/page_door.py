"""The pages of a made-up city behind a real port: somebody of every role signed in, and a visitor that checks what every page carries."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC
from io import BytesIO
from typing import TYPE_CHECKING

from aiohttp import ClientSession, DummyCookieJar, FormData, web
from aiohttp.test_utils import TestServer

from console import door, leaving
from console.accounts import sessions
from console.pages import form_tokens, live
from console.pages.catalogue import PAGES
from console.pages.door import STAFF_COOKIE, mount
from console.pages.headers import HEADERS
from console.policy import staff_actor
from console.sign_in_settings import SignInSettings
from store.clock import utcnow
from tests.api_door import POSTS, Api, PeopledCity

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from datetime import datetime

    from bot.city import City
    from store.engine import Store

_CSRF = re.compile(r'name="csrf" (?:value|content)="([0-9a-f]{128})"')
_EDITION = re.compile(r'name="edition" value="([^"]*)"')


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a browser got."""

    status: int
    text: str
    location: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def csrf(self) -> str:
        """The token of the page's forms."""
        found = _CSRF.search(self.text)
        return found[1] if found else ""

    @property
    def edition(self) -> str:
        """The edition of the ticket that the page shows."""
        found = _EDITION.search(self.text)
        return found[1].replace("&#34;", '"') if found else ""


@dataclass
class Pages:
    """The running pages: visits them as a role ("" signed out)."""

    api: Api
    address: str
    client: ClientSession
    cookies: dict[str, str] = field(default_factory=dict)
    seen: list[tuple[str, int]] = field(default_factory=list)

    async def sign_in(self, role: str) -> str:
        """Sign the post of a role in; gives the cookie's value."""
        if role not in self.cookies:
            actor = staff_actor(POSTS[role].code if role in POSTS else role, org=self.api.city.org)
            assert actor is not None
            self.cookies[role] = await self.api.store.write(
                lambda s: sessions.begin(
                    s, actor, settings=SignInSettings(), now=self.api.clock(), agent="", by_link=False, owes_code=False
                )
            )
        return self.cookies[role]

    async def visit(
        self,
        role: str,
        path: str,
        *,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        cookies: Mapping[str, str] | None = None,
        files: Mapping[str, tuple[str, bytes]] | None = None,
    ) -> Seen:
        """Open a page, or send a form (its csrf is the session's unless it says another) with files (name and bytes by field). Every answer carries the pages' headers."""
        given = dict(cookies or {})
        if role:
            given[STAFF_COOKIE] = await self.sign_in(role)
        fields = None if form is None else {"csrf": form_tokens.mask(sessions.csrf_of(given.get(STAFF_COOKIE, ""))), **form}
        cookie = "; ".join(f"{name}={value}" for name, value in given.items())
        response = await self.client.request(
            "GET" if fields is None else "POST",
            f"{self.address}{path}",
            data=fields if fields is None or files is None else _join(fields, files),
            headers={"Cookie": cookie, **(headers or {})},
            allow_redirects=False,
        )
        text = await response.text(errors="replace")
        self.seen.append((path, response.status))
        assert {name: response.headers.get(name) for name in HEADERS} == HEADERS, path
        return Seen(status=response.status, text=text, location=response.headers.get("Location", ""), headers=response.headers)


def _join(fields: Mapping[str, str], files: Mapping[str, tuple[str, bytes]]) -> FormData:
    """Make a form in parts, as a browser sends it with files."""
    form = FormData(default_to_multipart=True)
    for name, value in fields.items():
        form.add_field(name, value)
    for name, (file, body) in files.items():
        form.add_field(name, BytesIO(body), filename=file, content_type="application/octet-stream")
    return form


def at_hour(city: City, hour: int) -> Callable[[], datetime]:
    """Give a clock that stands at an hour of the city's today: for what hangs on who is on duty."""
    today = utcnow().astimezone(city.zone)
    return lambda: today.replace(hour=hour, minute=0).astimezone(UTC)


@asynccontextmanager
async def open_pages(store: Store, city: City, *, clock: Callable[[], datetime] = utcnow) -> AsyncIterator[Pages]:
    """Serve the pages of the demo city on a free port."""
    view = PeopledCity(city)
    application = web.Application()
    door.mount(application, store, view, clock=clock)
    leaving.watch(application)
    live.mount(mount(application, store, view, PAGES, clock=clock), application)
    async with TestServer(application) as server, ClientSession(cookie_jar=DummyCookieJar()) as client:
        address = str(server.make_url("")).rstrip("/")
        api = Api(store=store, city=view, address=address, client=client, clock=clock)
        yield Pages(api=api, address=address, client=client)
