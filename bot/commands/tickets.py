"""The desk's acts on tickets, as commands: the same functions that the pages use, with what they lead to as JSON, masked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands import Command, Json
from bot.refusals import name_act, name_status
from bot.telling import Telling
from residents.masking import mask
from routing import desk, register, supervision
from routing.terms import Status

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from routing.facts import Acted, EventFacts, TicketFacts


def list_tickets(
    session: Session,
    city: City,
    *,
    now: datetime,
    status: str = "",
    unit: str = "",
    desk: str = "",
    overdue: bool = False,
    limit: int = 50,
    after: int | None = None,
) -> Json:
    """List tickets, newest first: {"tickets": […], "after": where the next page begins, or null}."""
    page = register.list_tickets(
        session,
        org=city.org,
        now=now,
        status=(Status(status),) if status else (),
        unit=unit,
        desk=desk,
        overdue=overdue,
        limit=limit,
        after=after,
    )
    lines = [
        {
            "number": line.number,
            "status": line.status.value,
            "status_name": name_status(line.status),
            "title": mask(line.title),
            "place": mask(line.public_place),
            "unit": line.unit,
            "unit_name": line.unit_name,
            "tier": line.tier,
            "followers": line.followers,
            "opened_at": line.opened_at.isoformat(),
            "due_at": line.due_at.isoformat(),
            "due": city.words.moment(line.due_at),
            "overdue": line.overdue,
        }
        for line in page.lines
    ]
    return {"tickets": lines, "after": page.after}


def show(session: Session, city: City, *, now: datetime, number: str) -> Json:  # noqa: ARG001 - every command is told the time
    """Show a ticket with its reasons, its clock and what happened to it."""
    shown = register.show(session, number, org=city.org)
    return _describe(shown.ticket, city) | {"events": [_describe_event(event, city) for event in shown.events]}


def _make(act: Callable[..., Acted]) -> Callable[..., Json]:
    """Make a command of one of the desk's functions; what it wants beside the number are the command's arguments."""

    def run(session: Session, city: City, *, now: datetime, number: str, **arguments: Json) -> Json:
        context = city.routing_context(tell=Telling(city, now=now))
        return _describe(act(session, number, now=now, context=context, **arguments).ticket, city)

    return run


def _describe(ticket: TicketFacts, city: City) -> dict[str, Json]:
    item = city.duty_list.item(ticket.item)
    names = {code: found.name for code in ticket.candidates if (found := city.duty_list.item(code))}
    return {
        "number": ticket.number,
        "status": ticket.status.value,
        "status_name": name_status(ticket.status),
        "title": mask(ticket.title),
        "summary": mask(ticket.summary),
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
        "reply": mask(ticket.reply),
        "rating": ticket.rating,
        "redo_count": ticket.redo_count,
        "followers": len(ticket.people) - 1,
        "version": ticket.version,
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
    Command(name="tickets.show", run=show, writes=False),
    Command(name="tickets.dispatch", run=_make(desk.dispatch)),
    Command(name="tickets.sign", run=_make(desk.sign)),
    Command(name="tickets.return", run=_make(desk.return_ticket)),
    Command(name="tickets.reply", run=_make(desk.reply)),
    Command(name="tickets.conclude", run=_make(desk.conclude)),
    Command(name="tickets.close", run=_make(desk.close)),
    Command(name="tickets.note", run=_make(desk.note)),
    Command(name="tickets.acknowledge", run=_make(supervision.acknowledge)),
)
