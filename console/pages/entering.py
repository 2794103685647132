"""Coming in to 我的事 as somebody who wrote in WeChat or in another browser: by a number of the page and a code from the talk; and leaving.

Why it goes to and fro like this is said in residents.entering. Every failed try is answered with a page, so that what was counted stays counted.
"""

from __future__ import annotations

import re

from console.pages.door import ENTERED_COOKIE, WAITS_COOKIE
from console.pages.own import LIST
from console.pages.routes import Page, PageCall, PageRoute, Redirect
from residents import entering
from residents.entering import LetIn

PATH = f"{LIST}/enter"
_DAY = 86_400
_MINUTE = 60
_SPACES = re.compile(r"[\s-]+")
_BUSY = 429
_WRONG = 422


def show(call: PageCall, *, wrong: str = "", status: int = 200) -> Page:
    """Show the ways in, or the number of a browser that waits; `wrong`: busy, over, wrong."""
    number = entering.read_number(call.session, call.waits, now=call.now)
    values = {"number": number, "wrong": wrong, "ways": call.city.entrances, "minutes": call.city.pages.code_minutes}
    return Page(template="resident/enter.html", status=status, values=values)


def ask_number(call: PageCall) -> Page | Redirect:
    """Give a browser a number of its own."""
    secret = entering.open_entrance(call.session, address=call.address, settings=call.city.pages, now=call.now)
    if secret is None:
        return show(call, wrong="busy", status=_BUSY)
    return Redirect(to=PATH, cookies={WAITS_COOKIE: secret}, seconds=call.city.pages.code_minutes * _MINUTE)


def take_code(call: PageCall) -> Page | Redirect:
    """Let a browser in by the digits that its resident was told."""
    code = _SPACES.sub("", call.form.get("code", ""))
    tried = entering.try_code(call.session, call.waits, code, settings=call.city.pages, now=call.now)
    if isinstance(tried, LetIn):
        return welcome(call.city.pages.known_days, tried)
    return show(call, wrong=tried, status=_WRONG)


def welcome(days: int, let_in: LetIn) -> Redirect:
    """Send a browser that was let in to its matters, which it is known for so many days."""
    return Redirect(to=LIST, flash="entered", cookies={ENTERED_COOKIE: let_in.token, WAITS_COOKIE: ""}, seconds=days * _DAY)


def leave(call: PageCall) -> Redirect:
    """Let this browser be known no longer."""
    entering.leave(call.session, call.entered)
    return Redirect(to="/", flash="out", cookies={ENTERED_COOKIE: ""})


PAGES = (
    PageRoute(path=PATH, name="enter", action="own.read", run=show),
    PageRoute(method="POST", path=f"{PATH}/number", name="enter_number", action="own.act", run=ask_number),
    PageRoute(method="POST", path=f"{PATH}/code", name="enter_code", action="own.act", run=take_code),
    PageRoute(method="POST", path=f"{LIST}/leave", name="my_leave", action="own.act", run=leave),
)
