"""Tickets: the list, one of them, and what happened to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console import answers
from console.asked import TicketsAsked
from console.cursors import read_number, write_cursor
from console.editions import read_edition
from console.policy import Rows, rows_of
from console.routes import Call, Reply, Route, unseen
from routing import listing, register
from routing.history import find, read_facts

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from routing.register import Shown


def list_tickets(call: Call) -> Reply:
    """List tickets, newest first. One query for a page, a few where much of it is not for the caller, whatever the number of rows."""
    asked: TicketsAsked = call.query
    org = call.context.org
    areas = [code for code in org.areas if org.within(code, asked.area)] if asked.area else []
    page = listing.list_tickets(
        call.session,
        org=org,
        now=call.now,
        viewer=call.actor.viewer,
        status=asked.status,
        unit=asked.unit,
        desk=asked.desk,
        kind=asked.kind,
        areas=areas or ([asked.area] if asked.area else []),
        overdue=asked.overdue,
        updated_since=asked.updated_since,
        zone=call.city.zone,
        within=list_territory(call),
        reporter=call.actor.code,
        keep=call.may_see,
        limit=asked.limit,
        after=read_number(asked.cursor),
    )
    lines = [answers.describe_line(line) for line in page.lines]
    following = None if page.after is None else write_cursor(str(page.after))
    if call.actor.kind == "partner":
        kept = [answers.keep_fields(line, call.actor.fields) for line in lines]
        return Reply(body={"items": kept, "next": following}, rows=len(kept))
    return Reply(body=answers.TicketPage(items=lines, next=following), rows=len(lines))


def choose(call: Call, asked: TicketsAsked) -> list[ColumnElement[bool]]:
    """Say which rows are asked for, within those that the caller's role reaches; without the status, and when they changed."""
    org = call.context.org
    areas = [code for code in org.areas if org.within(code, asked.area)] if asked.area else []
    return listing.choose(
        org=org,
        now=call.now,
        viewer=call.actor.viewer,
        unit=asked.unit,
        desk=asked.desk,
        kind=asked.kind,
        areas=areas or ([asked.area] if asked.area else []),
        overdue=asked.overdue,
        within=list_territory(call),
        reporter=call.actor.code,
    )


def list_territory(call: Call) -> list[str]:
    """List the areas that the caller's rows lie in, those that stand and those that were; empty where rows are not chosen by area."""
    org, actor = call.context.org, call.actor
    if rows_of(actor, call.action) is not Rows.AREA or not actor.area:
        return []
    return [code for code in (*org.areas, *org.former_areas) if org.within(code, actor.area)]


def show_ticket(call: Call) -> Reply:
    """Show one ticket with its edition."""
    shown = show(call)
    etag = read_edition(call.session, shown.ticket.number)
    detail = answers.describe_ticket(shown, etag=etag, city=call.city)
    partner = call.actor.kind == "partner"
    return Reply(body=answers.keep_fields(detail, call.actor.fields) if partner else detail, etag=etag)


def list_events(call: Call) -> Reply:
    """List what happened to a ticket."""
    events = [answers.describe_event(event) for event in show(call).events]
    return Reply(body=answers.Events(items=events), rows=len(events))


def show(call: Call) -> Shown:
    """Read the ticket that a call names, as the caller may see it; Problem (404) where for them there is none."""
    number = call.path["number"]
    org = call.context.org
    if not call.may_see(read_facts(call.session, find(call.session, number), org=org)):
        raise unseen()
    return register.show(call.session, number, org=org, viewer=call.actor.viewer, zone=call.city.zone)


ROUTES = (
    Route(
        method="GET",
        path="/tickets",
        name="tickets",
        action="tickets.read",
        run=list_tickets,
        query=TicketsAsked,
        answer=answers.TicketPage,
        tag="tickets",
    ),
    Route(
        method="GET",
        path="/tickets/{number}",
        name="ticket",
        action="tickets.read",
        run=show_ticket,
        answer=answers.TicketDetail,
        tag="tickets",
        etag=True,
    ),
    Route(
        method="GET",
        path="/tickets/{number}/events",
        name="events",
        action="events.read",
        run=list_events,
        answer=answers.Events,
        tag="tickets",
    ),
)
