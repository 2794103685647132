"""我的事: the matters of whoever has this browser, one of them with what can be done, and the same for whoever holds a matter's link.

Who looks is known by the cookie of the chat page (residents.web_lines), as whom they were let in (residents.entering), as both, or not at all: a
link opens its one matter and says nothing of its resident. What is done goes through the dialogue's own effects (CityView.carry_out), as if it had been written in the chat.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from console.pages.own_asked import OwnAct
from console.pages.own_shown import describe, describe_line
from console.pages.routes import Page, PageCall, PageRoute, Redirect
from console.problems import FieldProblem, Problem
from console.routes import unseen
from residents import entering, made_pictures
from residents.web_lines import find_resident, sender_of
from routing import completing, register
from routing.terms import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from console.pages.own_asked import OwnActName, OwnDone
    from residents.made_pictures import Picture
    from residents.tables import Resident
    from routing.facts import TicketFacts
    from routing.register import Shown

LIST = "/my"
LINK = "/t"
ACTS: tuple[OwnActName, ...] = ("rate", "after", "add", "urge", "withdraw")
LONGEST = 2000
"""Characters of what somebody writes with an act."""
_HOUR = timedelta(hours=1)
_MOST = 20
"""Acts of its resident on one matter within an hour: nobody has more to say of a lamp."""
_SPEAKS = frozenset({"add"})
"""Acts that are nothing without words."""
_GONE = frozenset({"withdraw"})


def show_mine(call: PageCall) -> Page:
    """List the matters of whoever has this browser: what waits for them first."""
    us = find_us(call)
    lines = {
        ticket.number: describe_line(ticket, city=call.city, resident_id=me.id)
        for me in reversed(us)
        for ticket in list_mine(call, me)
    }
    values = {
        "lines": sorted(lines.values(), key=lambda one: one.rank),
        "known": bool(us),
        "entered": entering.find(call.session, call.entered, now=call.now),
        "ways": call.city.entrances,
    }
    return Page(template="resident/my.html", values=values)


def show_own(call: PageCall, *, problem: Problem | None = None, tried: str = "") -> Page:
    """Show one matter of whoever has this browser; 404 for one that is not theirs."""
    number = call.path["number"]
    holder, shown = _find_mine(call, number)
    return _show(call, shown, holder=holder, base=f"{LIST}/{number}", problem=problem, tried=tried)


def show_linked(call: PageCall, *, problem: Problem | None = None, tried: str = "") -> Page:
    """Show a matter to whoever holds its link."""
    token = call.path["token"]
    shown = register.show_own(call.session, token, org=call.context.org)
    return _show(call, shown, holder=shown.ticket.resident_id, base=f"{LINK}/{token}", problem=problem, tried=tried)


def find_us(call: PageCall) -> tuple[Resident, ...]:
    """Find as whom this browser is known: whom it was let in as, then who wrote on its chat page. Mostly nobody or one."""
    entered = entering.find_resident(call.session, call.entered, now=call.now)
    wrote = find_resident(call.session, sender_of(call.person))
    return tuple({one.id: one for one in (entered, wrote) if one is not None}.values())


def find_me(call: PageCall) -> Resident | None:
    """Find as whom this browser is known before all."""
    return next(iter(find_us(call)), None)


def list_mine(call: PageCall, me: Resident) -> Sequence[TicketFacts]:
    """List the matters of somebody, open ones and those lately concluded."""
    return register.list_for_resident(
        call.session, me.id, org=call.context.org, now=call.now, recent_days=call.context.desk.recent_days
    )


def read_act(call: PageCall, act: OwnActName, number: str) -> OwnAct:
    """Read what is asked for from its form; Problem (422) where something is missing."""
    given = {name: call.form[name] for name in ("contacted", "solved", "satisfied") if call.form.get(name)} if act == "rate" else {}
    text = call.form.get("text", "")
    if len(text) > LONGEST:
        raise _lacks("text", "long")
    if act in _SPEAKS and not text:
        raise _lacks("text", "empty")
    if act == "rate" and not ({"solved", "satisfied", "contacted"} & given.keys() or text):
        raise _lacks("solved", "empty")
    asked: dict[str, Any] = {"act": act, "number": number, "text": text, "well": call.form.get("well") != "no", **given}
    try:
        return msgspec.convert(asked, OwnAct)
    except msgspec.ValidationError as error:
        raise _lacks("solved", "empty") from error


def _find_mine(call: PageCall, number: str) -> tuple[int, Shown]:
    """Find a matter of whoever has this browser, and as whom it is theirs; Problem (404) for any other."""
    found = ((me.id, shown) for me in find_us(call) for shown in _read_mine(call, me.id, number))
    mine = next(found, None)
    if mine is None:
        raise unseen()
    return mine


def _read_mine(call: PageCall, resident_id: int, number: str) -> tuple[Shown, ...]:
    return register.progress(
        call.session,
        resident_id,
        org=call.context.org,
        now=call.now,
        number=number,
        recent_days=call.context.desk.recent_days,
    )


def _show(call: PageCall, shown: Shown, *, holder: int, base: str, problem: Problem | None, tried: str) -> Page:
    ticket = shown.ticket
    asks_more = ticket.status == Status.WAITING and ticket.resident_id == holder and not ticket.confidential
    question = completing.read_question(call.session, ticket.number) if asks_more else ""
    by_link = base.startswith(LINK)
    return Page(
        template="resident/progress.html",
        status=problem.status if problem is not None else 200,
        values={
            "matter": describe(shown, city=call.city, holder=holder, question=question, by_link=by_link),
            "pictures": () if by_link else _list_pictures(call, ticket, holder),
            "base": base,
            "by_link": by_link,
            "problem": problem,
            "wrong": {field.where: field.expected for field in problem.fields} if problem is not None else {},
            "tried": tried,
            "typed": call.form,
        },
    )


def _list_pictures(call: PageCall, ticket: TicketFacts, holder: int) -> tuple[Picture, ...]:
    """List the pictures that somebody sent for a matter of theirs, none of anybody else's; of a confidential one none, whoever looks."""
    return () if ticket.confidential else made_pictures.list_of_sender(call.session, ticket.number, resident_id=holder)


def _act_mine(act: OwnActName, call: PageCall) -> Redirect:
    number = call.path["number"]
    holder, _ = _find_mine(call, number)
    done = _carry_out(call, read_act(call, act, number), holder)
    still = act not in _GONE or _read_mine(call, holder, number)
    return Redirect(to=f"{LIST}/{number}" if still else LIST, flash=done.said)


def _act_linked(act: OwnActName, call: PageCall) -> Redirect:
    token = call.path["token"]
    ticket = register.show_own(call.session, token, org=call.context.org).ticket
    done = _carry_out(call, read_act(call, act, ticket.number), ticket.resident_id)
    return Redirect(to=f"{LINK}/{token}", flash=done.said)


def _carry_out(call: PageCall, asked: OwnAct, resident_id: int) -> OwnDone:
    """Carry an act out; Problem (409) where a matter's resident did so much within the hour that whoever has it would drown in it."""
    if register.count_own_acts(call.session, asked.number, since=call.now - _HOUR) >= _MOST:
        raise Problem(409, "too_often", detail=call.city.say_page("own_too_often"))
    return call.city.carry_out(call.session, asked, resident_id=resident_id, now=call.now)


def _lacks(field: str, why: str) -> Problem:
    return Problem(422, "invalid", fields=(FieldProblem(where=field, expected=why),))


def _make_again(show: Callable[..., Page], act: OwnActName) -> Callable[[PageCall, Problem], Page]:
    return lambda call, problem: show(replace(call, action="own.read"), problem=problem, tried=act)


PAGES = (
    PageRoute(path=LIST, name="my", action="own.read", run=show_mine),
    PageRoute(path=f"{LIST}/{{number}}", name="my_matter", action="own.read", run=show_own),
    PageRoute(path=f"{LINK}/{{token}}", name="linked_matter", action="own.read", run=show_linked),
    *(
        PageRoute(
            method="POST",
            path=f"{path}/{act}",
            name=f"{name}_{act}",
            action="own.act",
            run=partial(run, act),
            again=_make_again(show, act),
        )
        for path, name, run, show in (
            (f"{LIST}/{{number}}", "my", _act_mine, show_own),
            (f"{LINK}/{{token}}", "linked", _act_linked, show_linked),
        )
        for act in ACTS
    ),
)
