"""分诊台: what waits at a desk, red matters on top, each with the units it would go to; confirmed by one key or one press."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime  # noqa: TC003 - msgspec reads the annotation
from typing import TYPE_CHECKING, Any

import msgspec

from console import answers, asked
from console.api import acts
from console.editions import read_editions
from console.pages.changes import find_mark
from console.pages.lists import come_back, keep_query, read_place, read_query, write_place
from console.pages.routes import File, Page, PageCall, PageRoute, Redirect
from console.pages.saved_tables import read_all, save, say_more
from console.pages.saved_tickets import tabulate
from console.pages.tickets import LIST_SIZE, list_units
from console.policy import Allowed, Resource, Role, authorize
from console.problems import Problem, wrong
from routing import likely_units, queues
from routing.terms import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from routing.queue_shape import Queue
    from routing.queues import Place, Queued

PATH = "/staff/desk"
RED = 20
"""Red matters shown at once on top of every tab."""
_TABS = ("wait", "back", "decide", "held", "late", "answered")
_DISPATCH = next(route for route in acts.ROUTES if route.action == "act.dispatch")


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One ticket as the desk sees it in its queue."""

    line: answers.TicketLine
    edition: str
    returns: int = 0
    acknowledged: bool = False
    likely: tuple[likely_units.LikelyUnit, ...] = ()
    why: tuple[str, ...] = ()
    same: tuple[tuple[str, str], ...] = ()
    """Tickets of the same incident: number and title."""
    applied: str = ""
    """What the unit has applied for: extension or pause."""
    until: datetime | None = None


def show_desk(call: PageCall, *, problem: Problem | None = None) -> Page:
    """Show the queue of the desk; `problem` is what was wrong with giving one of its tickets to a unit."""
    found = queues.list_desk_queues(call.actor.posts or (call.actor.unit,), org=call.context.org, now=call.now)
    chosen = choose_queue(found, call.query.get("tab", "wait"), _TABS)
    tab = chosen.name
    counts = queues.count_queues(call.session, found, org=call.context.org, viewer=call.actor.viewer, keep=call.may_see)
    red = read_rows(call, found[0], limit=RED)
    page = read_rows(call, chosen, limit=LIST_SIZE, after=read_place(call.query.get("cursor", "")))
    rows = make_rows(call, (*red.rows, *page.rows))
    values: dict[str, Any] = {
        "tabs_of": _TABS,
        "tab": tab,
        "counts": counts,
        "most": queues.MOST,
        "red": rows[: len(red.rows)],
        "rows": rows[len(red.rows) :],
        "next": write_place(page.after),
        "query": keep_query(call.query),
        "units": sorted(label_units(call).values()),
        "drafts": call.city.grid.list_unseen(call.session, desks=call.actor.posts or (call.actor.unit,)),
        "live": find_mark(call.session, now=call.now),
        "problem": problem,
        "tried": call.path.get("number", ""),
        "typed": call.form,
        "decides": call.actor.role is Role.SUPERVISOR,
    }
    return Page(template="desk/desk.html", values=values, status=problem.status if problem is not None else 200)


def save_desk(call: PageCall) -> File:
    """Save a queue of the desk, as it shows it; `red` is one too."""
    found = queues.list_desk_queues(call.actor.posts or (call.actor.unit,), org=call.context.org, now=call.now)
    return save_queue(call, choose_queue(found, call.query.get("tab", "wait"), ("red", *_TABS)), subject="desk")


def choose_queue(found: Sequence[Queue], tab: str, tabs: Sequence[str]) -> Queue:
    """Choose a queue by the name of its tab; Problem (422) for none of these."""
    chosen = next((one for one in found if one.name == tab and tab in tabs), None)
    if chosen is None:
        raise wrong("query.tab", "Expected " + ", ".join(tabs))
    return chosen


def save_queue(call: PageCall, queue: Queue, *, subject: str) -> File:
    """Save the tickets of a queue, what is due first on top."""

    def read(after: Place | None, limit: int) -> tuple[list[answers.TicketLine], Place | None]:
        page = read_rows(call, queue, limit=limit, after=after)
        return [answers.describe_line(one.line) for one in page.rows], page.after

    lines, more = read_all(read)
    table = tabulate(call, lines, title=call.city.name_code("title", subject), note=say_more(call, more=more))
    return save(call, f"{subject}-{queue.name}", (table,), subject=subject, facts={"tab": queue.name})


def read_rows(call: PageCall, queue: Queue, *, limit: int, after: Place | None = None) -> queues.QueuePage:
    """Read a part of a queue as the caller may see it."""
    return queues.read_queue(
        call.session,
        queue,
        org=call.context.org,
        now=call.now,
        viewer=call.actor.viewer,
        keep=call.may_see,
        limit=limit,
        after=after,
    )


def make_rows(call: PageCall, queued: Sequence[Queued]) -> list[Row]:
    """Gather what stands beside tickets of a queue: a few queries, however many they are."""
    ids = [one.line.id for one in queued]
    editions = read_editions(call.session, [one.line.number for one in queued])
    same = queues.list_same(call.session, ids, org=call.context.org, viewer=call.actor.viewer)
    applied = queues.list_requests(call.session, ids)
    rows = []
    for one in queued:
        request = applied.get(one.line.id)
        likely = likely_units.list_likely(one.facts, org=call.context.org, duty_list=call.context.duty_list)
        rows.append(
            Row(
                line=answers.describe_line(one.line),
                edition=editions[one.line.number],
                returns=one.facts.returns,
                acknowledged=one.facts.acknowledged,
                likely=likely if one.facts.status is Status.ACCEPTED and _may(call, "act.dispatch", one) else (),
                why=tuple(call.city.explain(line) for line in one.facts.why),
                same=tuple((each.number, each.title) for each in same.get(one.line.id, ())),
                applied=request.kind if request is not None and one.line.unit != one.line.desk else "",
                until=request.until if request is not None else None,
            )
        )
    return rows


def _may(call: PageCall, action: str, one: Queued) -> bool:
    return isinstance(authorize(call.actor, action, Resource(ticket=one.facts, org=call.context.org)), Allowed)


def dispatch(call: PageCall) -> Redirect:
    """Give a ticket to the unit that was chosen, by its code or its name, and come back to the queue."""
    given = call.form.get("unit", "")
    codes = {label: code for code, label in label_units(call).items()}
    body = replace(call, form={**call.form, "unit": codes.get(given, given)}).read_form(asked.Dispatch)
    done = _DISPATCH.run(replace(call, body=body)).body
    return Redirect(to=come_back(call.form, PATH), flash="dispatched" if done.done else "nothing")


def label_units(call: PageCall) -> dict[str, str]:
    """Label every handling unit by its name; where two have the same, by its code too."""
    desks = {one.code for one in call.context.org.desks.values()}
    units = [(code, name) for code, name in list_units(call.context.org) if code not in desks]
    often = Counter(name for _, name in units)
    return {code: name if often[name] == 1 else f"{name} {code}" for code, name in units}


def _show_again(call: PageCall, problem: Problem) -> Page:
    return show_desk(replace(call, action="desk.work", query=read_query(call.form)), problem=problem)


PAGES = (
    PageRoute(path=PATH, name="desk", action="desk.work", run=show_desk),
    PageRoute(path=f"{PATH}/save/{{form}}", name="desk_save", action="desk.work", run=save_desk),
    PageRoute(
        path="/staff/desk/{number}/dispatch",
        name="desk_dispatch",
        action="act.dispatch",
        run=dispatch,
        method="POST",
        again=_show_again,
    ),
)
