"""个人信息保护: the notice for everybody, and for whoever has this browser what is kept of them, to stop what comes unasked and to be erased."""

from __future__ import annotations

import re

from console.pages.door import ENTERED_COOKIE, PERSON_COOKIE
from console.pages.own import LINK, LIST, find_me
from console.pages.own_asked import OwnAct
from console.pages.routes import Page, PageCall, PageRoute, Redirect
from console.problems import FieldProblem, Problem
from console.routes import unseen
from residents import entering
from residents.keeping import read_kept
from residents.web_lines import find_resident, sender_of
from routing import register
from routing.forgetting import list_kept

PATH = "/me"
_MATTERS = 20
_RECEIPT = re.compile(r"E-\d{8}-\d{3,6}")
_YES = "yes"


def show_notice(call: PageCall) -> Page:
    """Show who handles what residents write, for what, for how long, and what they can ask for."""
    return Page(
        template="resident/privacy.html", values={"keeping": call.city.describe_keeping(), "known": find_me(call) is not None}
    )


def show_me(call: PageCall) -> Page:
    """Show what is kept of whoever has this browser."""
    me = find_me(call)
    if me is None:
        return Page(
            template="resident/me.html",
            values={"kept": None, "matters": [], "more": 0, "keeping": call.city.describe_keeping(), "browsers": 0},
        )
    matters = list_kept(call.session, me.id)
    browsers = entering.count_known(call.session, me.id, now=call.now)
    return Page(
        template="resident/me.html",
        values={
            "kept": read_kept(call.session, me),
            "matters": matters[:_MATTERS],
            "more": max(len(matters) - _MATTERS, 0),
            "keeping": call.city.describe_keeping(),
            "browsers": browsers,
        },
    )


def put_out(call: PageCall) -> Redirect:
    """Let no browser be known any more as whoever has this one."""
    me = find_me(call)
    if me is None:
        raise unseen()
    entering.put_out(call.session, me.id)
    return Redirect(to=LIST, flash="put_out", cookies={ENTERED_COOKIE: ""})


def change_notices(call: PageCall) -> Redirect:
    """Stop what comes unasked, or have it again."""
    me = find_me(call)
    if me is None:
        raise unseen()
    asked = OwnAct(act="stop" if call.form.get("stop") == _YES else "resume")
    done = call.city.carry_out(call.session, asked, resident_id=me.id, now=call.now)
    return Redirect(to=PATH, flash=done.said)


def ask_to_erase(call: PageCall) -> Page | Redirect:
    """Ask whether somebody really wants to be erased: the browser's person, or whoever a link's matter belongs to."""
    who = _find_who(call)
    return _ask(call, *who) if who is not None else Redirect(to=PATH)


def erase(call: PageCall) -> Redirect:
    """Have somebody erased, who said that they mean it; Problem (422) if they did not."""
    who = _find_who(call)
    if who is None:
        raise unseen()
    if call.form.get("sure") != _YES:
        raise Problem(422, "invalid", fields=(FieldProblem(where="sure", expected="yes"),))
    resident_id, _ = who
    done = call.city.carry_out(call.session, OwnAct(act="erase"), resident_id=resident_id, now=call.now)
    wrote = find_resident(call.session, sender_of(call.person))
    entering.put_out(call.session, resident_id)
    forget = {PERSON_COOKIE: ""} if wrote is not None and wrote.id == resident_id else {}
    return Redirect(to=f"/erased?receipt={done.receipt}", cookies=forget)


def show_erased(call: PageCall) -> Page:
    """Say that it is done, with the number of the receipt."""
    receipt = call.query.get("receipt", "")
    return Page(template="resident/erased.html", values={"receipt": receipt if _RECEIPT.fullmatch(receipt) else ""})


def _find_who(call: PageCall) -> tuple[int, str] | None:
    """Find who is to be erased, and the page that they came from; None where the browser's person is nobody we know, NoTicket for a wrong link."""
    token = call.path.get("token", "")
    if token:
        return register.show_own(call.session, token, org=call.context.org).ticket.resident_id, f"{LINK}/{token}"
    me = find_me(call)
    return (me.id, PATH) if me is not None else None


def _ask(call: PageCall, resident_id: int, base: str, *, problem: Problem | None = None) -> Page:
    waiting = sum(ticket.is_open for ticket in list_kept(call.session, resident_id))
    values = {"waiting": waiting, "base": base, "problem": problem}
    return Page(template="resident/erase.html", status=problem.status if problem is not None else 200, values=values)


def _erase_again(call: PageCall, problem: Problem) -> Page:
    who = _find_who(call)
    if who is None:
        raise unseen()
    return _ask(call, *who, problem=problem)


PAGES = (
    PageRoute(path="/privacy", name="privacy", action="pages.read", run=show_notice),
    PageRoute(path=PATH, name="me", action="own.read", run=show_me),
    PageRoute(method="POST", path=f"{PATH}/notices", name="me_notices", action="own.act", run=change_notices),
    PageRoute(method="POST", path=f"{PATH}/put-out", name="me_put_out", action="own.act", run=put_out),
    PageRoute(path="/erased", name="erased", action="pages.read", run=show_erased),
    *(
        route
        for path, name in ((PATH, "me"), (f"{LINK}/{{token}}", "linked"))
        for route in (
            PageRoute(path=f"{path}/erase", name=f"{name}_erase", action="own.read", run=ask_to_erase),
            PageRoute(method="POST", path=f"{path}/erase", name=f"{name}_erase", action="own.act", run=erase, again=_erase_again),
        )
    ),
)
