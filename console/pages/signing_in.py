"""The pages by which the staff come in: sign-in, one-time links, choosing a password. They wait for a hash, so they are no plain pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from console.accounts import links, logins, sessions
from console.accounts.passwords import Hasher, PasswordUnfit
from console.accounts.signing_in import Entrance, SignedIn
from console.pages.door import STAFF_COOKIE, check_form, read_form
from console.pages.routes import Page, Redirect

if TYPE_CHECKING:
    from aiohttp import web
    from sqlalchemy.orm import Session

    from console.accounts.sessions import StaffSession
    from console.accounts.signing_in import Refused
    from console.pages.door import PageDoor
    from console.sign_in_settings import SignInSettings
    from routing.org import StaffMember

_HOME = "/staff/"
_SET_UP = "/staff/account/code"
_CHOOSE = "/staff/account/password"
_OWN_PATH = re.compile(r"/staff/[A-Za-z0-9_./?=&%+-]*")
"""Where somebody may be sent on to: our own pages, whatever a link to the sign-in says."""
_STATUSES = {"wrong": 422, "code": 422, "wait": 429, "busy": 503, "link": 410}


class SignInPages:
    """Serves these pages at a door."""

    def __init__(self, door: PageDoor, settings: SignInSettings) -> None:
        self._door = door
        self._settings = settings
        self._hasher = Hasher(settings)
        self._entrance = Entrance(door.store, settings, self._hasher)

    def serve(self, application: web.Application) -> None:
        """Add the pages; the threads that hash end with the application."""
        self._door.add("GET", "/staff/sign-in", self.show_sign_in)
        self._door.add("POST", "/staff/sign-in", self.sign_in)
        self._door.add("GET", "/staff/link/{token}", self.show_link)
        self._door.add("POST", "/staff/link/{token}", self.open_link)
        self._door.add("GET", _CHOOSE, self.show_choose)
        self._door.add("POST", _CHOOSE, self.choose)
        application.on_cleanup.append(self._close)

    async def show_sign_in(self, request: web.Request) -> web.Response:
        """Show the form; who is signed in goes on to the page they wanted."""
        wanted = read_next(request.query.get("next", ""))
        if await self._door.find_session(request) is not None:
            return self._door.redirect(request, Redirect(to=wanted))
        return self._show(request, "sign_in", name="", next=wanted, left="left" in request.query)

    async def sign_in(self, request: web.Request) -> web.Response:
        """Sign somebody in, or show the form again with what they typed but the password."""
        form = await read_form(request)
        check_form(request, form, None)
        wanted, name, now = read_next(form.get("next", "")), form.get("name", ""), self._door.clock()
        done = await self._entrance.sign_in(
            name=name,
            password=form.get("password", ""),
            code=form.get("code", ""),
            address=self._door.find_address(request),
            agent=request.headers.get("User-Agent", ""),
            org=self._door.city.context(now=now).org,
            now=now,
        )
        if isinstance(done, SignedIn):
            return await self._let_in(request, done, to=wanted)
        return self._show(request, "sign_in", done, name=name, next=wanted, left=False)

    async def show_link(self, request: web.Request) -> web.Response:
        """Ask whoever opens a link to press a button: programs that look at links for a preview press none, and do not use it up."""
        owner, asks_code = await self._find_owner(request)
        return self._show(request, "link", status=200 if owner else 410, owner=owner, asks_code=asks_code)

    async def open_link(self, request: web.Request) -> web.Response:
        """Sign somebody in by a link, and let them choose a password."""
        form = await read_form(request)
        check_form(request, form, None)
        now = self._door.clock()
        done = await self._entrance.open_link(
            request.match_info["token"],
            code=form.get("code", ""),
            address=self._door.find_address(request),
            agent=request.headers.get("User-Agent", ""),
            org=self._door.city.context(now=now).org,
            now=now,
        )
        if isinstance(done, SignedIn):
            return await self._let_in(request, done, to=_CHOOSE)
        owner, asks_code = await self._find_owner(request)
        return self._show(request, "link", done, owner=owner, asks_code=asks_code)

    async def _find_owner(self, request: web.Request) -> tuple[StaffMember | None, bool]:
        """Find whose link is opened, and whether they have a second factor; nobody's if it opens nothing."""
        token, now = request.match_info["token"], self._door.clock()
        org = self._door.city.context(now=now).org

        def read(session: Session) -> tuple[StaffMember | None, bool]:
            code = links.find_owner(session, token, now=now, org=org)
            row = logins.find(session, code) if code is not None else None
            is_shut = row is not None and row.shut_at is not None
            owner = org.staff[code] if code is not None and not is_shut else None
            return owner, row is not None and row.totp_at is not None

        return await self._door.store.read(read)

    async def show_choose(self, request: web.Request) -> web.Response:
        """Show the form for a new password."""
        who = await self._door.find_session(request)
        if who is None:
            return self._ask_to_sign_in(request)
        return self._show(request, "password", who=who, by_link=who.by_link, unfit=None)

    async def choose(self, request: web.Request) -> web.Response:
        """Take a new password, or say what is wrong with it."""
        who = await self._door.find_session(request)
        if who is None:
            return self._ask_to_sign_in(request)
        form = await read_form(request)
        check_form(request, form, who)
        unfit: PasswordUnfit | None = None
        if form.get("new", "") != form.get("again", ""):
            return self._show(request, "password", who=who, by_link=who.by_link, unfit="differs", status=422)
        try:
            refused = await self._entrance.change_password(
                who, old=form.get("old", ""), new=form.get("new", ""), now=self._door.clock()
            )
        except PasswordUnfit as error:
            unfit, refused = error, None
        if unfit is not None:
            return self._show(request, "password", who=who, by_link=who.by_link, unfit=unfit.reason, status=422)
        if refused is not None:
            return self._show(request, "password", refused, who=who, by_link=who.by_link, unfit=None)
        return self._door.redirect(request, Redirect(to=_SET_UP if who.owes_code else _HOME, flash="password_changed"))

    async def _let_in(self, request: web.Request, done: SignedIn, *, to: str) -> web.Response:
        """Give the cookie, end the sign-in that this browser had before; who owes a second factor sets it up first."""
        now = self._door.clock()
        org = self._door.city.context(now=now).org
        before = await self._door.find_session(request)
        if before is not None:
            code = before.actor.code
            await self._door.store.write(lambda s: sessions.end(s, before.id, code=code, by=code, now=now))
        who = await self._door.store.read(lambda s: sessions.find(s, done.token, now=now, org=org))
        first = _SET_UP if who is not None and who.owes_code and to != _CHOOSE else to
        return self._door.redirect(request, Redirect(to=first, cookies={STAFF_COOKIE: done.token}))

    def _show(
        self,
        request: web.Request,
        page: str,
        refused: Refused | None = None,
        *,
        who: StaffSession | None = None,
        status: int = 200,
        **values: object,
    ) -> web.Response:
        seconds = int(refused.wait.total_seconds()) + 1 if refused is not None and refused.wait is not None else 0
        least = self._settings.least_characters
        known = {"reason": refused.reason if refused is not None else "", "seconds": seconds, "least": least, **values}
        status = _STATUSES[refused.reason] if refused is not None else status
        return self._door.show(request, Page(template=f"account/{page}.html", values=known, status=status), who=who)

    def _ask_to_sign_in(self, request: web.Request) -> web.Response:
        return self._door.redirect(request, Redirect(to=f"/staff/sign-in?next={quote(request.path)}"))

    async def _close(self, _application: web.Application) -> None:
        self._hasher.close()


def read_next(path: str) -> str:
    """Give the page to go on to: one of ours, else the first. Pure."""
    return path if _OWN_PATH.fullmatch(path) and ".." not in path and not path.startswith("/staff/sign-") else _HOME
