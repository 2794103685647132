"""Whose token it is; what the caller reported; and the matter of a resident who holds its link."""

from __future__ import annotations

from console import answers, policy
from console.asked import Paged
from console.cursors import cut_page
from console.policy import Rows
from console.routes import Call, Reply, Route
from residents.masking import mask
from routing import rating, register


def show_me(call: Call) -> Reply:
    """Say who the token belongs to and what it may do."""
    actor = call.actor
    reached = {action: rows.value for action in policy.TABLE if (rows := policy.rows_of(actor, action)) is not Rows.NONE}
    body = answers.Me(
        kind=actor.kind,
        code=actor.code,
        role=actor.role.value,
        unit=actor.unit,
        area=actor.area,
        actions=reached,
        fields=list(actor.fields),
    )
    return Reply(body=body)


def list_reported(call: Call) -> Reply:
    """List the answered tickets that the caller reported and has not evaluated."""
    found = rating.list_for_reporter(call.session, staff=call.actor.code, org=call.context.org)
    lines = [
        (
            ticket.number,
            answers.TicketLine(
                number=ticket.number,
                status=ticket.status,
                title=mask(ticket.title),
                place=mask(ticket.public_place),
                desk=ticket.desk,
                desk_name=ticket.desk_name,
                confidential=ticket.confidential,
                due_at=ticket.due_at,
            ),
        )
        for ticket in found
        if call.may_see(ticket)
    ]
    items, following = cut_page(sorted(lines), cursor=call.query.cursor, limit=call.query.limit)
    return Reply(body=answers.TicketPage(items=items, next=following), rows=len(items))


def show_own(call: Call) -> Reply:
    """Show a matter to whoever holds the link that its resident was given: this one and no other."""
    shown = register.show_own(call.session, call.path["token"], org=call.context.org)
    ticket = shown.ticket
    events = [answers.OwnEvent(act=event.act, at=event.at, unit_name=event.unit_name) for event in shown.events]
    body = answers.OwnTicket(
        number=ticket.number,
        status=ticket.status,
        title=mask(ticket.title),
        place=mask(ticket.public_place),
        unit_name=ticket.unit_name,
        opened_at=ticket.opened_at,
        due_at=ticket.due_at,
        reply=mask(ticket.public_reply),
        events=events,
    )
    return Reply(body=body)


ROUTES = (
    Route(method="GET", path="/me", name="me", action="me.read", run=show_me, answer=answers.Me, tag="own"),
    Route(
        method="GET",
        path="/me/reported",
        name="reported",
        action="reported.read",
        run=list_reported,
        query=Paged,
        answer=answers.TicketPage,
        tag="own",
    ),
    Route(
        method="GET",
        path="/my/{token}",
        name="my",
        action="own.read",
        run=show_own,
        answer=answers.OwnTicket,
        tag="own",
        open=True,
    ),
)
