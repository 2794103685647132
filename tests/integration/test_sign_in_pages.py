"""The pages by which the staff come in, over HTTP: cookies, forms from elsewhere, links that are looked at, addresses, and who may look after others."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientSession, CookieJar, web
from aiohttp.test_utils import TestServer

from console.accounts import links, logins, sessions
from console.pages import form_tokens
from console.pages.catalogue import PAGES
from console.pages.door import STAFF_COOKIE, mount
from console.pages.headers import HEADERS
from console.pages.signing_in import SignInPages, read_next
from console.policy import staff_actor
from console.sign_in_settings import SignInSettings
from store.clock import utcnow
from tests.accounts import PASSWORD
from tests.api_door import POSTS, PeopledCity

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.city import City
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

SETTINGS = SignInSettings(memory_mib=8)
DESK, OPERATOR, AUDITOR = (POSTS[role].code for role in ("desk", "operator", "auditor"))


@dataclass
class Pages:
    """The running pages, and a browser of one's own."""

    store: Store
    city: PeopledCity
    address: str
    client: ClientSession

    async def post(self, path: str, *, headers: dict[str, str] | None = None, **form: str) -> tuple[int, str, Any]:
        """Send a form; gives status, where it leads, and the response."""
        url = f"{self.address}{path}"
        async with self.client.post(url, data=form, headers=headers, allow_redirects=False) as response:
            await response.read()
            return response.status, response.headers.get("Location", ""), response

    async def get(self, path: str) -> tuple[int, str]:
        async with self.client.get(f"{self.address}{path}", allow_redirects=False) as response:
            return response.status, await response.text()

    async def sign_in(self, name: str = DESK, password: str = PASSWORD, **headers: str) -> tuple[int, str, Any]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.post("/staff/sign-in", name=name, password=password, headers=named)

    async def make_link(self, code: str) -> str:
        lasts, keep, org = timedelta(minutes=15), timedelta(days=180), self.city.org
        made = await self.store.write(lambda s: links.make(s, code, lasts=lasts, keep=keep, by="OP1", now=utcnow(), org=org))
        return made.path

    async def be(self, code: str) -> str:
        """Be signed in as a post past the page; gives the token of its forms."""
        actor, org = staff_actor(code, org=self.city.org), self.city.org
        assert actor is not None
        token = await self.store.write(
            lambda s: sessions.begin(s, actor, settings=SETTINGS, now=utcnow(), agent="", by_link=False, owes_code=False)
        )
        self.client.cookie_jar.update_cookies({STAFF_COOKIE: token})
        found = await self.store.read(lambda s: sessions.find(s, token, now=utcnow(), org=org))
        assert found is not None
        return form_tokens.mask(found.csrf)


@asynccontextmanager
async def open_pages(store: Store, city: City, *, forwarded: bool) -> AsyncIterator[Pages]:
    application, view = web.Application(), PeopledCity(city)
    pages = SignInPages(mount(application, store, view, PAGES, forwarded=forwarded), SETTINGS)
    pages.serve(application)
    hashed = await pages._hasher.hash(PASSWORD)
    await store.write(lambda s: logins.choose_password(s, DESK, hashed, by=DESK, keep=0, now=utcnow()))
    async with TestServer(application) as server, ClientSession(cookie_jar=CookieJar(unsafe=True)) as client:
        yield Pages(store=store, city=view, address=str(server.make_url("")).rstrip("/"), client=client)


@pytest.fixture
async def pages(demo_store: Store, demo_city: tuple[Path, City]) -> AsyncIterator[Pages]:
    async with open_pages(demo_store, demo_city[1], forwarded=False) as opened:
        yield opened


@pytest.fixture
async def behind_proxy(demo_store: Store, demo_city: tuple[Path, City]) -> AsyncIterator[Pages]:
    async with open_pages(demo_store, demo_city[1], forwarded=True) as opened:
        yield opened


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_the_cookie_is_read_by_no_script_and_goes_to_the_staff_pages_alone(pages: Pages, scheme: str) -> None:
    status, to, response = await pages.sign_in(X_Forwarded_Proto=scheme)
    cookie = response.cookies[STAFF_COOKIE]

    assert (status, to) == (303, "/staff/")
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/staff", True, "Lax")
    assert bool(cookie["secure"]) is (scheme == "https")
    assert (cookie["max-age"], cookie["expires"]) == ("", "")


async def test_a_sign_in_that_another_site_sends_is_refused(pages: Pages) -> None:
    assert (await pages.sign_in(Origin="https://example.org"))[0] == 403
    assert (await pages.sign_in(Sec_Fetch_Site="cross-site"))[0] == 403
    assert (await pages.sign_in(Origin=pages.address))[0] == 303


async def test_what_is_refused_is_shown_with_the_name_and_never_the_password(pages: Pages) -> None:
    status, to, response = await pages.sign_in("<script>x", "geheim-17-geheim")
    text = await response.text()

    assert (status, to, response.cookies.get(STAFF_COOKIE)) == (422, "", None)
    assert ("&lt;script&gt;x" in text, "<script>x" in text, "geheim-17" in text) == (True, False, False)
    assert {name: response.headers[name] for name in HEADERS} == HEADERS
    assert response.headers["Cache-Control"] == "no-store"


async def test_signing_in_again_ends_the_sign_in_before(pages: Pages) -> None:
    await pages.sign_in()
    await pages.sign_in()

    assert len(await pages.store.read(lambda s: sessions.list_of(s, DESK, now=utcnow()))) == 1


async def test_a_preview_does_not_use_a_link_up_and_a_second_person_does_not_come_in(pages: Pages) -> None:
    path = await pages.make_link(DESK)
    assert [(await pages.get(path))[0] for _ in range(3)] == [200] * 3

    status, to, response = await pages.post(path)
    assert (status, to, bool(response.cookies[STAFF_COOKIE].value)) == (303, "/staff/account/password", True)
    pages.client.cookie_jar.clear()
    assert ((await pages.get(path))[0], (await pages.post(path))[0]) == (410, 410)
    assert (await pages.get("/staff/account"))[0] == 303


async def test_an_operator_who_comes_by_a_link_reaches_nothing_before_the_second_factor(pages: Pages) -> None:
    await pages.post(await pages.make_link(OPERATOR))

    assert [(await pages.get(path))[0] for path in ("/staff/system/users", "/staff/tickets")] == [403, 403]
    assert [(await pages.get(path))[0] for path in ("/staff/account", "/staff/account/code")] == [200, 200]


async def test_a_form_without_the_sessions_token_changes_nothing(pages: Pages) -> None:
    csrf = await pages.be(OPERATOR)
    acts = [f"/staff/system/users/{DESK}/{act}" for act in ("link", "shut", "open", "end", "code")]
    own = [
        "/staff/account/sessions/end",
        "/staff/account/sessions/1/end",
        "/staff/account/code",
        "/staff/account/password",
        "/staff/sign-out",
    ]

    assert [(await pages.post(path))[0] for path in acts + own] == [403] * 10
    assert [(await pages.post(path, csrf="x" + csrf))[0] for path in acts + own] == [403] * 10
    assert (await pages.post(acts[1], csrf=csrf))[0] == 303
    assert await pages.store.read(lambda s: logins.find(s, DESK).shut_at is not None) is True  # type: ignore[union-attr]  # it is there


async def test_an_auditor_looks_and_changes_nothing_and_others_do_not_even_look(pages: Pages) -> None:
    csrf = await pages.be(AUDITOR)
    assert (await pages.get("/staff/system/users"))[0] == 200
    assert (await pages.get(f"/staff/system/users/{DESK}"))[0] == 200
    assert (await pages.post(f"/staff/system/users/{DESK}/link", csrf=csrf))[0] == 403
    await pages.be(DESK)
    assert (await pages.get("/staff/system/users"))[0] == 403


async def test_an_operator_does_not_shut_himself_out_and_a_code_of_nobody_is_not_there(pages: Pages) -> None:
    csrf = await pages.be(OPERATOR)
    await pages.post(f"/staff/system/users/{OPERATOR}/shut", csrf=csrf)

    assert (await pages.get("/staff/system/users/NOBODY"))[0] == 404
    assert (await pages.get(f"/staff/system/users/{OPERATOR}"))[0] == 200


async def test_others_sign_ins_cannot_be_ended_from_ones_own_account(pages: Pages) -> None:
    await pages.be(OPERATOR)
    [number] = [one.id for one in await pages.store.read(lambda s: sessions.list_of(s, OPERATOR, now=utcnow()))]
    csrf = await pages.be(DESK)
    await pages.post(f"/staff/account/sessions/{number}/end", csrf=csrf)

    assert len(await pages.store.read(lambda s: sessions.list_of(s, OPERATOR, now=utcnow()))) == 1


async def test_behind_a_proxy_that_names_who_asks_one_who_guesses_stops_only_his_address(behind_proxy: Pages) -> None:
    for number in range(30):
        assert (await behind_proxy.sign_in(f"NOBODY-{number}", X_Forwarded_For="1.2.3.4, 203.0.113.7"))[0] == 422

    assert (await behind_proxy.sign_in(X_Forwarded_For="1.1.1.1, 203.0.113.7"))[0] == 429
    assert (await behind_proxy.sign_in(X_Forwarded_For="203.0.113.7, 198.51.100.1"))[0] == 303


async def test_without_one_a_header_stops_nobody_and_helps_nobody(pages: Pages) -> None:
    for number in range(31):
        assert (await pages.sign_in(f"NOBODY-{number}", X_Forwarded_For="203.0.113.7"))[0] == 422
    answers = [(await pages.sign_in(password="wrong one", X_Forwarded_For=f"203.0.113.{number}"))[0] for number in range(6)]

    assert answers == [422] * 5 + [429]


@pytest.mark.parametrize(
    ("wanted", "to"),
    [
        ("/staff/tickets?status=signed&unit=A-1", "/staff/tickets?status=signed&unit=A-1"),
        ("", "/staff/"),
        ("https://example.org/staff/", "/staff/"),
        ("//example.org/staff/", "/staff/"),
        ("/staff/../my", "/staff/"),
        ("/staff/\\example.org", "/staff/"),
        ("/staff/sign-out", "/staff/"),
        ("/staff/x\r\nSet-Cookie: a=b", "/staff/"),
    ],
)
def test_after_signing_in_one_stays_on_our_own_pages(wanted: str, to: str) -> None:
    assert read_next(wanted) == to
