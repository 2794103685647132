"""我的网格: what a grid worker has to do today, on one page for one thumb: drafts from the group, rounds, what to look at, tasks, tickets."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from console import asked, editions
from console.api import acts
from console.asked import TicketsAsked
from console.pages.routes import Page, PageCall, PageRoute, Redirect
from console.pages.tickets import ask_for
from console.problems import Problem
from residents.masking import mask
from routing import looking, patrols, rating, season_tasks
from routing.errors import NoTicket
from routing.grid_work import grids_of
from routing.history import find, read_facts
from routing.terms import OPEN_STATUSES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from routing.facts import TicketFacts

PATH = "/staff/grid"
TICKETS = 8
"""Tickets of the grid on the day's page; the list has them all."""
LOOKS = 10
_LONGEST_PLACE = 200
_ACTS = {route.action.removeprefix("act."): route for route in acts.ROUTES if route.action in {"act.verify", "act.evaluate"}}


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """A matter that is answered, for looking whether it is done; `reported`: this worker reported it, and says so for good."""

    number: str
    title: str
    place: str
    unit_name: str
    edition: str
    reported: bool


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """A draft in its worker's own words; empty for as it was said."""

    text: asked.OptionalText = ""
    place: str = ""


def show_today(call: PageCall, *, problem: Problem | None = None, tried: str = "") -> Page:
    """Show what a grid worker has to do today; `problem` is what was wrong with the form that was `tried`."""
    org, actor = call.context.org, call.actor.code
    tasks = season_tasks.list_open(call.session, actor=actor, org=org)
    opened = TicketsAsked(status=sorted(OPEN_STATUSES), limit=TICKETS)
    values: dict[str, Any] = {
        "grids": list_grids(call),
        "drafts": call.city.grid.list_drafts(call.session, actor=actor, note=problem is None),
        "rounds": patrols.list_due(call.session, actor=actor, now=call.now, org=org),
        "looks": list_looks(call),
        "tasks": tasks,
        "tickets": ask_for(replace(call, action="tickets.read"), opened),
        "done": find_done(call),
        "problem": problem,
        "tried": tried,
        "typed": call.form if problem is not None else {},
    }
    return Page(template="grid/today.html", values=values, status=problem.status if problem is not None else 200)


def list_grids(call: PageCall) -> Mapping[str, str]:
    """List the grids that the caller works in: code and name."""
    org = call.context.org
    return {code: org.areas[code].name for code in sorted(grids_of(call.actor.code, org))}


def choose_grid(call: PageCall) -> str:
    """Read which of the caller's grids a form means; the only one if it names none. Problem (422) for none of theirs."""
    grids = list_grids(call)
    given = call.form.get("grid", "") or (next(iter(grids)) if len(grids) == 1 else "")
    if given not in grids:
        raise Problem(422, "grid_unknown", detail=call.city.say_page("grid_unknown"))
    return given


def list_looks(call: PageCall) -> list[Look]:
    """List what the caller is to look at: what they reported, then what lies in their grid. A few queries, however many there are."""
    org, actor = call.context.org, call.actor.code
    reported = [
        one
        for one in rating.list_for_reporter(call.session, staff=actor, org=org)
        if one.asks != "more" and replace(call, action="act.evaluate").may_see(one)
    ][:LOOKS]
    known = [one.number for one in reported]
    near = looking.list_to_verify(call.session, actor=actor, org=org, limit=LOOKS, known=known)
    found: list[tuple[TicketFacts, bool]] = [*((one, True) for one in reported), *((one, False) for one in near)]
    written = editions.read_editions(call.session, [one.number for one, _ in found])
    return [
        Look(
            number=one.number,
            title=mask(one.title),
            place=mask(one.public_place),
            unit_name=one.unit_name,
            edition=written[one.number],
            reported=is_reported,
        )
        for one, is_reported in found
    ]


def find_done(call: PageCall) -> Mapping[str, Any] | None:
    """Find the ticket that the last form came to, for saying its number: the caller's own report, or one that they may see."""
    number = call.query.get("opened", "")
    if not number:
        return None
    try:
        facts = read_facts(call.session, find(call.session, number), org=call.context.org)
    except NoTicket:
        return None
    seen = replace(call, action="tickets.read").may_see(facts)
    if not seen and facts.reporter_staff != call.actor.code:
        return None
    return {"number": facts.number, "seen": seen}


def confirm(call: PageCall) -> Redirect:
    """Make a ticket of a draft, as it was said or as its worker puts it."""
    words = call.read_form(Changed)
    done = call.city.grid.confirm(
        call.session,
        read_number(call.path["draft"]),
        actor=call.actor.code,
        text=words.text,
        place=words.place[:_LONGEST_PLACE],
        now=call.now,
    )
    if done is None:
        return Redirect(to=back_to(call), flash="grid_draft_gone")
    return Redirect(to=f"{back_to(call)}?opened={done.ticket}", flash=f"grid_{done.how}")


def drop(call: PageCall) -> Redirect:
    """Let a draft and its words go."""
    dropped = call.city.grid.drop(call.session, read_number(call.path["draft"]), actor=call.actor.code, now=call.now)
    return Redirect(to=back_to(call), flash="grid_dropped" if dropped else "grid_draft_gone")


def _make_look(name: str) -> Any:
    """Make the handler of what a worker says of a result: the API's own act, asked with what the form says."""

    def run(call: PageCall) -> Redirect:
        body = call.read_form(_ACTS[name].body)  # type: ignore[arg-type]
        done = _ACTS[name].run(replace(call, body=body)).body
        return Redirect(to=PATH, flash="grid_looked" if done.done else "nothing")

    return run


def back_to(call: PageCall) -> str:
    """Give the page that a form came from: the excerpts' or the day's."""
    return f"{PATH}/paste" if call.form.get("back") == "paste" else PATH


def read_number(value: str) -> int:
    """Read the number of a draft, a round or a task; Problem (404) for what is none."""
    if not (value.isascii() and value.isdecimal() and len(value) < 10):  # noqa: PLR2004 - what fits into a row's number
        raise Problem(404, "not_found")
    return int(value)


def again(call: PageCall, problem: Problem) -> Page:
    """Show the day once more, with what was wrong beside the form."""
    return show_today(replace(call, query={}), problem=problem, tried=call.path.get("round", "spot"))


PAGES = (
    PageRoute(path=PATH, name="grid", action="grid.work", run=show_today, writes=True),
    PageRoute(path=f"{PATH}/drafts/{{draft}}/confirm", name="grid_confirm", action="grid.work", run=confirm, method="POST"),
    PageRoute(path=f"{PATH}/drafts/{{draft}}/drop", name="grid_drop", action="grid.work", run=drop, method="POST"),
    *(
        PageRoute(
            path=f"{PATH}/looks/{{number}}/{name}",
            name=f"grid_{name}",
            action=f"act.{name}",
            run=_make_look(name),
            method="POST",
        )
        for name in _ACTS
    ),
)
