"""Tickets as commands: looking at them and what desks and units do, as JSON, masked, and no more of it than its reader may see (routing.sight)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands import Command, Json
from bot.refusals import name_act, name_status
from bot.telling import Telling
from bot.texts import fill
from residents.masking import mask
from routing import desk, listing, register, sight, supervision
from routing.sight import OPERATOR, Viewer
from routing.terms import Status
from store.audit import record

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from routing.clocks import Run
    from routing.facts import Acted, EventFacts, TicketFacts
    from routing.listing import Page


def list_tickets(
    session: Session,
    city: City,
    *,
    now: datetime,
    actor: str = OPERATOR.kind,
    status: str = "",
    unit: str = "",
    desk: str = "",
    overdue: bool = False,
    limit: int = 50,
    after: int | None = None,
) -> Json:
    """List the tickets that somebody may see, newest first: {"tickets": […], "after": where the next page begins, or null}."""
    page = listing.list_tickets(
        session,
        org=city.org,
        now=now,
        viewer=viewer_of(actor),
        status=(Status(status),) if status else (),
        unit=unit,
        desk=desk,
        overdue=overdue,
        limit=limit,
        after=after,
    )
    return _describe_page(page, city)


def search(
    session: Session, city: City, *, now: datetime, word: str, actor: str = OPERATOR.kind, limit: int = 50, after: int | None = None
) -> Json:
    """Find tickets by a word, as somebody may see them; the same shape as a list."""
    page = listing.search(session, word.strip(), org=city.org, now=now, viewer=viewer_of(actor), limit=limit, after=after)
    return _describe_page(page, city)


def export(session: Session, city: City, *, now: datetime, actor: str = OPERATOR.kind, limit: int = 10_000) -> Json:
    """Give rows for a table, masked, with who asked for them; kept in the audit."""
    page = listing.list_tickets(session, org=city.org, now=now, viewer=viewer_of(actor), limit=limit)
    rows = [
        {
            "number": line.number,
            "status": name_status(line.status),
            "title": mask(line.title),
            "place": mask(line.public_place),
            "summary": mask(line.summary),
            "unit": line.unit_name,
            "desk": line.desk_name,
            "kind": line.kind,
            "tier": line.tier,
            "opened": "" if line.confidential else city.words.moment(line.opened_at),
            "due": city.words.moment(line.due_at),
            "exported_by": actor,
        }
        for line in page.lines
    ]
    record(session, actor=actor, action="tickets.export", subject="tickets", facts={"rows": len(rows)})
    return {"rows": rows, "more": page.after is not None}


def show(session: Session, city: City, *, now: datetime, number: str, actor: str = OPERATOR.kind) -> Json:  # noqa: ARG001 - every command is told the time
    """Show a ticket, as somebody may see it, with its reasons, its clock and what happened to it."""
    shown = register.show(session, number, org=city.org, viewer=viewer_of(actor), zone=city.zone)
    events = [_describe_event(event, city) for event in shown.events]
    return describe(shown.ticket, city) | {"events": events, "clocks": [_describe_clock(run, city) for run in shown.clocks]}


def viewer_of(actor: str) -> Viewer:
    """Give the viewer that somebody at the command line is: the operator, or one of the staff."""
    return OPERATOR if actor == OPERATOR.kind else Viewer("staff", actor)


def describe_for(ticket: TicketFacts, city: City, *, actor: str) -> dict[str, Json]:
    """Describe a ticket after an act as the one who acted may see it now; its number alone where that is nothing."""
    seen = sight.see(ticket, viewer_of(actor), org=city.org, zone=city.zone)
    return {"number": ticket.number, "out_of_sight": True} if seen is None else describe(seen, city)


def _describe_page(page: Page, city: City) -> Json:
    lines = [
        {
            "number": line.number,
            "status": line.status.value,
            "status_name": name_status(line.status),
            "title": mask(line.title),
            "place": mask(line.public_place),
            "unit": line.unit,
            "unit_name": line.unit_name,
            "desk": line.desk,
            "desk_name": line.desk_name,
            "confidential": line.confidential,
            "tier": line.tier,
            "followers": line.followers,
            "opened_at": "" if line.confidential else line.opened_at.isoformat(),
            "due_at": line.due_at.isoformat(),
            "due": city.words.moment(line.due_at),
            "overdue": line.overdue,
        }
        for line in page.lines
    ]
    return {"tickets": lines, "after": page.after}


def make_act(act: Callable[..., Acted]) -> Callable[..., Json]:
    """Make a command of one of the desk's functions; what it wants beside the number are the command's arguments."""

    def run(session: Session, city: City, *, now: datetime, number: str, actor: str, **arguments: Json) -> Json:
        context = city.routing_context(tell=Telling(city, now=now))
        acted = act(session, number, now=now, context=context, actor=actor, **arguments)
        return describe_for(acted.ticket, city, actor=actor)

    return run


def describe(ticket: TicketFacts, city: City) -> dict[str, Json]:
    """Describe a ticket that was limited to what its reader may see."""
    item = city.duty_list.item(ticket.item)
    names = {code: found.name for code in ticket.candidates if (found := city.duty_list.item(code))}
    return {
        "number": ticket.number,
        "status": ticket.status.value,
        "status_name": name_status(ticket.status),
        "title": mask(ticket.title),
        "summary": mask(ticket.summary),
        "handover": mask(ticket.handover),
        "handover_state": ticket.handover_state,
        "kind": ticket.kind,
        "tier": ticket.tier,
        "place": mask(ticket.public_place),
        "unit": ticket.unit,
        "unit_name": ticket.unit_name,
        "desk": ticket.desk,
        "desk_name": ticket.desk_name,
        "item": ticket.item,
        "item_name": item.name if item else "",
        "candidates": names,
        "automatic": ticket.automatic,
        "rehearsed": ticket.rehearsed,
        "confidential": ticket.confidential,
        "opened_at": ticket.opened_at.isoformat(),
        "due_at": ticket.due_at.isoformat(),
        "due": city.words.moment(ticket.due_at),
        "why": [mask(city.words.explain(line)) for line in ticket.why],
        "due_basis": [city.words.explain(line) for line in ticket.due_basis],
        "reply": mask(ticket.public_reply),
        "rating": ticket.rating,
        "redo_count": ticket.redo_count,
        "followers": max(0, len(ticket.people) - 1),
        "first_receiver": ticket.first_receiver,
        "resolved_level": ticket.resolved_level,
        "returns": ticket.returns,
        "merged_into": ticket.merged_into,
        "split_from": ticket.split_from,
        "version": ticket.version,
    }


def _describe_clock(run: Run, city: City) -> dict[str, Json]:
    return {
        "clock": run.kind,
        "clock_name": fill("cli", f"clock_{run.kind}"),
        "round": run.round,
        "started_at": run.started_at.isoformat(),
        "due_at": run.due_at.isoformat(),
        "due": city.words.moment(run.due_at),
        "result": run.result,
        "result_name": fill("cli", f"clock_result_{'paused' if run.is_running and run.paused_at else run.result}"),
        "basis": [city.words.explain(line) for line in run.basis],
    }


def _describe_event(event: EventFacts, city: City) -> dict[str, Json]:
    return {
        "at": event.at.isoformat(),
        "moment": city.words.moment(event.at),
        "act": event.act,
        "act_name": name_act(event.act),
        "actor": event.actor,
        "unit": event.unit,
        "unit_name": event.unit_name,
    }


COMMANDS = (
    Command(name="tickets.list", run=list_tickets, writes=False),
    Command(name="tickets.search", run=search, writes=False),
    Command(name="tickets.export", run=export),
    Command(name="tickets.show", run=show, writes=False),
    Command(name="tickets.dispatch", run=make_act(desk.dispatch)),
    Command(name="tickets.sign", run=make_act(desk.sign)),
    Command(name="tickets.return", run=make_act(desk.return_ticket)),
    Command(name="tickets.reply", run=make_act(desk.reply)),
    Command(name="tickets.conclude", run=make_act(desk.conclude)),
    Command(name="tickets.close", run=make_act(desk.close)),
    Command(name="tickets.note", run=make_act(desk.note)),
    Command(name="tickets.acknowledge", run=make_act(supervision.acknowledge)),
)
