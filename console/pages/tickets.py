"""工单: the list, one ticket with everything that may be done with it, and the acts themselves. Each act is the API's own route."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from console import answers
from console.api import acts, tickets
from console.asked import TicketsAsked
from console.editions import read_edition
from console.pages import answering, presence
from console.pages.changes import find_last
from console.pages.lists import come_back, read_place, write_place
from console.pages.pictures import list_pictures
from console.pages.routes import File, Page, PageCall, PageRoute, Redirect
from console.pages.saved_tables import read_all, save, say_more
from console.pages.saved_tickets import tabulate
from console.policy import Allowed, Resource, authorize
from console.problems import Problem, find_field, wrong
from routing import applying, cooperating, lifecycle, ordering, said_since
from routing.errors import NotYours
from routing.history import find, read_facts, role_of
from routing.terms import OPEN_STATUSES, Level, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from console.pages.answering import Template
    from console.pages.presence import Other
    from console.routes import Route
    from routing.ordering import Order
    from routing.org import OrgChart
    from routing.register import Shown
    from routing.tables import Ticket
    from routing.track_tables import TicketTask

LIST_SIZE = 30
_FILTERS = ("status", "unit", "overdue", "kind", "area", "desk", "order")
_ORDERS = ("newest", "due", "changed")
_ROUTES = {route.action.removeprefix("act."): route for route in acts.ROUTES}
_WRITTEN_AS = {"grant": ("extend", "pause"), "refuse": ("refuse_extension", "refuse_pause")}
"""Acts that stand in the lifecycle's table under other names than their own."""
_NO_ROW = frozenset({"original"})
"""What is no act of the lifecycle, and offered in every status."""


_DECIDE = frozenset({"grant", "refuse"})
"""What decides on something applied for."""
_ONLY_WHERE: dict[str, Callable[[Shown], bool]] = {
    "acknowledge": lambda shown: shown.ticket.tier == "red" and not shown.ticket.acknowledged,
    "draft": lambda shown: shown.ticket.confidential,
    "approve": lambda shown: shown.ticket.handover_state in {"draft", "doubted"},
    "seal": lambda shown: not shown.ticket.confidential,
    "separate": lambda shown: len(shown.ticket.people) > 1,
    "task_cancel": lambda shown: any(task.state in {"open", "signed"} for task in shown.tasks),
    "answer_supervision": lambda shown: bool(shown.supervisions),
    "arbitrate": lambda shown: bool(shown.ticket.disputed),
    "reassign": lambda shown: not shown.ticket.disputed,
}
"""Acts that the table allows in a status, and that make sense only where there is something they are about."""


_OWED = {"open": ("task_sign", "task_reply", "task_return"), "signed": ("task_reply", "task_return")}
"""What an assisting unit may do with its own task, by how that stands."""


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """An act that somebody may do with a ticket now, and the fields of its form."""

    name: str
    fields: tuple[str, ...]
    needs: tuple[str, ...]


def list_tickets(call: PageCall) -> Page:
    """Show the tickets that somebody may see, by what they chose."""
    asked = read_filter(call)
    order = read_order(call, asked)
    page = ask_for(call, asked) if order == "newest" else ask_in_order(call, asked, order)
    return Page(
        template="staff/tickets.html",
        values={
            "page": page,
            "asked": asked,
            "order": order,
            "orders": _ORDERS if _list_open(asked) else (),
            "kept": _keep(call),
            "statuses": list(Status),
            "units": list_units(call.context.org),
        },
    )


def save_tickets(call: PageCall) -> File:
    """Save the tickets that somebody may see, by what they chose, as the list shows them."""
    asked = read_filter(call)
    order = read_order(call, asked)

    def read(cursor: str | None, limit: int) -> tuple[list[answers.TicketLine], str | None]:
        part = msgspec.structs.replace(asked, cursor=cursor or "", limit=limit)
        page = ask_for(call, part) if order == "newest" else ask_in_order(call, part, order)
        return page.items, page.next

    lines, more = read_all(read)
    table = tabulate(call, lines, title=call.city.name_code("title", "tickets"), note=say_more(call, more=more))
    return save(call, "tickets", (table,), subject="tickets", facts=_keep(call))


def _keep(call: PageCall) -> dict[str, str]:
    return {name: value for name, value in call.query.items() if name in _FILTERS and value}


def read_order(call: PageCall, asked: TicketsAsked) -> Order | Literal["newest"]:
    """Read in which order the list is wanted: the newest first, without one, and where only what ended is asked for."""
    given = call.query.get("order", "")
    if given and given not in _ORDERS:
        raise wrong("query.order", "Expected " + ", ".join(_ORDERS))
    if not _list_open(asked):
        return "newest"
    return "due" if given == "due" else "changed" if given == "changed" else "newest"


def _list_open(asked: TicketsAsked) -> list[Status]:
    return sorted(OPEN_STATUSES.intersection(asked.status or OPEN_STATUSES))


def ask_in_order(call: PageCall, asked: TicketsAsked, order: Order) -> answers.TicketPage:
    """List open tickets by their due time or by their last change."""
    page = ordering.list_open(
        call.session,
        order,
        wanted=tickets.choose(call, asked),
        statuses=_list_open(asked),
        org=call.context.org,
        now=call.now,
        viewer=call.actor.viewer,
        keep=call.may_see,
        limit=asked.limit,
        after=read_place(asked.cursor),
    )
    return answers.TicketPage(items=[answers.describe_line(line) for line in page.lines], next=write_place(page.after) or None)


def read_filter(call: PageCall) -> TicketsAsked:
    """Read which tickets are wanted from the address of a list; Problem (422) for what no filter can be."""
    given = {name: value for name, value in call.query.items() if name in TicketsAsked.__struct_fields__ and value}
    raw: dict[str, Any] = {**given, "limit": LIST_SIZE}
    if "status" in given:
        raw["status"] = given["status"].splitlines()
    try:
        return msgspec.convert(raw, TicketsAsked, strict=False)
    except msgspec.ValidationError as error:
        raise Problem(422, "invalid", fields=(find_field(error, "query"),)) from error


def ask_for(call: PageCall, asked: TicketsAsked) -> answers.TicketPage:
    """List tickets as the API does."""
    body: answers.TicketPage = tickets.list_tickets(replace(call, query=asked)).body  # type: ignore[arg-type]
    return body


def show_ticket(call: PageCall, *, problem: Problem | None = None, tried: str = "") -> Page:
    """Show a ticket with what happened and what may be done; `problem` is what was wrong with an act that was `tried`."""
    number = call.path["number"]
    shown = tickets.show(call)
    etag = read_edition(call.session, number)
    templates = answering.list_templates(shown.ticket.unit, org=call.context.org)
    return Page(
        template="staff/ticket.html",
        status=problem.status if problem is not None else 200,
        values={
            "ticket": answers.describe_ticket(shown, etag=etag, city=call.city),
            "events": [answers.describe_event(event) for event in shown.events],
            "offers": list_offers(call, shown),
            "units": list_units(call.context.org),
            "candidates": [(code, name_duty(call, code)) for code in shown.ticket.candidates],
            "duty_name": lambda code: name_duty(call, code),
            "unit_name": call.context.org.name_of,
            "problem": problem,
            "opened": tried or call.query.get("do", ""),
            "typed": _find_typed(call, templates) if problem is None else call.form,
            "despite": answering.mark(call.form.get("text", "")) if problem is not None and problem.code == "reply_doubted" else "",
            "templates": templates,
            "answers": answering.ANSWERS,
            "others": list_others(call, shown),
            "owed": read_owed(call, number),
            "pictures": list_pictures(call, number),
            "said": said_since.list_said(call.session, number, org=call.context.org, viewer=call.actor.viewer),
            "live": find_last(call.session, number),
        },
    )


def _find_typed(call: PageCall, templates: tuple[Template, ...]) -> dict[str, str]:
    """Give what an act's form begins with: the text that was chosen by the address, if one was."""
    chosen = call.query.get("template", "")
    at = int(chosen) if chosen.isascii() and chosen.isdecimal() and len(chosen) == 1 else len(templates)
    return {"text": templates[at].text} if at < len(templates) else {}


def list_others(call: PageCall, shown: Shown) -> tuple[Other, ...]:
    """List who else is at a ticket just now; nobody of a confidential one, and nobody for who does not see all of it."""
    if shown.ticket.confidential or not shown.events:
        return ()
    number = shown.ticket.number
    present = presence.read(call.session, [number], now=call.now).get(number, ())
    return presence.describe(present, viewer=call.actor.code, org=call.context.org)


def list_units(org: OrgChart) -> list[tuple[str, str]]:
    """List the units and desks by code and name, for choosing one."""
    levels = {level: place for place, level in enumerate(Level)}
    ranked = sorted(org.units.values(), key=lambda unit: (levels.get(org.level(unit) or Level.GRID, 0), unit.name))
    return [(unit.code, unit.name) for unit in ranked]


def name_duty(call: PageCall, code: str) -> str:
    """Give a duty item's name; its code if it is unknown."""
    found = call.context.duty_list.item(code)
    return found.name if found is not None else code


def list_offers(call: PageCall, shown: Shown) -> list[Offer]:
    """List the acts that somebody may do with a ticket as it stands, in the API's order; none where it is not theirs to act on."""
    row = find(call.session, shown.ticket.number)
    facts = read_facts(call.session, row, org=call.context.org)
    resource = Resource(ticket=facts, org=call.context.org)
    try:
        role = role_of(call.actor.code, row, call.context.org)
    except NotYours:
        role = None
        allowed: frozenset[str] = frozenset()
    else:
        allowed = frozenset(lifecycle.list_allowed(facts.status, role))
    asked = applying.find_open(call.session, row) is not None
    owed = find_owed(call, row)
    allowed |= frozenset(_OWED.get(owed.state, ())) if owed is not None else frozenset()
    found = []
    for name, route in _ROUTES.items():
        reached = isinstance(authorize(call.actor, route.action, resource), Allowed)
        written = _WRITTEN_AS.get(name, (name,))
        if (name in _DECIDE and not asked) or (name in _ONLY_WHERE and not _ONLY_WHERE[name](shown)):
            continue
        if reached and (name in _NO_ROW or not allowed.isdisjoint(written)):
            found.append(_describe(name, route))
    return found


def find_owed(call: PageCall, row: Ticket) -> TicketTask | None:
    """Find the task on a ticket that the caller's units still have to answer."""
    posts = call.actor.posts or (call.actor.unit,)
    return cooperating.find_own(call.session, row, posts) if row.assisting else None


def read_owed(call: PageCall, number: str) -> dict[str, Any] | None:
    """Read what the caller's units are asked to do for a ticket that another has: by when, and in which words."""
    row = find(call.session, number)
    owed = find_owed(call, row)
    if owed is None or row.confidential:
        return None
    return {"due_at": owed.due_at, "words": cooperating.read_words(call.session, row, owed.asked_event)}


def _describe(name: str, route: Route) -> Offer:
    fields = msgspec.structs.fields(route.body) if route.body is not None else ()
    return Offer(
        name=name,
        fields=tuple(field.encode_name for field in fields),
        needs=tuple(field.encode_name for field in fields if field.required),
    )


def _make(name: str, route: Route) -> Callable[[PageCall], Redirect | Page]:
    """Make the handler of an act: the API's own, asked with what the form says."""

    def run(call: PageCall) -> Redirect | Page:
        number = call.path["number"]
        body = call.read_form(route.body) if route.body is not None else None
        if name == "original":
            return _show_original(call, body)
        if name in answering.READ:
            answering.require_fit(call, name, getattr(body, "text", ""), tickets.show(call).ticket)
        done = route.run(replace(call, body=body)).body
        flash = "done" if done.done else "nothing"
        here = f"/staff/tickets/{number}" if done.seen else "/staff/"
        return Redirect(to=come_back(call.form) or here, flash=flash if done.seen else "gone")

    return run


def _show_original(call: PageCall, body: Any) -> Page:
    """Show what the resident wrote; that it was opened is kept with its reason."""
    opened: answers.Original = acts.open_original(replace(call, body=body)).body
    pictures = list_pictures(call, opened.number, opened=True)
    return Page(template="staff/original.html", values={"original": opened, "reason": body.reason, "pictures": pictures})


def _make_again(name: str) -> Callable[[PageCall, Problem], Page]:
    """Make what shows a ticket once more, with what was wrong with an act and what was typed."""
    return lambda call, problem: show_ticket(replace(call, action="tickets.read"), problem=problem, tried=name)


PAGES = (
    PageRoute(path="/staff/tickets", name="tickets", action="tickets.read", run=list_tickets),
    PageRoute(path="/staff/tickets/save/{form}", name="tickets_save", action="tickets.read", run=save_tickets),
    PageRoute(path="/staff/tickets/{number}", name="ticket", action="tickets.read", run=show_ticket),
    *(
        PageRoute(
            method="POST",
            path=f"/staff/tickets/{{number}}/{name}",
            name=f"act_{name}",
            action=route.action,
            run=_make(name, route),
            again=_make_again(name),
        )
        for name, route in _ROUTES.items()
    ),
)
